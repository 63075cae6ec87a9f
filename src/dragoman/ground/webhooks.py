"""What a team's webhooks are told of. To store/webhooks.py, which queues it, and the API."""

from enum import StrEnum


class TeamEvent(StrEnum):
    """Something that happened in a team."""

    ROOM_OPENED = "room.opened"
    """A call has begun in a room of the team."""
    ROOM_ENDED = "room.ended"
    ROOM_SCHEDULED = "room.scheduled"
    """A meeting was entered, or moved."""
    ROOM_UNSCHEDULED = "room.unscheduled"
    """A meeting was cancelled, or its room deleted."""
    MEMBER_JOINED = "member.joined"
    MEMBER_LEFT = "member.left"


TEST_EVENT = "webhook.test"
"""Sent to one webhook because somebody asked for it."""
DELIVER = "webhook.deliver"
"""The kind of job that makes one try."""
