"""The promises of ``ground/jobs.py``, kept by every queue: in memory, in SQLite, in PostgreSQL."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from dragoman.ground.jobs import MAX_ATTEMPTS, MAX_DELAY_S, Job, JobLost, JobQueue, JobState
from dragoman.store.database import Database
from dragoman.store.jobs import StoredJobs
from dragoman.testing.jobs import FakeJobs

LEASE_S = 30.0
TWO_HOURS = timedelta(hours=2)


@dataclass
class Clocks:
    """A clock of the day, which jumps, and one that only grows."""

    day: datetime = field(default_factory=lambda: datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    grown_s: float = 1000.0

    def pass_s(self, seconds: float) -> None:
        self.day += timedelta(seconds=seconds)
        self.grown_s += seconds


@dataclass
class Shared:
    """One queue, as two processes see it."""

    clocks: Clocks
    here: JobQueue
    there: JobQueue

    async def claim(self, runner: str = "here") -> Job:
        claimed = await (self.here if runner == "here" else self.there).claim(runner, kinds=["sweep", "erase"])
        assert claimed is not None
        return claimed

    async def is_there_any(self, runner: str = "there") -> bool:
        queue = self.here if runner == "here" else self.there
        return await queue.claim(runner, kinds=["sweep", "erase"]) is not None

    async def look(self, job: Job) -> Job:
        found = await self.here.job(job.id)
        assert found is not None
        return found

    async def die(self) -> None:
        """Let whoever holds a job say nothing for a whole lease, while the others watch."""
        assert not await self.is_there_any()
        self.clocks.pass_s(LEASE_S)


@pytest.fixture
def shared(database: Database | None) -> Shared:
    clocks = Clocks()
    if database is None:
        queue = FakeJobs(lease_s=LEASE_S, clock=lambda: clocks.day, monotonic=lambda: clocks.grown_s)
        return Shared(clocks, queue, queue)
    here, there = (
        StoredJobs(database, lease_s=LEASE_S, clock=lambda: clocks.day, monotonic=lambda: clocks.grown_s)
        for _ in range(2)
    )
    return Shared(clocks, here, there)


async def test_a_job_is_queued_claimed_and_done(shared: Shared) -> None:
    queued = await shared.here.enqueue("sweep", {"days": 7}, owner_id="an")

    claimed = await shared.claim()
    await shared.here.heartbeat(claimed, progress=0.5)
    half_way = await shared.look(queued)
    await shared.here.finish(claimed, {"rows": 3})
    done = await shared.look(queued)

    assert (queued.state, queued.attempts, queued.owner_id) == (JobState.QUEUED, 0, "an")
    assert (claimed.id, claimed.payload, claimed.attempts) == (queued.id, {"days": 7}, 1)
    assert (half_way.state, half_way.progress) == (JobState.RUNNING, 0.5)
    assert (done.state, done.progress, done.result) == (JobState.DONE, 1.0, {"rows": 3})
    assert done.finished_at == shared.clocks.day


async def test_a_job_that_is_held_or_done_is_nobody_elses(shared: Shared) -> None:
    await shared.here.enqueue("sweep", {})
    claimed = await shared.claim()

    while_held = await shared.is_there_any()
    await shared.here.finish(claimed, {})

    assert not while_held
    assert not await shared.is_there_any()


async def test_one_key_makes_one_job_for_ever(shared: Shared) -> None:
    first = await shared.here.enqueue("sweep", {"n": 1}, key="sweep:2026-11-22")
    at_once = await asyncio.gather(
        *(queue.enqueue("sweep", {"n": 2}, key="sweep:2026-11-22") for queue in (shared.here, shared.there) * 4)
    )
    await shared.here.finish(await shared.claim(), {})
    afterwards = await shared.there.enqueue("sweep", {"n": 3}, key="sweep:2026-11-22")

    assert {job.id for job in at_once} == {first.id} == {afterwards.id}
    assert (afterwards.state, afterwards.payload) == (JobState.DONE, {"n": 1})


async def test_jobs_without_a_key_are_as_many_as_were_asked_for(shared: Shared) -> None:
    jobs = [await shared.here.enqueue("sweep", {}) for _ in range(3)]

    assert len({job.id for job in jobs}) == 3


async def test_many_who_claim_at_once_get_one_job_each(shared: Shared) -> None:
    for number in range(6):
        await shared.here.enqueue("sweep", {"number": number})

    claims = await asyncio.gather(
        *(
            (shared.here if number % 2 else shared.there).claim(f"runner {number}", kinds=["sweep"])
            for number in range(12)
        )
    )
    rest = [await shared.here.claim("late", kinds=["sweep"]) for _ in range(7)]

    claimed = [job.id for job in (*claims, *rest) if job is not None]
    assert len(claimed) == len(set(claimed)) == 6


async def test_a_runner_gets_only_the_kinds_it_knows(shared: Shared) -> None:
    await shared.here.enqueue("transcribe", {})

    assert not await shared.is_there_any()


async def test_the_larger_priority_goes_first_within_a_kind(shared: Shared) -> None:
    low = await shared.here.enqueue("sweep", {}, priority=0)
    high = await shared.here.enqueue("sweep", {}, priority=5)

    claimed = [(await shared.claim()).id for _ in range(2)]

    assert claimed == [high.id, low.id]


async def test_a_kind_that_waits_longer_is_not_held_up_by_the_priority_of_another(shared: Shared) -> None:
    waiting = await shared.here.enqueue("erase", {}, priority=0)
    shared.clocks.pass_s(1)
    await shared.here.enqueue("sweep", {}, priority=9)

    assert (await shared.claim()).id == waiting.id


async def test_a_delayed_job_waits_for_its_time(shared: Shared) -> None:
    await shared.here.enqueue("sweep", {}, delay_s=60)

    too_early = await shared.is_there_any()
    shared.clocks.pass_s(60)

    assert not too_early
    assert await shared.is_there_any()


@pytest.mark.parametrize("delay_s", [-1.0, MAX_DELAY_S + 1])
async def test_a_delay_beyond_the_limit_is_refused(shared: Shared, delay_s: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 600 s"):
        await shared.here.enqueue("sweep", {}, delay_s=delay_s)


async def test_the_job_of_a_dead_runner_is_taken_over_and_the_dead_cannot_write(shared: Shared) -> None:
    await shared.here.enqueue("sweep", {})
    dead = await shared.claim()
    await shared.die()

    taken = await shared.claim("there")

    assert (taken.id, taken.attempts, taken.runner) == (dead.id, 2, "there")
    with pytest.raises(JobLost):
        await shared.here.heartbeat(dead)
    with pytest.raises(JobLost):
        await shared.here.finish(dead, {"twice": True})
    with pytest.raises(JobLost):
        await shared.here.fail(dead, "too late", again=True)
    with pytest.raises(JobLost):
        await shared.here.give_back(dead)
    await shared.there.finish(taken, {"once": True})
    assert (await shared.look(taken)).result == {"once": True}


async def test_a_heartbeat_keeps_the_lease(shared: Shared) -> None:
    await shared.here.enqueue("sweep", {})
    claimed = await shared.claim()

    taken = []
    for _ in range(6):
        taken.append(await shared.is_there_any())
        shared.clocks.pass_s(LEASE_S / 2)
        await shared.here.heartbeat(claimed)

    assert not any(taken)


async def test_two_who_watch_a_dead_runner_do_not_both_take_over(shared: Shared) -> None:
    await shared.here.enqueue("sweep", {})
    await shared.claim()
    await shared.is_there_any("here")
    await shared.die()

    claims = await asyncio.gather(
        *((shared.here if n % 2 else shared.there).claim(f"watcher {n}", kinds=["sweep"]) for n in range(6))
    )

    assert len([job for job in claims if job is not None]) == 1


async def test_a_job_that_kills_its_runners_is_parked_after_three(shared: Shared) -> None:
    poison = await shared.here.enqueue("sweep", {})
    for _ in range(MAX_ATTEMPTS):
        await shared.claim("there")
        await shared.die()

    assert not await shared.is_there_any()

    parked = await shared.look(poison)
    assert (parked.state, parked.attempts) == (JobState.PARKED, 3)
    assert "died, 3 times" in (parked.error or "")


async def test_a_failure_is_tried_again_after_a_while_and_parked_after_three(shared: Shared) -> None:
    job = await shared.here.enqueue("sweep", {})

    states = []
    for _ in range(MAX_ATTEMPTS):
        states.append(await shared.here.fail(await shared.claim(), "no such thing", again=True))
        assert not await shared.is_there_any()
        shared.clocks.pass_s(MAX_DELAY_S)

    parked = await shared.look(job)
    assert states == [JobState.QUEUED, JobState.QUEUED, JobState.PARKED]
    assert (parked.state, parked.error, parked.attempts) == (JobState.PARKED, "no such thing", 3)
    assert not await shared.is_there_any()


async def test_a_failure_for_good_is_not_tried_again(shared: Shared) -> None:
    job = await shared.here.enqueue("sweep", {})

    state = await shared.here.fail(await shared.claim(), "x" * 1000, again=False)

    failed = await shared.look(job)
    shared.clocks.pass_s(MAX_DELAY_S)
    assert state is failed.state is JobState.FAILED
    assert len(failed.error or "") == 300
    assert not await shared.is_there_any()


async def test_what_is_given_back_was_no_attempt(shared: Shared) -> None:
    await shared.here.enqueue("sweep", {})
    for _ in range(5):
        await shared.here.give_back(await shared.claim())

    assert (await shared.claim("there")).attempts == 1


async def test_a_job_given_back_and_taken_again_by_the_same_runner_is_not_thought_dead(shared: Shared) -> None:
    await shared.here.enqueue("sweep", {})
    claimed = await shared.claim()
    assert not await shared.is_there_any()
    shared.clocks.pass_s(LEASE_S - 1)

    await shared.here.give_back(claimed)
    await shared.claim()
    shared.clocks.pass_s(2)

    assert not await shared.is_there_any()


async def test_a_parked_job_is_released_with_all_its_attempts(shared: Shared) -> None:
    job = await shared.here.enqueue("sweep", {})
    for _ in range(MAX_ATTEMPTS):
        await shared.here.fail(await shared.claim(), "no", again=True)
        shared.clocks.pass_s(MAX_DELAY_S)

    released = await shared.here.release(job.id)
    claimed = await shared.claim("there")

    assert released
    assert (claimed.id, claimed.attempts, claimed.error, claimed.finished_at) == (job.id, 1, None, None)
    assert not await shared.here.release(job.id)
    assert not await shared.here.release("no-such-job")


@pytest.mark.parametrize("jump", [TWO_HOURS, -TWO_HOURS])
async def test_a_clock_that_jumps_two_hours_runs_no_job_twice_at_once(shared: Shared, jump: timedelta) -> None:
    await shared.here.enqueue("sweep", {})
    claimed = await shared.claim()
    before = await shared.is_there_any()
    await shared.here.heartbeat(claimed)

    shared.clocks.day += jump

    assert not before
    assert not await shared.is_there_any()
    await shared.here.finish(claimed, {})
    assert (await shared.look(claimed)).state is JobState.DONE


@pytest.mark.parametrize("jump", [TWO_HOURS, -TWO_HOURS])
async def test_a_clock_that_jumps_two_hours_keeps_no_job_from_being_run(shared: Shared, jump: timedelta) -> None:
    await shared.here.enqueue("sweep", {})

    shared.clocks.day += jump

    assert await shared.is_there_any()


async def test_who_listens_hears_of_new_work(shared: Shared) -> None:
    heard: list[str] = []
    shared.here.listen(lambda: heard.append("work"))

    await shared.here.enqueue("sweep", {})
    await shared.here.give_back(await shared.claim())

    assert heard == ["work", "work"]


async def test_a_job_that_does_not_exist_is_none(shared: Shared) -> None:
    assert await shared.here.job("no-such-job") is None
