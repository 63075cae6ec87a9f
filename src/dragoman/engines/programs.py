"""Run programs of the operating system: each has an owner and a deadline, and leaves nothing behind.

``text_to_speech/espeak.py`` runs one program per clause, ``translation/apertium_pipeline.py`` keeps chains of them.
Linux only: ends are awaited through process descriptors (pidfd_open(2)), CPU time is read in ``/proc``.
"""

import os
import selectors
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from dragoman.ground.errors import EngineCrashed, EngineOutputInvalid, EngineTimeout, EngineUnavailable

MAX_OUTPUT_BYTES = 64 << 20
_MAX_STDERR_BYTES = 64 << 10
_CHUNK_BYTES = 1 << 16

# Stages that cannot tell the encoding of their input fall back to ASCII in a bare container.
_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def find_program(name: str, *, package: str) -> Path:
    """Find ``name``, a program on the path or a file. Raises ``EngineUnavailable`` that names Debian's ``package``."""
    found = shutil.which(name)
    if found is None:
        raise EngineUnavailable(f"the program {name} is missing; apt-get install {package}")
    return Path(found)


class ProgramOwner:
    """Starts programs and answers for them: for their CPU time, and for their end when it is closed.

    May be used by several threads at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._alive: dict[int, subprocess.Popen[bytes]] = {}
        self._ended_cpu_s = 0.0
        self._closed = False

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        stdin: bytes = b"",
        timeout_s: float,
        max_output_bytes: int = MAX_OUTPUT_BYTES,
    ) -> bytes:
        """Run a program to its end and give what it wrote to standard output.

        Raises ``EngineTimeout`` after ``timeout_s`` seconds, ``EngineCrashed`` with the last line of its errors when it
        fails, ``EngineOutputInvalid`` when it writes more than ``max_output_bytes``, ``EngineUnavailable`` when it
        cannot be started or its owner is closed. Whatever happens, its process group is gone afterwards.
        """
        process = self.start(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        name = Path(argv[0]).name
        try:
            output, errors = _converse(process, stdin, time.monotonic() + timeout_s, max_output_bytes)
        except TimeoutError as error:
            raise EngineTimeout(f"{name} did not end within {timeout_s:g} s") from error
        except OverflowError as error:
            raise EngineOutputInvalid(f"{name} wrote more than {max_output_bytes} bytes") from error
        finally:
            (status,) = self.end([process])
        if self._closed:
            raise EngineUnavailable(f"{name} was stopped because its engine is closed; open it again")
        if status != 0:
            lines = errors.decode("utf-8", "replace").strip().splitlines()
            raise EngineCrashed(f"{name} ended with status {status}: {lines[-1] if lines else 'it gave no reason'}")
        return output

    def start(
        self,
        argv: Sequence[str | Path],
        *,
        stdin: int = subprocess.PIPE,
        stdout: int = subprocess.PIPE,
        stderr: int = subprocess.DEVNULL,
        group: int | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a program in a process group of its own, or as a member of ``group``; ``end`` must be called for it.

        Raises ``EngineUnavailable`` if it cannot be started.
        """
        with self._lock:
            if self._closed:
                raise EngineUnavailable(f"{Path(argv[0]).name} is not started: its engine is closed; open it again")
            try:
                # A group apart from the terminal's: Ctrl-C reaches us alone, and we end our programs in order.
                process = subprocess.Popen(
                    argv,
                    stdin=stdin,
                    stdout=stdout,
                    stderr=stderr,
                    bufsize=0,
                    env={**os.environ, **_ENVIRONMENT},
                    process_group=group or 0,
                )
            except OSError as error:
                raise EngineUnavailable(f"{argv[0]} cannot be started: {error.strerror}; install it again") from error
            self._alive[process.pid] = process
            return process

    def end(self, processes: Iterable[subprocess.Popen[bytes]]) -> list[int]:
        """Kill what still runs of ``processes`` and of the group each leads; give the exit statuses.

        A negative status is the signal that ended the process.
        """
        with self._lock:
            ours = list(processes)
            for process in ours:
                if process.pid in self._alive:
                    _kill(process.pid)
            return [self._reap(process) for process in ours]

    def cpu_s(self) -> float:
        """Sum the CPU seconds of all programs started so far, those that have ended included."""
        with self._lock:
            return self._ended_cpu_s + sum(_cpu_so_far_s(pid) for pid in self._alive)

    def close(self) -> None:
        """Start nothing more, and kill what runs; whoever started it reaps it with ``end``."""
        with self._lock:
            self._closed = True
            for pid in self._alive:
                _kill(pid)

    def _reap(self, process: subprocess.Popen[bytes]) -> int:
        if process.pid in self._alive:
            del self._alive[process.pid]
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self._ended_cpu_s += usage.ru_utime + usage.ru_stime
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
        return process.returncode or 0


def has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Say whether ``process`` is over, without reaping it."""
    if process.returncode is not None:
        return True
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _kill(pid: int) -> None:
    # Called before the process is reaped, so its number cannot belong to anybody else yet.
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


def _cpu_so_far_s(pid: int) -> float:
    """Read the CPU time of ``pid`` and of its reaped children: /proc/PID/stat, fields 14 to 17 (proc(5)).

    That file counts in steps of 10 ms, in which a short sentence of a long chain would vanish, so the first field of
    schedstat is read as well: nanoseconds of the first thread.
    """
    folder = Path(f"/proc/{pid}")
    try:
        stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
        first_thread_ns = int((folder / "schedstat").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0.0
    user, system, children_user, children_system = map(int, stat.rpartition(")")[2].split()[11:15])
    own_s = max((user + system) / _TICKS_PER_S, first_thread_ns / 1e9)
    return own_s + (children_user + children_system) / _TICKS_PER_S


def _converse(
    process: subprocess.Popen[bytes], stdin: bytes, deadline_s: float, max_output_bytes: int
) -> tuple[bytes, bytes]:
    """Feed ``stdin`` to a program and collect its output and errors until it ends.

    ``deadline_s`` is a time of ``time.monotonic``. Raises ``TimeoutError`` and ``OverflowError``.
    The end of the process counts, not the end of its output: a grandchild may hold that open for ever.
    """
    if process.stdin is None or process.stdout is None or process.stderr is None:
        raise ValueError("the program must have been started with three pipes")
    output, errors = bytearray(), bytearray()
    sinks = {process.stdout.fileno(): output, process.stderr.fileno(): errors}
    feed = process.stdin.fileno()
    for fileno in (feed, *sinks):
        os.set_blocking(fileno, False)
    rest = memoryview(stdin)
    ended = os.pidfd_open(process.pid)
    try:
        with selectors.DefaultSelector() as selector:
            for fileno in (ended, *sinks):
                selector.register(fileno, selectors.EVENT_READ)
            selector.register(feed, selectors.EVENT_WRITE)
            while True:
                ready = {key.fd for key, _ in selector.select(max(0.0, deadline_s - time.monotonic()))}
                if feed in ready:
                    rest = _write_some(feed, rest)
                    if not rest:
                        selector.unregister(feed)
                        process.stdin.close()
                for fileno in sinks.keys() & ready:
                    if not _read_some(fileno, sinks[fileno]):
                        selector.unregister(fileno)
                if len(output) > max_output_bytes:
                    raise OverflowError
                del errors[:-_MAX_STDERR_BYTES]
                if ready == {ended}:
                    return bytes(output), bytes(errors)
                if time.monotonic() >= deadline_s:
                    raise TimeoutError
    finally:
        os.close(ended)


def _write_some(fileno: int, rest: memoryview) -> memoryview:
    """Write what fits; give what is left. A reader that is gone wants nothing more."""
    try:
        return rest[os.write(fileno, rest[:_CHUNK_BYTES]) :] if rest else rest
    except BlockingIOError:
        return rest
    except BrokenPipeError:
        return rest[:0]


def _read_some(fileno: int, into: bytearray) -> bool:
    """Read what is there; say whether more may come."""
    try:
        piece = os.read(fileno, _CHUNK_BYTES)
    except BlockingIOError:
        return True
    into += piece
    return bool(piece)
