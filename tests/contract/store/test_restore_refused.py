"""What is no good backup is refused, and nothing is changed by it."""

import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.databases import open_database

from dragoman.ground.errors import StoreDamaged, StoreOutdated
from dragoman.store.backup import back_up
from dragoman.store.backup_file import pack, unpack
from dragoman.store.database import Database, utc_now
from dragoman.store.restore import restore
from dragoman.store.tables import User

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


async def add(database: Database, name: str) -> None:
    async with database.writing() as session:
        session.add(User(email=f"{name}@example.org", name=name, created_at=utc_now()))


async def names(database: Database) -> list[str]:
    async with database.reading() as session:
        return list(await session.scalars(select(User.name)))


def rewritten(file: Path, *, change: Callable[[dict[str, object]], None] = lambda manifest: None) -> None:
    """Write a backup again with another manifest."""
    with zipfile.ZipFile(file) as archive:
        manifest, database = json.loads(archive.read("manifest.json")), archive.read("dragoman.db")
    change(manifest)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("dragoman.db", database)
        archive.writestr("manifest.json", json.dumps(manifest))


def with_database(file: Path, *statements: str) -> None:
    """Change the database in a backup, and let its manifest say so."""
    inside = file.with_suffix(".inside")
    contents = unpack(file, inside)
    with closing(sqlite3.connect(inside, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    file.unlink()
    pack(inside, contents, file)


UNUSABLE: dict[str, tuple[Callable[[Path], object], type[Exception], str]] = {
    "a text": (lambda file: file.write_bytes(b"hello"), StoreDamaged, "no backup"),
    "nothing": (lambda file: file.write_bytes(b""), StoreDamaged, "no backup"),
    "half a backup": (lambda file: file.write_bytes(file.read_bytes()[:4000]), StoreDamaged, "not whole"),
    "another hash": (lambda file: rewritten(file, change=lambda m: m.update(sha256="0" * 64)), StoreDamaged, "damaged"),
    "another size": (lambda file: rewritten(file, change=lambda m: m.update(size_bytes=10)), StoreDamaged, "damaged"),
    "another program's": (
        lambda file: rewritten(file, change=lambda m: m.update(format="zip")),
        StoreDamaged,
        "no backup of Dragoman's",
    ),
    "a newer format": (lambda file: rewritten(file, change=lambda m: m.update(version=2)), StoreOutdated, "newer"),
    "a newer schema": (
        lambda file: rewritten_schema(file, "9999"),
        StoreOutdated,
        "newer release",
    ),
    "a trigger in it": (
        lambda file: with_database(file, "CREATE TRIGGER t AFTER INSERT ON users BEGIN DELETE FROM audit; END"),
        StoreDamaged,
        "trigger",
    ),
    "a table too few": (lambda file: with_database(file, "DROP TABLE audit"), StoreDamaged, "audit"),
    "a broken reference": (
        lambda file: with_database(file, "INSERT INTO room_hosts VALUES ('no', 'body')"),
        StoreDamaged,
        "refers",
    ),
    "no tables": (lambda file: with_database(file, "DELETE FROM alembic_version"), StoreDamaged, "does not hold"),
}


def rewritten_schema(file: Path, schema: str) -> None:
    with_database(file, f"UPDATE alembic_version SET version_num = '{schema}'")  # noqa: S608
    rewritten(file, change=lambda manifest: manifest["contents"].update(schema_id=schema))  # type: ignore[attr-defined]


@pytest.mark.parametrize("what", UNUSABLE)
async def test_a_restore_of_something_else_is_refused_and_changes_nothing(what: str, tmp_path: Path) -> None:
    spoil, error, says = UNUSABLE[what]
    file, data = tmp_path / "saved.backup", tmp_path / "data"
    async with open_database("sqlite", data) as database:
        await back_up(database, file, at=AT)
        await add(database, "An")
        await database.close()
        spoil(file)
        before = (data / "dragoman.db").read_bytes()

        with pytest.raises(error, match=says):
            await restore(database, file, at=AT, keep_in=tmp_path)

    assert (data / "dragoman.db").read_bytes() == before
    assert [left.name for left in data.iterdir()] == ["dragoman.db"]


async def test_a_row_that_postgresql_does_not_take_leaves_it_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "saved.backup"
    async with open_database("sqlite", tmp_path / "old") as old, open_database("postgresql", tmp_path) as new:
        await add(old, "Ba")
        await back_up(old, file, at=AT)
        with_database(file, "UPDATE users SET name = printf('%0200d', 1) ")
        await add(new, "An")
        before = await names(new)

        with pytest.raises(StoreDamaged, match="users"):
            await restore(new, file, at=AT, keep_in=tmp_path)

        assert await names(new) == before
