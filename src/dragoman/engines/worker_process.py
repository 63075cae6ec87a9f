"""A Python program of ours in a process of its own, asked and answered in frames (``wire/frames.py``) over its pipes.

Every exchange has a deadline. A worker that misses it, ends, or answers out of step is killed with its whole process
group; whoever owns it then starts another. Used by ``streaming_worker.py`` and ``text_to_speech/voice_process.py``,
over ``engines/programs.py``; the child's side is ``worker_answers.py``.
"""

import io
import os
import select
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from dragoman.engines.programs import ProgramOwner
from dragoman.ground.errors import EngineCrashed, EngineTimeout, EngineUnavailable, WireError
from dragoman.wire.frames import Header, pack_frame, read_frame

_TOLD_CHARS: Final = 300


class WorkerProcess:
    """One running worker. ``ask`` it from one thread at a time; ``kill`` may come from any thread."""

    def __init__(self, module: str) -> None:
        """Start ``python -m module``. Raises ``EngineUnavailable`` if no process can be had."""
        self._module = module
        self._owner = ProgramOwner()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed in dispose
        try:
            self._process = self._owner.start([sys.executable, "-m", module], stderr=self._errors.fileno())
        except EngineUnavailable:
            self._errors.close()
            raise
        to_worker, from_worker = self._process.stdin, self._process.stdout
        assert to_worker is not None  # noqa: S101  both are pipes
        assert from_worker is not None  # noqa: S101
        os.set_blocking(to_worker.fileno(), False)
        os.set_blocking(from_worker.fileno(), False)
        self._pipe = _DeadlinePipe(to_worker.fileno(), from_worker.fileno())
        self._answers = io.BufferedReader(self._pipe)
        self._writing = threading.Lock()
        self._questions = 0
        self._disposed = False

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, header: Header, payload: bytes = b"", *, deadline_s: float) -> Header:
        """Send a frame and give the header of its answer.

        Raises ``EngineTimeout`` after ``deadline_s`` seconds and ``EngineCrashed`` if the worker ended or answered
        something else; the worker is of no use after either.
        """
        question = self.send(header, payload, deadline_s=deadline_s)
        return self.receive(question, deadline_s=deadline_s)[0]

    def send(self, header: Header, payload: bytes = b"", *, deadline_s: float) -> int:
        """Send a frame without waiting for its answers; give the number that they will carry. Raises as ``ask``."""
        self._questions += 1
        self._pipe.deadline = time.monotonic() + deadline_s
        with self._failing_in_words(deadline_s):
            self._write(header | {"question": self._questions}, payload)
        return self._questions

    def receive(self, question: int, *, deadline_s: float) -> tuple[Header, bytes]:
        """Give the next answer to what was sent, with its payload. Raises as ``ask``."""
        self._pipe.deadline = time.monotonic() + deadline_s
        with self._failing_in_words(deadline_s):
            frame = read_frame(self._answers)
        if frame is None or frame[0].get("question") != question:
            raise EngineCrashed(f"{self._module} ended or answered out of step: {self._last_words()}")
        return frame

    def tell(self, header: Header) -> None:
        """Send a small frame that has no answer, from any thread; a worker that is gone need not hear it."""
        with suppress(OSError, ValueError):
            self._write(header, b"")

    def _write(self, header: Header, payload: bytes) -> None:
        with self._writing:
            self._pipe.write_all(pack_frame(header, payload))

    @contextmanager
    def _failing_in_words(self, deadline_s: float) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            raise EngineTimeout(f"{self._module} did not answer within {deadline_s:.1f} s") from error
        except (OSError, ValueError, WireError) as error:
            raise EngineCrashed(f"{self._module} ended or answered out of step: {self._last_words()}") from error

    def cpu_s(self) -> float:
        """CPU seconds of the worker so far, all of them once it has ended."""
        return self._owner.cpu_s()

    def kill(self) -> None:
        """End the worker's process group at once; an ``ask`` that waits in another thread fails."""
        self._owner.close()

    def dispose(self) -> None:
        """Kill the worker, let the system forget it, and close its pipes. No ``ask`` may be under way."""
        if not self._disposed:
            self._disposed = True
            self._owner.end([self._process])
            self._errors.close()

    def _last_words(self) -> str:
        self._errors.seek(0)
        said = self._errors.read().decode("utf-8", "replace").strip()
        return said[-_TOLD_CHARS:] or "it said nothing"


class _DeadlinePipe(io.RawIOBase):
    """Reads and writes non-blocking pipes, and raises ``TimeoutError`` once ``deadline`` (monotonic) has passed."""

    def __init__(self, write_fd: int, read_fd: int) -> None:
        super().__init__()
        self.deadline = 0.0
        self._write_fd = write_fd
        self._read_fd = read_fd

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview", /) -> int:  # type: ignore[override]  # what BufferedReader gives
        self._wait(self._read_fd, select.POLLIN)
        data = os.read(self._read_fd, len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def write_all(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._wait(self._write_fd, select.POLLOUT)
            rest = rest[os.write(self._write_fd, rest[: select.PIPE_BUF]) :]

    def _wait(self, fd: int, event: int) -> None:
        poll = select.poll()
        poll.register(fd, event)
        if not poll.poll(max(0.0, self.deadline - time.monotonic()) * 1000):
            raise TimeoutError
