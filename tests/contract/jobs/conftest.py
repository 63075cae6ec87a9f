from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.databases import open_database

from dragoman.store.database import Database
from dragoman.store.tables import Table


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database | None]:
    """Where the queue lives: a database, or None for memory."""
    if request.param == "memory":
        yield None
        return
    async with open_database(request.param, tmp_path, tables=False) as database:
        async with database.whole(changes=True) as connection:
            await connection.run_sync(Table.metadata.create_all, tables=[Table.metadata.tables["jobs"]])
        yield database
