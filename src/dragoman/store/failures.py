"""What the drivers raise about the database itself, as our own errors. From database.py."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from dragoman.ground.errors import StoreDamaged, StoreError, StoreFull, StoreUnavailable

_POSTGRESQL_DISK_FULL = "53100"
_PRIMARY = 0xFF
"""Bits of an error code of SQLite's that say what it is; the others say where."""
_WRITES_NO_MORE = (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
"""What SQLite says of a quota, which is a full disk to whoever has it."""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_AWAY = {
    sqlite3.SQLITE_READONLY: "may not be written to; make its file and its folder writable",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; make its file and its folder readable and writable",
    sqlite3.SQLITE_PERM: "cannot be opened; make its file and its folder readable and writable",
    sqlite3.SQLITE_BUSY: "is locked by another program; try again in a moment",
    sqlite3.SQLITE_LOCKED: "is locked by another program; try again in a moment",
    sqlite3.SQLITE_IOERR: "cannot be read from its disk, or written to it; look at the disk",
    sqlite3.SQLITE_PROTOCOL: "is locked by another program; try again in a moment",
}


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Raise our errors for what is wrong with the database; what is wrong with a statement passes as it is."""
    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable("the database has no free connection; try again in a moment") from error
    except DBAPIError as error:
        ours = _ours(error)
        if ours is None:
            _leave_out_values(error)
            raise
        raise ours from error


@asynccontextmanager
async def deadline(within_s: float) -> AsyncIterator[float]:
    """Raise ``StoreUnavailable`` after ``within_s``. Gives the moment it does so, by the clock of the loop."""
    try:
        async with asyncio.timeout(within_s) as running:
            yield running.when() or 0.0
    except TimeoutError as error:
        if not running.expired():  # somebody else's, who waited for something else within the block
            raise
        raise StoreUnavailable("the database does not answer; try again in a moment") from error


def of_sqlite(error: sqlite3.Error, *, what: str = "the database") -> StoreError | None:
    """Name what is wrong with ``what``; None for what is wrong with the statement."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if code & _PRIMARY == sqlite3.SQLITE_FULL or code in _WRITES_NO_MORE:
        return _full(what)
    if code & _PRIMARY in _DAMAGED:
        return StoreDamaged(
            f"{what} is damaged ({error}); stop dragoman and put the last backup in its place: dragoman db restore FILE"
        )
    if code & _PRIMARY in _AWAY:
        return StoreUnavailable(f"{what} {_AWAY[code & _PRIMARY]}")
    return None


def _ours(error: DBAPIError) -> StoreError | None:
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return of_sqlite(cause)
    if getattr(cause, "sqlstate", None) == _POSTGRESQL_DISK_FULL:
        return _full("the database")
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return StoreUnavailable("the database does not answer, or is locked by somebody else; try again in a moment")
    return None


def _leave_out_values(error: DBAPIError) -> None:
    """PostgreSQL repeats what was to be written: ``Key (email)=(an@example.org) already exists``."""
    cause = error.orig
    if isinstance(cause, psycopg.Error) and cause.diag.message_primary is not None:
        cause.args = (cause.diag.message_primary,)
        error.args = (f"({type(cause).__name__}) {cause.diag.message_primary}",)


def _full(what: str) -> StoreFull:
    return StoreFull(f"the disk of {what} is full; free some space, nothing was changed")
