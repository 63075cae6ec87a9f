"""Copy databases: every page of a SQLite file, or every row between two databases. From backup.py and restore.py."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import func, insert, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.ground.errors import StoreDamaged
from dragoman.store.failures import of_sqlite
from dragoman.store.tables import Table

OnProgress = Callable[[int, int], None]
"""Takes what is done and what there is, in pages or rows. It may be called from another thread."""
PAGES = 512
"""Of a file, copied at once."""
ROWS = 500
"""Of a table, copied at once."""


def unwatched(done: int, total: int) -> None:
    """Take no notice of progress."""


def copy_pages(source: Path, target: Path, on_progress: OnProgress) -> None:
    """Copy a SQLite database as it is at one moment, whoever writes meanwhile; ``target`` is one file then.

    Raises our errors for what is wrong with either.
    """
    target.touch(mode=0o600)
    try:
        with closing(_connect(source)) as old, closing(_connect(target)) as new:
            # Held open, or the copy would begin anew whenever somebody writes.
            old.execute("BEGIN")
            old.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            old.backup(new, pages=PAGES, progress=lambda _, left, total: on_progress(total - left, total))
            new.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        ours = of_sqlite(error, what=str(source))
        if ours is None:
            raise
        raise ours from error


async def copy_rows(source: AsyncConnection, target: AsyncConnection, on_progress: OnProgress) -> dict[str, int]:
    """Copy the rows of every table into empty ones, both of this release. Give how many there are of each.

    Raises ``StoreDamaged`` for a row that does not go in: SQLite looks less closely at what it is given.
    """
    total = sum((await count_rows(source)).values())
    done, rows = 0, {}
    for table in Table.metadata.sorted_tables:
        rows[table.name] = 0
        async with source.stream(select(table).execution_options(yield_per=ROWS)) as result:
            async for part in result.mappings().partitions():
                try:
                    await target.execute(insert(table), [dict(row) for row in part])
                except (DataError, IntegrityError) as error:
                    raise StoreDamaged(
                        f"a row of {table.name} is none that this release would have written "
                        f"({type(error.orig).__name__}); nothing was changed"
                    ) from error
                rows[table.name] += len(part)
                done += len(part)
                on_progress(done, total)
    return rows


async def count_rows(connection: AsyncConnection) -> dict[str, int]:
    """Say how many rows every table has."""
    rows = {}
    for table in Table.metadata.sorted_tables:
        rows[table.name] = (await connection.execute(select(func.count()).select_from(table))).scalar_one()
    return rows


def _connect(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
