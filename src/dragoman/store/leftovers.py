"""What SQLite still holds of rows that were deleted: the log beside the file. To accounts/erasure.py.

In the file itself ``secure_delete`` puts zeros in their place (opening.py). PostgreSQL looks after its own.
"""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from dragoman.ground.errors import StoreUnavailable
from dragoman.store.database import Database

WITHIN_S = 10.0


async def cut_log(database: Database) -> None:
    """Put what the log holds into the file, and empty it. Raises ``StoreUnavailable`` while others keep it busy."""
    if database.file is not None:
        await asyncio.to_thread(_cut, database.file)


def _cut(file: Path) -> None:
    try:
        with closing(sqlite3.connect(file, timeout=WITHIN_S, isolation_level=None)) as connection:
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.OperationalError as error:
        raise StoreUnavailable(f"the log of {file} cannot be emptied: {error}; try again in a moment") from error
    if busy:
        raise StoreUnavailable(f"the log of {file} is read by others just now; try again in a moment")
