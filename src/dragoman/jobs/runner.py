"""Does jobs, one after the other, in this process. From ``ground/jobs.py`` and ``work.py``; to the API and commands.

It looks for work when somebody queues some here, and every ``poll_s`` for what other processes queued or left behind.
While it works it keeps the lease; once the lease is lost the work is broken off, and nothing of it counts.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import structlog

from dragoman.ground.errors import DragomanError, InputError
from dragoman.ground.jobs import Job, JobData, JobLost, JobQueue
from dragoman.jobs.work import JobKind, Work

log = structlog.get_logger()

POLL_S = 5.0
ENDS_WITHIN_S = 3.0
"""For the queue to take a job back when the runner ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ending:
    """Of one attempt: ``result`` if it worked."""

    outcome: str
    result: JobData | None = None
    error: str = ""
    again: bool = True


class JobRunner:
    """Runs jobs of ``kinds`` until it is cancelled; ``at_once`` of them side by side."""

    def __init__(
        self,
        queue: JobQueue,
        kinds: Mapping[str, JobKind],
        *,
        poll_s: float = POLL_S,
        at_once: int = 1,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._queue = queue
        self._kinds = dict(kinds)
        self._poll_s = poll_s
        self._at_once = at_once
        self._monotonic = monotonic
        self._woken = asyncio.Event()
        self.name = secrets.token_hex(8)
        """Of this runner alone: a job says by it who holds it."""
        queue.listen(self.wake)

    def wake(self) -> None:
        """Look for work now."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled. What is under way then goes back into the queue."""
        async with asyncio.TaskGroup() as tasks:
            for number in range(self._at_once):
                tasks.create_task(self._work_on(), name=f"jobs {number}")

    async def run_one(self) -> bool:
        """Do the next job there is; False if there is none. Raises ``StoreError`` where the queue is away."""
        name = f"{self.name}-{secrets.token_hex(4)}"
        job = await self._queue.claim(name, kinds=tuple(self._kinds))
        if job is None:
            return False
        await self._do(job)
        return True

    async def _work_on(self) -> None:
        away = False
        while True:
            self._woken.clear()
            worked = False
            try:
                worked = await self.run_one()
                away = False
            except DragomanError as error:
                if not away:  # once, not at every look
                    log.warning("job_queue_away", code=error.code)
                away = True
            except Exception:  # the top of a task: the runner outlives whatever one job does
                log.exception("job_runner_failed")
            if not worked:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._poll_s):
                        await self._woken.wait()

    async def _do(self, job: Job) -> None:
        log.info("job_begun", job=job.id, kind=job.kind, attempt=job.attempts)
        try:
            ending = await self._attempt(job, self._kinds[job.kind])
        except asyncio.CancelledError:
            await self._give_back(job)
            raise
        except JobLost:
            log.warning("job_lost", job=job.id, kind=job.kind)
            return
        telling = asyncio.create_task(self._tell(job, ending), name=f"end of {job.id}")
        try:
            await asyncio.shield(telling)
        except asyncio.CancelledError:  # it is done: the queue is to know, or it would be done again
            await asyncio.wait([telling], timeout=ENDS_WITHIN_S)
            telling.cancel()
            raise

    async def _attempt(self, job: Job, kind: JobKind) -> _Ending:
        try:
            return _Ending(outcome="done", result=await self._held(job, kind))
        except JobLost:
            raise
        except InputError as error:
            return _Ending(outcome=error.code, error=str(error), again=False)
        except DragomanError as error:
            return _Ending(outcome=error.code, error=str(error))
        except TimeoutError:
            return _Ending(outcome="late", error=f"not done within {kind.deadline_s:.0f} s")
        except Exception as error:  # the top of a task: one job's defect is that job's
            log.exception("job_failed", job=job.id, kind=job.kind)
            return _Ending(outcome="defect", error=f"a defect ({type(error).__name__}); the server's log has its trace")

    async def _held(self, job: Job, kind: JobKind) -> JobData:
        """Run the handler while the lease holds. Raises ``JobLost`` once it does not, ``TimeoutError`` if late."""
        work = Work(job)
        held_at_s = self._monotonic()
        async with asyncio.timeout(kind.deadline_s):
            working = asyncio.ensure_future(kind.run(work))
            keeping = asyncio.create_task(self._keep(work, held_at_s=held_at_s), name=f"lease of {job.id}")
            try:
                await asyncio.wait([working, keeping], return_when=asyncio.FIRST_COMPLETED)
                if not working.done():
                    raise JobLost(f"the lease of {job.id} is lost")
                return working.result()
            finally:
                working.cancel()
                keeping.cancel()
                await asyncio.gather(working, keeping, return_exceptions=True)

    async def _keep(self, work: Work, *, held_at_s: float) -> None:
        """Keep the lease until cancelled; return once it is lost, or may be for all we know."""
        lease_s = self._queue.lease_s
        while True:
            await asyncio.sleep(lease_s / 3)
            at_s = self._monotonic()
            try:
                async with asyncio.timeout(lease_s / 3):
                    await self._queue.heartbeat(work.job, progress=work.progress)
                held_at_s = at_s
            except JobLost:
                return
            except (DragomanError, TimeoutError):
                if self._monotonic() + lease_s / 3 - held_at_s >= lease_s:
                    return

    async def _tell(self, job: Job, ending: _Ending) -> None:
        """Tell the queue how it ended, for as long as the lease can hold: a database that is away may come back."""
        deadline_s = self._monotonic() + self._queue.lease_s
        while True:
            try:
                if ending.result is not None:
                    await self._queue.finish(job, ending.result)
                else:
                    await self._queue.fail(job, ending.error, again=ending.again)
            except JobLost:
                log.warning("job_lost", job=job.id, kind=job.kind)
            except DragomanError:
                if self._monotonic() >= deadline_s:
                    raise
                await asyncio.sleep(self._queue.lease_s / 30)
                continue
            else:
                log.info("job_ended", job=job.id, kind=job.kind, outcome=ending.outcome)
            return

    async def _give_back(self, job: Job) -> None:
        with suppress(DragomanError, TimeoutError):
            async with asyncio.timeout(ENDS_WITHIN_S):
                await self._queue.give_back(job)
