"""Decide whose turn it is to recognise: last words, then looks at who is speaking, then recordings. To turns.py.

A plain class. A model makes one look at a time, and hears one piece of a recording, so of an engine one such call runs
at once, and few of all engines; a call that runs is never broken off. Last words wait for what runs and for other last
words, and for nothing else; where the engine can, as Whisper does, and a place is free they run beside what runs.
Jobs of one shape that wait at the same moment are one call: nobody is waited for, so nobody waits longer to be joined.

Among those of one kind the larger priority goes first, by the plan of a room; who has waited for long goes before it.
"""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final


class Urgency(IntEnum):
    """Of a call, the most urgent first."""

    FINAL = 0
    """An utterance's last words: somebody waits for them."""
    PARTIAL = 1
    """A look at an utterance that goes on; the next one makes it needless."""
    RECORDING = 2
    """A piece of a recording, or of a text."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Job:
    """A call that wants its turn."""

    urgency: Urgency
    engine: str
    """Label of the engine that is called."""
    owner: object
    """The microphone or recording that it is for."""
    waits_s: float
    """After so long it is no use any more."""
    beside: bool = False
    """Its engine can hear it while it is at something else; for last words alone."""
    priority: int = 0
    """Among jobs of one urgency; larger goes first."""
    shape: Hashable = None
    """Jobs of one engine, urgency and shape can be done in one call; None for a job that is done alone."""
    together: int = 0
    """At most so many are one call; 0 for as many as the broker joins of its own."""


class Outcome(StrEnum):
    """What became of a job that wanted its turn."""

    TAKEN = "taken"
    REPLACED = "replaced"
    """Its owner has something newer."""
    LATE = "late"
    REFUSED = "refused"
    """Too many were waiting."""
    LEFT = "left"
    """Nobody waits for it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """To be told to whom waits for ``job``."""

    job: Job
    outcome: Outcome
    together: tuple[Job, ...] = ()
    """Taken in one call, ``job`` among them."""


MOST_WAITING: Final = 256
PATIENCE_S: Final = 5.0
"""A recording that has waited so long goes before looks, so that people who never pause cannot stop it for good."""
AGED_AFTER_S: Final = 1.0
"""Who has waited so long goes before all of one kind who have not, whatever their priority: nobody starves.

Shorter than what is waited for in a call, so what a larger plan adds to the wait of a smaller one is bounded.
"""
HUNGER_FORGOTTEN_S: Final = 5.0
"""Who has not asked for a look so long is not waiting for one."""


def place_in_kind(*, priority: int, waited_s: float) -> tuple[int, int]:
    """Give the place among those of one kind, the smallest first; of equals whoever came first is first."""
    return (0, 0) if waited_s >= AGED_AFTER_S else (1, -priority)


def most_together(cores: int) -> int:
    """Say how many jobs may be one call: whoever is first in it waits for all, which is short on many cores only."""
    return 4 if cores >= 4 else 2


class Broker:
    """Of one process. Whatever is pushed is ended by ``end``, waiting or running."""

    def __init__(self, *, at_once: int, together: int = 1) -> None:
        """At most ``at_once`` calls run; at most ``together`` jobs of one shape are one call."""
        self._at_once = at_once
        self._together = together
        self._waiting: dict[Job, float] = {}
        """Jobs in the order of their coming, and when they came."""
        self._running: dict[Job, tuple[Job, ...]] = {}
        """Each with the call that it is part of."""
        self._hungry: dict[object, tuple[float, float]] = {}
        """Since when an owner has had no look, and when it last asked: a newer look waits on for the one before."""

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def push(self, job: Job, *, at_s: float) -> list[Verdict]:
        """Let a job wait for its turn, which may be now."""
        if len(self._waiting) >= MOST_WAITING:
            return [Verdict(job=job, outcome=Outcome.REFUSED)]
        verdicts = [] if job.urgency is Urgency.RECORDING else self.drop_partial(job.owner)
        self._waiting[job] = at_s
        self._remember_hunger(job, at_s)
        return verdicts + self._start(at_s)

    def drop_partial(self, owner: object) -> list[Verdict]:
        """Take back a look that still waits: its owner has newer words, or will have no more."""
        old = [job for job in self._waiting if job.owner is owner and job.urgency is Urgency.PARTIAL]
        for job in old:
            del self._waiting[job]
        return [Verdict(job=job, outcome=Outcome.REPLACED) for job in old]

    def _remember_hunger(self, job: Job, at_s: float) -> None:
        for owner in [owner for owner, (_, asked) in self._hungry.items() if at_s - asked >= HUNGER_FORGOTTEN_S]:
            del self._hungry[owner]
        if job.urgency is Urgency.PARTIAL:
            since_s, _ = self._hungry.get(job.owner, (at_s, at_s))
            self._hungry[job.owner] = (since_s, at_s)
        elif job.urgency is Urgency.FINAL:
            self._hungry.pop(job.owner, None)

    def end(self, job: Job, *, at_s: float) -> list[Verdict]:
        """Forget a job: it is done, or nobody waits for it any more."""
        self._waiting.pop(job, None)
        self._running.pop(job, None)
        return self._start(at_s)

    def _start(self, at_s: float) -> list[Verdict]:
        verdicts = []
        while (first := self._next(at_s)) is not None:
            together = self._like(first, at_s)
            for job in together:
                del self._waiting[job]
                self._running[job] = together
                if job.urgency is Urgency.PARTIAL:
                    self._hungry.pop(job.owner, None)
                verdicts.append(Verdict(job=job, outcome=Outcome.TAKEN, together=together))
        return verdicts

    def _like(self, first: Job, at_s: float) -> tuple[Job, ...]:
        """Give ``first`` and what else waits that can be done in the same call."""
        if first.shape is None:
            return (first,)
        kind = (first.engine, first.urgency, first.shape)
        alike = [job for job in self._waiting if (job.engine, job.urgency, job.shape) == kind and job is not first]
        alike.sort(key=lambda job: self._rank(job, at_s))
        return (first, *alike[: (first.together or self._together) - 1])

    def _next(self, at_s: float) -> Job | None:
        calls = Counter(call[0].engine for call in set(self._running.values()))
        if calls.total() >= self._at_once:
            return None
        recordings = sum(job.urgency is Urgency.RECORDING for job in self._running)
        # One place stays free of recordings, if there is more than one.
        room = recordings < max(1, self._at_once - 1)
        able = [
            job
            for job in self._waiting
            # One call of an engine runs at once, and perhaps one beside it.
            if calls[job.engine] < (2 if job.beside else 1) and (room or job.urgency is not Urgency.RECORDING)
        ]
        return min(able, key=lambda job: self._rank(job, at_s), default=None)

    def _rank(self, job: Job, at_s: float) -> tuple[Urgency, bool, tuple[int, int]]:
        """Give the place of a job, by its kind and then within it; among equals whoever came first is first."""
        since_s = self._waiting[job]
        tired = job.urgency is Urgency.RECORDING and at_s - since_s >= PATIENCE_S
        if job.urgency is Urgency.PARTIAL:
            since_s, _ = self._hungry.get(job.owner, (since_s, at_s))
        within = place_in_kind(priority=job.priority, waited_s=at_s - since_s)
        return (Urgency.PARTIAL, False, within) if tired else (job.urgency, True, within)
