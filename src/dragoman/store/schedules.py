"""Rows of planned meetings. From tables.py; to meetings/planned_meetings.py, which knows the rules."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.store.paging import newest_first
from dragoman.store.tables import Schedule

Place = tuple[datetime, str]
"""In a list: a moment and an id."""


async def lock_all(session: AsyncSession) -> None:
    """Let nobody else plan until the transaction ends: slots are counted over all rooms."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("LOCK TABLE schedules IN SHARE ROW EXCLUSIVE MODE"))


async def add(session: AsyncSession, schedule: Schedule) -> Schedule:
    session.add(schedule)
    await session.flush()
    return schedule


async def find(session: AsyncSession, room_id: str, schedule_id: str) -> Schedule | None:
    """Give a meeting of this room."""
    found = await session.get(Schedule, schedule_id, populate_existing=True)
    return found if found is not None and found.room_id == room_id else None


async def of_room(session: AsyncSession, room_id: str, *, before: Place | None, limit: int) -> Sequence[Schedule]:
    query = select(Schedule).where(Schedule.room_id == room_id)
    ordered = newest_first(query, Schedule.created_at, Schedule.id, before=before, limit=limit)
    return (await session.scalars(ordered)).all()


async def of_rooms(session: AsyncSession, room_ids: Collection[str], *, since: date) -> Sequence[Schedule]:
    """List the meetings of these rooms that are not over before ``since``."""
    query = select(Schedule).where(Schedule.room_id.in_(room_ids), _not_over(since))
    return (await session.scalars(query.order_by(Schedule.created_at, Schedule.id))).all()


async def reserving(session: AsyncSession, *, since: date) -> Sequence[Schedule]:
    """List the meetings of all rooms that reserve speakers and are not over before ``since``."""
    return (await session.scalars(select(Schedule).where(Schedule.slots > 0, _not_over(since)))).all()


async def count_of_room(session: AsyncSession, room_id: str) -> int:
    return await session.scalar(select(func.count()).where(Schedule.room_id == room_id)) or 0


def _not_over(since: date) -> ColumnElement[bool]:
    day = since.isoformat()
    return or_(
        and_(Schedule.weekly_until.is_(None), Schedule.starts_local >= day),
        Schedule.weekly_until >= day,
    )
