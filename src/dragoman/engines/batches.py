"""Decide which requests for translation share a call, and which goes first: finals, previews, texts. To ``Batching``.

A plain class. Who asks for the same pair of the same engine at nearly the same time, in whatever room, is answered by
one call: eight sentences at once take an NLLB model 1300 ms, one after the other 4900 ms. While a call runs, those who
ask meanwhile gather for the next; an idle engine is waited with no longer than one of its calls takes.
"""

import math
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dragoman.engines.broker import PATIENCE_S, Urgency, place_in_kind
from dragoman.engines.overload import Overload

MOST_SENTENCES: Final = 8
"""Of one call, unless a single request has more."""
MOST_WAITING: Final = 256
"""Requests; beyond it a final takes the place of a preview, and everything else is refused."""
WINDOW_S: Final = 0.02
"""How long an idle engine is waited with at most, so that others can join."""
PREVIEWS_OFF: Final = 0.7
"""Share of the time that the busiest model translates live speech, above which nothing is previewed,"""
PREVIEWS_ON: Final = 0.5
"""and below which it is again."""

_Rank = tuple[Urgency, int, tuple[int, int]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wanted:
    """One request for translation."""

    urgency: Urgency
    lane: Hashable
    """What has one lane is translated one call after the other: a model, or a pipeline of one pair."""
    group: Hashable
    """What may share a call: engine, pair, glossary."""
    sentences: int = 1
    priority: int = 0
    """Among those of one urgency; larger goes first."""
    is_repair: bool = False
    """Of a translation that is there already: goes behind all others of its urgency."""
    side_by_side: int | None = None
    """Calls that the lane takes at once where sharing them gains nothing; None for one at a time, which is shared."""


class Lost(StrEnum):
    """Why a request has no turn."""

    REFUSED = "refused"
    """Too many were waiting."""
    DISPLACED = "displaced"
    """A preview that a final took the place of."""
    BUSY = "busy"
    """A preview, and the engines have enough to do with finals."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """The requests of one call, the one that it is made for first."""

    wanted: tuple[Wanted, ...]

    @property
    def lane(self) -> Hashable:
        return self.wanted[0].lane

    @property
    def urgency(self) -> Urgency:
        return self.wanted[0].urgency

    @property
    def priority(self) -> int:
        return max(each.priority for each in self.wanted)

    @property
    def sentences(self) -> int:
        return sum(each.sentences for each in self.wanted)


class Batches:
    """Of one process. What ``due`` gave is ended by ``end``."""

    def __init__(self) -> None:
        self._waiting: dict[Wanted, float] = {}
        """In the order of their coming, and when they came."""
        self._running: dict[Batch, float] = {}
        """And when they began."""
        self._usual_s: dict[Hashable, float] = {}
        """How long the last call of a lane took."""
        self._load = Overload(places=1)
        self._previews = True

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def load(self) -> float:
        """Say how much of the last seconds the busiest model translated live speech: 0 to 1."""
        return self._load.share

    def push(self, wanted: Wanted, *, at_s: float) -> dict[Wanted, Lost]:
        """Let a request wait. Gives those that will have no turn, which may be ``wanted`` itself."""
        if wanted.urgency is Urgency.PARTIAL and not self._may_preview(at_s):
            return {wanted: Lost.BUSY}
        lost: dict[Wanted, Lost] = {}
        if len(self._waiting) >= MOST_WAITING:
            partials = [each for each in self._waiting if each.urgency is Urgency.PARTIAL]
            if wanted.urgency is not Urgency.FINAL or not partials:
                return {wanted: Lost.REFUSED}
            # Of the least priority the oldest.
            displaced = min(partials, key=lambda each: each.priority)
            self.drop(displaced)
            lost[displaced] = Lost.DISPLACED
        self._waiting[wanted] = at_s
        return lost

    def drop(self, wanted: Wanted) -> None:
        """Forget a request that waits: nobody wants it any more. Does nothing to one that runs."""
        self._waiting.pop(wanted, None)

    def due(self, *, at_s: float) -> list[Batch]:
        """Give the calls to be made now."""
        batches = []
        while ready := [batch for batch in self._gathered(at_s) if at_s >= self._starts_at_s(batch)]:
            for batch in ready:
                for each in batch.wanted:
                    del self._waiting[each]
                self._running[batch] = at_s
                batches.append(batch)
        return batches

    def wake_at_s(self, *, at_s: float) -> float | None:
        """Say when something is due at the latest, should nobody ask before; None while that takes an ``end``."""
        return min((self._starts_at_s(batch) for batch in self._gathered(at_s)), default=None)

    def end(self, batch: Batch, *, took_s: float, at_s: float) -> None:
        """Take that a call has ended, ``took_s`` after its start."""
        del self._running[batch]
        side_by_side = batch.wanted[0].side_by_side or 1
        self._usual_s[batch.lane] = took_s
        if batch.urgency is not Urgency.RECORDING:
            self._load.worked(took_s / side_by_side, engine=str(hash(batch.lane)), at_s=at_s)

    def answered_in_s(self, wanted: Wanted, *, at_s: float) -> float:
        """Estimate how long a request would take, of which there are calls ahead; 0 of an idle lane.

        Each call is taken to last as long as the last one of its lane; one that runs for longer, twice as long as yet.
        """
        lane, places = wanted.lane, wanted.side_by_side or 1
        ages = [at_s - began_s for batch, began_s in self._running.items() if batch.lane == lane]
        mine = _rank(wanted, 0.0)
        waiting = [it for it in self._waiting if it.lane == lane and self._rank(it, at_s) <= mine]
        if not ages and not waiting:
            return 0.0
        usual_s = self._usual_s.get(lane, 0.0)
        left_s = min(usual_s - age if age < usual_s else age for age in ages) if len(ages) >= places else 0.0
        return left_s + math.ceil(_calls([*waiting, wanted]) / places) * usual_s

    def _may_preview(self, at_s: float) -> bool:
        self._load.look(at_s=at_s)
        self._previews = self._load.share <= (PREVIEWS_OFF if self._previews else PREVIEWS_ON)
        return self._previews

    def _gathered(self, at_s: float) -> list[Batch]:
        """Give the next call of every lane that has room for one."""
        lanes = {each.lane: each.side_by_side or 1 for each in self._waiting}
        running = Counter(batch.lane for batch in self._running)
        return [self._gather(lane, at_s) for lane, at_once in lanes.items() if running[lane] < at_once]

    def _gather(self, lane: Hashable, at_s: float) -> Batch:
        """Put the request of a lane that goes first together with what may share its call.

        Previews do not ride with finals: each sentence more makes the call longer.
        """
        there = [each for each in self._waiting if each.lane == lane]
        there.sort(key=lambda each: self._rank(each, at_s))
        first = there[0]
        taken, sentences = [first], first.sentences
        for each in there if first.side_by_side is None else ():
            fits = sentences + each.sentences <= MOST_SENTENCES
            if each is not first and fits and (each.group, each.urgency) == (first.group, first.urgency):
                taken.append(each)
                sentences += each.sentences
        return Batch(wanted=tuple(taken))

    def _rank(self, wanted: Wanted, at_s: float) -> _Rank:
        return _rank(wanted, at_s - self._waiting[wanted])

    def _starts_at_s(self, batch: Batch) -> float:
        first = min(self._waiting[each] for each in batch.wanted)
        if batch.sentences >= MOST_SENTENCES or batch.wanted[0].side_by_side is not None:
            return first
        return first + min(WINDOW_S, self._usual_s.get(batch.lane, WINDOW_S))


def _rank(wanted: Wanted, waited_s: float) -> _Rank:
    """Give a place by kind, and within it; a text that has waited for long goes before previews."""
    tired = wanted.urgency is Urgency.RECORDING and waited_s >= PATIENCE_S
    within = place_in_kind(priority=wanted.priority, waited_s=waited_s)
    return (Urgency.PARTIAL, 0, within) if tired else (wanted.urgency, 2 if wanted.is_repair else 1, within)


def _calls(wanted: list[Wanted]) -> int:
    """Count the calls that requests of one lane come to."""
    if wanted[0].side_by_side is not None:
        return len(wanted)
    sentences: Counter[Hashable] = Counter()
    for each in wanted:
        sentences[each.group, each.urgency] += each.sentences
    return sum(math.ceil(count / MOST_SENTENCES) for count in sentences.values())
