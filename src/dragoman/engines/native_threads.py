"""CPU time of threads that a native library starts for itself, which no Python clock of a thread shows.

Used by the engines that run CTranslate2: its workers are born while a model loads and warms up. Linux only, as
``/proc`` is; elsewhere nothing is counted.
"""

import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_TASKS = Path("/proc/self/task")

# Two engines that load at once would each take the other's new threads for their own.
_watching = threading.Lock()


class NativeThreads:
    """Finds the threads that appear inside its ``with`` block, and counts their CPU time from then on.

    Python's own threads are left out: they may belong to anybody, and the pool counts them. Blocks of several engines
    run one after the other, so never open one inside another.
    """

    def __init__(self) -> None:
        self._before: frozenset[int] = frozenset()
        self._threads: frozenset[int] = frozenset()

    def __enter__(self) -> Self:
        _watching.acquire()
        self._before = _thread_ids()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            ours = {thread.native_id for thread in threading.enumerate()}
            self._threads = self._threads | (_thread_ids() - self._before - ours)
        finally:
            _watching.release()

    def cpu_s(self) -> float:
        """Sum the CPU seconds of the threads that are still alive."""
        return sum(_cpu_ns(thread) for thread in self._threads) / 1e9


def _thread_ids() -> frozenset[int]:
    try:
        return frozenset(int(entry.name) for entry in _TASKS.iterdir())
    except OSError:
        return frozenset()


def _cpu_ns(thread: int) -> int:
    """Nanoseconds on a CPU: the first field of schedstat (kernel documentation, sched-stats)."""
    try:
        return int((_TASKS / str(thread) / "schedstat").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0
