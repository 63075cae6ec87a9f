"""One worker process that follows the utterances of many speakers, for ``pocketsphinx.py`` and ``sherpa.py``.

It is started at the first call and again after it died (``worker_process.py``). What is asked is one exchange at a
time; an utterance lives in the process that it was opened in and is lost with it.

    header {"do": "open" | "accept" | "finish" | "cancel" | ..., "stream": n, ...}, payload 16-bit PCM
           {"do": "accept together", "streams": [n, ...], "bytes": [n, ...]}, for workers that know it
    answer what the worker found, or "error" or "full" with a reason; {"found": [...]} of several streams
"""

import threading
from collections import deque
from collections.abc import Sequence
from typing import Final

from dragoman.engines.worker_process import WorkerProcess
from dragoman.ground.audio import Audio, to_pcm16
from dragoman.ground.errors import EngineCrashed, EngineError, EngineTimeout, EngineUnavailable
from dragoman.wire.frames import Header

START_S: Final = 30.0
"""For the start of a worker that loads little."""
DEADLINE_S: Final = 6.0
"""For one exchange; the wait for one's turn may take as long again."""
DECODING_FACTOR: Final = 3.0
"""Seconds more per second of sound; a recogniser that keeps up with one speaker takes a third of it at most."""


class StreamingWorker:
    """The parent's side. Any number of threads may call; their exchanges with the worker follow one another.

    An exchange may take ``deadline_s`` and ``decoding_factor`` seconds for each second of its sound; a worker that
    misses it is replaced. A new one is asked ``first`` before anything else, and has ``start_s`` for it.
    """

    def __init__(
        self,
        *,
        name: str,
        module: str,
        first: Header,
        start_s: float = START_S,
        deadline_s: float = DEADLINE_S,
        decoding_factor: float = DECODING_FACTOR,
    ) -> None:
        self._name = name
        self._module = module
        self._first = first
        self._start_s = start_s
        self._deadline_s = deadline_s
        self._decoding_factor = decoding_factor
        self._turn = threading.Lock()
        self._worker: WorkerProcess | None = None
        self._dead_workers_cpu_s = 0.0
        self._streams_opened = 0
        self._dropped: deque[tuple[WorkerProcess, int]] = deque()
        """Streams that nobody wants any more and whose worker does not know it yet."""
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Process id of the running worker, for those who watch processes."""
        worker = self._worker
        return worker.pid if worker else None

    def cpu_s(self) -> float:
        worker = self._worker
        return self._dead_workers_cpu_s + (worker.cpu_s() if worker else 0.0)

    def close(self) -> None:
        self._closed = True
        worker = self._worker
        if worker is not None:
            worker.kill()  # frees a thread that waits for an answer, which then lets go of its turn
        with self._turn:
            self._dispose()

    def require_open(self) -> None:
        """Raise ``EngineUnavailable`` after ``close``."""
        if self._closed:
            raise EngineUnavailable(f"{self._name} is closed; open it again")

    def ask(self, header: Header, pcm: bytes = b"", *, sound_s: float = 0.0) -> Header:
        """Ask about sound that belongs to no stream.

        Raises ``EngineTimeout``, ``EngineCrashed``, or ``EngineUnavailable`` after ``close``.
        """
        return self._exchange(header, pcm, sound_s=sound_s)[1]

    def open_stream(self, options: Header) -> "WorkerStream":
        """Begin an utterance. Raises as ``ask``, and ``EngineUnavailable`` if too many are open."""
        with self._turn:
            self._streams_opened += 1
            number = self._streams_opened
        question: Header = {"do": "open", "stream": number}
        worker, _ = self._exchange(question | options)
        return WorkerStream(self, worker, number)

    def ask_stream(self, worker: WorkerProcess, header: Header, pcm: bytes, *, sound_s: float) -> Header:
        """Ask about a stream that lives in ``worker``, and in no other."""
        return self._exchange(header, pcm, sound_s=sound_s, only=worker)[1]

    def accept_together(self, said: "Sequence[tuple[WorkerStream, Audio]]") -> list[Header]:
        """Let several streams hear more in one exchange. Raises as ``ask``, and as they do for one that is over."""
        for stream, _ in said:
            stream.require_going_on()
        workers = {stream.worker for stream, _ in said}
        if len(workers) != 1:
            raise EngineCrashed(f"{self._name} was started again; not all of these utterances live")
        pieces = [to_pcm16(audio.samples) for _, audio in said]
        header: Header = {
            "do": "accept together",
            "streams": [stream.number for stream, _ in said],
            "bytes": [len(piece) for piece in pieces],
        }
        sound_s = sum(audio.duration_s for _, audio in said)
        answer = self.ask_stream(workers.pop(), header, b"".join(pieces), sound_s=sound_s)
        found = answer.get("found")
        answers = [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []
        if len(answers) != len(said):
            raise EngineCrashed(f"{self._name} answered {len(answers)} of {len(said)} utterances")
        for stream, audio in said:
            stream.heard_s += audio.duration_s
        return answers

    def drop_stream(self, worker: WorkerProcess, number: int) -> None:
        """Let the worker forget a stream: now, or before it is asked for anything else."""
        try:
            self._exchange({"do": "cancel", "stream": number}, only=worker)
        except EngineTimeout:
            self._dropped.append((worker, number))
        except EngineError:
            pass  # the worker is gone, and the utterance with it

    def _exchange(
        self, header: Header, pcm: bytes = b"", *, sound_s: float = 0.0, only: WorkerProcess | None = None
    ) -> tuple[WorkerProcess, Header]:
        """Ask the worker and give it with its answer; it is started if need be."""
        deadline_s = self._deadline_s + self._decoding_factor * sound_s
        if not self._turn.acquire(timeout=deadline_s):
            raise EngineTimeout(f"{self._name} is busy with other speakers; fewer at once would work")
        try:
            worker = self._find(only)
            self._forget_dropped(worker)
            answer = worker.ask(header, pcm, deadline_s=deadline_s)
        except EngineError as error:
            self._dispose_after(error, only)
            raise
        finally:
            self._turn.release()
        if "full" in answer:
            raise EngineUnavailable(f"{self._name} takes no further utterance: {answer['full']}")
        if "error" in answer:
            raise EngineCrashed(f"{self._name} failed: {answer['error']}")
        return worker, answer

    def _forget_dropped(self, worker: WorkerProcess) -> None:
        while self._dropped:
            lived_in, number = self._dropped.popleft()
            if lived_in is worker:
                worker.ask({"do": "cancel", "stream": number}, deadline_s=self._deadline_s)

    def _find(self, only: WorkerProcess | None) -> WorkerProcess:
        self.require_open()
        if only is not None and only is not self._worker:
            raise EngineCrashed(f"{self._name} was started again; this utterance is lost, the next one will work")
        if self._worker is None:
            self._worker = WorkerProcess(self._module)
            self.require_open()  # close() may have come meanwhile, and seen no worker to kill
            answer = self._worker.ask(self._first, deadline_s=self._start_s)
            if "error" in answer:
                raise EngineCrashed(f"{self._name} could not start: {answer['error']}")
        return self._worker

    def _dispose_after(self, error: EngineError, only: WorkerProcess | None) -> None:
        if only is None or only is self._worker:
            self._dispose()
        if self._closed:
            raise EngineUnavailable(f"{self._name} is closed; open it again") from error

    def _dispose(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.dispose()
            self._dead_workers_cpu_s += worker.cpu_s()


class WorkerStream:
    """One utterance. For one thread at a time; what is not finished must be cancelled."""

    def __init__(self, owner: StreamingWorker, worker: WorkerProcess, number: int) -> None:
        self._owner = owner
        self.worker = worker
        """The process that it lives in."""
        self.number = number
        self._over = False
        self.heard_s = 0.0
        """Sound accepted so far."""

    def accept(self, audio: Audio) -> Header:
        """Send the next sound, of any length. Raises as ``StreamingWorker.ask``."""
        self.heard_s += audio.duration_s
        return self._ask("accept", to_pcm16(audio.samples), sound_s=audio.duration_s)

    def finish(self, options: Header | None = None) -> Header:
        answer = self._ask("finish", sound_s=self.heard_s, options=options)
        self._over = True
        return answer

    def cancel(self) -> None:
        if not self._over:
            self._over = True
            self._owner.drop_stream(self.worker, self.number)

    def require_going_on(self) -> None:
        """Raise ``EngineUnavailable`` after ``finish`` or ``cancel``."""
        if self._over:
            raise EngineUnavailable("this utterance is over; open another stream")

    def _ask(self, verb: str, pcm: bytes = b"", *, sound_s: float = 0.0, options: Header | None = None) -> Header:
        self.require_going_on()
        header: Header = {"do": verb, "stream": self.number, **(options or {})}
        return self._owner.ask_stream(self.worker, header, pcm, sound_s=sound_s)
