"""``dragoman erase`` and ``dragoman export``: a person's data by hand, at the machine. From cli/my_data.py."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dragoman.accounts.erasure import DEADLINE_S, ERASE
from dragoman.accounts.errors import AccountNotFound
from dragoman.ground.accounts import COMMAND
from dragoman.ground.errors import OutputNotWritable, StoreError, StoreUnavailable
from dragoman.ground.jobs import Job, JobData, JobState
from dragoman.jobs.runner import JobRunner
from dragoman.services.api.accounts_parts import AccountsParts
from dragoman.services.job_kinds import Jobs
from dragoman.services.user_commands import with_accounts
from dragoman.settings import Settings
from dragoman.store.upgrade import check_schema

OnProgress = Callable[[float], None]
"""From 0 to 1."""
_LOOK_EVERY_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What ``export_person`` wrote."""

    rows: int
    size_bytes: int


def export_person(settings: Settings, email: str, file: Path) -> Exported:
    """Write everything of a person's to the zip ``file``, a new one.

    Raises ``AccountNotFound``, ``OutputNotWritable``, ``SettingsInvalid`` without accounts, ``StoreError``.
    """
    if file.exists():
        raise OutputNotWritable(f"{file} is there already; name another file, or remove it")

    async def work(accounts: AccountsParts) -> int:
        await check_schema(accounts.database)
        user = await accounts.people.by_email(email)
        return await accounts.jobs.exports.write(user.id, file)

    rows = with_accounts(settings, work)
    return Exported(rows=rows, size_bytes=file.stat().st_size)


def find_person(settings: Settings, email: str) -> str | None:
    """Give the name of who is to be erased; None where nobody is, but an erasure was left unfinished.

    Raises ``AccountNotFound``, ``SettingsInvalid`` without accounts, ``StoreError``.
    """

    async def work(accounts: AccountsParts) -> str | None:
        await check_schema(accounts.database)
        try:
            return (await accounts.people.by_email(email)).name
        except AccountNotFound:
            if await accounts.jobs.queue.unfinished(ERASE):
                return None
            raise

    return with_accounts(settings, work)


def erase_person(settings: Settings, email: str, on_progress: OnProgress) -> list[JobData]:
    """Erase a person, and whoever was left half erased; give the certificates.

    Raises ``LastAdmin``, ``SettingsInvalid`` without accounts, and ``StoreError`` if it did not work: it is gone on
    with by the same command, or by the server.
    """

    async def work(accounts: AccountsParts) -> list[JobData]:
        await check_schema(accounts.database)
        jobs = accounts.jobs
        try:
            user = await accounts.people.by_email(email)
            wanted = [await jobs.erasure.request(user.id, actor=COMMAND)]
        except AccountNotFound:
            wanted = await jobs.queue.unfinished(ERASE)
            for job in wanted:
                await jobs.queue.release(job.id)
        return [await _do(jobs, job, on_progress) for job in wanted]

    return with_accounts(settings, work)


async def _do(jobs: Jobs, job: Job, on_progress: OnProgress) -> JobData:
    """See a job through, whoever does it: this process, or the server that runs."""
    runner = asyncio.create_task(JobRunner(jobs.queue, {ERASE: jobs.kinds[ERASE]}).run(), name="erasure")
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not (found := await jobs.queue.job(job.id) or job).state.is_over:
                on_progress(found.progress)
                await asyncio.sleep(_LOOK_EVERY_S)
    except TimeoutError as error:
        raise StoreUnavailable("the erasure is not done yet; the server goes on with it") from error
    finally:
        runner.cancel()
        await asyncio.wait([runner])
    if found.state is not JobState.DONE or found.result is None:
        raise StoreError(f"the person is not erased everywhere: {found.error}; set it right, then run this again")
    return found.result
