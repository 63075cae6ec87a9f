"""The disk of the database is full: said as such, nothing is lost or broken, and it goes on once there is room."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select
from tests.databases import open_database
from tests.faults.database_child import Telling, child
from tests.faults.small_disk import SIZE_BYTES, SmallDisk

from dragoman.ground.errors import StoreFull
from dragoman.store.backup import back_up
from dragoman.store.database import Database, utc_now
from dragoman.store.tables import AuditEntry
from dragoman.store.verify import verify

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
_PART = 100
_LARGE = "x" * 1000


async def add_part(database: Database, number: int) -> None:
    """Write a part of rows, all or none of them."""
    rows = [
        {"id": f"{number}-{row}", "at": utc_now(), "actor_kind": "system", "action": "a", "facts": {"x": _LARGE}}
        for row in range(_PART)
    ]
    async with database.writing() as session:
        await session.execute(insert(AuditEntry), rows)


async def fill_up(database: Database, *, begin: int = 0) -> int:
    """Write parts from the number ``begin`` on until there is no room; give the number of the first that is not in."""
    for number in range(begin, SIZE_BYTES):
        try:
            await add_part(database, number)
        except StoreFull:
            return number
    raise AssertionError("the disk never was full")


async def parts(database: Database) -> float:
    verified = await verify(database)
    assert verified.good, verified.wrong
    async with database.reading() as session:
        return (await session.scalar(select(func.count()).select_from(AuditEntry)) or 0) / _PART


def in_child(work: Callable[[], Awaitable[None]]) -> None:
    def run(_: Telling) -> None:
        asyncio.run(as_coroutine())

    async def as_coroutine() -> None:
        await work()

    with child(run) as process:
        process.end()


@pytest.mark.parametrize("by", ["disk", "limit"])
def test_a_full_disk_is_said_and_loses_nothing_and_goes_on_with_room(
    by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work() -> None:
        if by == "limit":
            monkeypatch.setattr(os, "geteuid", lambda: 1000)
        disk = SmallDisk(tmp_path / "data")
        async with open_database("sqlite", tmp_path / "data") as database:
            written = await fill_up(database)
            written = await fill_up(database, begin=written)

            assert written > 2
            disk.make_room()
            assert await parts(database) == written
            await add_part(database, SIZE_BYTES)
            assert await parts(database) == written + 1

    in_child(work)


def test_a_backup_onto_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    async def work() -> None:
        async with open_database("sqlite", tmp_path / "data") as database:
            for number in range(30):
                await add_part(database, number)
            disk = SmallDisk(tmp_path / "backups")

            with pytest.raises(StoreFull, match="free some space"):
                await back_up(database, tmp_path / "backups" / "saved.backup", at=AT)
            left = list((tmp_path / "backups").iterdir())

            disk.make_room()
            await back_up(database, tmp_path / "backups" / "saved.backup", at=AT)
            assert left == []

    in_child(work)
