"""A Python program of ours in a process of its own, asked and answered in frames (``wire/frames.py``) over its pipes.

Every exchange has a deadline. A worker that misses it, ends, or answers out of step is killed with its whole process
group; whoever owns it then starts another. Used by ``pocketsphinx.py``.
"""

import contextlib
import io
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from dragoman.ground.errors import EngineCrashed, EngineTimeout, EngineUnavailable, WireError
from dragoman.wire.frames import Header, pack_frame, read_frame

_REAP_S: Final = 5.0
_TOLD_CHARS: Final = 300


class WorkerProcess:
    """One running worker. ``ask`` it from one thread at a time; ``kill`` may come from any thread."""

    def __init__(self, module: str) -> None:
        """Start ``python -m module``. Raises ``EngineUnavailable`` if no process can be had."""
        self._module = module
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  closed in dispose
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            self._errors.close()
            raise EngineUnavailable(f"{module} cannot be started: {error}") from error
        self._to_worker, self._from_worker = self._process.stdin, self._process.stdout
        assert self._to_worker is not None  # noqa: S101  both are pipes
        assert self._from_worker is not None  # noqa: S101
        os.set_blocking(self._to_worker.fileno(), False)
        os.set_blocking(self._from_worker.fileno(), False)
        self._pipe = _DeadlinePipe(self._to_worker.fileno(), self._from_worker.fileno())
        self._answers = io.BufferedReader(self._pipe)
        self._questions = 0
        self._ended_cpu_s: float | None = None

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, header: Header, payload: bytes = b"", *, deadline_s: float) -> Header:
        """Send a frame and give the header of its answer.

        Raises ``EngineTimeout`` after ``deadline_s`` seconds and ``EngineCrashed`` if the worker ended or answered
        something else; the worker is of no use after either.
        """
        self._questions += 1
        self._pipe.deadline = time.monotonic() + deadline_s
        try:
            self._pipe.write_all(pack_frame(header | {"question": self._questions}, payload))
            frame = read_frame(self._answers)
        except TimeoutError as error:
            raise EngineTimeout(f"{self._module} did not answer within {deadline_s:.1f} s") from error
        except (OSError, ValueError, WireError) as error:
            raise EngineCrashed(f"{self._module} ended or answered out of step: {self._last_words()}") from error
        if frame is None or frame[0].get("question") != self._questions:
            raise EngineCrashed(f"{self._module} ended or answered out of step: {self._last_words()}")
        return frame[0]

    def cpu_s(self) -> float:
        """CPU seconds of the worker so far, its last reading once it has ended."""
        return _process_cpu_s(self.pid) if self._ended_cpu_s is None else self._ended_cpu_s

    def kill(self) -> None:
        """End the worker's process group at once; an ``ask`` that waits in another thread fails."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def dispose(self) -> None:
        """Kill the worker, let the system forget it, and close its pipes. No ``ask`` may be under way."""
        if self._ended_cpu_s is not None:
            return
        self.kill()
        self._ended_cpu_s = _process_cpu_s(self.pid)
        self._process.wait(_REAP_S)
        for pipe in (self._to_worker, self._from_worker, self._errors):
            if pipe is not None:
                pipe.close()

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


def _process_cpu_s(pid: int) -> float:
    """Read user and system time: fields 14 and 15 of ``/proc/PID/stat`` (proc(5)), counted behind the name."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return 0.0
