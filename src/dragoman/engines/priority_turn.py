"""A lock that goes to the most urgent of those who wait for it. From voice_process.py; to waiting_line.py."""

import threading
import time

from dragoman.engines.broker import Urgency
from dragoman.engines.waiting_line import WaitingLine


class PriorityTurn:
    """One thread has it at a time."""

    def __init__(self) -> None:
        self._line: WaitingLine[threading.Event] = WaitingLine()
        self._lock = threading.Lock()
        self._taken = False

    def __len__(self) -> int:
        """Say how many wait."""
        with self._lock:
            return len(self._line)

    def acquire(self, *, timeout_s: float | None = None, urgency: Urgency = Urgency.FINAL, priority: int = 0) -> bool:
        """Wait for the turn; False if it has not come within ``timeout_s``."""
        called = threading.Event()
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            place = self._line.join(called, urgency=urgency, priority=priority, at_s=time.monotonic())
        if called.wait(timeout_s):
            return True
        with self._lock:
            self._line.leave(place)
            # It may have been called while it gave up.
            return called.is_set()

    def release(self) -> None:
        """Let the first in line have it."""
        with self._lock:
            first = self._line.call(at_s=time.monotonic())
            if first is None:
                self._taken = False
            else:
                first.what.set()
