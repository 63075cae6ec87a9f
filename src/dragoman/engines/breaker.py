"""Decide whether something that fails again and again is asked at all. Plain; for ``translating/redis_cache.py``.

Closed it lets everything through; after some failures in a row it opens, and then lets one call through now and then to
see whether it is worth it again. Source: the circuit breaker of Nygard, Release It!, 2007.
"""

import threading
from typing import Final

FAILURES_TO_OPEN: Final = 3
FIRST_PROBE_S: Final = 5.0
"""After it opened, doubling with every probe that fails"""
SLOWEST_PROBE_S: Final = 60.0
"""up to this."""


class Breaker:
    """Of one thing. Safe in threads; times are seconds of any one clock."""

    def __init__(self) -> None:
        self._failures = 0
        self._wait_s = FIRST_PROBE_S
        self._probe_at_s = 0.0
        self._lock = threading.Lock()

    @property
    def is_open(self) -> bool:
        return self._failures >= FAILURES_TO_OPEN

    def may_try(self, *, at_s: float) -> bool:
        """Say whether it is asked now; of a probe that is under way, no second one is made."""
        with self._lock:
            if not self.is_open:
                return True
            if at_s < self._probe_at_s:
                return False
            self._probe_at_s = at_s + self._wait_s
            return True

    def worked(self) -> None:
        with self._lock:
            self._failures, self._wait_s = 0, FIRST_PROBE_S

    def failed(self, *, at_s: float) -> None:
        with self._lock:
            was_open = self.is_open
            self._failures += 1
            if was_open:
                self._wait_s = min(SLOWEST_PROBE_S, 2 * self._wait_s)
            if self.is_open:
                self._probe_at_s = at_s + self._wait_s
