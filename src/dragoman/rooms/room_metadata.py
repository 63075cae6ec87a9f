"""What everybody in a call may know of it, as LiveKit's room metadata.

Set by the API alone, yet read here as if anybody could. From meetings/meeting.py; to livekit_room.py and the page.
"""

import json
from datetime import UTC, datetime


def write_metadata(*, interpretation: bool, ends_at: datetime | None = None) -> str:
    """Write JSON: ``interpretation``, and ``ends_at`` (RFC 3339) once people are to know that the call ends soon."""
    said: dict[str, str | bool] = {"interpretation": interpretation}
    if ends_at is not None:
        said["ends_at"] = ends_at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return json.dumps(said)


def is_interpreted(metadata: str) -> bool:
    """Say whether interpretation is on: a host must have switched it off expressly for it to be off."""
    try:
        said = json.loads(metadata) if metadata else {}
    except (ValueError, RecursionError):
        return True
    return not (isinstance(said, dict) and said.get("interpretation") is False)
