"""Where the ``limits`` library keeps what happened: in memory, so much and no more, by a clock that is passed in.

For rate_limits.py. Its own memory storage asks the wall clock, runs a thread, and grows with every new key.
"""

from collections import OrderedDict, deque
from collections.abc import Callable

from limits.storage import MovingWindowSupport, Storage

MOST_KEYS = 10_000
MOST_EVENTS = 500_000
"""Of all keys together, some 20 MB. Beyond either, what was not heard of for longest is forgotten."""


class MovingWindows(Storage, MovingWindowSupport):
    """When each key was last hit. In any stretch of a window's length there are never more hits than its limit."""

    STORAGE_SCHEME = None

    def __init__(
        self, clock: Callable[[], float], *, most_keys: int = MOST_KEYS, most_events: int = MOST_EVENTS
    ) -> None:
        """``clock``: seconds; only grows."""
        super().__init__()
        self._clock = clock
        self._most_keys = most_keys
        self._most_events = most_events
        self._hits: OrderedDict[str, deque[float]] = OrderedDict()
        self._events = 0

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count ``amount`` hits of ``key`` now, if there are at most ``limit`` in ``expiry`` seconds then."""
        if len(self._recent(key, expiry)) + amount > limit:
            return False
        hits = self._hits.setdefault(key, deque())
        hits.extend([self._clock()] * amount)
        self._hits.move_to_end(key)
        self._events += amount
        self._forget_oldest(key)
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Give when the oldest hit that counts was, or now if there is none, and how many count."""
        hits = self._recent(key, expiry)
        return (hits[0] if hits else self._clock()), len(hits)

    @property
    def base_exceptions(self) -> type[Exception]:
        return LookupError

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        keys = len(self._hits)
        self._hits.clear()
        self._events = 0
        return keys

    def clear(self, key: str) -> None:
        self._events -= len(self._hits.pop(key, ()))

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        raise NotImplementedError("only moving windows are kept")

    def get(self, key: str) -> int:
        return len(self._hits.get(key, ()))

    def get_expiry(self, key: str) -> float:
        raise NotImplementedError("only moving windows are kept")

    def _recent(self, key: str, expiry: int) -> deque[float]:
        hits = self._hits.get(key)
        if hits is None:
            return deque()
        oldest = self._clock() - expiry
        while hits and hits[0] <= oldest:
            hits.popleft()
            self._events -= 1
        return hits

    def _forget_oldest(self, kept: str) -> None:
        while len(self._hits) > self._most_keys or self._events > self._most_events:
            oldest = next(iter(self._hits))
            if oldest == kept:
                return
            self.clear(oldest)
