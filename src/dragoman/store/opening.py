"""How connections to either database are opened, and how a transaction begins on them.

From database.py; to database_file.py, which keeps an eye on SQLite's file.
"""

import asyncio
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

from dragoman.store.database_file import DatabaseFile
from dragoman.store.one_trip import OneTripConnection

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


def open_engine(
    url: str, *, within_s: float, follows_references: bool = True, pooled: bool = True, makes_file: bool = True
) -> AsyncEngine:
    """Open nothing yet: connections are opened when they are needed, each within ``within_s``.

    ``makes_file``: SQLite's file, when it is first reached and is not there.
    """
    address = make_url(url)
    pool: dict[str, Any] = {"poolclass": NullPool}
    if pooled:
        pool = {"pool_size": CONNECTIONS, "max_overflow": CONNECTIONS, "pool_timeout": within_s}
    if address.get_backend_name() == "sqlite":
        threads: list[Thread] = []
        engine = create_async_engine(
            address.set(drivername="sqlite+aiosqlite"),
            connect_args={"timeout": within_s, "async_creator_fn": partial(_connect, threads, one_trip=pooled)},
            hide_parameters=True,
            **pool,
        )
        _threads_of[engine.sync_engine] = threads
        place = DatabaseFile(Path(address.database or ""))
        event.listen(engine.sync_engine, "do_connect", lambda *_: place.make(anew=makes_file))
        event.listen(engine.sync_engine, "connect", lambda raw, _: _prepare(raw, follows_references, within_s))
        event.listen(engine.sync_engine, "connect", lambda _, record: place.note(record))
        event.listen(engine.sync_engine, "checkout", lambda _, record, __: place.check(record))
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


def _connect(threads: list[Thread], file: str, *, one_trip: bool, **named: Any) -> aiosqlite.Connection:
    """Open a connection, and note the thread that it works in: aiosqlite offers no other way to wait for it."""
    # Never made here: it is there, or was taken away a moment ago.
    place = f"{Path(file).absolute().as_uri()}?mode=rw"
    if one_trip:
        connection: aiosqlite.Connection = OneTripConnection(partial(sqlite3.connect, place, uri=True, **named), 64)
    else:
        connection = aiosqlite.connect(place, uri=True, **named)
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
        _say(connection, "query_only", 1)
        connection.exec_driver_sql("BEGIN")
        return
    _say(connection, "query_only", 0)
    _say(connection, "busy_timeout", int(waits_s * 10) * 100)  # in steps of 0.1 s: mostly it is as long as before
    # Who reads first and writes then would be refused where somebody else wrote in between.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _say(connection: Connection, pragma: str, value: int) -> None:
    """Tell SQLite where it was told otherwise before, or may have been: perhaps nobody waited for that."""
    if connection.info.pop(pragma, None) != value:
        connection.exec_driver_sql(f"PRAGMA {pragma}={value}")
    connection.info[pragma] = value
