"""A process that runs jobs: python -m tests.faults.job_child URL LEASE_S FOLDER. For test_jobs_killed.py."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from dragoman.ground.jobs import JobData
from dragoman.jobs.runner import JobRunner
from dragoman.jobs.work import JobKind, Work
from dragoman.store.database import Database
from dragoman.store.jobs import StoredJobs


class Kinds:
    """Jobs that leave a line in a file for every attempt at them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def count(self, work: Work) -> JobData:
        self._note(work)
        return {"attempt": work.job.attempts, "process": os.getpid()}

    async def poison(self, work: Work) -> JobData:
        self._note(work)
        os.kill(os.getpid(), signal.SIGKILL)
        return {}

    async def hold(self, work: Work) -> JobData:
        """Hold on in the first attempt until the file ``go`` is there."""
        self._note(work)
        while work.job.attempts == 1 and not (self._folder / "go").exists():  # noqa: ASYNC110  # another process makes it
            await asyncio.sleep(0.05)
        return {"attempt": work.job.attempts}

    def _note(self, work: Work) -> None:
        with (self._folder / work.job.id).open("a") as file:
            file.write(f"{work.job.attempts}\n")


async def main(url: str, lease_s: float, folder: Path) -> None:
    kinds = Kinds(folder)
    database = Database(url, within_s=30.0)
    runner = JobRunner(
        StoredJobs(database, lease_s=lease_s),
        {
            name: JobKind(run=run, deadline_s=600.0)
            for name, run in {"count": kinds.count, "poison": kinds.poison, "hold": kinds.hold}.items()
        },
        poll_s=0.1,
    )
    await runner.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), Path(sys.argv[3])))
