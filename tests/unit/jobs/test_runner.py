"""The runner over a queue in memory, in virtual time: a lease of thirty seconds takes milliseconds."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

from dragoman.ground.errors import InputError, StoreUnavailable
from dragoman.ground.jobs import Job, JobData, JobState
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.jobs.runner import JobRunner
from dragoman.jobs.work import Handler, JobKind, Work
from dragoman.testing.jobs import FakeJobs

LEASE_S = 30.0


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def _today() -> datetime:
    return datetime(2026, 11, 22, tzinfo=UTC) + timedelta(seconds=_now_s())


def _queue() -> FakeJobs:
    return FakeJobs(lease_s=LEASE_S, clock=_today, monotonic=_now_s)


def _runner(queue: FakeJobs, handler: Handler, *, deadline_s: float = 3600.0, at_once: int = 1) -> JobRunner:
    return JobRunner(queue, {"sweep": JobKind(run=handler, deadline_s=deadline_s)}, monotonic=_now_s, at_once=at_once)


@asynccontextmanager
async def _at_work(*runners: JobRunner) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(runner.run()) for runner in runners]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _until(queue: FakeJobs, job: Job, wanted: Callable[[Job], bool]) -> Job:
    async with asyncio.timeout(24 * 3600):
        while True:
            found = await queue.job(job.id)
            assert found is not None
            if wanted(found):
                return found
            await asyncio.sleep(0.1)


async def _over(queue: FakeJobs, job: Job) -> Job:
    return await _until(queue, job, lambda it: it.state.is_over)


async def _count(work: Work) -> JobData:
    return {"attempt": work.job.attempts}


def test_a_job_is_done_and_its_result_kept() -> None:
    async def main() -> Job:
        queue = _queue()
        async with _at_work(_runner(queue, _count)):
            return await _over(queue, await queue.enqueue("sweep", {}))

    done = run_in_virtual_time(main)

    assert (done.state, done.result) == (JobState.DONE, {"attempt": 1})


def test_queued_work_is_begun_at_once_and_not_at_the_next_look() -> None:
    async def main() -> float:
        queue = _queue()
        async with _at_work(_runner(queue, _count)):
            await asyncio.sleep(1.0)
            began_s = _now_s()
            await _over(queue, await queue.enqueue("sweep", {}))
            return _now_s() - began_s

    assert run_in_virtual_time(main) < 1.0


def test_a_runner_does_one_job_at_a_time_or_as_many_as_it_is_told() -> None:
    async def most(at_once: int) -> int:
        queue, running, seen = _queue(), 0, 0

        async def hold(_: Work) -> JobData:
            nonlocal running, seen
            running += 1
            seen = max(seen, running)
            await asyncio.sleep(1.0)
            running -= 1
            return {}

        jobs = [await queue.enqueue("sweep", {}) for _ in range(4)]
        async with _at_work(_runner(queue, hold, at_once=at_once)):
            for job in jobs:
                await _over(queue, job)
        return seen

    assert run_in_virtual_time(lambda: most(1)) == 1
    assert run_in_virtual_time(lambda: most(3)) == 3


def test_a_long_job_keeps_its_lease_and_tells_its_progress() -> None:
    began: list[str] = []

    async def long(work: Work) -> JobData:
        began.append(work.job.id)
        work.report(0.25)
        await asyncio.sleep(10 * LEASE_S)
        return {}

    async def main() -> tuple[Job, Job]:
        queue = _queue()
        async with _at_work(_runner(queue, long), _runner(queue, long)):
            job = await queue.enqueue("sweep", {})
            half_way = await _until(queue, job, lambda it: it.progress > 0)
            return half_way, await _over(queue, job)

    half_way, done = run_in_virtual_time(main)

    assert (half_way.state, half_way.progress) == (JobState.RUNNING, 0.25)
    assert (done.state, done.attempts, len(began)) == (JobState.DONE, 1, 1)


class _Stolen(FakeJobs):
    """A queue that gives a job to somebody else once it is told to."""

    stolen = False

    async def heartbeat(self, claimed: Job, *, progress: float | None = None) -> None:
        if self.stolen:
            self._change(self._entries[claimed.id], runner="thief", attempts=claimed.attempts + 1)
        await super().heartbeat(claimed, progress=progress)


class _Away(FakeJobs):
    """A queue whose database goes away."""

    away = False

    async def heartbeat(self, claimed: Job, *, progress: float | None = None) -> None:
        self._answer()
        await super().heartbeat(claimed, progress=progress)

    async def finish(self, claimed: Job, result: JobData) -> None:
        self._answer()
        await super().finish(claimed, result)

    async def claim(self, runner: str, *, kinds: object) -> Job | None:
        self._answer()
        return await super().claim(runner, kinds=("sweep",))

    def _answer(self) -> None:
        if self.away:
            raise StoreUnavailable("away")


def test_a_lost_lease_breaks_the_work_off_and_its_result_is_dropped() -> None:
    ended: list[str] = []

    async def endless(_: Work) -> JobData:
        try:
            await asyncio.sleep(100 * LEASE_S)
        finally:
            ended.append("broken off")
        return {"mine": True}

    async def main() -> Job:
        queue = _Stolen(lease_s=LEASE_S, clock=_today, monotonic=_now_s)
        job = await queue.enqueue("sweep", {})
        queue.stolen = True
        async with _at_work(_runner(queue, endless)):
            await asyncio.sleep(LEASE_S)
            found = await queue.job(job.id)
            assert found is not None
            assert ended == ["broken off"]
            return found

    kept = run_in_virtual_time(main)

    assert (kept.runner, kept.state, kept.result) == ("thief", JobState.RUNNING, None)


def test_a_runner_that_cannot_say_it_lives_gives_up_before_others_may_take_over() -> None:
    async def main() -> float:
        queue = _Away(lease_s=LEASE_S, clock=_today, monotonic=_now_s)
        await queue.enqueue("sweep", {})
        ended_s: list[float] = []

        async def endless(_: Work) -> JobData:
            try:
                await asyncio.sleep(100 * LEASE_S)
            finally:
                ended_s.append(_now_s())
            return {}

        began_s = _now_s()
        async with _at_work(_runner(queue, endless)):
            await asyncio.sleep(0.1)
            queue.away = True
            await asyncio.sleep(2 * LEASE_S)
        return ended_s[0] - began_s

    assert run_in_virtual_time(main) < LEASE_S


def test_a_database_away_for_a_moment_loses_no_result() -> None:
    async def main() -> Job:
        queue = _Away(lease_s=LEASE_S, clock=_today, monotonic=_now_s)

        async def short(work: Work) -> JobData:
            queue.away = True
            asyncio.get_running_loop().call_later(LEASE_S / 2, setattr, queue, "away", False)
            return await _count(work)

        async with _at_work(_runner(queue, short)):
            return await _over(queue, await queue.enqueue("sweep", {}))

    assert run_in_virtual_time(main).result == {"attempt": 1}


def test_a_database_away_for_long_does_not_end_the_runner() -> None:
    async def main() -> Job:
        queue = _Away(lease_s=LEASE_S, clock=_today, monotonic=_now_s)
        queue.away = True
        async with _at_work(_runner(queue, _count)):
            await asyncio.sleep(3600)
            queue.away = False
            return await _over(queue, await queue.enqueue("sweep", {}))

    assert run_in_virtual_time(main).state is JobState.DONE


def test_an_attempt_that_is_too_slow_is_ended_and_tried_again_until_parked() -> None:
    async def main() -> Job:
        queue = _queue()

        async def endless(_: Work) -> JobData:
            await asyncio.sleep(1e9)
            return {}

        async with _at_work(_runner(queue, endless, deadline_s=60.0)):
            return await _over(queue, await queue.enqueue("sweep", {}))

    parked = run_in_virtual_time(main)

    assert (parked.state, parked.attempts) == (JobState.PARKED, 3)
    assert parked.error == "not done within 60 s"


def _fails_with(error: Exception) -> Callable[[], Awaitable[Job]]:
    async def fail(_: Work) -> JobData:
        raise error

    async def main() -> Job:
        queue = _queue()
        async with _at_work(_runner(queue, fail)):
            job = await _over(queue, await queue.enqueue("sweep", {}))
            assert (await _over(queue, await queue.enqueue("sweep", {}))).state is job.state
            return job

    return main


def test_a_failure_says_why_and_the_runner_goes_on() -> None:
    async def main() -> Job:
        return await _fails_with(StoreUnavailable("the disk is away"))()

    parked = run_in_virtual_time(main)

    assert (parked.state, parked.error) == (JobState.PARKED, "the disk is away")


def test_wrong_input_is_not_tried_again() -> None:
    async def main() -> Job:
        return await _fails_with(InputError("no such user"))()

    failed = run_in_virtual_time(main)

    assert (failed.state, failed.attempts, failed.error) == (JobState.FAILED, 1, "no such user")


def test_a_defect_is_not_told_to_whoever_asks_for_the_job() -> None:
    async def main() -> Job:
        return await _fails_with(KeyError("secret of another"))()

    parked = run_in_virtual_time(main)

    assert parked.state is JobState.PARKED
    assert "secret" not in (parked.error or "")
    assert "KeyError" in (parked.error or "")


def test_a_runner_that_is_ended_gives_its_job_back() -> None:
    async def main() -> tuple[Job, Job]:
        queue = _queue()

        async def endless(_: Work) -> JobData:
            await asyncio.sleep(1e9)
            return {}

        job = await queue.enqueue("sweep", {})
        async with _at_work(_runner(queue, endless)):
            await _until(queue, job, lambda it: it.state is JobState.RUNNING)
        back = await queue.job(job.id)
        async with _at_work(_runner(queue, _count)):
            done = await _over(queue, job)
        assert back is not None
        return back, done

    back, done = run_in_virtual_time(main)

    assert (back.state, back.attempts) == (JobState.QUEUED, 0)
    assert done.result == {"attempt": 1}


def test_work_that_is_done_when_the_runner_is_ended_is_not_done_again() -> None:
    class Slow(FakeJobs):
        async def finish(self, claimed: Job, result: JobData) -> None:
            await asyncio.sleep(1.0)
            await super().finish(claimed, result)

    async def main() -> Job:
        queue = Slow(lease_s=LEASE_S, clock=_today, monotonic=_now_s)
        job = await queue.enqueue("sweep", {})
        async with _at_work(_runner(queue, _count)):
            await asyncio.sleep(0.5)
        found = await queue.job(job.id)
        assert found is not None
        return found

    assert run_in_virtual_time(main).state is JobState.DONE


def test_a_command_does_one_job_and_no_more() -> None:
    async def main() -> Mapping[str, bool]:
        queue = _queue()
        runner = _runner(queue, _count)
        await queue.enqueue("sweep", {})
        with suppress(TimeoutError):
            return {"first": await runner.run_one(), "second": await runner.run_one()}
        return {}

    assert run_in_virtual_time(main) == {"first": True, "second": False}
