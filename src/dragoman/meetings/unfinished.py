"""What a room's interpreter is at: segments whose finals are not all there yet. For who takes over; from finals.py.

Memory only, a few entries: a segment is taken away by the last of its finals.
"""

from collections import OrderedDict
from dataclasses import replace

from dragoman.ground.captions import Caption, Unfinished

MAX_UNFINISHED = 500
"""Of one room: far more than booths let wait; beyond it the oldest go."""


class UnfinishedSegments:
    """Keeps segments in the order in which they were begun."""

    def __init__(self, *, most: int = MAX_UNFINISHED) -> None:
        self._most = most
        self._segments: OrderedDict[str, Unfinished] = OrderedDict()

    def keep(self, unfinished: Unfinished) -> None:
        """Take what is known of a segment now, instead of what was known before."""
        if not unfinished.languages:
            self._segments.pop(unfinished.segment, None)
            return
        self._segments[unfinished.segment] = unfinished
        if len(self._segments) > self._most:
            self._segments.popitem(last=False)

    def answer(self, final: Caption) -> None:
        """One language has its final."""
        known = self._segments.get(final.segment)
        if known is not None:
            self.keep(replace(known, languages=known.languages - {final.language}))

    def forget(self, speaker: str) -> list[Unfinished]:
        """Let go of what ``speaker`` said; gives it back, owed to nobody."""
        forgotten = [replace(it, languages=frozenset()) for it in self._segments.values() if it.speaker == speaker]
        for nothing in forgotten:
            self.keep(nothing)
        return forgotten

    def all(self) -> list[Unfinished]:
        return list(self._segments.values())
