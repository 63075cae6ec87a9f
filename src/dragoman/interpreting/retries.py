"""When something that failed is tried again: soon at first, then once a second. For microphone.py and booth.py.

Whoever was refused for capacity asks less often: what is full does not get emptier by being asked.
"""

from dragoman.ground.errors import CapacityExhausted, DragomanError

BACK_OFF_S = (0.1, 0.2, 0.5, 1.0)
"""Waits between tries in a row; then always the last."""


def wait_before(retry: int) -> float:
    """Say how long to wait before a retry, counted from 0."""
    return BACK_OFF_S[min(retry, len(BACK_OFF_S) - 1)]


REFUSED_BACK_OFF_S = (1.0, 2.0, 4.0, 8.0)
"""The same after refusals; who refuses may ask for longer waits,"""
LONGEST_WAIT_S = 10.0
"""but not for longer than this: people wait to be heard, and room may come at any time."""


class OpeningTries:
    """Decides when a session that could not be opened is tried again. Of no use once one is open."""

    def __init__(self) -> None:
        self._failures = 0
        self._refusals = 0

    @property
    def refused(self) -> bool:
        """Whether there was no room at least once."""
        return self._refusals > 0

    def wait_s(self, error: DragomanError) -> float:
        """Say how long to wait after one more try that failed with ``error``."""
        if not isinstance(error, CapacityExhausted):
            self._failures += 1
            return wait_before(self._failures - 1)
        self._refusals += 1
        least_s = REFUSED_BACK_OFF_S[min(self._refusals, len(REFUSED_BACK_OFF_S)) - 1]
        return min(max(least_s, error.retry_after_s or 0.0), LONGEST_WAIT_S)
