"""Put a SQLite file in the place of another that nobody works on, and keep the other. From restore.py."""

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from dragoman.ground.errors import StoreUnavailable
from dragoman.store.durable import sync_file, sync_folder

_LOCKS_AT, _LOCKS = 0x40000000, 512
"""The bytes on which every user of a SQLite file holds its locks. Source: SQLite, "Database File Format", 1.3.1."""
_BESIDE = ("-wal", "-shm", "-journal")


def replace_database(file: Path, fresh: Path, at: datetime) -> Path | None:
    """Put ``fresh`` in the place of ``file``; give the name that what was there has now, None if there was nothing.

    One disk for both. Raises ``StoreUnavailable`` while another process has it open, and ``OSError``.
    """
    sync_file(fresh)
    kept = file.with_name(f"{file.name}.before-restore-{at:%Y%m%dT%H%M%S%fZ}")
    there = file.exists()
    if there:
        _settle(file)
        with _nobody_else(file):
            _keep(file, kept)
            fresh.replace(file)
    else:
        _keep_beside(file, kept)
        fresh.replace(file)
    sync_folder(file.parent)
    return kept if there else None


def _settle(file: Path) -> None:
    """Put what was written last into the file itself. A damaged one is left as it is."""
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=0)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise _in_use(file) from error
    except sqlite3.DatabaseError:
        pass


@contextmanager
def _nobody_else(file: Path) -> Iterator[None]:
    """Keep everybody from the file; it needs not be whole for that."""
    with file.open("r+b") as opened:
        try:
            fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCKS, _LOCKS_AT)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN):
                raise _in_use(file) from error
            raise
        yield


def _keep(file: Path, kept: Path) -> None:
    """Give the file a second name; what a damaged one has beside it goes with it."""
    try:
        os.link(file, kept)
    except OSError:  # a disk without links
        file.replace(kept)
    _keep_beside(file, kept)


def _keep_beside(file: Path, kept: Path) -> None:
    """Put away what lies beside ``file``: SQLite would write it into whatever has that name next."""
    for ending in _BESIDE:
        beside = file.with_name(file.name + ending)
        if beside.exists():
            beside.replace(kept.with_name(kept.name + ending))


def _in_use(file: Path) -> StoreUnavailable:
    return StoreUnavailable(f"{file} is in use; stop dragoman first, then restore again")
