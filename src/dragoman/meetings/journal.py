"""Finals and unfinished segments on their way to the API: kept until it has them, and sent again if it was away.

A plain class; its shell is ``services/interpreter.py``.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from dragoman.ground.captions import Caption, Unfinished
from dragoman.meetings.unfinished import UnfinishedSegments

KEPT = 2_000
"""Finals kept after they were taken, for an API that comes back without memory; the oldest go."""
AT_ONCE = 100
"""Finals in one delivery, or in one answer with those of the interpreters before: about 50 kB."""


class Journal:
    """Of one room and one interpreter."""

    def __init__(self, *, keep: int = KEPT, inherited: Iterable[Unfinished] = ()) -> None:
        """``inherited`` is what the interpreter before left unfinished, as the API knows."""
        self._keep = keep
        self._waiting: OrderedDict[int, Caption] = OrderedDict()
        self._taken: OrderedDict[int, Caption] = OrderedDict()
        self._unfinished = UnfinishedSegments()
        for left in inherited:
            self._unfinished.keep(left)
        self._untold: OrderedDict[str, Unfinished] = OrderedDict()
        """Unfinished segments that the API does not know as they are now."""

    def add(self, final: Caption) -> None:
        """Take a final. Beyond the limit of both together, what was taken goes first, then the oldest."""
        self._waiting[final.seq] = final
        self._unfinished.answer(final)
        while len(self._waiting) + len(self._taken) > self._keep:
            (self._taken or self._waiting).popitem(last=False)

    def inherit(self, finals: Sequence[Caption]) -> bool:
        """Take finals of the interpreters before, which the API has; each call older ones than the one before.

        False when no older ones have room.
        """
        for final in reversed(finals):
            if len(self._waiting) + len(self._taken) >= self._keep:
                return False
            if final.seq not in self._waiting:
                self._taken[final.seq] = final
                self._taken.move_to_end(final.seq, last=False)
        return True

    def next_delivery(self) -> list[Caption]:
        """Give the oldest finals that the API does not have."""
        return list(self._waiting.values())[:AT_ONCE]

    def delivered(self, finals: list[Caption]) -> None:
        """The API has these."""
        for final in finals:
            if self._waiting.pop(final.seq, None) is not None:
                self._taken[final.seq] = final

    def keep(self, unfinished: Unfinished) -> None:
        """Take what is known of an unfinished segment, instead of what was known before."""
        self._unfinished.keep(unfinished)
        self._tell(unfinished)

    def forget(self, speaker: str) -> None:
        """Nobody is to finish what ``speaker`` said: neither this interpreter nor one that takes over."""
        for nothing in self._unfinished.forget(speaker):
            self._tell(nothing)

    def next_unfinished(self) -> list[Unfinished]:
        """Give the oldest unfinished segments to tell of; they go before the finals, which take them away again."""
        return list(self._untold.values())[:AT_ONCE]

    def told(self, unfinished: list[Unfinished]) -> None:
        """The API knows these."""
        for segment in unfinished:
            if self._untold.get(segment.segment) is segment:
                del self._untold[segment.segment]

    def is_told(self, segment: str) -> bool:
        return segment not in self._untold

    def start_over(self) -> None:
        """The API forgot: everything kept is to be sent again."""
        everything = sorted([*self._taken.values(), *self._waiting.values()], key=lambda final: final.seq)
        self._waiting = OrderedDict((final.seq, final) for final in everything)
        self._taken.clear()
        for unfinished in self._unfinished.all():
            self._untold.setdefault(unfinished.segment, unfinished)

    def has(self, seq: int) -> bool:
        """Say whether the API has this final."""
        return seq not in self._waiting

    def _tell(self, unfinished: Unfinished) -> None:
        self._untold[unfinished.segment] = unfinished
        if len(self._untold) > self._keep:
            self._untold.popitem(last=False)
