"""Bring the tables to those of this release, or back, all in one transaction: a crash half-way leaves the old ones.

The steps are in migrations/versions; tables.py says what they end in. From database.py; to backup.py, which is asked
for the old state first.
"""

import asyncio
from functools import partial
from pathlib import Path
from weakref import WeakKeyDictionary

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from dragoman.ground.errors import SettingsInvalid, StoreDamaged, StoreOutdated
from dragoman.store.check import VERSIONS
from dragoman.store.database import Database

HEAD = "head"
BASE = "base"
_UPGRADE_LOCK = 0x647261676F6D616E
"""Number of PostgreSQL's lock that upgrades take; the letters of our name."""


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def upgrade(database: Database, *, to: str = HEAD) -> None:
    """Make or change the tables; nothing is done if they are there already. Several may ask at once.

    Raises ``StoreOutdated`` if a newer release made them, ``StoreDamaged`` if they are not ours, ``StoreUnavailable``
    and ``StoreFull``. What was in the database before is then as it was.
    """
    await _walk(database, partial(command.upgrade, revision=to))


async def downgrade(database: Database, *, to: str = BASE) -> None:
    """Go back to the tables of an earlier release; what only later ones hold is lost. Raises as ``upgrade`` does."""
    await _walk(database, partial(command.downgrade, revision=to))


async def schema_of(database: Database) -> str | None:
    """Say which schema the tables have, such as ``0001``; None where there are none."""
    async with database.reading() as session:
        connection = await session.connection()
        return await connection.run_sync(_schema_of)


async def check_schema(database: Database) -> None:
    """Raise ``StoreOutdated`` unless the tables are those of this release."""
    found = await schema_of(database)
    if found is None:
        raise StoreOutdated(f"the database {database.name} has no tables yet; make them: dragoman db upgrade")
    refuse_newer(found, name=database.name)
    if found != newest_schema():
        raise StoreOutdated(
            f"the tables of {database.name} are those of an earlier release ({found}; this one needs "
            f"{newest_schema()}); change them: dragoman db upgrade"
        )


def known_schemas() -> tuple[str, ...]:
    """Give every schema that this release can upgrade, oldest first."""
    scripts = ScriptDirectory.from_config(config_of(None))
    return tuple(reversed([step.revision for step in scripts.walk_revisions()]))


def newest_schema() -> str:
    return known_schemas()[-1]


def refuse_newer(schema: str, *, name: str) -> None:
    """Raise ``StoreOutdated`` for a schema that this release does not know."""
    if schema not in known_schemas():
        raise StoreOutdated(
            f"{name} was made by a newer release of Dragoman (schema {schema}; this one knows up to "
            f"{newest_schema()}); install that release, or restore a backup of before: dragoman db restore FILE"
        )


def config_of(connection: Connection | None) -> Config:
    """Give Alembic's configuration, by which it works on ``connection``."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    return config


async def _walk(database: Database, walk: partial[None]) -> None:
    # One at a time in a process: Alembic keeps what it works on in one place, and SQLite refuses some at a new file.
    turn = _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())
    async with turn, database.whole(changes=True) as connection:
        await _lock(connection)
        found = await connection.run_sync(_schema_of)
        if found is not None:
            refuse_newer(found, name=database.name)
        elif await connection.run_sync(_tables) not in ([], [VERSIONS]):
            raise StoreDamaged(f"{database.name} holds tables that are not Dragoman's; name another database")
        try:
            await connection.run_sync(lambda sync: walk(config_of(sync)))
        except CommandError as error:
            raise SettingsInvalid(f"{error}; there are: {', '.join(known_schemas())}") from error
        await _check_references(connection, name=database.name)


async def _lock(connection: AsyncConnection) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _UPGRADE_LOCK})


async def _check_references(connection: AsyncConnection, *, name: str) -> None:
    """SQLite alters a table by copying it, and follows no references meanwhile."""
    if connection.dialect.name != "sqlite":
        return
    broken = (await connection.execute(text("PRAGMA foreign_key_check"))).first()
    if broken is not None:
        raise StoreDamaged(f"{name}: a row of {broken[0]} refers to one of {broken[2]} that is not there")


def _schema_of(connection: Connection) -> str | None:
    if VERSIONS not in _tables(connection):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {VERSIONS}")).scalar()  # noqa: S608
    return found


def _tables(connection: Connection) -> list[str]:
    return inspect(connection).get_table_names()
