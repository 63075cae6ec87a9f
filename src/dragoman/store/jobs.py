"""The queue of jobs in the database. From ``ground/jobs.py``, which promises; to ``jobs/runner.py``.

Every change of a job under way is one ``UPDATE ... WHERE`` it is still held in the same attempt: whoever was late
changes no row. ``add_job`` queues in the transaction of what asks for it.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Select, Update, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.ground.jobs import (
    LEASE_S,
    MAX_ATTEMPTS,
    MAX_DELAY_S,
    Job,
    JobData,
    JobLost,
    JobState,
    retry_after_s,
    shorten,
)
from dragoman.ground.leases import LeaseWatch
from dragoman.store import tables
from dragoman.store.columns import new_id
from dragoman.store.database import Database, utc_now
from dragoman.store.paging import newest_first

_ROW = tables.Job
_MAX_RUNNING = 100
"""Jobs under way that are looked at for a dead runner at once."""


async def add_job(
    session: AsyncSession,
    kind: str,
    payload: JobData,
    *,
    at: datetime,
    key: str | None = None,
    owner_id: str | None = None,
    priority: int = 0,
    delay_s: float = 0.0,
) -> Job:
    """Queue a job with whatever else the transaction changes, or give the one that ``key`` made before.

    Nobody is woken: call ``StoredJobs.wake`` once the transaction is kept.
    """
    if not 0 <= delay_s <= MAX_DELAY_S:
        raise ValueError(f"a job waits between 0 and {MAX_DELAY_S:.0f} s for its turn")
    row = _ROW(
        id=new_id(),
        kind=kind,
        key=key,
        owner_id=owner_id,
        payload=dict(payload),
        state=JobState.QUEUED,
        priority=priority,
        attempts=0,
        beat=0,
        progress=0.0,
        run_at=at + timedelta(seconds=delay_s),
        created_at=at,
    )
    try:
        async with session.begin_nested():
            session.add(row)
    except IntegrityError:
        before = None if key is None else await session.scalar(select(_ROW).where(_ROW.key == key))
        if before is None:
            raise
        return _read(before)
    return _read(row)


async def find_job(session: AsyncSession, job_id: str) -> Job | None:
    row = await session.get(_ROW, job_id)
    return None if row is None else _read(row)


async def active_job(session: AsyncSession, kind: str, *, owner_id: str) -> Job | None:
    """Give somebody's job of a kind that is queued or under way."""
    going_on = (JobState.QUEUED, JobState.RUNNING)
    query = select(_ROW).where(_ROW.owner_id == owner_id, _ROW.kind == kind, _ROW.state.in_(going_on)).limit(1)
    row = await session.scalar(query)
    return None if row is None else _read(row)


async def release_job(session: AsyncSession, job_id: str, *, at: datetime) -> bool:
    """Give a parked job its attempts again; False if it is not parked. ``StoredJobs.wake`` as for ``add_job``."""
    parked = update(_ROW).where(_ROW.id == job_id, _ROW.state == JobState.PARKED)
    queued = parked.values(state=JobState.QUEUED, attempts=0, run_at=at, error=None, finished_at=None)
    return await _changes(session, queued)


async def newest_jobs(session: AsyncSession, *, before: tuple[datetime, str] | None, limit: int) -> list[Job]:
    """List jobs of everybody, for the admin."""
    wanted = newest_first(select(_ROW), _ROW.created_at, _ROW.id, before=before, limit=limit)
    return [_read(row) for row in await session.scalars(wanted)]


class StoredJobs:
    """The ``JobQueue`` of a database, which any number of processes share.

    ``clock`` says when a job is due; leases go by ``monotonic``, seconds that only grow.
    """

    def __init__(
        self,
        database: Database,
        *,
        lease_s: float = LEASE_S,
        clock: Callable[[], datetime] = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._lease_s = lease_s
        self._clock = clock
        self._monotonic = monotonic
        self._leases = LeaseWatch(lease_s=lease_s)
        self._listeners: list[Callable[[], None]] = []

    @property
    def lease_s(self) -> float:
        return self._lease_s

    def listen(self, wake: Callable[[], None]) -> None:
        self._listeners.append(wake)

    def wake(self) -> None:
        """Let the runners of this process look at once."""
        for listener in self._listeners:
            listener()

    async def enqueue(
        self,
        kind: str,
        payload: JobData,
        *,
        key: str | None = None,
        owner_id: str | None = None,
        priority: int = 0,
        delay_s: float = 0.0,
    ) -> Job:
        async with self._database.writing() as session:
            job = await add_job(
                session,
                kind,
                payload,
                at=self._clock(),
                key=key,
                owner_id=owner_id,
                priority=priority,
                delay_s=delay_s,
            )
        self.wake()
        return job

    async def claim(self, runner: str, *, kinds: Sequence[str]) -> Job | None:
        if not await self._is_worth_it(kinds):
            return None
        async with self._database.writing() as session:
            return await self._take_over(session, runner, kinds) or await self._take_due(session, runner, kinds)

    async def heartbeat(self, claimed: Job, *, progress: float | None = None) -> None:
        changes: dict[str, Any] = {"beat": _ROW.beat + 1}
        if progress is not None:
            changes["progress"] = min(1.0, max(0.0, progress))
        await self._write(claimed, **changes)

    async def finish(self, claimed: Job, result: JobData) -> None:
        await self._write(
            claimed, state=JobState.DONE, result=dict(result), error=None, progress=1.0, finished_at=self._clock()
        )

    async def fail(self, claimed: Job, error: str, *, again: bool) -> JobState:
        if again and claimed.attempts < MAX_ATTEMPTS:
            run_at = self._clock() + timedelta(seconds=retry_after_s(claimed.attempts))
            await self._write(claimed, state=JobState.QUEUED, error=shorten(error), run_at=run_at)
            return JobState.QUEUED
        state = JobState.PARKED if again else JobState.FAILED
        await self._write(claimed, state=state, error=shorten(error), finished_at=self._clock())
        return state

    async def give_back(self, claimed: Job) -> None:
        await self._write(claimed, state=JobState.QUEUED, attempts=claimed.attempts - 1, run_at=self._clock())
        self.wake()

    async def release(self, job_id: str) -> bool:
        async with self._database.writing() as session:
            changed = await release_job(session, job_id, at=self._clock())
        if changed:
            self.wake()
        return changed

    async def job(self, job_id: str) -> Job | None:
        async with self._database.reading() as session:
            return await find_job(session, job_id)

    async def unfinished(self, kind: str) -> list[Job]:
        """List the jobs of a kind that are not done and have not failed for good."""
        left = (JobState.QUEUED, JobState.RUNNING, JobState.PARKED)
        async with self._database.reading() as session:
            rows = await session.scalars(select(_ROW).where(_ROW.kind == kind, _ROW.state.in_(left)))
            return [_read(row) for row in rows]

    async def of_owner(self, owner_id: str, *, kind: str) -> list[Job]:
        """List the jobs of a kind that somebody ordered."""
        async with self._database.reading() as session:
            rows = await session.scalars(select(_ROW).where(_ROW.owner_id == owner_id, _ROW.kind == kind))
            return [_read(row) for row in rows]

    async def _is_worth_it(self, kinds: Sequence[str]) -> bool:
        """Look without the right to write, which on SQLite only one has at a time."""
        async with self._database.reading() as session:
            under_way = list(await session.execute(_under_way(kinds)))
            over = [self._is_over(*row) for row in under_way]
            return any(over) or await session.scalar(self._due(kinds).limit(1)) is not None

    async def _take_over(self, session: AsyncSession, runner: str, kinds: Sequence[str]) -> Job | None:
        """Take a job whose runner is dead; park on the way what has had its attempts."""
        for job_id, holder, attempts, beat in list(await session.execute(_under_way(kinds))):
            if not self._is_over(job_id, holder, attempts, beat):
                continue
            same = update(_ROW).where(
                _ROW.id == job_id,
                _ROW.state == JobState.RUNNING,
                _ROW.runner == holder,
                _ROW.attempts == attempts,
                _ROW.beat == beat,
            )
            if attempts < MAX_ATTEMPTS:
                if await _changes(
                    session, same.values(runner=runner, attempts=attempts + 1, beat=beat + 1, progress=0.0)
                ):
                    return await find_job(session, job_id)
            else:
                error = f"whoever worked at it died, {attempts} times in a row"
                await _changes(session, same.values(state=JobState.PARKED, error=error, finished_at=self._clock()))
        return None

    async def _take_due(self, session: AsyncSession, runner: str, kinds: Sequence[str]) -> Job | None:
        by_age = self._due(kinds).group_by(_ROW.kind).order_by(func.min(_ROW.run_at))
        for kind in list(await session.scalars(by_age)):
            first = (
                self._due([kind], _ROW.id)
                .order_by(_ROW.priority.desc(), _ROW.run_at, _ROW.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            job_id = await session.scalar(first)
            queued = update(_ROW).where(_ROW.id == job_id, _ROW.state == JobState.QUEUED)
            taken = queued.values(
                state=JobState.RUNNING, runner=runner, attempts=_ROW.attempts + 1, beat=_ROW.beat + 1, progress=0.0
            )
            if job_id is not None and await _changes(session, taken):
                return await find_job(session, job_id)
        return None

    def _due(self, kinds: Sequence[str], column: Any = _ROW.kind) -> Select[str]:
        now = self._clock()
        too_far = now + timedelta(seconds=MAX_DELAY_S)
        return select(column).where(
            _ROW.state == JobState.QUEUED, _ROW.kind.in_(kinds), or_(_ROW.run_at <= now, _ROW.run_at > too_far)
        )

    def _is_over(self, job_id: str, holder: str | None, attempts: int, beat: int) -> bool:
        return self._leases.is_over(job_id, (holder, attempts, beat), at_s=self._monotonic())

    async def _write(self, claimed: Job, **changes: Any) -> None:
        held = update(_ROW).where(
            _ROW.id == claimed.id,
            _ROW.state == JobState.RUNNING,
            _ROW.runner == claimed.runner,
            _ROW.attempts == claimed.attempts,
        )
        async with self._database.writing() as session:
            if not await _changes(session, held.values(**changes)):
                raise JobLost(f"the job {claimed.id} went to somebody else; what came of it here is dropped")


def _under_way(kinds: Sequence[str]) -> Select[str, str | None, int, int]:
    return (
        select(_ROW.id, _ROW.runner, _ROW.attempts, _ROW.beat)
        .where(_ROW.state == JobState.RUNNING, _ROW.kind.in_(kinds))
        .order_by(_ROW.run_at, _ROW.id)
        .limit(_MAX_RUNNING)
    )


async def _changes(session: AsyncSession, change: Update) -> bool:
    changed = await session.execute(change.execution_options(synchronize_session=False))
    return isinstance(changed, CursorResult) and changed.rowcount == 1


def _read(row: tables.Job) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        owner_id=row.owner_id,
        payload=row.payload,
        state=JobState(row.state),
        attempts=row.attempts,
        runner=row.runner,
        progress=row.progress,
        result=row.result,
        error=row.error,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
