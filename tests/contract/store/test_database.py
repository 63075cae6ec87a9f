"""What every database promises whoever reads and writes in it."""

import asyncio
import stat
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from tests.databases import Kind, both, open_database

from dragoman.store.backup import back_up
from dragoman.store.database import Database, sqlite_url, utc_now
from dragoman.store.tables import SiteValue, User
from dragoman.store.upgrade import upgrade


def a_user(email: str = "an@example.org", **values: object) -> User:
    return User(email=email, name="An", created_at=utc_now(), **values)


async def emails(database: Database) -> list[str]:
    async with database.reading() as session:
        return list(await session.scalars(select(User.email).order_by(User.email)))


@both
async def test_what_is_written_is_there_and_can_be_used_after_its_session(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        async with database.writing() as session:
            session.add(a_user(plan_limits={"people": 30, "cloning": None}))

        async with database.reading() as session:
            user = (await session.scalars(select(User))).one()

        assert user.plan_limits == {"people": 30, "cloning": None}
        assert user.created_at.tzinfo is not None


@both
async def test_nothing_is_kept_of_a_transaction_that_fails(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        with pytest.raises(RuntimeError):
            async with database.writing() as session:
                session.add(a_user())
                await session.flush()
                raise RuntimeError

        assert await emails(database) == []


@both
async def test_who_is_cancelled_half_way_leaves_nothing_and_holds_nothing(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        begun = asyncio.Event()

        async def write_for_ever() -> None:
            async with database.writing() as session:
                session.add(a_user())
                await session.flush()
                begun.set()
                await asyncio.Event().wait()

        writer = asyncio.create_task(write_for_ever())
        await begun.wait()
        writer.cancel()
        await asyncio.wait([writer])

        assert await emails(database) == []
        async with database.writing() as session:
            session.add(a_user())
        assert await emails(database) == ["an@example.org"]


@both
async def test_who_reads_sees_one_state_whoever_writes_meanwhile(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database, database.reading() as session:
        before = await session.scalar(select(func.count()).select_from(User))
        async with database.writing() as other:
            other.add(a_user())
        after = await session.scalar(select(func.count()).select_from(User))

        assert (before, after) == (0, 0)
        assert await emails(database) == ["an@example.org"]


@both
async def test_who_only_reads_cannot_write(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        with pytest.raises(Exception, match=r"read-only|may not be written"):
            async with database.reading() as session:
                session.add(a_user())
                await session.commit()

        assert await emails(database) == []


@both
async def test_who_writes_after_who_read_may_write(kind: Kind, tmp_path: Path) -> None:
    """On connections of the pool, which are used again."""
    async with open_database(kind, tmp_path) as database:
        for number in range(12):
            await emails(database)
            async with database.writing() as session:
                session.add(a_user(f"{number}@example.org"))

        assert len(await emails(database)) == 12


async def test_what_was_checked_before_a_write_stays_true_on_sqlite(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as one, open_database("sqlite", tmp_path) as other:

        async def add_unless_three(database: Database, number: int) -> None:
            async with database.writing() as session:
                if (await session.scalar(select(func.count()).select_from(User)) or 0) < 3:
                    await asyncio.sleep(0)
                    session.add(a_user(f"{number}@example.org"))

        await asyncio.gather(*(add_unless_three((one, other)[number % 2], number) for number in range(20)))

        assert len(await emails(one)) == 3


@both
async def test_no_value_is_null_and_is_found_as_such(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        async with database.writing() as session:
            session.add(a_user(plan_limits=None))

        async with database.reading() as session:
            found = list(await session.scalars(select(User).where(User.plan_limits.is_(None))))

        assert len(found) == 1


@both
async def test_a_reference_to_nothing_is_refused(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        with pytest.raises(IntegrityError):
            async with database.writing() as session:
                await session.execute(text("INSERT INTO room_hosts (room_id, user_id) VALUES ('nowhere', 'nobody')"))


@both
async def test_an_error_does_not_repeat_what_was_to_be_written(kind: Kind, tmp_path: Path) -> None:
    written = "the hash of a password"
    async with open_database(kind, tmp_path) as database:
        with pytest.raises(IntegrityError) as caught:
            async with database.writing() as session:
                session.add_all([a_user(password_hash=written), a_user(password_hash=written)])

        assert written not in f"{caught.value} {caught.value.orig}"
        assert "an@example.org" not in f"{caught.value} {caught.value.orig}"


@both
async def test_a_text_of_every_language_comes_back_as_it_went(kind: Kind, tmp_path: Path) -> None:
    written = {"text": "Nguyễn Thị \u202e 日本語 🎧 \\ ' \" %s :name", "deep": [1.5, {"x": None}]}
    async with open_database(kind, tmp_path) as database:
        async with database.writing() as session:
            session.add(SiteValue(key="plans", value=written))

        async with database.reading() as session:
            read = (await session.scalars(select(SiteValue))).one().value

        assert read == written


async def test_a_sqlite_file_is_its_owners_alone_and_so_is_what_lies_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    database = Database(sqlite_url(folder / "dragoman.db"))

    async with database.writing() as session:
        await session.execute(text("CREATE TABLE t (x)"))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    await database.close()

    assert set(modes.values()) == {0o600}
    assert "dragoman.db-wal" in modes
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


async def test_a_database_that_is_only_named_is_not_made(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "dragoman.db"))

    await database.close()

    assert list(tmp_path.iterdir()) == []


async def test_what_is_erased_is_gone_from_the_file(tmp_path: Path) -> None:
    canary = "canary-5b1f@example.org"
    async with open_database("sqlite", tmp_path) as database:
        async with database.writing() as session:
            session.add(a_user(canary))
        async with database.writing() as session:
            await session.execute(text("DELETE FROM users"))

    files = [file.read_bytes() for file in tmp_path.iterdir()]
    assert files
    assert not any(canary.encode() in content for content in files)


async def test_another_process_that_comes_and_goes_takes_nothing_away(tmp_path: Path) -> None:
    """SQLite's locks belong to the process: a file that it opens and closes by itself would lose all of them."""
    file = tmp_path / "dragoman.db"
    look = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM users').fetchone()"
    async with open_database("sqlite", tmp_path) as database:
        async with database.writing() as session:
            session.add(a_user())
        async with database.reading(), database.reading(), database.reading():  # on connections of their own
            pass

        before = file.with_name("dragoman.db-wal").stat().st_ino
        other = await asyncio.create_subprocess_exec(sys.executable, "-c", look, file)
        assert await other.wait() == 0
        after = file.with_name("dragoman.db-wal").stat().st_ino

        assert after == before
        assert await emails(database) == ["an@example.org"]


def test_a_database_does_not_show_its_password() -> None:
    database = Database("postgresql://dragoman:hunter2hunter2@127.0.0.1/dragoman")

    assert "hunter2" not in f"{database!r} {database.name}"
    assert "127.0.0.1" in database.name


@pytest.mark.parametrize("name", ["a b", "50%", "who?", "number#1", "c:d", "100%25", "ờ", "a'b\"c", "a&b=c"])
async def test_a_folder_may_have_any_name(name: str, tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / name / "dragoman.db"))

    await upgrade(database)
    await back_up(database, tmp_path / name / "saved.backup", at=utc_now())
    await database.close()

    assert database.file == tmp_path / name / "dragoman.db"
    assert sorted(file.name for file in (tmp_path / name).iterdir()) == ["dragoman.db", "saved.backup"]
