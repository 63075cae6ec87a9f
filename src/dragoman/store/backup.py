"""Save a database while others work on it. From database.py; to backup_file.py, whose file restore.py puts back."""

import asyncio
from datetime import datetime
from pathlib import Path

from dragoman import __version__
from dragoman.ground.errors import OutputNotWritable, StoreDamaged, StoreOutdated, StoreUnavailable
from dragoman.store import audit
from dragoman.store.backup_file import Contents, pack
from dragoman.store.check import defects_of_file, erasures_of_file, rows_of_file, schema_of_file, settle
from dragoman.store.copying import OnProgress, copy_pages, copy_rows, unwatched
from dragoman.store.database import Database, sqlite_url
from dragoman.store.durable import sync_file, sync_folder, workplace
from dragoman.store.upgrade import check_schema, newest_schema, refuse_newer, schema_of, upgrade

TRIES = 3
"""Where people are erased while the database is read."""


async def back_up(
    database: Database, file: Path, *, at: datetime, on_progress: OnProgress = unwatched, replaces: bool = False
) -> Contents:
    """Save the state of one moment in ``file``, which is there whole or not at all. ``at`` is now.

    Who is erased meanwhile is not in it. Raises ``StoreOutdated`` for a database without tables or of a newer release,
    ``StoreDamaged`` if it does not check out, ``StoreUnavailable`` if people are erased all the time, ``StoreFull``,
    ``OutputNotWritable``; and if ``file`` is there and not ``replaces``, ``OutputNotWritable``.
    """
    with workplace(file) as folder:
        if not replaces:
            _refuse_to_replace(file)
        copy, packed = folder / "dragoman.db", folder / "packed"
        for _ in range(TRIES):
            contents = await _packed_copy(database, copy, packed, at, on_progress)
            if await _put_in_place(database, copy, packed, file):
                return contents
            copy.unlink()
            packed.unlink()
    raise StoreUnavailable(f"people were erased each time that {database.name} was read; nothing was saved, try again")


async def _packed_copy(database: Database, copy: Path, packed: Path, at: datetime, on_progress: OnProgress) -> Contents:
    """Write the state of this moment to the file ``packed``, by way of the SQLite file ``copy``."""
    schema = await _copy(database, copy, on_progress)
    defects = await asyncio.to_thread(defects_of_file, copy)
    if defects:
        raise StoreDamaged(f"{database.name} is damaged, nothing was saved: {defects[0]}")
    contents = Contents(
        schema_id=schema,
        made_at=at,
        made_by=f"dragoman {__version__}",
        source="sqlite" if database.is_sqlite else "postgresql",
        rows=await asyncio.to_thread(rows_of_file, copy),
    )
    await asyncio.to_thread(pack, copy, contents, packed)
    await asyncio.to_thread(sync_file, packed)
    return contents


async def _put_in_place(database: Database, copy: Path, packed: Path, file: Path) -> bool:
    """Make ``packed`` the backup; False if somebody was erased since it was copied.

    An erasure looks for backups after its rows are gone. Those of before this moment are seen here; the others wait
    for the end of this transaction, and find the file.
    """
    known = await asyncio.to_thread(erasures_of_file, copy)
    async with database.writing() as session:
        await audit.hold(session)
        if not await audit.erasures(session) <= known:
            return False
        _place(packed, file)
    return True


def _place(packed: Path, file: Path) -> None:
    packed.replace(file)
    sync_folder(file.parent)


def _refuse_to_replace(file: Path) -> None:
    if file.exists():
        raise OutputNotWritable(f"{file} is there already; name another file, or remove it")


async def upgrade_safely(
    database: Database, *, at: datetime, to: str = "head", on_progress: OnProgress = unwatched
) -> Path | None:
    """Upgrade; where there is a SQLite database to lose, save it beside itself first. Give the backup's file, if any.

    Raises as ``back_up`` and ``upgrade`` do.
    """
    saved = None
    if database.file is not None:
        schema = await schema_of(database)
        if schema is not None and schema != newest_schema():
            refuse_newer(schema, name=database.name)
            saved = database.file.with_name(f"{database.file.name}.before-upgrade-from-{schema}.backup")
            await back_up(database, saved, at=at, on_progress=on_progress, replaces=True)
    await upgrade(database, to=to)
    return saved


async def _copy(database: Database, copy: Path, on_progress: OnProgress) -> str:
    """Make a SQLite file of the database; give the schema of its tables."""
    if database.file is None:
        await check_schema(database)
        await _copy_rows(database, copy, on_progress)
        return newest_schema()
    return await asyncio.to_thread(_copy_file, database.file, copy, on_progress)


def _copy_file(file: Path, copy: Path, on_progress: OnProgress) -> str:
    schema = None
    if file.exists():
        copy_pages(file, copy, on_progress)
        schema = schema_of_file(copy)
    if schema is None:
        raise StoreOutdated(f"{file} has no tables yet, there is nothing to save")
    return schema


async def _copy_rows(database: Database, copy: Path, on_progress: OnProgress) -> None:
    saved = Database(sqlite_url(copy))
    try:
        await upgrade(saved)
        async with database.whole(changes=False) as old, saved.whole(changes=True) as new:
            await copy_rows(old, new, on_progress)
    finally:
        await saved.close()
    await asyncio.to_thread(settle, copy)
