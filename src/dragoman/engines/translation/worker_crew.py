"""A few worker processes of one program of ours, each for one call at a time; what fails is replaced.

Over ``worker_process.py``, which has the deadlines. Used by ``firefox.py`` (one worker per core) and ``llama_cpp.py``.
"""

import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager

from dragoman.engines.worker_process import WorkerProcess
from dragoman.ground.errors import EngineCrashed, EngineTimeout, EngineUnavailable


class WorkerCrew:
    """Workers that run ``python -m module``, started when first needed. Any number of threads may borrow them."""

    def __init__(self, module: str, *, size: int, label: str) -> None:
        self._module = module
        self._label = label
        self._workers: list[WorkerProcess | None] = [None] * size
        # The last one given back goes out first, so that a quiet day needs a single process.
        self._free: queue.LifoQueue[int] = queue.LifoQueue()
        for place in reversed(range(size)):
            self._free.put(place)
        self._ended_cpu_s = 0.0
        self._closed = False

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the running workers, for those who watch processes."""
        return tuple(worker.pid for worker in self._workers if worker is not None)

    @contextmanager
    def borrow(self, *, until_s: float) -> Iterator[WorkerProcess]:
        """Have a worker to oneself. One whose ``ask`` fails inside is ended, and the next borrower gets a new one.

        ``until_s`` is a time of ``time.monotonic``. Raises ``EngineTimeout`` if none is free until then,
        ``EngineUnavailable`` if none can be started or the crew is closed.
        """
        self.require_open()
        try:
            place = self._free.get(timeout=max(0.0, until_s - time.monotonic()))
        except queue.Empty:
            raise EngineTimeout(f"{self._label} was busy until the deadline; give it more time") from None
        try:
            yield self._at(place)
        except (EngineCrashed, EngineTimeout) as error:
            self._end(place)
            self.require_open(error)
            raise type(error)(f"{self._label} is started again: {error}") from error
        finally:
            self._free.put(place)

    def cpu_s(self) -> float:
        """CPU seconds of all workers so far, those that have ended included."""
        return self._ended_cpu_s + sum(worker.cpu_s() for worker in self._workers if worker is not None)

    def close(self) -> None:
        """End all workers; a call that waits for one fails. May be called twice."""
        self._closed = True
        for worker in self._workers:
            if worker is not None:
                worker.kill()  # frees the thread that waits for its answer, which then gives it back
        places = [self._free.get() for _ in self._workers]
        for place in places:
            self._end(place)
            self._free.put(place)

    def require_open(self, cause: Exception | None = None) -> None:
        """Raise ``EngineUnavailable`` after ``close``."""
        if self._closed:
            raise EngineUnavailable(f"{self._label} is closed; open it again") from cause

    def _at(self, place: int) -> WorkerProcess:
        worker = self._workers[place]
        if worker is None:
            self.require_open()
            worker = self._workers[place] = WorkerProcess(self._module)
            if self._closed:  # close() came meanwhile, and saw no worker to kill
                raise EngineCrashed(f"{self._label} was closed")
        return worker

    def _end(self, place: int) -> None:
        worker = self._workers[place]
        if worker is not None:
            worker.dispose()
            self._ended_cpu_s += worker.cpu_s()
            self._workers[place] = None
