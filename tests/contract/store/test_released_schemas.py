"""What a database of a released schema held is there after an upgrade, and after the way back; on both databases."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.contract.store.conftest import NextRelease
from tests.databases import Kind, both, open_database
from tests.released_schemas import ROWS, columns_in, file_of, load, rows_of

from dragoman.store.backup import upgrade_safely
from dragoman.store.database import Database
from dragoman.store.restore import restore
from dragoman.store.upgrade import downgrade, known_schemas, newest_schema, schema_of, upgrade
from dragoman.store.verify import verify

SCHEMAS = known_schemas()
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


async def up_and_down(database: Database, schema: str) -> None:
    """Upgrade a filled database and take it back: it holds the same each time, as far as the schema knew it."""
    await upgrade(database, to=schema)
    await load(database, schema)
    columns = await columns_in(database)
    before = await rows_of(database)

    await upgrade(database)
    after = await rows_of(database, columns_of=columns)
    await downgrade(database, to=schema)
    back = await rows_of(database)

    assert {table: len(rows) for table, rows in before.items()} == dict.fromkeys(columns, ROWS)
    assert after == before
    assert back == before
    assert await schema_of(database) == schema


@both
@pytest.mark.parametrize("schema", SCHEMAS)
async def test_an_upgrade_keeps_every_row_of_a_released_schema_and_so_does_the_way_back(
    schema: str, kind: Kind, tmp_path: Path
) -> None:
    assert file_of(schema).exists(), "when a schema is released: python -m tests.released_schemas"

    async with open_database(kind, tmp_path, tables=False) as database:
        await up_and_down(database, schema)


@both
async def test_the_next_release_too_keeps_every_row(kind: Kind, tmp_path: Path, next_release: NextRelease) -> None:
    next_release()

    async with open_database(kind, tmp_path, tables=False) as database:
        await up_and_down(database, SCHEMAS[-1])


@both
async def test_a_released_database_that_was_upgraded_is_whole(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path, tables=False) as database:
        await upgrade(database, to=SCHEMAS[0])
        await load(database, SCHEMAS[0])
        await upgrade(database)

        report = await verify(database)

    assert report.good, report.wrong
    assert set(report.rows.values()) == {ROWS}


@pytest.mark.parametrize("schema", SCHEMAS)
async def test_a_released_schema_has_the_columns_that_its_rows_name_and_no_others(schema: str, tmp_path: Path) -> None:
    inserted = re.findall(r'^INSERT INTO "(\w+)" \((.*?)\) VALUES', file_of(schema).read_text(encoding="utf-8"), re.M)

    async with open_database("sqlite", tmp_path, tables=False) as database:
        await upgrade(database, to=schema)
        made = await columns_in(database)

    assert {table: sorted(names) for table, names in made.items()} == {
        table: sorted(names.replace('"', "").split(", ")) for table, names in inserted
    }


async def test_a_database_of_the_first_release_is_saved_upgraded_and_restored(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path / "data", tables=False) as database:
        await upgrade(database, to=SCHEMAS[0])
        await load(database, SCHEMAS[0])
        saved = await upgrade_safely(database, at=NOON)
        upgraded = await rows_of(database)
        await database.close()

        assert saved is not None
        await restore(database, saved, at=NOON, keep_in=tmp_path)

        assert await rows_of(database) == upgraded
        assert await schema_of(database) == newest_schema()
        assert (await verify(database)).good


async def test_a_released_schema_holds_the_same_on_both_databases(tmp_path: Path) -> None:
    held = []
    for kind in ("sqlite", "postgresql"):
        async with open_database(kind, tmp_path, tables=False) as database:
            await upgrade(database, to=SCHEMAS[0])
            await load(database, SCHEMAS[0])
            held.append(await rows_of(database))

    assert held[0] == held[1]
