"""A segment on its way through the booths: what was said, where in the room's time, and when it was known."""

from dataclasses import dataclass

from dragoman.ground.languages import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenSegment:
    """What a speaker said between two cuts. From speaker_desk.py; to booth.py."""

    id: str
    """Unique in the room, the same in every language."""
    speaker: str
    language: Language
    text: str
    start_s: float
    """Room seconds."""
    end_s: float
    """Room seconds of its last word's end."""
    ended_at_s: float
    """Loop time of its last word's end: lags count from here."""
    known_at_s: float
    """Loop time at which its words were recognised."""
    committed_chars: int = 0
    """Of words that are still being spoken: how many characters at the front will not change any more."""
    gap: bool = False
    """It stands for what was said and is lost; it has no text."""


class Numbering:
    """Gives finals their place in the room: 1, 2, 3, over all speakers and languages."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> int:
        self._last += 1
        return self._last
