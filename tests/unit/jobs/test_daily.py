"""One job of a kind for one day, whoever queues it and however the clock jumps."""

from datetime import UTC, datetime, timedelta

from dragoman.ground.jobs import Job
from dragoman.jobs.daily import DailyJobs
from dragoman.testing.jobs import FakeJobs


class _Day:
    now = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


async def _queued(queue: FakeJobs) -> list[Job]:
    jobs = []
    while (job := await queue.claim("test", kinds=["backup", "retention"])) is not None:
        jobs.append(job)
    return jobs


async def test_every_kind_is_queued_once_a_day_by_however_many_processes() -> None:
    day = _Day()
    queue = FakeJobs(clock=day, monotonic=lambda: 0.0)
    processes = [DailyJobs(queue, ("backup", "retention"), clock=day) for _ in range(2)]

    for process in processes * 3:
        await process.look()
    first = await _queued(queue)
    day.now += timedelta(hours=1)
    for process in processes:
        await process.look()
    second = await _queued(queue)

    assert [(job.kind, job.payload) for job in first] == [
        ("backup", {"day": "2026-11-22"}),
        ("retention", {"day": "2026-11-22"}),
    ]
    assert [job.payload["day"] for job in second] == ["2026-11-23"] * 2


async def test_a_clock_that_passes_midnight_back_and_forth_queues_nothing_twice() -> None:
    day = _Day()
    queue = FakeJobs(clock=day, monotonic=lambda: 0.0)
    daily = DailyJobs(queue, ("backup",), clock=day)

    for hours in (0, 2, -2, 2, -2):
        day.now += timedelta(hours=hours)
        await daily.look()

    assert len(await _queued(queue)) == 2
