"""What a server with accounts does by itself every day: as the app runs it, with real jobs."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import select
from tests.accounts_site import accounts_site
from tests.databases import Kind, both, open_database

from dragoman.accounts.retention import RETENTION
from dragoman.ground.jobs import JobState
from dragoman.jobs.runner import JobRunner
from dragoman.jobs.work import JobKind
from dragoman.services.daily_backups import BACKUP, DEADLINE_S, DailyBackups
from dragoman.store import tables, users
from dragoman.store.backup_file import unpack
from dragoman.store.jobs import StoredJobs

WITHIN_S = 60.0


def _at(day: datetime) -> datetime:
    return day


async def test_an_app_with_accounts_backs_up_and_sweeps_by_itself(tmp_path: Path) -> None:
    async with (
        accounts_site(tmp_path) as site,
        asyncio.timeout(WITHIN_S),
        site.app.router.lifespan_context(site.app),
    ):
        while True:
            async with site.database.reading() as session:
                states = dict((await session.execute(select(tables.Job.kind, tables.Job.state))).all())
            if set(states.values()) == {JobState.DONE}:
                break
            await asyncio.sleep(0.1)

    assert set(states) == {BACKUP, RETENTION}
    assert [file.name for file in (tmp_path / "backups").iterdir()] == ["dragoman-2026-11-22.backup"]


@both
async def test_the_newest_fourteen_backups_are_kept_and_hold_what_there_was(kind: Kind, tmp_path: Path) -> None:
    days = [datetime(2026, 11, 1, 12, tzinfo=UTC) + timedelta(days=number) for number in range(16)]
    async with open_database(kind, tmp_path) as database:
        async with database.writing() as session:
            await users.add(session, email="an@example.org", name="An", at=days[0])
        queue = StoredJobs(database)
        results = []
        for day in days[:1] if kind == "postgresql" else days:
            backups = DailyBackups(database, data_dir=tmp_path, clock=partial(_at, day))
            job = await queue.enqueue(BACKUP, {})
            await JobRunner(queue, {BACKUP: JobKind(run=backups.make, deadline_s=DEADLINE_S)}).run_one()
            results.append(await queue.job(job.id))

    names = sorted(file.name for file in (tmp_path / "backups").iterdir())
    contents = unpack(tmp_path / "backups" / names[-1], tmp_path / "unpacked.db")
    assert all(job is not None and job.state is JobState.DONE for job in results)
    assert contents.rows["users"] == 1
    if kind == "sqlite":
        assert (len(names), names[0], names[-1]) == (14, "dragoman-2026-11-03.backup", "dragoman-2026-11-16.backup")


async def test_backups_of_a_clock_that_was_wrong_go_before_those_of_today(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    ahead = [f"dragoman-2031-01-{day:02}.backup" for day in range(1, 15)]
    for name in ahead:
        (folder / name).touch()
    async with open_database("sqlite", tmp_path) as database:
        queue = StoredJobs(database)
        for day in (22, 23):
            now = datetime(2026, 11, day, 12, tzinfo=UTC)
            backups = DailyBackups(database, data_dir=tmp_path, clock=partial(_at, now))
            await queue.enqueue(BACKUP, {})
            await JobRunner(queue, {BACKUP: JobKind(run=backups.make, deadline_s=DEADLINE_S)}).run_one()

    names = sorted(file.name for file in folder.iterdir())
    assert names == ["dragoman-2026-11-22.backup", "dragoman-2026-11-23.backup", *ahead[2:]]


async def test_a_backup_that_cannot_be_written_is_tried_again_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "backups").write_text("in the way")
    async with open_database("sqlite", tmp_path) as database:
        queue = StoredJobs(database)
        backups = DailyBackups(database, data_dir=tmp_path)
        job = await queue.enqueue(BACKUP, {})

        await JobRunner(queue, {BACKUP: JobKind(run=backups.make, deadline_s=DEADLINE_S)}).run_one()

        failed = await queue.job(job.id)
    assert failed is not None
    assert (failed.state, failed.attempts) == (JobState.QUEUED, 1)
    assert "cannot be made" in (failed.error or "")
