"""kill -9 in the middle of an upgrade, a backup, a restore: the good state of before is there, and it works again."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from alembic import op
from alembic.ddl.impl import DefaultImpl
from sqlalchemy import text
from tests.acceptance.commands import Home
from tests.by_hand import dragoman
from tests.databases import Kind, both, new_url, open_database
from tests.faults.database_child import Telling, child, stop_in
from tests.next_release import become_next_release
from tests.released_schemas import ROWS, columns_in, load, rows_of

from dragoman.cli import main
from dragoman.store import backup, replacing, restore, upgrade
from dragoman.store.database import Database, utc_now
from dragoman.store.tables import User
from dragoman.store.verify import verify

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
Result = TypeVar("Result")


def run(url: str, work: Callable[[Database], Awaitable[Result]]) -> Result:
    """Work on a database in a loop that has ended when this returns."""

    async def whole() -> Result:
        database = Database(url, within_s=30)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(whole())


def new_database(kind: Kind, folder: Path, *, name: str = "An", tables: bool = True) -> str:
    """Make a database with one user; give its address."""

    async def whole() -> str:
        async with open_database(kind, folder, tables=tables) as database:
            if tables:
                async with database.writing() as session:
                    session.add(User(email="an@example.org", name=name, created_at=utc_now()))
            return database.url

    return asyncio.run(whole())


async def names(database: Database) -> list[str]:
    assert (await verify(database)).good
    async with database.reading() as session:
        return list((await session.execute(text("SELECT name FROM users"))).scalars())


@both
@pytest.mark.parametrize("after_tables", [1, 9])
def test_an_upgrade_killed_half_way_leaves_what_was_there(kind: Kind, after_tables: int, tmp_path: Path) -> None:
    url = new_database(kind, tmp_path, tables=False)

    def work(telling: Telling) -> None:
        stop_after_tables(telling, after_tables)
        run(url, upgrade.upgrade)

    with child(work) as process:
        process.expect("half")
        process.kill()

    assert run(url, upgrade.schema_of) is None
    run(url, upgrade.upgrade)
    assert run(url, names) == []


def stop_after_tables(telling: Telling, number: int) -> None:
    """Let the child tell ``half`` and wait when it has made so many tables."""
    made, whole = [], op.create_table

    def create_table(*arguments: object, **named: object) -> object:
        table = whole(*arguments, **named)  # type: ignore[arg-type]
        made.append(table)
        if len(made) == number:
            telling.tell("half")
        return table

    op.create_table = create_table  # type: ignore[assignment]


@both
def test_the_command_that_was_killed_half_way_does_its_work_the_next_time(kind: Kind, tmp_path: Path) -> None:
    url = new_database(kind, tmp_path, tables=False)
    run(url, upgrade.schema_of)  # makes the file, without which there are no accounts and nothing to upgrade
    settings = {"DRAGOMAN_DATA_DIR": str(tmp_path)}
    if kind == "postgresql":
        settings["DRAGOMAN_DATABASE_URL"] = url

    def work(telling: Telling) -> None:
        os.environ.update(settings)
        sys.argv = ["dragoman", "db", "upgrade"]
        stop_after_tables(telling, 9)
        main()

    with child(work) as process:
        process.expect("half")
        process.kill()
    upgraded = dragoman(Home(folder=tmp_path), "db", "upgrade", **settings)

    assert f"upgraded from no tables to schema {upgrade.newest_schema()}" in upgraded, upgraded
    assert run(url, names) == []


UPGRADE_POINTS: dict[str, tuple[Kind, Any, str]] = {
    "where the table is copied and its old one is gone": ("sqlite", DefaultImpl, "rename_table"),
    "where the table is altered, of SQLite": ("sqlite", op, "execute"),
    "where the table is altered, of PostgreSQL": ("postgresql", op, "execute"),
    "where all steps are done, of SQLite": ("sqlite", upgrade, "_check_references"),
    "where all steps are done, of PostgreSQL": ("postgresql", upgrade, "_check_references"),
}


@pytest.mark.parametrize("where", UPGRADE_POINTS)
def test_an_upgrade_of_a_released_database_killed_half_way_loses_nothing(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind, owner, name = UPGRADE_POINTS[where]
    url, schema = new_url(kind, tmp_path), upgrade.newest_schema()
    run(url, partial(upgrade.upgrade, to=schema))
    run(url, partial(load, schema=schema))
    columns, before = run(url, columns_in), run(url, rows_of)
    colour = f"colour{int(schema) + 1}"
    then = f"op.execute(\"UPDATE users SET {colour} = 'red'\")"  # noqa: S608  # ours
    become_next_release(monkeypatch, tmp_path, then=then)

    def work(telling: Telling) -> None:
        stop_in(telling, owner, name)
        run(url, upgrade.upgrade)

    with child(work) as process:
        process.expect(name)
        process.kill()

    left = run(url, columns_in), run(url, rows_of), run(url, upgrade.schema_of)
    run(url, upgrade.upgrade)
    kept = run(url, partial(rows_of, columns_of=columns))
    changed = run(url, partial(rows_of, columns_of={"users": [colour]}))
    assert left == (columns, before, schema)
    assert kept == before
    assert run(url, upgrade.schema_of) == upgrade.newest_schema() != schema
    assert changed["users"] == [("red",)] * ROWS


@both
def test_going_back_killed_half_way_loses_nothing(kind: Kind, tmp_path: Path) -> None:
    url = new_database(kind, tmp_path)

    def work(telling: Telling) -> None:
        stop_in(telling, upgrade, "_check_references")
        run(url, upgrade.downgrade)

    with child(work) as process:
        process.expect("_check_references")
        process.kill()

    assert run(url, upgrade.schema_of) == upgrade.newest_schema()
    assert run(url, names) == ["An"]


@pytest.mark.parametrize("at", ["defects_of_file", "pack", "sync_file"])
def test_a_backup_killed_half_way_leaves_no_file_and_works_the_next_time(at: str, tmp_path: Path) -> None:
    url, file = new_database("sqlite", tmp_path / "data"), tmp_path / "saved.backup"

    def work(telling: Telling) -> None:
        stop_in(telling, backup, at, before=False)
        run(url, lambda database: backup.back_up(database, file, at=AT))

    with child(work) as process:
        process.expect(at)
        process.kill()

    assert not file.exists()
    assert run(url, names) == ["An"]
    contents = run(url, lambda database: backup.back_up(database, file, at=AT))
    assert contents.rows["users"] == 1
    assert sorted(left.name for left in tmp_path.iterdir()) == ["data", "saved.backup"]


RESTORE_POINTS = {
    "when it is unpacked": (restore, "unpack", False, "new"),
    "before it is put in place": (restore, "replace_database", True, "new"),
    "when what was there is kept": (replacing, "_keep", False, "new"),
    "when it is in place": (replacing, "sync_folder", True, "old"),
}


@pytest.mark.parametrize("when", RESTORE_POINTS)
def test_a_restore_killed_leaves_the_database_of_before_or_the_restored_one(when: str, tmp_path: Path) -> None:
    owner, name, before, found = RESTORE_POINTS[when]
    file = tmp_path / "saved.backup"
    saved = new_database("sqlite", tmp_path / "saved", name="old")
    run(saved, lambda database: backup.back_up(database, file, at=AT))
    url = new_database("sqlite", tmp_path / "data", name="new")

    def put_back(database: Database) -> Awaitable[restore.Restored]:
        return restore.restore(database, file, at=utc_now(), keep_in=tmp_path)

    def work(telling: Telling) -> None:
        stop_in(telling, owner, name, before=before)
        run(url, put_back)

    with child(work) as process:
        process.expect(name)
        process.kill()

    assert run(url, names) == [found]
    run(url, put_back)
    assert run(url, names) == ["old"]
    assert [left for left in (tmp_path / "data").iterdir() if left.name.endswith(".part")] == []


def test_a_restore_into_postgresql_killed_half_way_leaves_the_rows_of_before(tmp_path: Path) -> None:
    file = tmp_path / "saved.backup"
    url = new_database("postgresql", tmp_path, name="new")
    saved = new_database("sqlite", tmp_path / "saved", name="old")
    run(saved, lambda database: backup.back_up(database, file, at=AT))

    def put_back(database: Database) -> Awaitable[restore.Restored]:
        return restore.restore(database, file, at=utc_now(), keep_in=tmp_path)

    def work(telling: Telling) -> None:
        stop_in(telling, restore, "copy_rows", before=False)
        run(url, put_back)

    with child(work) as process:
        process.expect("copy_rows")
        process.kill()

    assert run(url, names) == ["new"]
    run(url, put_back)
    assert run(url, names) == ["old"]
