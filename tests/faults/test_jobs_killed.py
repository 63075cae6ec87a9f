"""Processes that run jobs die, hang and come back: every job is done once, and one that kills is left alone."""

import asyncio
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

from tests.databases import Kind, both, open_database

from dragoman.ground.jobs import Job, JobState
from dragoman.store.database import Database
from dragoman.store.jobs import StoredJobs

SHORT_LEASE_S, LONG_LEASE_S = 2.0, 600.0
WITHIN_S = 120.0
"""On a machine that does other things besides."""


@asynccontextmanager
async def _runner(database: Database, folder: Path, *, lease_s: float) -> AsyncIterator[Process]:
    command = (sys.executable, "-m", "tests.faults.job_child", database.url, str(lease_s), str(folder))
    process = await asyncio.create_subprocess_exec(*command)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _until(queue: StoredJobs, job: Job, wanted: Callable[[Job], bool]) -> Job:
    async with asyncio.timeout(WITHIN_S):
        while True:
            found = await queue.job(job.id)
            assert found is not None
            if wanted(found):
                return found
            await asyncio.sleep(0.1)


def _is_over(job: Job) -> bool:
    return job.state.is_over


async def _begun(folder: Path, job: Job) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not (folder / job.id).exists():  # noqa: ASYNC110  # another process makes it
            await asyncio.sleep(0.1)


def _attempts(folder: Path, job: Job) -> list[str]:
    return (folder / job.id).read_text().split()


@both
async def test_two_processes_do_every_job_exactly_once(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database, AsyncExitStack() as runners:
        queue = StoredJobs(database)
        jobs = [await queue.enqueue("count", {}) for _ in range(40)]
        for _ in range(2):
            await runners.enter_async_context(_runner(database, tmp_path, lease_s=LONG_LEASE_S))

        done = [await _until(queue, job, _is_over) for job in jobs]

    assert {job.state for job in done} == {JobState.DONE}
    assert all(_attempts(tmp_path, job) == ["1"] for job in jobs)


@both
async def test_the_job_of_a_killed_process_is_taken_over_once_its_lease_ends(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        queue = StoredJobs(database)
        job = await queue.enqueue("hold", {})
        async with _runner(database, tmp_path, lease_s=SHORT_LEASE_S):
            await _begun(tmp_path, job)  # kill -9 at the end of this block
        async with _runner(database, tmp_path, lease_s=SHORT_LEASE_S):
            done = await _until(queue, job, _is_over)

    assert (done.state, done.result) == (JobState.DONE, {"attempt": done.attempts})
    assert done.attempts > 1


async def test_a_job_that_kills_its_processes_is_parked_after_three_and_others_are_done(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as database:
        queue = StoredJobs(database)
        poison = await queue.enqueue("poison", {})
        deaths = 0
        async with asyncio.timeout(WITHIN_S):
            for _ in range(3):
                async with _runner(database, tmp_path, lease_s=SHORT_LEASE_S) as process:
                    deaths += await process.wait() == -signal.SIGKILL
        async with _runner(database, tmp_path, lease_s=SHORT_LEASE_S) as process:
            parked = await _until(queue, poison, _is_over)
            healthy = await _until(queue, await queue.enqueue("count", {}), _is_over)
            survived = process.returncode is None

    assert (deaths, parked.state, parked.attempts, survived) == (3, JobState.PARKED, 3, True)
    assert _attempts(tmp_path, poison) == ["1", "2", "3"]
    assert healthy.state is JobState.DONE


async def test_a_process_that_hung_and_comes_back_changes_nothing(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as database:
        queue = StoredJobs(database)
        job = await queue.enqueue("hold", {})
        async with _runner(database, tmp_path, lease_s=SHORT_LEASE_S) as hung:
            await _begun(tmp_path, job)
            hung.send_signal(signal.SIGSTOP)
            async with _runner(database, tmp_path, lease_s=SHORT_LEASE_S):
                done = await _until(queue, job, _is_over)
            (tmp_path / "go").touch()
            hung.send_signal(signal.SIGCONT)
            next_one = await _until(queue, await queue.enqueue("count", {}), _is_over)  # it works again

        kept = await queue.job(job.id)
    assert done.attempts > 1
    assert kept == done
    assert next_one.state is JobState.DONE
