"""Calls as they were held: when, of whom, how many people. From tables.py; to accounts/enforcement.py and figures.py.

A row without an end is a call that goes on; that is how those of one owner are counted.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.store.tables import CallRun


class HeldCall(NamedTuple):
    """What figures need of a call. A team may have held many thousands, so this is no object that a session follows."""

    owner_id: str | None
    started_at: datetime
    ended_at: datetime | None
    most_people: int


async def call_in(session: AsyncSession, room_id: str, *, lock: bool = False) -> CallRun | None:
    """Give the call that goes on in a room; with ``lock`` nobody else ends it until the transaction does."""
    query = select(CallRun).where(CallRun.room_id == room_id, CallRun.ended_at.is_(None)).order_by(CallRun.started_at)
    found = await session.execute(query.with_for_update() if lock else query)
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
    session: AsyncSession, *, live: Callable[[], Collection[str]], spared: timedelta, at: datetime
) -> Sequence[CallRun]:
    """End the calls of rooms that are not ``live``, which a stopped process left open; gives the calls.

    Those that began within ``spared`` of ``at`` stay: their people may be on the way in. One that begins later than
    that was begun before the clock was set back. ``live`` is asked when nobody else can take up a call that is found.
    """
    not_young = or_(CallRun.started_at < at - spared, CallRun.started_at > at + spared)
    found = await session.execute(select(CallRun).where(CallRun.ended_at.is_(None), not_young).with_for_update())
    runs, known = found.scalars().all(), set(live())
    return _end([run for run in runs if run.room_id not in known], at=at)


async def count_people(session: AsyncSession, room_id: str, people: int) -> None:
    """Remember the most people that were in the call that goes on in a room."""
    run = await call_in(session, room_id)
    if run is not None and people > run.most_people:
        run.most_people = people


async def held_by_team(session: AsyncSession, team_id: str, *, since: datetime) -> Sequence[HeldCall]:
    """Give the calls in rooms of a team that began at ``since`` or later."""
    columns = (CallRun.owner_id, CallRun.started_at, CallRun.ended_at, CallRun.most_people)
    found = await session.execute(select(*columns).where(CallRun.team_id == team_id, CallRun.started_at >= since))
    return [HeldCall(*row) for row in found]


def _end(runs: Sequence[CallRun], *, at: datetime) -> Sequence[CallRun]:
    for run in runs:
        run.ended_at = max(at, run.started_at)
    return runs
