"""How connections to either database are opened, and how a transaction begins on them. From database.py."""

import asyncio
import os
import sqlite3
import time
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any
from weakref import WeakKeyDictionary

import aiosqlite
from sqlalchemy import Connection, Engine, event, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.util import await_only

from dragoman.ground.errors import StoreUnavailable

CONNECTIONS = 8
"""Kept open; there may be as many again for a moment."""


THREADS_END_WITHIN_S = 5.0
"""For a statement that nobody waits for any more."""
_threads_of: WeakKeyDictionary[Engine, list[Thread]] = WeakKeyDictionary()
"""Of aiosqlite, one for each connection."""


def reads(*, sqlite: bool) -> dict[str, Any]:
    """Give the options of a connection that reads."""
    return {} if sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


def writes(*, waits_s: float) -> dict[str, Any]:
    """Give the options of a connection that writes, and waits for SQLite's lock no longer than ``waits_s``."""
    return {"dragoman_waits_s": max(0.0, waits_s)}


def open_engine(url: str, *, within_s: float, follows_references: bool = True, pooled: bool = True) -> AsyncEngine:
    """Open nothing yet: connections are opened when they are needed, each within ``within_s``."""
    address = make_url(url)
    pool: dict[str, Any] = {"poolclass": NullPool}
    if pooled:
        pool = {"pool_size": CONNECTIONS, "max_overflow": CONNECTIONS, "pool_timeout": within_s}
    if address.get_backend_name() == "sqlite":
        threads: list[Thread] = []
        engine = create_async_engine(
            address.set(drivername="sqlite+aiosqlite"),
            connect_args={"timeout": within_s, "async_creator_fn": partial(_connect, threads)},
            hide_parameters=True,
            **pool,
        )
        _threads_of[engine.sync_engine] = threads
        file = Path(address.database or "")
        event.listen(engine.sync_engine, "do_connect", lambda *_: _make_file(file))
        event.listen(engine.sync_engine, "connect", lambda raw, _: _prepare(raw, follows_references, within_s))
        event.listen(engine.sync_engine, "begin", _begin)
        return engine
    return create_async_engine(
        address.set(drivername="postgresql+psycopg"),
        pool_pre_ping=pooled,
        hide_parameters=True,  # they would stand in the text of every error
        connect_args={
            "connect_timeout": max(2, round(within_s)),
            "options": f"-c statement_timeout={round(within_s * 1000)} -c lock_timeout={round(within_s * 1000)}",
        },
        **pool,
    )


async def close_engine(engine: AsyncEngine) -> None:
    """Close all connections, and wait for their threads: a loop that ends before them leaves them nobody to answer."""
    await engine.dispose()
    for thread in _threads_of.get(engine.sync_engine, ()):
        if thread.is_alive():
            await asyncio.to_thread(thread.join, THREADS_END_WITHIN_S)


async def unhurried(connection: AsyncConnection) -> None:
    """Let statements of this transaction take as long as they take; for locks they wait no longer than otherwise."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SET LOCAL statement_timeout = 0"))


def _make_file(file: Path) -> None:
    """Make the file for its owner alone, before SQLite would make it for everybody.

    One that is there is never opened: closing it would take this process's locks from SQLite.
    Source: SQLite, "How To Corrupt An SQLite Database File", 2.2.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return
    except OSError as error:
        raise StoreUnavailable(f"the database {file} cannot be opened: {error.strerror}") from error


def _connect(threads: list[Thread], *arguments: Any, **named: Any) -> aiosqlite.Connection:
    """Open a connection, and note the thread that it works in: aiosqlite offers no other way to wait for it."""
    connection = aiosqlite.connect(*arguments, **named)
    thread: Thread = connection._thread
    thread.daemon = True
    threads[:] = [*(it for it in threads if it.ident is None or it.is_alive()), thread]
    return connection


def _prepare(connection: Any, follows_references: bool, within_s: float) -> None:
    connection.isolation_level = None  # transactions are begun by _begin, not by the driver's guess
    _write_ahead(connection, within_s)
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA secure_delete=ON")  # what is erased is gone from the file, and from its backups
    connection.execute(f"PRAGMA foreign_keys={'ON' if follows_references else 'OFF'}")


def _write_ahead(connection: Any, within_s: float) -> None:
    """Switch to WAL. Of several who do so to a new file at once SQLite refuses some without waiting."""
    until_s = time.monotonic() + within_s
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until_s:
                raise
            await_only(asyncio.sleep(0.02))
        else:
            return


def _begin(connection: Connection) -> None:
    waits_s = connection.get_execution_options().get("dragoman_waits_s")
    if waits_s is None:
        connection.exec_driver_sql("PRAGMA query_only=ON")
        connection.exec_driver_sql("BEGIN")
        return
    # Who reads first and writes then would be refused where somebody else wrote in between.
    connection.exec_driver_sql("PRAGMA query_only=OFF")
    connection.exec_driver_sql(f"PRAGMA busy_timeout={round(waits_s * 1000)}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
