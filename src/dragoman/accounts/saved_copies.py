"""Take a person out of copies of the database that lie here: backups, and what an upgrade or a restore put aside.

From erased_rows.py and ``store/backup_file.py``; to erasure.py. A copy is unpacked beside itself, brought to the tables
of this release, freed of the person, and takes the old one's place at once, with the moment it was made.
"""

import asyncio
import glob
import shutil
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, select

from dragoman.accounts import export
from dragoman.accounts.erased_rows import erase_rows
from dragoman.ground.accounts import Actor
from dragoman.ground.errors import StoreDamaged
from dragoman.store.backup import back_up
from dragoman.store.backup_file import Contents, unpack
from dragoman.store.check import settle
from dragoman.store.database import Database, sqlite_url
from dragoman.store.durable import remove_if_left, sync_file, sync_folder, workplace, workplaces
from dragoman.store.leftovers import cut_log
from dragoman.store.tables import Invitation
from dragoman.store.upgrade import upgrade

BACKUPS = "backups"
"""Folder of the daily ones, below the data folder."""
_SQLITE = b"SQLite format 3\x00"
_WITHIN_S = 300.0
"""For a copy, which nobody else works on."""
_UNWRITTEN = ("-wal", "-journal")
"""Endings of what SQLite keeps beside a file that was not closed well: rows may stand there alone."""
_BESIDE = (*_UNWRITTEN, "-shm")
_PUT_ASIDE = ".before-restore-*"


def saved_copies(data_dir: Path, database: Path | None = None) -> Sequence[Path]:
    """Find every copy of a database: in the data folder, and what was put aside beside ``database``, a SQLite file."""
    return [it for it in _found(data_dir, database) if not it.name.endswith(_BESIDE)]


def remove_strays(data_dir: Path, database: Path | None = None) -> None:
    """Remove what still holds rows though its copy is gone or never was. Raises ``OSError``.

    That is the log of a copy that somebody removed alone, and what ``remove_unfinished`` removes.
    """
    for log in _found(data_dir, database):
        ending = next((it for it in _BESIDE if log.name.endswith(it)), "")
        if ending and not log.with_name(log.name.removesuffix(ending)).exists():
            log.unlink(missing_ok=True)
    remove_unfinished(data_dir, database)


def remove_unfinished(data_dir: Path, database: Path | None = None) -> None:
    """Remove what processes that were killed left of backups, restores, checks and exports. Raises ``OSError``."""
    places = [it for folder in (data_dir, data_dir / BACKUPS, data_dir / export.FOLDER) for it in workplaces(folder)]
    if database is not None:
        places += workplaces(database.parent, of=f"{glob.escape(database.name)}*")
    for place in places:
        remove_if_left(place)


def _found(data_dir: Path, database: Path | None) -> Sequence[Path]:
    """List the copies and what lies beside them. Outside the data folder only what has the database's name is ours."""
    found = {*data_dir.glob("*.backup"), *data_dir.glob(f"*{_PUT_ASIDE}"), *(data_dir / BACKUPS).glob("*.backup")}
    if database is not None:
        name = glob.escape(database.name)
        found |= {*database.parent.glob(f"{name}.*.backup"), *database.parent.glob(f"{name}{_PUT_ASIDE}")}
    return sorted({it.resolve() for it in found if it.is_file() and not it.name.endswith(".part")})


async def erase_from_copy(
    file: Path, user_id: str, *, invitations: Collection[str], actor: Actor, at: datetime
) -> bool:
    """Take a person out of one copy; False if it could not be read, and was removed for that.

    A copy from before they had an account may name them in an invitation: of those that name anybody, only
    ``invitations`` stay, the ids of today's.
    Raises ``StoreOutdated`` for a copy that a newer release made, ``StoreFull``, ``StoreUnavailable`` and
    ``OutputNotWritable``; the copy is as it was then.
    """
    try:
        with workplace(file.with_name(f"{file.name}.erasing")) as folder:
            copy = folder / "dragoman.db"
            contents = await asyncio.to_thread(_open, file, copy)
            await _erase(copy, user_id, invitations=invitations, actor=actor, at=at)
            if contents is None:
                await asyncio.to_thread(settle, copy)
                await asyncio.to_thread(sync_file, copy)
                _remove_beside(file)  # what stands there is in the copy; beside another file it would spoil that
                copy.replace(file)
                sync_folder(file.parent)
            else:
                await _pack(copy, file, contents)
    except StoreDamaged:
        _remove_beside(file)
        await asyncio.to_thread(file.unlink, missing_ok=True)
        return False
    return True


def _remove_beside(file: Path) -> None:
    for ending in _BESIDE:
        file.with_name(file.name + ending).unlink(missing_ok=True)


def _open(file: Path, copy: Path) -> Contents | None:
    """Write the database of a copy to ``copy``; None for one that is a database itself."""
    with file.open("rb") as stream:
        plain = stream.read(len(_SQLITE)) == _SQLITE
    if not plain:
        return unpack(file, copy)
    shutil.copyfile(file, copy)
    for ending in _UNWRITTEN:
        beside = file.with_name(file.name + ending)
        if beside.exists():
            shutil.copyfile(beside, copy.with_name(copy.name + ending))
    return None


async def _erase(copy: Path, user_id: str, *, invitations: Collection[str], actor: Actor, at: datetime) -> None:
    database = Database(sqlite_url(copy), within_s=_WITHIN_S)
    try:
        await upgrade(database)
        async with database.writing() as session:
            await erase_rows(session, user_id, actor=actor, at=at)
            named = await session.scalars(select(Invitation.id).where(Invitation.email.is_not(None)))
            for old in set(named) - set(invitations):
                await session.execute(delete(Invitation).where(Invitation.id == old))
    finally:
        await database.close()
    await cut_log(database)


async def _pack(copy: Path, file: Path, contents: Contents) -> None:
    database = Database(sqlite_url(copy))
    try:
        await back_up(database, file, at=contents.made_at, replaces=True)
    finally:
        await database.close()
