"""SQLite's connection of short transactions: few trips to its thread, and none that leaves a transaction open."""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from dragoman.store.database import Database, sqlite_url
from dragoman.store.one_trip import OneTripConnection
from dragoman.store.tables import User
from dragoman.store.upgrade import upgrade


async def opened(file: Path) -> OneTripConnection:
    connection = OneTripConnection(partial(sqlite3.connect, file, timeout=5.0, isolation_level=None), 64)
    connection._thread.daemon = True  # a test that fails must end too
    await connection
    await connection.cursor().execute("CREATE TABLE IF NOT EXISTS words (word TEXT)")
    return connection


async def test_a_statement_is_one_trip_and_so_is_the_end_of_its_transaction(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(sqlite_url(tmp_path / "dragoman.db"))
    await upgrade(database)
    trips: list[str] = []
    make_trip = OneTripConnection._execute

    async def counted(self: OneTripConnection, fn: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        trips.append(fn.__name__)
        return await make_trip(self, fn, *arguments, **named)

    async with database.reading() as session:
        await session.execute(select(User))
    monkeypatch.setattr(OneTripConnection, "_execute", counted)

    async with database.reading() as session:
        await session.execute(select(User))
        await session.execute(select(User))

    assert trips == ["_run", "_run", "_run", "rollback"], "the beginning, two statements, the end"
    await database.close()


async def test_a_cursor_tells_what_a_statement_did(tmp_path: Path) -> None:
    connection = await opened(tmp_path / "words.db")
    cursor = connection.cursor()

    await cursor.executemany("INSERT INTO words VALUES (?)", [("one",), ("two",)])
    added = cursor.rowcount
    await cursor.execute("SELECT word FROM words ORDER BY word")
    read = await cursor.fetchall()
    again = await cursor.fetchall()

    assert (added, read, again) == (2, [("one",), ("two",)], [])
    assert [column[0] for column in cursor.description] == ["word"]
    await connection.close()


async def test_a_transaction_that_begins_after_nobody_waits_for_it_is_rolled_back(tmp_path: Path) -> None:
    file = tmp_path / "words.db"
    holding, late = await opened(file), await opened(file)
    await holding.cursor().execute("BEGIN IMMEDIATE")
    beginning = asyncio.create_task(late.cursor().execute("BEGIN IMMEDIATE"))
    await asyncio.sleep(0)
    beginning.cancel()
    await asyncio.gather(beginning, return_exceptions=True)

    rolling_back = asyncio.create_task(late.rollback())
    await holding.rollback()
    await rolling_back

    assert not late.in_transaction
    await holding.cursor().execute("BEGIN IMMEDIATE")
    await asyncio.gather(holding.close(), late.close())


async def test_what_is_read_after_a_write_cannot_be_written(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "dragoman.db"))
    await upgrade(database)
    async with database.writing() as session:
        await session.execute(update(User).values(name="An"))

    async with database.reading() as session:
        with pytest.raises(Exception, match="readonly"):
            await session.execute(insert(User).values(id="u", email="an@example.org", name="An"))
    async with database.writing() as session:
        await session.execute(update(User).values(name="Ben"))

    await database.close()
