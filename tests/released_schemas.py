"""Small databases as released schemas held them: ``tests/fixtures/schemas/0001.sql``, rows for either database.

A schema's file is made once, when it is released, and never again: ``python -m tests.released_schemas`` writes that of
the newest schema if there is none yet.
"""

import hashlib
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Float, Integer, String, Table, inspect, text
from sqlalchemy.engine import Connection

from dragoman.store import tables
from dragoman.store.columns import UtcTime
from dragoman.store.database import Database
from dragoman.store.upgrade import newest_schema

FOLDER = Path(__file__).parent / "fixtures" / "schemas"
ROWS = 2
"""Of each table. The first has something in every column, the second nothing where nothing may be."""
_FIRST = datetime(2026, 11, 20, 8, 15, 30, 123456, tzinfo=UTC)
_WORDS: dict[tuple[str, str], Any] = {
    ("memberships", "role"): "owner",
    ("invitations", "role"): "member",
    ("jobs", "state"): "queued",
    ("users", "plan"): "pro",
    ("webhooks", "events"): ["room.opened", "room.ended"],
    ("audit", "actor_kind"): "user",
    ("schedules", "time_zone"): "Asia/Ho_Chi_Minh",
    ("schedules", "starts_local"): "2026-11-23T09:30",
    ("schedules", "weekly_until"): "2027-03-31",
}
"""Columns that hold words of ours."""
HASH_LENGTH = 64
Rows = list[tuple[Any, ...]]


def file_of(schema: str) -> Path:
    return FOLDER / f"{schema}.sql"


async def load(database: Database, schema: str) -> None:
    """Put the rows of a schema into its tables, which are there and empty."""
    async with database.whole(changes=True) as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))
        for statement in file_of(schema).read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                await connection.exec_driver_sql(statement)


async def rows_of(database: Database, *, columns_of: dict[str, list[str]] | None = None) -> dict[str, Rows]:
    """Read everything by plain statements, which any schema understands; of each table the columns that are named."""
    async with database.whole(changes=False) as connection:
        known = await connection.run_sync(columns) if columns_of is None else columns_of
        return {
            table: sorted(
                tuple(_plain(value) for value in row)
                for row in await connection.execute(
                    text(f"SELECT {', '.join(_name(it) for it in names)} FROM {_name(table)}")  # noqa: S608  # ours
                )
            )
            for table, names in known.items()
        }


async def columns_in(database: Database) -> dict[str, list[str]]:
    async with database.whole(changes=False) as connection:
        return await connection.run_sync(columns)


def columns(connection: Connection) -> dict[str, list[str]]:
    """Name the columns of every table but Alembic's."""
    found = inspect(connection)
    names = [name for name in found.get_table_names() if name != "alembic_version"]
    return {name: [column["name"] for column in found.get_columns(name)] for name in sorted(names)}


def _name(name: str) -> str:
    assert re.fullmatch(r"[a-z_]+[a-z_0-9]*", name), name
    return f'"{name}"'


def _plain(value: Any) -> str:
    """Write a value as it may be sorted and compared, whichever database it comes from."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, str) and value.startswith(("{", "[")):
        value = json.loads(value)  # SQLite keeps JSON as its text
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else str(value)


def write_newest() -> str:
    """Write rows for every table of the code as it is now."""
    head = "-- Rows as this schema held them, for tests of upgrades. Not to be changed: tests/released_schemas.py"
    lines = []
    for table in tables.Table.metadata.sorted_tables:
        names = ", ".join(_name(column.name) for column in table.c)
        for number in range(ROWS):
            values = ", ".join(_literal(_value(column, table, number)) for column in table.c)
            lines.append(f"INSERT INTO {_name(table.name)} ({names}) VALUES ({values})")  # noqa: S608  # ours
    return head + "\n" + "".join(f"{line};\n" for line in lines)


def _value(column: "Column[Any]", table: Table, number: int) -> Any:
    if number and column.nullable:
        return None
    if column.foreign_keys:
        referred = next(iter(column.foreign_keys)).column.table.name
        return f"{referred}-{number}"
    return _WORDS.get((table.name, column.name)) or _made(column, table.name, number)


def _made(column: "Column[Any]", table: str, number: int) -> Any:
    made: dict[type[Any], Any] = {
        UtcTime: _FIRST + timedelta(hours=number),
        Boolean: number == 0,
        Integer: number + 7,
        Float: 0.5,
        JSON: {"people": 3, "said": 'An\'s "quote" Việt 🙂', "list": [1, None, True]},
    }
    if not isinstance(column.type, String):
        return next(value for kind, value in made.items() if isinstance(column.type, kind))
    length = column.type.length
    if column.primary_key:
        return f"{table}-{number}"[:length]
    if length == HASH_LENGTH:
        return hashlib.sha256(f"{table}.{column.name}.{number}".encode()).hexdigest()
    return f"{number} {column.name} An's Việt 🙂"[:length]


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, datetime):
        return _quoted(value.strftime("%Y-%m-%d %H:%M:%S.%f"))
    return _quoted(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _quoted(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"


if __name__ == "__main__":
    target = file_of(newest_schema())
    if target.exists():
        sys.exit(f"{target} is there already, and a released schema does not change")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(write_newest(), encoding="utf-8")
