"""Remember what was shown in the speaker's own words, until it can be translated afterwards. Plain; to booth.py."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from dragoman.ground.languages import Language
from dragoman.interpreting.spoken import SpokenSegment

TRIES: Final = 3
"""How often one segment is tried again: it may be what no engine can translate."""


@dataclass(slots=True, kw_only=True)
class _Owed:
    spoken: SpokenSegment
    tries: int = 0


@dataclass(slots=True)
class Backlog:
    """Of one speaker in one language, in order; beyond ``most`` the oldest stay as they are.

    Two booths may work on it for a while: one that ends, and the one after it.
    """

    most: int
    _owed: deque[_Owed] = field(default_factory=deque)

    def __len__(self) -> int:
        return len(self._owed)

    def add(self, spoken: SpokenSegment) -> None:
        self._owed.append(_Owed(spoken=spoken))
        if len(self._owed) > self.most:
            self._owed.popleft()

    @property
    def first(self) -> SpokenSegment:
        """What is to be translated next."""
        return self._owed[0].spoken

    def translated(self, spoken: SpokenSegment) -> bool:
        """``spoken`` is done. False if it is not the first one any more: another booth was faster, or gave it up."""
        if not self._is_first(spoken):
            return False
        self._owed.popleft()
        return True

    def failed(self, spoken: SpokenSegment) -> bool:
        """``spoken`` could not be translated; after ``TRIES`` it holds up the others no longer. False as above."""
        if not self._is_first(spoken):
            return False
        self._owed[0].tries += 1
        if self._owed[0].tries >= TRIES:
            self._owed.popleft()
        return True

    def _is_first(self, spoken: SpokenSegment) -> bool:
        return bool(self._owed) and self._owed[0].spoken is spoken


class Backlogs:
    """Of one room. They outlive booths: a speaker who mutes for a while still owes a translation."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, Language], Backlog] = {}

    def of(self, speaker: str, language: Language, *, most: int) -> Backlog:
        return self._of.setdefault((speaker, language), Backlog(most))

    def forget(self, speaker: str) -> None:
        """Nothing of what this speaker said is translated any more, in any language."""
        self._of = {key: backlog for key, backlog in self._of.items() if key[0] != speaker}
