"""A queue by urgency, then by priority: who is first among those who wait for one thing. From broker.py, which ranks.

For ``ranked_threads.py`` and ``priority_turn.py``. Plain: who waits says since when.
"""

from dataclasses import dataclass
from typing import Generic, TypeVar

from dragoman.engines.broker import PATIENCE_S, Urgency, place_in_kind

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InLine(Generic[T]):
    """Who waits."""

    what: T
    urgency: Urgency
    priority: int
    since_s: float


class WaitingLine(Generic[T]):
    """Who waits for one thing, in the order of their coming."""

    def __init__(self) -> None:
        self._waiting: list[InLine[T]] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def join(self, what: T, *, urgency: Urgency, priority: int, at_s: float) -> InLine[T]:
        """Let ``what`` wait; the place that is given is for ``leave``."""
        place = InLine(what=what, urgency=urgency, priority=priority, since_s=at_s)
        self._waiting.append(place)
        return place

    def leave(self, place: InLine[T]) -> None:
        """Wait no more. Does nothing for who has been called."""
        if place in self._waiting:
            self._waiting.remove(place)

    def call(self, *, at_s: float) -> InLine[T] | None:
        """Give who is first, who waits no more then; None if nobody waits."""
        first = min(self._waiting, key=lambda it: _rank(it, at_s - it.since_s), default=None)
        if first is not None:
            self._waiting.remove(first)
        return first


def _rank(place: InLine[T], waited_s: float) -> tuple[Urgency, int, int]:
    """A text that has waited for long counts as what somebody in a call waits for."""
    tired = place.urgency is Urgency.RECORDING and waited_s >= PATIENCE_S
    urgency = Urgency.FINAL if tired else place.urgency
    return (urgency, *place_in_kind(priority=place.priority, waited_s=waited_s))
