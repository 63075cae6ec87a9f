"""How well a room is served right now: the worst its people have been told of. From continued_room.py; to its lease."""

from dataclasses import dataclass

from dragoman.ground.languages import Language
from dragoman.ground.rooms import Notice, NoticeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Level of the ladder (``interpreting/ladder.py``) and the word for why."""

    level: int = 0
    """0 for everything, 5 for the original voice alone."""
    reason: str = ""


FULLY = Served()


class LadderView:
    """Remembers the last notice of each speaker and language that is still below everything."""

    def __init__(self) -> None:
        self._below: dict[tuple[str, Language | None], Served] = {}
        self._left: set[str] = set()
        """Who is gone, and may still be interpreted to the end."""

    def told(self, notice: Notice) -> None:
        # Where there is room for everything, this is all that says so.
        is_full = notice.kind is NoticeKind.CAPACITY and notice.level == 0
        if notice.kind is not NoticeKind.LADDER and not is_full:
            return
        if notice.speaker in self._left:
            return
        key = (notice.speaker, notice.language)
        self._below.pop(key, None)
        if notice.level > 0:
            self._below[key] = Served(level=notice.level, reason=notice.reason)

    def came(self, speaker: str) -> None:
        """Somebody is there, perhaps once more."""
        self._left.discard(speaker)

    def left(self, speaker: str) -> None:
        """Whatever they are told from now on counts no more."""
        self._left.add(speaker)
        self._below = {key: served for key, served in self._below.items() if key[0] != speaker}

    @property
    def worst(self) -> Served:
        return max(self._below.values(), key=lambda it: it.level, default=FULLY)
