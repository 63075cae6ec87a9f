"""Decide what is left out while live recognition computes more than the machine can: step by step. To turns.py.

What counts is the measured real-time factor: seconds that live speech was computed for, a second and a place; and the
same of the busiest model, which makes one look at a time, and hears last words beside it where it can. A plain class;
the cadence of looks (``recognition/cadence.py``) has adapted long before.
"""

import math
from collections import defaultdict, deque
from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class Degree(IntEnum):
    """What is left out; each includes those before it."""

    NOTHING = 0
    PREVIEWS = 1
    """Words that may still change are not shown, and so not translated."""
    HALF_THE_LOOKS = 2
    """And an utterance that was followed is not heard once more as a whole."""
    LOOKS = 3
    """Nothing is heard before an utterance ends."""
    LARGER_MODEL = 4
    """Last words are heard by the model for the others. Nobody else is let in."""


HIGH: Final = 0.85
"""Real-time factor, as a share of what can be, from which more is left out,"""
LOW: Final = 0.5
"""and below which less is."""
WINDOW_S: Final = 4.0
WORSE_AFTER_S: Final = 2.0
BETTER_AFTER_S: Final = 8.0
"""Slower back than forth, or it swings."""


@dataclass(slots=True)
class _Busy:
    """Seconds that a model worked."""

    in_turn_s: float = 0.0
    """One call at a time."""
    beside_s: float = 0.0
    """Beside those."""

    @property
    def of_place_s(self) -> float:
        """Say how much of one place that is: beside what is done in turn there is one place more."""
        return max(self.in_turn_s, (self.in_turn_s + self.beside_s) / 2)


class Overload:
    """Of one process with ``places`` calls at once."""

    def __init__(self, *, places: int) -> None:
        self._places = places
        self._worked: deque[tuple[float, str, float, bool]] = deque()
        self._changed_at_s = self._busy_at_s = float("-inf")
        self.degree = Degree.NOTHING
        self.share = 0.0
        """Real-time factor of live recognition in the last seconds, as a share of what can be."""

    def worked(self, seconds: float, *, engine: str, at_s: float, beside: bool = False) -> None:
        """Take what a call of ``engine`` for live speech took; ``beside`` if it need not wait for the one before."""
        self._worked.append((at_s, engine, seconds, beside))
        self.look(at_s=at_s)

    def look(self, *, at_s: float) -> None:
        """See what is to be left out now."""
        while self._worked and self._worked[0][0] <= at_s - WINDOW_S:
            self._worked.popleft()
        of_engine: dict[str, _Busy] = defaultdict(_Busy)
        for _, engine, seconds, beside in self._worked:
            if beside:
                of_engine[engine].beside_s += seconds
            else:
                of_engine[engine].in_turn_s += seconds
        of_all_s = sum(busy.in_turn_s + busy.beside_s for busy in of_engine.values()) / self._places
        self.share = max([of_all_s, *(busy.of_place_s for busy in of_engine.values())]) / WINDOW_S
        if self.share >= LOW:
            self._busy_at_s = at_s
        quiet_s = self._quiet_s(at_s)
        if self.share > HIGH and self.degree < max(Degree) and at_s - self._changed_at_s >= WORSE_AFTER_S:
            self._change(self.degree + 1, at_s)
        elif self.degree and quiet_s >= BETTER_AFTER_S:
            # Several steps where nobody has spoken, and so nobody looked, for long.
            self._change(max(0, self.degree - int(quiet_s // BETTER_AFTER_S)), at_s)

    def better_in_s(self, degree: Degree, *, at_s: float) -> int:
        """Say when less than ``degree`` is left out at the earliest: in so many whole seconds, one at least."""
        steps = self.degree - degree + 1
        return max(1, math.ceil(steps * BETTER_AFTER_S - self._quiet_s(at_s)))

    def _quiet_s(self, at_s: float) -> float:
        return at_s - max(self._busy_at_s, self._changed_at_s)

    def _change(self, degree: int, at_s: float) -> None:
        self.degree = Degree(degree)
        self._changed_at_s = at_s
