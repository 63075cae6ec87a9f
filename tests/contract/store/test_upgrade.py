"""From one release to another and back, on both databases."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text
from tests.contract.store.conftest import NextRelease
from tests.databases import Kind, both, open_database

from dragoman.ground.errors import SettingsInvalid, StoreDamaged, StoreOutdated
from dragoman.store.backup import upgrade_safely
from dragoman.store.check import differences
from dragoman.store.database import Database, utc_now
from dragoman.store.tables import SignedIn, User
from dragoman.store.upgrade import check_schema, downgrade, known_schemas, newest_schema, schema_of, upgrade

SCHEMAS = known_schemas()


async def tables_of(database: Database) -> set[str]:
    async with database.whole(changes=False) as connection:
        return set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))


async def differences_of(database: Database) -> list[str]:
    async with database.whole(changes=False) as connection:
        return await connection.run_sync(differences)


async def fill(database: Database) -> None:
    now = utc_now()
    times = {"rotated_at": now, "created_at": now, "used_at": now, "expires_at": now}
    async with database.writing() as session:
        user = User(email="an@example.org", name="An", created_at=now)
        session.add(user)
        await session.flush()
        session.add(SignedIn(user_id=user.id, refresh_hash="0" * 64, **times))


async def people(database: Database) -> list[tuple[str, str]]:
    """Give who is signed in, by plain statements that any schema understands."""
    async with database.reading() as session:
        found = await session.execute(
            text("SELECT users.email, sessions.refresh_hash FROM users JOIN sessions ON sessions.user_id = users.id")
        )
        return [(email, refresh_hash) for email, refresh_hash in found]


FILLED = [("an@example.org", "0" * 64)]


@both
async def test_the_migrations_end_in_the_tables_of_the_code(kind: Kind, tmp_path: Path) -> None:
    """A column that was added to tables.py only fails here: scripts/new_migration.py writes its migration."""
    async with open_database(kind, tmp_path) as database:
        assert await differences_of(database) == []


@both
@pytest.mark.parametrize("schema", SCHEMAS)
async def test_every_schema_there_was_is_upgraded_and_taken_back_and_upgraded_again(
    schema: str, kind: Kind, tmp_path: Path
) -> None:
    async with open_database(kind, tmp_path, tables=False) as database:
        await upgrade(database, to=schema)
        await upgrade(database)
        await downgrade(database, to=schema)
        at_schema = await schema_of(database)
        await downgrade(database)
        nothing = await tables_of(database) - {"alembic_version"}
        await upgrade(database)

        assert at_schema == schema
        assert nothing == set()
        assert await schema_of(database) == newest_schema()
        assert await differences_of(database) == []


@both
async def test_who_upgrades_twice_changes_nothing(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        await fill(database)

        await upgrade(database)

        assert await people(database) == FILLED


@both
async def test_several_who_upgrade_at_once_all_find_the_tables(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path, tables=False) as database:
        others = [Database(database.url, within_s=30) for _ in range(3)]

        await asyncio.gather(upgrade(database), *map(upgrade, others))

        assert await differences_of(database) == []
        for other in others:
            await other.close()


@both
async def test_altering_a_table_keeps_its_rows_and_those_that_refer_to_them(
    kind: Kind, tmp_path: Path, next_release: NextRelease
) -> None:
    async with open_database(kind, tmp_path) as database:
        await fill(database)
        next_release()

        await upgrade(database)
        after = await people(database)
        await downgrade(database, to=SCHEMAS[-1])

        assert after == FILLED
        assert await people(database) == FILLED


@both
async def test_a_step_that_fails_leaves_the_old_state(kind: Kind, tmp_path: Path, next_release: NextRelease) -> None:
    async with open_database(kind, tmp_path) as database:
        await fill(database)
        next_release(then='raise RuntimeError("no")')

        with pytest.raises(RuntimeError):
            await upgrade(database)

        assert await schema_of(database) == SCHEMAS[-1]
        assert await differences_of(database) == []
        assert await people(database) == FILLED


async def test_a_step_that_breaks_a_reference_is_not_kept_on_sqlite(tmp_path: Path, next_release: NextRelease) -> None:
    async with open_database("sqlite", tmp_path) as database:
        await fill(database)
        next_release(then='op.execute("DELETE FROM users")')

        with pytest.raises(StoreDamaged, match="sessions"):
            await upgrade(database)

        assert await people(database) == FILLED


@both
async def test_the_tables_of_this_release_pass_the_check(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        await check_schema(database)


@both
async def test_a_database_without_tables_is_told_the_command(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path, tables=False) as database:
        with pytest.raises(StoreOutdated, match="dragoman db upgrade"):
            await check_schema(database)


@both
async def test_the_tables_of_an_earlier_release_are_told_the_command(
    kind: Kind, tmp_path: Path, next_release: NextRelease
) -> None:
    async with open_database(kind, tmp_path) as database:
        next_release()

        with pytest.raises(StoreOutdated, match=r"earlier release.*dragoman db upgrade"):
            await check_schema(database)


@both
async def test_the_tables_of_a_newer_release_are_left_alone(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        async with database.writing() as session:
            await session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

        for ask in (check_schema, upgrade, downgrade):
            with pytest.raises(StoreOutdated, match="newer release"):
                await ask(database)

        assert await schema_of(database) == "9999"


@both
async def test_tables_of_somebody_else_are_left_alone(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path, tables=False) as database:
        async with database.writing() as session:
            await session.execute(text("CREATE TABLE invoices (number INTEGER)"))

        with pytest.raises(StoreDamaged, match="not Dragoman's"):
            await upgrade(database)

        assert await tables_of(database) == {"invoices"}


@both
async def test_a_schema_that_nobody_knows_is_refused_with_those_there_are(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path, tables=False) as database:
        with pytest.raises(SettingsInvalid, match=SCHEMAS[-1]):
            await upgrade(database, to="4711")


async def test_a_sqlite_database_is_saved_beside_itself_before_it_is_upgraded(
    tmp_path: Path, next_release: NextRelease
) -> None:
    async with open_database("sqlite", tmp_path) as database:
        await fill(database)
        next_release()

        saved = await upgrade_safely(database, at=utc_now())

        assert saved is not None
        assert saved.parent == tmp_path
        assert await people(database) == FILLED
        assert sorted(file.name for file in tmp_path.iterdir() if file.suffix == ".backup") == [saved.name]


async def test_nothing_is_saved_where_there_is_nothing_to_upgrade(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path, tables=False) as database:
        first = await upgrade_safely(database, at=utc_now())
        again = await upgrade_safely(database, at=utc_now())

        assert (first, again) == (None, None)
        async with database.reading() as session:
            assert list(await session.scalars(select(User))) == []
