"""Tells the webhooks of a team that planned meetings are off. From planned_meetings.py and lasting_rooms.py."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.ground.webhooks import TeamEvent
from dragoman.meetings.stored_time import time_of
from dragoman.store import schedules, webhooks
from dragoman.store.tables import LastingRoom

_A_DAY = timedelta(days=1)
"""It may still be the day before, somewhere."""


async def announce_cancelled(session: AsyncSession, room: LastingRoom, meeting_id: str, *, at: datetime) -> None:
    await webhooks.announce(
        session,
        team_id=room.team_id,
        event=TeamEvent.ROOM_UNSCHEDULED,
        at=at,
        ids={"room": room.id, "meeting": meeting_id},
    )


async def announce_all_cancelled(session: AsyncSession, room: LastingRoom, *, at: datetime) -> None:
    """Tell it of whatever is planned in a room and not over."""
    for row in await schedules.of_rooms(session, [room.id], since=at.date() - _A_DAY):
        if time_of(row).next_after(at) is not None:
            await announce_cancelled(session, room, row.id, at=at)
