"""Keep the dub close to its speaker: speak faster when voice piles up, then skip. A plain class; to dub_channel.py.

    late > 1.5 s      speed = 1 + .12 x (late - 1.5), at most 1.3
    backlog > 4 s     fillers and back-channels are skipped (fillers.py), what one person said in a row is spoken in
                      one breath, and the speaker is told that the others still listen, until 1.5 s are left
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
FILLERS_FROM_S = BEHIND_FROM_S = 4.0
CAUGHT_UP_S = 1.5
IN_ONE_BREATH = 3
"""Segments, at most."""
BREATH_CHARACTERS = 200
"""Of them together: a voice that does not stream is silent until it has made them all."""
SKIP_FROM_S = 6.0
MAX_BACKLOG_S = 8.0
_LEARNING = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A segment that waits for its turn."""

    text: str
    speaker: str = ""
    waited_s: float = 0.0
    """Since its translation was there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do with the waiting segments."""

    speed: float
    """For the next one that is spoken."""
    skip: tuple[int, ...]
    """Places of those that are skipped, oldest first."""
    together: int = 1
    """How many of the others are spoken in one breath, from the next one on."""


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
            return Plan(speed=1.0, skip=skip, together=0)
        together = 1
        if unplayed_s + sum(lengths[place] for place in kept) > BEHIND_FROM_S:
            together = _in_one_breath([waiting[place] for place in kept])
        late_s = waiting[kept[0]].waited_s + sum(lengths[place] for place in kept[1:])
        speed = min(MAX_SPEED, 1.0 + FASTER_BY_S * max(0.0, late_s - FASTER_FROM_S))
        return Plan(speed=speed, skip=skip, together=together)

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


def _in_one_breath(waiting: Sequence[Waiting]) -> int:
    """Count what the first speaker said in a row, as far as a breath goes."""
    characters = 0
    for place, segment in enumerate(waiting[:IN_ONE_BREATH]):
        characters += len(segment.text)
        if place and (segment.speaker != waiting[0].speaker or characters > BREATH_CHARACTERS):
            return place
    return min(len(waiting), IN_ONE_BREATH)


class Behind:
    """Says of each speaker whether their dub is so late that they are told of it."""

    def __init__(self) -> None:
        self._behind: set[str] = set()

    @property
    def speakers(self) -> frozenset[str]:
        """Who was told so, and not yet that it is over."""
        return frozenset(self._behind)

    def look(self, speaker: str, *, backlog_s: float) -> bool | None:
        """Take the voice of ``speaker`` that is to come; give what is to be told now, None for nothing new."""
        if speaker in self._behind and backlog_s <= CAUGHT_UP_S:
            self._behind.discard(speaker)
            return False
        if speaker not in self._behind and backlog_s > BEHIND_FROM_S:
            self._behind.add(speaker)
            return True
        return None
