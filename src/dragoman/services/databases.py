"""``dragoman db``: the database of the settings as a whole. To upgrade, backup, restore and verify of the store."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from dragoman.ground.errors import SettingsInvalid
from dragoman.services.open_accounts import database_file, database_url
from dragoman.settings import Settings
from dragoman.store.backup import back_up, upgrade_safely
from dragoman.store.backup_file import Contents
from dragoman.store.copying import OnProgress
from dragoman.store.database import Database, sqlite_url, utc_now
from dragoman.store.restore import Restored, check_backup, restore
from dragoman.store.upgrade import schema_of
from dragoman.store.verify import Verified, verify

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """What ``upgrade_database`` has done."""

    database: str
    before: str | None
    """Schema of the tables; None where there were none."""
    after: str | None
    saved: Path | None
    """Backup of the state before."""


def is_there_a_database(settings: Settings) -> bool:
    return database_url(settings) is not None


def upgrade_database(settings: Settings, on_progress: OnProgress) -> Upgraded:
    """Bring the tables to those of this release. Raises ``StoreError``, ``SettingsInvalid`` without a database."""

    async def work(database: Database) -> Upgraded:
        before = await schema_of(database)
        saved = await upgrade_safely(database, at=utc_now(), on_progress=on_progress)
        return Upgraded(database=database.name, before=before, after=await schema_of(database), saved=saved)

    return _with_database(_url(settings), work)


def back_up_database(settings: Settings, file: Path, on_progress: OnProgress) -> Contents:
    """Save everything in ``file``. Raises as ``back_up`` does, ``SettingsInvalid`` without a database."""

    async def work(database: Database) -> Contents:
        await schema_of(database)  # where its file is away that is said, and not that it is empty
        return await back_up(database, file, at=utc_now(), on_progress=on_progress)

    return _with_database(_url(settings), work)


def restore_database(settings: Settings, backup: Path, on_progress: OnProgress) -> Restored:
    """Put a backup in the place of the database, or where there is none yet. Raises as ``restore`` does."""
    return _with_database(
        database_url(settings) or sqlite_url(database_file(settings)),
        lambda database: restore(database, backup, at=utc_now(), keep_in=settings.data_dir, on_progress=on_progress),
    )


def verify_database(settings: Settings, on_progress: OnProgress) -> Verified:
    """Look at everything in the database. Raises as ``verify`` does, ``SettingsInvalid`` without a database."""
    return _with_database(_url(settings), lambda database: verify(database, on_progress=on_progress))


def verify_backup(settings: Settings, backup: Path) -> Contents:
    """Look at everything in a backup. Raises as ``restore`` does."""
    return asyncio.run(check_backup(backup, keep_in=settings.data_dir))


def _url(settings: Settings) -> str:
    url = database_url(settings)
    if url is None:
        raise SettingsInvalid(
            f"there is no database in {settings.data_dir}: this server has no accounts; "
            "dragoman user add-admin makes the first"
        )
    return url


def _with_database(url: str, work: Callable[[Database], Awaitable[_Result]]) -> _Result:
    async def run() -> _Result:
        database = Database(url, makes_file=False)
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())
