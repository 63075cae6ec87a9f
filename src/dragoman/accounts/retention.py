"""Remove what has been kept long enough. A daily job; the limits stand in ``Keeps``, and in words in data_map.py.

Rows go in small parts, each in its own transaction: nobody waits for long, and a sweep that is broken off is simply
gone on with the next day.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, CursorResult, Delete, Update, and_, delete, func, or_, select, tuple_, update

from dragoman.accounts.enforcement import Enforcement
from dragoman.accounts.errors import AccountNotFound
from dragoman.ground.jobs import JobData, JobState
from dragoman.jobs.work import Work
from dragoman.store import tables
from dragoman.store.database import Database, utc_now

RETENTION = "retention"
"""The kind of job."""
DEADLINE_S = 3600.0
PART = 500
"""Rows of one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeps:
    """How long things are kept after they are over."""

    sessions: timedelta = timedelta(days=7)
    """After they expired or were ended: a thief's token is still known as one."""
    invitations: timedelta = timedelta(days=7)
    answers: timedelta = timedelta(hours=24)
    deliveries: timedelta = timedelta(days=7)
    addresses: timedelta = timedelta(days=7)
    audit: timedelta = timedelta(days=365)
    jobs: timedelta = timedelta(days=7)
    exports: timedelta = timedelta(days=7)
    parked: timedelta = timedelta(days=90)
    """Jobs that were given up: somebody may release them."""


HistoryDays = Callable[[str], Awaitable[int | None]]
"""How many days of calls an account may look back on, by its id; None for all."""


def history_days(enforcement: Enforcement) -> HistoryDays:
    """Ask the plan of each account."""

    async def days(user_id: str) -> int | None:
        try:
            return (await enforcement.limits_of(user_id)).history_days
        except AccountNotFound:  # erased a moment ago: nothing of theirs is left to sweep
            return None

    return days


class Retention:
    """Sweeps the tables and the folder of exports."""

    def __init__(
        self,
        database: Database,
        *,
        exports: Path,
        history: HistoryDays,
        keeps: Keeps | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._exports = exports
        self._history = history
        self._keeps = keeps or Keeps()
        self._clock = clock

    async def sweep(self, work: Work) -> JobData:
        """Do a job of the kind ``RETENTION``: ``Handler``. Gives how many rows and files went."""
        now, removed = self._clock(), dict[str, int]()
        rules = list(self._rules(now))
        for number, (table, is_old) in enumerate(rules):
            removed[table.__tablename__] = await self._delete(table, is_old)
            work.report(0.6 * number / len(rules))
        removed["calls"] = await self._sweep_calls(now)
        work.report(0.8)
        removed["addresses"] = await self._forget_addresses(now)
        removed["exports"] = await asyncio.to_thread(self._sweep_exports, now)
        return {name: number for name, number in removed.items() if number}

    def _rules(self, now: datetime) -> Iterator[tuple[type[tables.Table], ColumnElement[bool]]]:
        keeps, session, invitation, job = self._keeps, tables.SignedIn, tables.Invitation, tables.Job
        ended = now - keeps.sessions
        yield session, or_(session.expires_at < ended, session.revoked_at < ended)
        taken = now - keeps.invitations
        yield invitation, or_(invitation.expires_at < taken, invitation.used_at < taken)
        yield tables.AnsweredRequest, tables.AnsweredRequest.created_at < now - keeps.answers
        yield tables.WebhookDelivery, tables.WebhookDelivery.created_at < now - keeps.deliveries
        yield tables.AuditEntry, tables.AuditEntry.at < now - keeps.audit
        over = (JobState.DONE, JobState.FAILED)
        yield (
            job,
            or_(
                and_(job.state.in_(over), job.finished_at < now - keeps.jobs),
                and_(job.state == JobState.PARKED, job.finished_at < now - keeps.parked),
            ),
        )

    async def _sweep_calls(self, now: datetime) -> int:
        """Remove calls that are older than their owner may look back."""
        removed = 0
        async with self._database.reading() as session:
            ended = tables.CallRun.ended_at.is_not(None)
            query = select(tables.CallRun.owner_id, func.min(tables.CallRun.ended_at)).where(ended)
            owners = list(await session.execute(query.group_by(tables.CallRun.owner_id)))
        for owner_id, oldest in owners:
            days = None if owner_id is None else await self._history(owner_id)
            # Not ``now - timedelta(days=days)``: a million days ago there was no year.
            if days is not None and oldest is not None and now - oldest > timedelta(days=days):
                too_old = tables.CallRun.ended_at < now - timedelta(days=days)
                removed += await self._delete(tables.CallRun, and_(tables.CallRun.owner_id == owner_id, too_old))
        return removed

    async def _forget_addresses(self, now: datetime) -> int:
        before, session, entry = now - self._keeps.addresses, tables.SignedIn, tables.AuditEntry
        forgotten = await self._forget(session, and_(session.used_at < before, session.address != ""))
        return forgotten + await self._forget(entry, and_(entry.at < before, entry.address != ""))

    async def _delete(self, table: type[tables.Table], is_old: ColumnElement[bool]) -> int:
        return await self._in_parts(delete(table), table, is_old)

    async def _forget(self, table: type[tables.Table], is_old: ColumnElement[bool]) -> int:
        return await self._in_parts(update(table).values(address=""), table, is_old)

    async def _in_parts(self, change: Delete | Update, table: type[tables.Table], is_old: ColumnElement[bool]) -> int:
        """Change the rows of ``table`` that are old, some at a time; give how many they were."""
        keys = tuple(table.__table__.primary_key)
        old = select(*keys).where(is_old).limit(PART)
        part = change.where(tuple_(*keys).in_(old)).execution_options(synchronize_session=False)
        changed = 0
        while True:
            async with self._database.writing() as session:
                done = await session.execute(part)
                rows = done.rowcount if isinstance(done, CursorResult) else 0
            changed += rows
            if rows < PART:
                return changed

    def _sweep_exports(self, now: datetime) -> int:
        """Remove exports that are too old, by the date of their file."""
        before, removed = (now - self._keeps.exports).timestamp(), 0
        for file in self._exports.glob("*.zip"):
            if file.stat().st_mtime < before:
                file.unlink(missing_ok=True)
                removed += 1
        return removed
