"""The queue of jobs in memory, with the promises of ``ground/jobs.py``. For tests of whoever queues or runs."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

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


@dataclass(slots=True)
class _Entry:
    job: Job
    key: str | None
    priority: int
    run_at: datetime
    beat: int = field(default=0)


class FakeJobs:
    """``clock`` says when a job is due; leases go by ``monotonic``, seconds that only grow."""

    def __init__(
        self, *, lease_s: float = LEASE_S, clock: Callable[[], datetime], monotonic: Callable[[], float]
    ) -> None:
        self._entries: dict[str, _Entry] = {}
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
        if not 0 <= delay_s <= MAX_DELAY_S:
            raise ValueError(f"a job waits between 0 and {MAX_DELAY_S:.0f} s for its turn")
        for entry in self._entries.values():
            if key is not None and entry.key == key:
                return entry.job
        job = Job(
            id=secrets.token_urlsafe(12),
            kind=kind,
            owner_id=owner_id,
            payload=dict(payload),
            state=JobState.QUEUED,
            attempts=0,
            runner=None,
            progress=0.0,
            result=None,
            error=None,
            created_at=self._clock(),
            finished_at=None,
        )
        run_at = self._clock() + timedelta(seconds=delay_s)
        self._entries[job.id] = _Entry(job=job, key=key, priority=priority, run_at=run_at)
        self._wake()
        return job

    async def claim(self, runner: str, *, kinds: Sequence[str]) -> Job | None:
        for entry in list(self._entries.values()):
            job = entry.job
            beat = (job.runner, job.attempts, entry.beat)
            if job.state is not JobState.RUNNING or job.kind not in kinds:
                continue
            if not self._leases.is_over(job.id, beat, at_s=self._monotonic()):
                continue
            if job.attempts < MAX_ATTEMPTS:
                return self._begin(entry, runner)
            error = f"whoever worked at it died, {job.attempts} times in a row"
            self._change(entry, state=JobState.PARKED, error=error, finished_at=self._clock())
        now = self._clock()
        due = [
            entry
            for entry in self._entries.values()
            if entry.job.state is JobState.QUEUED
            and entry.job.kind in kinds
            and not now < entry.run_at <= now + timedelta(seconds=MAX_DELAY_S)
        ]
        if not due:
            return None
        kind = min(due, key=lambda entry: entry.run_at).job.kind
        ours = [entry for entry in due if entry.job.kind == kind]
        return self._begin(min(ours, key=lambda entry: (-entry.priority, entry.run_at, entry.job.id)), runner)

    async def heartbeat(self, claimed: Job, *, progress: float | None = None) -> None:
        entry = self._held(claimed)
        entry.beat += 1
        if progress is not None:
            self._change(entry, progress=min(1.0, max(0.0, progress)))

    async def finish(self, claimed: Job, result: JobData) -> None:
        entry = self._held(claimed)
        self._change(
            entry, state=JobState.DONE, result=dict(result), error=None, progress=1.0, finished_at=self._clock()
        )

    async def fail(self, claimed: Job, error: str, *, again: bool) -> JobState:
        entry = self._held(claimed)
        if again and claimed.attempts < MAX_ATTEMPTS:
            entry.run_at = self._clock() + timedelta(seconds=retry_after_s(claimed.attempts))
            self._change(entry, state=JobState.QUEUED, error=shorten(error))
        else:
            state = JobState.PARKED if again else JobState.FAILED
            self._change(entry, state=state, error=shorten(error), finished_at=self._clock())
        return entry.job.state

    async def give_back(self, claimed: Job) -> None:
        entry = self._held(claimed)
        entry.run_at = self._clock()
        self._change(entry, state=JobState.QUEUED, attempts=claimed.attempts - 1)
        self._wake()

    async def release(self, job_id: str) -> bool:
        entry = self._entries.get(job_id)
        if entry is None or entry.job.state is not JobState.PARKED:
            return False
        entry.run_at = self._clock()
        self._change(entry, state=JobState.QUEUED, attempts=0, error=None, finished_at=None)
        self._wake()
        return True

    async def job(self, job_id: str) -> Job | None:
        entry = self._entries.get(job_id)
        return None if entry is None else entry.job

    def _begin(self, entry: _Entry, runner: str) -> Job:
        entry.beat += 1
        self._change(entry, state=JobState.RUNNING, runner=runner, attempts=entry.job.attempts + 1, progress=0.0)
        return entry.job

    def _held(self, claimed: Job) -> _Entry:
        entry = self._entries[claimed.id]
        held = (entry.job.state, entry.job.runner, entry.job.attempts)
        if held != (JobState.RUNNING, claimed.runner, claimed.attempts):
            raise JobLost(f"the job {claimed.id} went to somebody else; what came of it here is dropped")
        return entry

    def _change(self, entry: _Entry, **changes: Any) -> None:
        entry.job = replace(entry.job, **changes)

    def _wake(self) -> None:
        for listener in self._listeners:
            listener()
