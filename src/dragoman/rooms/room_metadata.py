"""What everybody in a call may know of it, as LiveKit's room metadata; it outlives an API that is replaced in the call.

Set by the API alone, yet read here as if anybody could. From meetings/host_decisions.py; to livekit_room.py and the
page.
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

MOST_REMOVED = 500
"""People put out whom a call remembers, the last ones: 10 KB of the 64 000 bytes that LiveKit takes."""
_MARK = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a host decided for the whole call."""

    interpretation: bool = True
    """They must have switched it off expressly for it to be off."""
    locked: bool = False
    """Nobody new comes in."""
    removed: tuple[str, ...] = ()
    """Marks of whom they put out, the last one at the end: they say nobody's name and identity."""


def write_metadata(
    *, interpretation: bool, ends_at: datetime | None = None, locked: bool = False, removed: Collection[str] = ()
) -> str:
    """Write JSON: ``interpretation``, and ``ends_at`` (RFC 3339) once people are to know that the call ends soon.

    ``locked`` and ``removed`` stand there where there is something to say.
    """
    said: dict[str, str | bool | list[str]] = {"interpretation": interpretation}
    if ends_at is not None:
        said["ends_at"] = ends_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if locked:
        said["locked"] = True
    if removed:
        said["removed"] = list(removed)[-MOST_REMOVED:]
    return json.dumps(said)


def read_metadata(metadata: str) -> Decided:
    """Read what ``write_metadata`` wrote; whatever else stands there was decided by no host."""
    try:
        said = json.loads(metadata) if metadata else {}
    except (ValueError, RecursionError):
        return Decided()
    if not isinstance(said, dict):
        return Decided()
    removed = said.get("removed")
    marks = [it for it in removed if isinstance(it, str) and _MARK.fullmatch(it)] if isinstance(removed, list) else []
    return Decided(
        interpretation=said.get("interpretation") is not False,
        locked=said.get("locked") is True,
        removed=tuple(marks[-MOST_REMOVED:]),
    )


def is_interpreted(metadata: str) -> bool:
    """Say whether interpretation is on."""
    return read_metadata(metadata).interpretation
