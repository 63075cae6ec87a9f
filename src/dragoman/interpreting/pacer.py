"""Keep the dub close to its speaker: speak faster when voice piles up, then skip. A plain class; to dub_channel.py.

    late > 1.5 s      speed = 1 + .12 x (late - 1.5), at most 1.3
    backlog > 4 s     fillers and back-channels are skipped (fillers.py)
    backlog > 6 s     the oldest waiting segments are skipped whole, until 6 s are left
    backlog > 8 s     the newest is skipped too: never does more voice wait

Backlog is what is handed over and unplayed plus the estimated length of what waits. Late is how long the next segment
has waited for its turn plus what waits behind it: its own length makes nobody late.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.ground.languages import LANGUAGES, Language
from dragoman.interpreting.fillers import is_filler

FASTER_FROM_S = 1.5
FASTER_BY_S = 0.12
MAX_SPEED = 1.3
FILLERS_FROM_S = 4.0
SKIP_FROM_S = 6.0
MAX_BACKLOG_S = 8.0
_LEARNING = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A segment that waits for its turn."""

    text: str
    waited_s: float = 0.0
    """Since its translation was there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do with the waiting segments."""

    speed: float
    """For the next one that is spoken."""
    skip: tuple[int, ...]
    """Places of those that are skipped, oldest first."""


class Pacer:
    """Of one target language."""

    def __init__(self, *, language: Language) -> None:
        self._language = language
        self._s_per_character = 0.065 if LANGUAGES[language].words_have_spaces else 0.2

    def estimate_s(self, text: str) -> float:
        """Estimate how long ``text`` will sound at speed 1."""
        return max(0.4, len(text) * self._s_per_character)

    def learn(self, text: str, *, duration_s: float, speed: float) -> None:
        """Take how long ``text`` really sounded."""
        if text:
            measured = duration_s * speed / len(text)
            self._s_per_character += _LEARNING * (measured - self._s_per_character)

    def plan(self, waiting: Sequence[Waiting], *, unplayed_s: float) -> Plan:
        """Decide what is skipped and how fast the next one is spoken.

        ``unplayed_s`` is what is handed over and has not sounded yet. A segment longer than the limits is still spoken
        when nothing else is left.
        """
        lengths = [self.estimate_s(segment.text) for segment in waiting]
        skip = self._skip(waiting, lengths, unplayed_s)
        kept = [place for place in range(len(waiting)) if place not in skip]
        if not kept:
            return Plan(speed=1.0, skip=skip)
        late_s = waiting[kept[0]].waited_s + sum(lengths[place] for place in kept[1:])
        return Plan(speed=min(MAX_SPEED, 1.0 + FASTER_BY_S * max(0.0, late_s - FASTER_FROM_S)), skip=skip)

    def _skip(self, waiting: Sequence[Waiting], lengths: Sequence[float], unplayed_s: float) -> tuple[int, ...]:
        backlog_s = unplayed_s + sum(lengths)
        skip: list[int] = []
        for place, segment in enumerate(waiting):
            if backlog_s > FILLERS_FROM_S and len(waiting) > 1 and is_filler(segment.text, self._language):
                skip.append(place)
                backlog_s -= lengths[place]
        for place in range(len(waiting) - 1):
            if backlog_s > SKIP_FROM_S and place not in skip:
                skip.append(place)
                backlog_s -= lengths[place]
        if waiting and unplayed_s > 0 and backlog_s > MAX_BACKLOG_S:
            return tuple(range(len(waiting)))
        return tuple(sorted(skip))
