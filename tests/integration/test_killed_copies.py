"""What a process that was killed left of a copy of the database holds nobody for longer than it must."""

import shutil
from pathlib import Path

import pytest
from tests.accounts_site import NOON, PASSWORD, WallClock, accounts_site
from tests.databases import open_database
from tests.full_account import files_with

from dragoman.jobs.runner import JobRunner
from dragoman.jobs.work import JobKind
from dragoman.services.daily_backups import BACKUP, DEADLINE_S, DailyBackups
from dragoman.settings import Settings
from dragoman.store import users
from dragoman.store.durable import workplace
from dragoman.store.jobs import StoredJobs

EMAIL = "kanari@example.org"
IN_DATA = (
    "backups/.dragoman-2026-11-21.backup.part",
    "backups/.dragoman-2026-11-20.backup.erasing.part",
    "exports/.0a1b2c.zip.part",
    ".dragoman-verify.part",
    ".dragoman-restore.part",
    ".dragoman-before-restore-20261121T093000000000Z.backup.part",
)
BESIDE = (".dragoman.db.part", ".dragoman.db.before-upgrade-from-0001.backup.part")


def leave(place: Path, database: Path) -> None:
    """Leave what a kill leaves of work in a workplace: the database as it was unpacked or copied, and the lock."""
    place.mkdir(parents=True)
    (place / "lock").touch()
    shutil.copyfile(database, place / "dragoman.db")


async def test_an_erasure_reaches_what_killed_processes_left(tmp_path: Path) -> None:
    data, beside = tmp_path / "data", tmp_path / "elsewhere"
    data.mkdir()
    beside.mkdir()
    async with accounts_site(beside, settings=Settings(data_dir=data, sign_up="open")) as site:
        await site.sign_up("root@example.org", admin=True)
        an = await site.sign_up(EMAIL)
        file = site.database.file
        assert file is not None
        await site.database.close()  # so that everything stands in the file itself
        for place in (*(data / it for it in IN_DATA), *(beside / it for it in BESIDE)):
            leave(place, file)
        before = {name.rpartition("/")[0] for name in files_with(tmp_path, EMAIL)}

        assert (await an.client.request("DELETE", "/api/v1/me", json={"password": PASSWORD})).status_code == 202
        jobs = site.accounts.jobs
        while await JobRunner(jobs.queue, jobs.kinds).run_one():
            pass

    assert {f"data/{it}" for it in IN_DATA} | {f"elsewhere/{it}" for it in BESIDE} <= before
    assert files_with(tmp_path, EMAIL) == []
    assert list(tmp_path.rglob("*.part")) == []


@pytest.mark.parametrize("left", ["with its lock", "without"])
async def test_the_backup_of_the_next_day_removes_what_a_killed_one_left(left: str, tmp_path: Path) -> None:
    place = tmp_path / "backups" / ".dragoman-2026-11-21.backup.part"
    async with open_database("sqlite", tmp_path) as database:
        async with database.writing() as session:
            await users.add(session, email=EMAIL, name="An", at=NOON)
        leave(place, tmp_path / "dragoman.db")
        if left == "without":
            (place / "lock").unlink()
        queue = StoredJobs(database)
        backups = DailyBackups(database, data_dir=tmp_path, clock=WallClock())
        await queue.enqueue(BACKUP, {})

        await JobRunner(queue, {BACKUP: JobKind(run=backups.make, deadline_s=DEADLINE_S)}).run_one()

    assert [it.name for it in (tmp_path / "backups").iterdir()] == ["dragoman-2026-11-22.backup"]


async def test_a_copy_that_is_just_being_made_is_left_alone(tmp_path: Path) -> None:
    others = tmp_path / "backups" / "dragoman-2026-11-21.backup"
    others.parent.mkdir()
    async with open_database("sqlite", tmp_path) as database:
        with workplace(others) as place:
            (place / "dragoman.db").write_bytes(b"half")
            queue = StoredJobs(database)
            backups = DailyBackups(database, data_dir=tmp_path, clock=WallClock())
            job = await queue.enqueue(BACKUP, {})

            await JobRunner(queue, {BACKUP: JobKind(run=backups.make, deadline_s=DEADLINE_S)}).run_one()

            done = await queue.job(job.id)
            assert (place / "dragoman.db").read_bytes() == b"half"
    assert done is not None
    assert done.state == "done"
