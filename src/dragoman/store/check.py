"""Whether a database is whole: its pages, its references, its tables. From backup.py, restore.py and verify.py."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from dragoman.ground.errors import StoreDamaged
from dragoman.store.audit import ERASED
from dragoman.store.failures import of_sqlite
from dragoman.store.tables import Table

VERSIONS = "alembic_version"
"""The table in which Alembic keeps which schema the others have."""
_SHOWN = 5
"""Of the defects of a file; a damaged page brings hundreds."""
_WORDS: Mapping[str, str] = {
    "add_table": "the table {0.name} is missing",
    "remove_table": "the table {0.name} is not of this release",
    "add_column": "the column {0.name} is missing in {0.table.name}",
    "remove_column": "the column {0.name} of {0.table.name} is not of this release",
    "add_index": "the index {0.name} is missing",
    "remove_index": "the index {0.name} is not of this release",
    "add_constraint": "the constraint {0.name} is missing",
    "remove_constraint": "the constraint {0.name} is not of this release",
    "add_fk": "the reference {0.name} is missing",
    "remove_fk": "the reference {0.name} is not of this release",
}


def defects_of_file(file: Path) -> list[str]:
    """Look at every page and every reference of a SQLite file; a sentence for what is wrong. It may take a while."""
    try:
        with _opened(file, "ro") as connection:
            pages = connection.execute(f"PRAGMA integrity_check({_SHOWN})").fetchall()
            wrong = [str(row[0]) for row in pages if row[0] != "ok"]
            references = connection.execute("PRAGMA foreign_key_check").fetchmany(_SHOWN)
            strange = connection.execute("SELECT type, name FROM sqlite_schema WHERE type IN ('trigger', 'view')")
            wrong += [f"the {kind} {name} is not Dragoman's" for kind, name in strange.fetchmany(_SHOWN)]
            wrong += [f"a row of {row[0]} refers to one of {row[2]} that is not there" for row in references]
    except StoreDamaged as error:
        return [str(error)]
    return wrong


def settle(file: Path) -> None:
    """Put everything of a SQLite database that nobody works on into its one file. Raises our errors."""
    with _opened(file, "rw") as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def schema_of_file(file: Path) -> str | None:
    """Say which schema the tables of a SQLite file have; None where there are none. Raises our errors."""
    with _opened(file, "ro") as connection:
        if VERSIONS not in _tables(connection):
            return None
        row = connection.execute(f"SELECT version_num FROM {VERSIONS}").fetchone()  # noqa: S608
        return None if row is None else str(row[0])


def rows_of_file(file: Path) -> dict[str, int]:
    """Say how many rows every table of a SQLite file has. Raises our errors."""
    with _opened(file, "ro") as connection:
        tables = [name for name in _tables(connection) if name != VERSIONS]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608


def erasures_of_file(file: Path) -> set[str]:
    """Give the ids of the audit log's entries of erasures in a SQLite file. Raises our errors."""
    with _opened(file, "ro") as connection:
        return {row[0] for row in connection.execute("SELECT id FROM audit WHERE action = ?", (ERASED,))}


def differences(connection: Connection) -> list[str]:
    """Compare the tables that are there with tables.py; a sentence for each thing that differs."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return [_in_words(step) for step in compare_metadata(context, Table.metadata)]


def _in_words(step: Any) -> str:
    if isinstance(step, list):  # of changes of one column
        return "; ".join(map(_in_words, step))
    kind, *rest = step
    if kind.startswith("modify_"):
        _, table, column, *_ = rest
        return f"the column {column} of {table} has another {kind.removeprefix('modify_')}"
    return _WORDS.get(str(kind), str(kind)).format(rest[-1])


@contextmanager
def _opened(file: Path, mode: str) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise of_sqlite(error, what=str(file)) or StoreDamaged(f"{file} does not check out: {error}") from error


def _tables(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return sorted(row[0] for row in found)
