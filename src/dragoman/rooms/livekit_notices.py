"""The notices in force in a room, as they stand in the interpreter's attribute. A plain class; to livekit_outbox.py."""

import json
from collections.abc import Collection

from dragoman.ground.rooms import Notice, NoticeKind

MAX_NOTICES = 200
"""About 25 KB of the 64 KiB that attributes may have; the oldest goes."""


class NoticeBoard:
    """What people are told of each speaker: at most one step of the ladder; for each wish one voice, and its delay."""

    def __init__(self) -> None:
        self._notices: dict[tuple[str, str, str], Notice] = {}

    @property
    def notices(self) -> Collection[Notice]:
        return self._notices.values()

    def put(self, notice: Notice) -> None:
        """Replace what is in force about a speaker in a language; level 0 takes it away, but for a voice."""
        of_wish = notice.kind in (NoticeKind.VOICE, NoticeKind.BEHIND)
        key = (notice.speaker, notice.language or "", f"{notice.kind} {notice.wish}" if of_wish else "")
        self._notices.pop(key, None)
        if notice.kind is NoticeKind.VOICE or notice.level > 0:
            self._notices[key] = notice
        while len(self._notices) > MAX_NOTICES:
            self._notices.pop(next(iter(self._notices)))

    def forget(self, speaker: str) -> bool:
        """Take away what is said of a speaker; say whether there was anything."""
        gone = [key for key in self._notices if key[0] == speaker]
        for key in gone:
            del self._notices[key]
        return bool(gone)


def describe_notices(notices: Collection[Notice]) -> str:
    """Write notices as a JSON list for the page."""
    return json.dumps(
        [
            {
                "kind": notice.kind,
                "speaker": notice.speaker,
                "language": notice.language,
                "level": int(notice.level),
                "reason": notice.reason,
            }
            | ({} if notice.wish is None else {"wish": notice.wish})
            for notice in notices
        ]
    )
