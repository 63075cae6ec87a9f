"""Whether a database is whole and of this release, and how much is in it. From check.py."""

import asyncio
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.store.check import defects_of_file, differences
from dragoman.store.copying import ROWS, OnProgress, count_rows, unwatched
from dragoman.store.database import Database
from dragoman.store.tables import Table
from dragoman.store.upgrade import check_schema, newest_schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """How a database is."""

    schema_id: str
    rows: dict[str, int]
    """Of every table; none are counted where the tables are wrong."""
    wrong: tuple[str, ...]
    """A sentence for each thing that is wrong."""

    @property
    def good(self) -> bool:
        return not self.wrong


async def verify(database: Database, *, on_progress: OnProgress = unwatched) -> Verified:
    """Look at every page, reference, table and row, while others work.

    Raises ``StoreOutdated`` for the tables of another release, ``StoreDamaged`` if it cannot be read at all.
    """
    await check_schema(database)
    wrong = await asyncio.to_thread(defects_of_file, database.file) if database.file is not None else []
    rows: dict[str, int] = {}
    async with database.whole(changes=False) as connection:
        differing = await connection.run_sync(differences)
        if not differing:
            rows = await count_rows(connection)
            wrong += await _unreadable(connection, sum(rows.values()), on_progress)
    return Verified(schema_id=newest_schema(), rows=rows, wrong=(*wrong, *differing))


async def _unreadable(connection: AsyncConnection, total: int, on_progress: OnProgress) -> list[str]:
    """Read every row; a sentence for each table with one that cannot be."""
    wrong, done = [], 0
    for table in Table.metadata.sorted_tables:
        try:
            async with connection.stream(select(table).execution_options(yield_per=ROWS)) as result:
                async for part in result.partitions():
                    done += len(part)
                    on_progress(done, total)
        except (ValueError, TypeError, StatementError) as error:  # such as a moment that is none
            wrong.append(f"a row of {table.name} cannot be read: {type(error).__name__}")
    return wrong
