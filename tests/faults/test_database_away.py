"""The database locked, gone, crowded: our error within its deadline, nothing piles up, and it works again later."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.pool import QueuePool
from tests.databases import Kind, both, open_database, postgresql
from tests.faults.database_child import Child, Telling, child

from dragoman.ground.errors import StoreUnavailable
from dragoman.store.database import Database, utc_now
from dragoman.store.opening import CONNECTIONS
from dragoman.store.tables import User

SOON_S = 0.4
"""Deadline of the databases that are not reached. What is to succeed is given time, or tried again."""
CROWDED_S = 2.0
"""Deadline of those that are reached, but crowded."""
HANGS_S = 60.0
"""By then a test fails that would have waited for ever."""


async def add(database: Database, name: str = "an") -> None:
    async with database.writing() as session:
        session.add(User(email=f"{name}@example.org", name=name, created_at=utc_now()))


async def names(database: Database) -> list[str]:
    async with database.reading() as session:
        return list(await session.scalars(select(User.name).order_by(User.name)))


async def eventually(database: Database, name: str) -> None:
    """Write as soon as the database takes it again."""
    async with asyncio.timeout(HANGS_S):
        while True:
            try:
                return await add(database, name)
            except StoreUnavailable:
                await asyncio.sleep(0.02)


def assert_nothing_is_held(database: Database) -> None:
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedout() == 0


def hold_the_lock(file: Path) -> AbstractContextManager[Child]:
    """Give a process that has SQLite's lock, from the first word it says until the next that it is told."""

    def work(telling: Telling) -> None:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            telling.tell("locked")
            connection.execute("ROLLBACK")

    return child(work)


async def test_a_database_locked_by_another_process_says_so_and_works_again(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path, within_s=SOON_S) as database, another(database) as patient:
        with hold_the_lock(tmp_path / "dragoman.db") as process:
            process.expect("locked")

            async with asyncio.timeout(HANGS_S):
                with pytest.raises(StoreUnavailable, match=r"locked|does not answer"):
                    await add(database)
            while_locked = await names(patient)
            process.go_on()
            process.end()

        await eventually(database, "an")
        assert while_locked == []
        assert await names(patient) == ["an"]
        assert_nothing_is_held(database)


async def test_many_who_wait_for_a_locked_database_all_hear_of_it_and_hold_nothing(tmp_path: Path) -> None:
    tasks = asyncio.all_tasks()
    async with open_database("sqlite", tmp_path, within_s=SOON_S) as database:
        with hold_the_lock(tmp_path / "dragoman.db") as process:
            process.expect("locked")

            async with asyncio.timeout(HANGS_S):
                heard = await asyncio.gather(*(add(database, f"{n}") for n in range(60)), return_exceptions=True)
            others = asyncio.all_tasks() - tasks
            process.go_on()
            process.end()

        assert {type(error) for error in heard} == {StoreUnavailable}
        assert others == set()
        assert_nothing_is_held(database)
        await eventually(database, "an")


@both
async def test_who_finds_no_free_connection_is_told_and_finds_one_later(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path, within_s=CROWDED_S) as database:
        holding = [Holder(database) for _ in range(CONNECTIONS * 2)]
        for holder in holding:
            await holder.begin()

        async with asyncio.timeout(HANGS_S):
            heard = await asyncio.gather(*(names(database) for _ in range(40)), return_exceptions=True)
        for holder in holding:
            await holder.end()

        assert {type(error) for error in heard} == {StoreUnavailable}
        assert_nothing_is_held(database)
        await eventually(database, "an")


class Holder:
    """Holds a connection of the pool."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._stack = AsyncExitStack()

    async def begin(self) -> None:
        connection = await self._stack.enter_async_context(self._database.engine.connect())
        await connection.execute(text("SELECT 1"))

    async def end(self) -> None:
        await self._stack.aclose()


async def test_a_row_that_somebody_else_keeps_locked_is_not_waited_for_longer(tmp_path: Path) -> None:
    async with (
        open_database("postgresql", tmp_path, within_s=SOON_S) as database,
        another(database) as patient,
    ):
        await add(patient)
        async with patient.writing() as session:
            await session.execute(select(User).with_for_update())
            async with asyncio.timeout(HANGS_S):
                with pytest.raises(StoreUnavailable):
                    async with database.writing() as other:
                        await other.execute(text("UPDATE users SET name = 'b'"))

        await eventually(database, "b")
        assert await names(patient) == ["an", "b"]


@asynccontextmanager
async def another(database: Database) -> AsyncIterator[Database]:
    opened = Database(database.url, within_s=HANGS_S)
    try:
        yield opened
    finally:
        await opened.close()


async def test_postgresql_stopped_and_started_is_told_and_works_again(tmp_path: Path) -> None:
    server = postgresql()
    async with open_database("postgresql", tmp_path) as database:
        await add(database)

        server.stop()
        try:
            for ask in (names, add):
                async with asyncio.timeout(HANGS_S * 2):
                    with pytest.raises(StoreUnavailable):
                        await ask(database)
        finally:
            server.start()

        await eventually(database, "b")
        assert await names(database) == ["an", "b"]
        assert_nothing_is_held(database)


async def test_what_was_being_written_when_postgresql_stopped_is_not_half_there(tmp_path: Path) -> None:
    server = postgresql()
    async with open_database("postgresql", tmp_path) as database:
        try:
            with pytest.raises(StoreUnavailable):
                async with database.writing() as session:
                    session.add(User(email="a@example.org", name="a", created_at=utc_now()))
                    await session.flush()
                    server.stop()
                    session.add(User(email="b@example.org", name="b", created_at=utc_now()))
        finally:
            server.start()

        await eventually(database, "c")
        assert await names(database) == ["c"]


async def test_a_server_that_is_not_there_is_told_of_without_its_password(tmp_path: Path) -> None:
    database = Database(f"postgresql://dragoman:hunter2hunter2@/dragoman?host={tmp_path}", within_s=SOON_S)

    with pytest.raises(StoreUnavailable) as caught:
        await names(database)
    await database.close()

    assert "hunter2" not in f"{caught.value} {caught.value.__cause__}"


async def test_a_file_that_is_moved_away_is_told_of_and_not_made_anew_and_works_when_it_is_back(tmp_path: Path) -> None:
    file, elsewhere = tmp_path / "dragoman.db", tmp_path / "elsewhere"
    async with open_database("sqlite", tmp_path) as database:
        await add(database)
        log = file.with_name("dragoman.db-wal").read_bytes()
        file.rename(elsewhere)

        async with another(database) as fresh:
            for reached in (database, fresh):
                for ask in (names, add):
                    with pytest.raises(StoreUnavailable, match="not there any more"):
                        await ask(reached)
        left = sorted(it.name for it in tmp_path.iterdir())
        elsewhere.rename(file)
        await add(database, "b")

        assert log, "what was written last is in the log alone"
        assert left == ["dragoman.db-shm", "dragoman.db-wal", "elsewhere"]
        assert await names(database) == ["an", "b"]
        assert_nothing_is_held(database)


async def test_a_folder_that_cannot_be_made_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    database = Database(f"sqlite:///{tmp_path}/file/dragoman.db")

    with pytest.raises(StoreUnavailable, match="cannot be opened"):
        await names(database)
    await database.close()
