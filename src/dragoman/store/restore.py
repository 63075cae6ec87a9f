"""Put a backup in the place of a database: all of it or nothing, and what was there is kept. From backup_file.py."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import text

from dragoman.ground.errors import OutputNotWritable, StoreDamaged
from dragoman.store.backup import back_up
from dragoman.store.backup_file import Contents, unpack
from dragoman.store.check import defects_of_file, differences, schema_of_file, settle
from dragoman.store.copying import OnProgress, copy_rows, unwatched
from dragoman.store.database import Database, sqlite_url
from dragoman.store.durable import workplace
from dragoman.store.replacing import replace_database
from dragoman.store.tables import Table
from dragoman.store.upgrade import check_schema, refuse_newer, schema_of, upgrade


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was put in place."""

    contents: Contents
    kept: Path | None
    """Where the database of before is now: a SQLite file, or a backup of PostgreSQL; None if there was none."""


async def restore(
    database: Database, backup: Path, *, at: datetime, keep_in: Path, on_progress: OnProgress = unwatched
) -> Restored:
    """Put what ``backup`` holds in the place of the database, with the tables of this release.

    Close ``database`` before, or do nothing with it: SQLite's file is replaced by another. What was in PostgreSQL is
    saved in the folder ``keep_in`` first. Raises ``StoreDamaged`` and ``StoreOutdated`` for what does not check out,
    ``StoreUnavailable`` while somebody works on the database; everything is as it was then.
    """
    with workplace(_in_folder(database.file or keep_in / "dragoman-restore")) as folder:
        fresh = folder / "dragoman.db"
        contents = await _checked(backup, fresh)
        if database.file is None:
            kept = await _save(database, keep_in / f"dragoman-before-restore-{at:%Y%m%dT%H%M%S%fZ}.backup", at)
            await _put_rows(fresh, database, contents, on_progress)
        else:
            kept = replace_database(database.file, fresh, at)
    return Restored(contents=contents, kept=kept)


async def check_backup(backup: Path, *, keep_in: Path) -> Contents:
    """Do everything that ``restore`` does before it changes anything; raise as it does. It needs room in a folder."""
    with workplace(_in_folder(keep_in / "dragoman-verify")) as folder:
        return await _checked(backup, folder / "dragoman.db")


async def _checked(backup: Path, fresh: Path) -> Contents:
    """Unpack a backup into the file ``fresh``, and bring it to the tables of this release."""
    contents = await asyncio.to_thread(unpack, backup, fresh)
    defects = await asyncio.to_thread(defects_of_file, fresh)
    if defects:
        raise StoreDamaged(f"{backup} does not check out: {defects[0]}; name another one")
    schema = await asyncio.to_thread(schema_of_file, fresh)
    if schema is None or schema != contents.schema_id:
        raise StoreDamaged(f"{backup} does not hold the tables that it says; name another one")
    refuse_newer(schema, name=str(backup))
    opened = Database(sqlite_url(fresh))
    try:
        await upgrade(opened)
        async with opened.whole(changes=False) as connection:
            differing = await connection.run_sync(differences)
    finally:
        await opened.close()
    if differing:
        raise StoreDamaged(f"{backup} does not hold the tables of its schema: {differing[0]}; name another one")
    await asyncio.to_thread(settle, fresh)
    return contents


def _in_folder(file: Path) -> Path:
    """Make the folder of ``file``; give the file."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise OutputNotWritable(f"{file.parent} cannot be made: {error.strerror}") from error
    return file


async def _save(database: Database, file: Path, at: datetime) -> Path | None:
    """Save what is in PostgreSQL; None if there are no tables yet, which are made."""
    if await schema_of(database) is None:
        await upgrade(database)
        return None
    await check_schema(database)
    await back_up(database, file, at=at)
    return file


async def _put_rows(fresh: Path, database: Database, contents: Contents, on_progress: OnProgress) -> None:
    """Replace every row of PostgreSQL in one transaction."""
    tables = ", ".join(table.name for table in Table.metadata.sorted_tables)
    saved = Database(sqlite_url(fresh))
    try:
        async with saved.whole(changes=False) as old, database.whole(changes=True) as new:
            await new.execute(text(f"TRUNCATE {tables}"))
            rows = await copy_rows(old, new, on_progress)
            lost = {name for name, number in contents.rows.items() if rows.get(name, 0) != number}
            if lost:
                raise StoreDamaged(f"rows of {', '.join(sorted(lost))} would be lost; nothing was changed")
    finally:
        await saved.close()
