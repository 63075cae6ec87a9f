"""What is wrong with a database is found and said."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.databases import Kind, both, open_database

from dragoman.ground.errors import StoreDamaged, StoreOutdated
from dragoman.store.database import utc_now
from dragoman.store.tables import Table, User
from dragoman.store.verify import verify


@both
async def test_a_good_database_is_good_and_its_rows_are_counted(kind: Kind, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    async with open_database(kind, tmp_path) as database:
        async with database.writing() as session:
            session.add(User(email="an@example.org", name="An", created_at=utc_now()))

        verified = await verify(database, on_progress=lambda *at: told.append(at))

    assert verified.wrong == ()
    assert verified.rows == {table: int(table == "users") for table in Table.metadata.tables}
    assert told == [(1, 1)]


@both
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("DROP INDEX ix_audit_at_id", "ix_audit_at_id"),
        ("ALTER TABLE teams DROP COLUMN name", "the column name is missing in teams"),
        ("DROP TABLE room_hosts", "the table room_hosts is missing"),
        ("ALTER TABLE teams ADD COLUMN colour INTEGER", "the column colour of teams is not of this release"),
    ],
)
async def test_tables_that_somebody_changed_are_named(change: str, says: str, kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        async with database.writing() as session:
            await session.execute(text(change))

        verified = await verify(database)

    assert any(says in sentence for sentence in verified.wrong), verified.wrong


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("INSERT INTO room_hosts VALUES ('no', 'body')", "a row of room_hosts refers to one of"),
        ("INSERT INTO site VALUES ('a', 'not json')", "a row of site cannot be read"),
        ("INSERT INTO teams (id, name, created_at) VALUES ('t', 'T', 'yesterday')", "a row of teams cannot be read"),
        ("CREATE VIEW people AS SELECT * FROM users", "the view people"),
    ],
)
async def test_rows_that_dragoman_would_not_have_written_are_named(change: str, says: str, tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as database:
        with closing(sqlite3.connect(tmp_path / "dragoman.db", isolation_level=None)) as connection:
            connection.execute(change)

        verified = await verify(database)

    assert any(says in sentence for sentence in verified.wrong), verified.wrong


async def test_a_damaged_page_is_noticed(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as database:
        await database.close()
        file = tmp_path / "dragoman.db"
        content = bytearray(file.read_bytes())
        content[-4096:] = b"\xff" * 4096
        file.write_bytes(content)

        verified = await verify(database)

    assert not verified.good


async def test_what_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "dragoman.db").write_text("hello, this is not a database at all" * 100)
    async with open_database("sqlite", tmp_path) as database:
        with pytest.raises(StoreDamaged, match="dragoman db restore"):
            await verify(database)


@both
async def test_tables_of_another_release_are_not_looked_at(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path, tables=False) as database:
        with pytest.raises(StoreOutdated, match="dragoman db upgrade"):
            await verify(database)
