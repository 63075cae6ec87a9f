"""What a host decided for a whole call: is it interpreted, does anybody new come in, who may not come back. Plain.

From meeting.py. It stands in the room's metadata at the media server, so that an API which is replaced in the middle
of the call knows it again. Whom a host put out stands there as a mark, a hash of room and identity.
"""

import hashlib
from datetime import datetime

from dragoman.rooms.room_metadata import MOST_REMOVED, read_metadata, write_metadata


class HostDecisions:
    """Of one call. With ``recalled`` an earlier API may have been told something that is not known here yet."""

    def __init__(self, room_id: str, *, interpretation: bool = True, recalled: bool = False) -> None:
        self._room_id = room_id
        self._interpretation = None if recalled else interpretation
        self._locked = None if recalled else False
        self._removed: dict[str, None] = {}
        """Marks, the last one at the end."""
        self.known = not recalled
        """Nothing of before is missing."""

    @property
    def interpretation(self) -> bool:
        return self._interpretation is not False

    @interpretation.setter
    def interpretation(self, on: bool) -> None:
        self._interpretation = on

    @property
    def locked(self) -> bool:
        return self._locked is True

    @locked.setter
    def locked(self, locked: bool) -> None:
        self._locked = locked

    def remove(self, identity: str) -> None:
        """Remember that somebody was put out; beyond ``MOST_REMOVED`` the first are forgotten."""
        mark = self._mark(identity)
        self._removed.pop(mark, None)
        self._removed[mark] = None
        self._forget_oldest()

    def was_removed(self, identity: str) -> bool:
        return bool(self._removed) and self._mark(identity) in self._removed

    def recall(self, metadata: str) -> None:
        """Take what the media server knows; what was decided here since then counts."""
        if self.known:
            return
        decided = read_metadata(metadata)
        if self._interpretation is None:
            self._interpretation = decided.interpretation
        if self._locked is None:
            self._locked = decided.locked
        self._removed = dict.fromkeys(decided.removed) | self._removed
        self._forget_oldest()
        self.known = True

    def metadata(self, *, ends_at: datetime | None) -> str:
        """Write what everybody in the call may know; empty while not everything is known here."""
        if not self.known:
            return ""
        return write_metadata(
            interpretation=self.interpretation, ends_at=ends_at, locked=self.locked, removed=self._removed
        )

    def _mark(self, identity: str) -> str:
        return hashlib.sha256(f"{self._room_id} {identity}".encode()).hexdigest()[:16]

    def _forget_oldest(self) -> None:
        while len(self._removed) > MOST_REMOVED:
            del self._removed[next(iter(self._removed))]
