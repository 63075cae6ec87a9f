"""Fills every table with rows of one person, each text unlike any other; for the tests of export and erasure."""

import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Float, Integer, String, Table, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.accounts.data_map import TABLES
from dragoman.store import tables
from dragoman.store.columns import UtcTime, new_id

MOMENT = datetime(2026, 11, 20, 8, 15, tzinfo=UTC)
_WORDS = {
    "role": "member",
    "state": "done",
    "actor_kind": "user",
    "action": "room.deleted",
    "target_kind": "room",
    "target_id": "gone-room-id",
}
"""Columns that hold words of ours, not of people."""
Rows = dict[str, dict[str, Any]]
"""A row by the name of its table."""


async def fill_tables(session: AsyncSession, user_id: str, canary: str) -> Rows:
    """Give a person a row in every table that may have one, with ``canary`` in every text of it."""
    await session.execute(update(tables.User).where(tables.User.id == user_id).values(**_user(canary)))
    ids = {"users": user_id, "teams": new_id(), "rooms": new_id()}
    filled: Rows = {}
    for table in tables.Table.metadata.sorted_tables:
        stored = next(it for it in TABLES if it.name == table.name)
        if stored.of_person is None:
            continue
        if table.name != "users":
            await session.execute(insert(table).values({it.name: _value(it, table, ids, canary) for it in table.c}))
    for stored in TABLES:
        if stored.of_person is not None:
            row = (await session.execute(select(stored.table.__table__).where(stored.of_person(user_id)))).first()
            assert row is not None, f"nobody can have rows of {stored.name}"
            filled[stored.name] = dict(row._mapping)
    return filled


def _user(canary: str) -> dict[str, Any]:
    return {"oidc_issuer": f"https://{canary}", "oidc_subject": canary, "plan_limits": {"people": 3}, "name": canary}


def _value(column: "Column[Any]", table: Table, ids: dict[str, str], canary: str) -> Any:
    references = [key.column.table.name for key in column.foreign_keys]
    if references:
        return ids[references[0]]
    if column.name in ("actor_id", "owner_id"):
        return ids["users"]
    if column.name == "team_id":
        return ids["teams"]
    if column.name == "id":
        return ids.get(table.name) or new_id()
    if column.name in _WORDS:
        return _WORDS[column.name]
    return _made(column, table, canary)


def _made(column: "Column[Any]", table: Table, canary: str) -> Any:
    match column.type:
        case UtcTime():
            return MOMENT
        case Boolean():
            return True
        case Integer():
            return 7
        case Float():
            return 0.5
        case String():
            return f"{canary}-{table.name}-{column.name}"[: column.type.length]
        case JSON():
            return {} if table.name == "audit" else {"said": f"{canary}-{table.name}-{column.name}"}
    raise AssertionError(f"no value for {table.name}.{column.name}")


def texts_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give what stands in every file of a folder, with what is packed in it unpacked."""
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield from _unpacked(str(file.relative_to(folder)), file.read_bytes())


def _unpacked(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in archive.namelist():
                yield from _unpacked(f"{name}/{part}", archive.read(part))


def files_with(folder: Path, *words: str) -> list[str]:
    """Name the files, and the parts of them, in which one of ``words`` stands."""
    wanted = [word.encode() for word in words]
    return [name for name, content in texts_of(folder) if any(word in content for word in wanted)]


async def rows_with(session: AsyncSession, *words: str) -> list[str]:
    """Name the tables with a row in which one of ``words`` stands."""
    found = []
    for table in tables.Table.metadata.sorted_tables:
        rows = await session.execute(select(table))
        found += [table.name for row in rows if any(word in str(value) for value in row for word in words)]
    return found
