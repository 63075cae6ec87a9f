"""Calls as they were held: when, of whom, how many people. From tables.py; to accounts/enforcement.py and figures.py.

A row without an end is a call that goes on; that is how those of one owner are counted.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.store.tables import CallRun


async def call_in(session: AsyncSession, room_id: str) -> CallRun | None:
    """Give the call that goes on in a room."""
    found = await session.execute(
        select(CallRun).where(CallRun.room_id == room_id, CallRun.ended_at.is_(None)).order_by(CallRun.started_at)
    )
    return found.scalars().first()


async def count_open(session: AsyncSession, owner_id: str) -> int:
    """Count the calls of an owner that go on."""
    open_calls = select(func.count()).where(CallRun.owner_id == owner_id, CallRun.ended_at.is_(None))
    return (await session.execute(open_calls)).scalar_one()


def start_call(
    session: AsyncSession, *, room_id: str, owner_id: str | None, team_id: str | None, at: datetime
) -> CallRun:
    run = CallRun(room_id=room_id, owner_id=owner_id, team_id=team_id, started_at=at)
    session.add(run)
    return run


async def end_calls(session: AsyncSession, room_id: str, *, at: datetime) -> Sequence[CallRun]:
    """End what goes on in a room; gives the calls that were."""
    found = await session.execute(select(CallRun).where(CallRun.room_id == room_id, CallRun.ended_at.is_(None)))
    return _end(found.scalars().all(), at=at)


async def end_forgotten(
    session: AsyncSession, *, live: Collection[str], started_before: datetime, at: datetime
) -> Sequence[CallRun]:
    """End the calls of rooms that are not ``live``, which a stopped process left open; gives the calls.

    Younger ones are spared: theirs may be on the way in.
    """
    found = await session.execute(
        select(CallRun).where(CallRun.ended_at.is_(None), CallRun.started_at < started_before)
    )
    forgotten = [run for run in found.scalars() if run.room_id not in live]
    return _end(forgotten, at=at)


async def count_people(session: AsyncSession, room_id: str, people: int) -> None:
    """Remember the most people that were in the call that goes on in a room."""
    run = await call_in(session, room_id)
    if run is not None and people > run.most_people:
        run.most_people = people


async def held_by_team(session: AsyncSession, team_id: str, *, since: datetime) -> Sequence[CallRun]:
    """Give the calls in rooms of a team that began at ``since`` or later."""
    found = await session.execute(select(CallRun).where(CallRun.team_id == team_id, CallRun.started_at >= since))
    return found.scalars().all()


def _end(runs: Sequence[CallRun], *, at: datetime) -> Sequence[CallRun]:
    for run in runs:
        run.ended_at = max(at, run.started_at)
    return runs
