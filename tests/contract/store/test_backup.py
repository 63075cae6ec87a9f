"""What is saved comes back, into either database; what does not check out changes nothing."""

import asyncio
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from tests.contract.store.conftest import NextRelease
from tests.databases import Kind, both, open_database

from dragoman.ground.accounts import SYSTEM
from dragoman.ground.errors import OutputNotWritable, StoreDamaged, StoreOutdated, StoreUnavailable
from dragoman.store import audit, backup, copying
from dragoman.store.backup import back_up
from dragoman.store.backup_file import unpack
from dragoman.store.database import Database, utc_now
from dragoman.store.restore import restore
from dragoman.store.tables import AuditEntry, Job, SiteValue, Table, User
from dragoman.store.upgrade import newest_schema, schema_of
from dragoman.store.verify import verify

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
into_both = pytest.mark.parametrize("into", ["sqlite", "postgresql"])


async def fill(database: Database, *, people: int = 3) -> None:
    """Write something of every type of column, and more than one part of copied rows."""
    now = utc_now()
    async with database.writing() as session:
        for number in range(people):
            session.add(User(email=f"{number}@example.org", name="Ánh\u200b", created_at=now, plan_limits=None))
        session.add(Job(kind="backup", payload={"n": [1, 2.5, None, "x"]}, progress=0.5, run_at=now, created_at=now))
        session.add(SiteValue(key="plans", value={"on": True}))
        entries = [{"id": f"{n}", "at": now, "actor_kind": "system", "action": "a", "facts": {}} for n in range(600)]
        await session.execute(insert(AuditEntry), entries)


async def rows_of(database: Database) -> dict[str, list[object]]:
    """Give everything, in an order that both databases agree on."""
    async with database.reading() as session:
        return {
            table.name: sorted([tuple(row) for row in await session.execute(select(table))], key=repr)
            for table in Table.metadata.sorted_tables
        }


async def count(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(User)) or 0


@both
@into_both
async def test_what_was_saved_from_either_database_comes_back_in_either(kind: Kind, into: Kind, tmp_path: Path) -> None:
    file = tmp_path / "saved.backup"
    async with open_database(kind, tmp_path / "old") as old, open_database(into, tmp_path / "new", tables=False) as new:
        await fill(old)

        contents = await back_up(old, file, at=AT)
        restored = await restore(new, file, at=AT, keep_in=tmp_path)

        assert await rows_of(new) == await rows_of(old)
        assert (await verify(new)).good
        assert restored.contents == contents
        assert restored.kept is None
        assert (contents.schema_id, contents.made_at, contents.source) == (newest_schema(), AT, kind)
        assert (contents.rows["users"], contents.rows["audit"]) == (3, 600)


@both
async def test_what_was_there_before_a_restore_is_kept_and_can_be_put_back(kind: Kind, tmp_path: Path) -> None:
    file = tmp_path / "saved.backup"
    async with open_database(kind, tmp_path / "data") as database:
        await back_up(database, file, at=AT)
        await fill(database, people=2)
        await database.close()

        restored = await restore(database, file, at=AT, keep_in=tmp_path)

        assert await count(database) == 0
        assert restored.kept is not None
        if kind == "sqlite":
            with closing(sqlite3.connect(restored.kept)) as kept:
                assert kept.execute("SELECT count(*) FROM users").fetchone() == (2,)
        else:
            await restore(database, restored.kept, at=utc_now(), keep_in=tmp_path)
            assert await count(database) == 2


@both
async def test_a_backup_is_of_one_moment_though_others_write(
    kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever writes is not held up either: the writes happen while the copy is half done."""
    monkeypatch.setattr(copying, "PAGES", 8)
    monkeypatch.setattr(copying, "ROWS", 100)
    file = tmp_path / "saved.backup"
    async with open_database(kind, tmp_path / "data") as database:
        await fill(database, people=300)
        told: list[int] = []

        def write(done: int, _total: int) -> None:
            statement(database, f"UPDATE site SET key = 'changed at {done}'")  # noqa: S608
            statement(database, "DELETE FROM users")
            told.append(done)

        contents = await back_up(database, file, at=AT, on_progress=write)

        assert len(told) > 3
        assert contents.rows["users"] == 300
        assert await count(database) == 0


@both
async def test_who_is_erased_while_a_backup_is_made_is_not_in_it(
    kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_copy = backup._copy
    copies = 0
    async with open_database(kind, tmp_path / "data") as database:
        await fill(database)

        async def copy_and_erase(*arguments: Any) -> str:
            nonlocal copies
            schema = await whole_copy(*arguments)
            copies += 1
            if copies == 1:
                await erase_everybody(database)
            return schema

        monkeypatch.setattr(backup, "_copy", copy_and_erase)
        contents = await back_up(database, tmp_path / "saved.backup", at=AT)

    assert (copies, contents.rows["users"]) == (2, 0)
    assert unpack(tmp_path / "saved.backup", tmp_path / "unpacked.db") == contents
    assert b"0@example.org" not in (tmp_path / "unpacked.db").read_bytes()


@both
async def test_a_backup_waits_for_an_erasure_that_is_about_to_end(kind: Kind, tmp_path: Path) -> None:
    """It would not be there when the erasure looks for copies, nor the erasure when the backup looks for it."""
    async with open_database(kind, tmp_path / "data") as database:
        await fill(database)
        other = Database(database.url, within_s=30)
        async with other.writing() as session:
            await erase_rows_of_everybody(session)
            await session.flush()
            saving = asyncio.create_task(back_up(database, tmp_path / "saved.backup", at=AT))
            done, _ = await asyncio.wait([saving], timeout=1)
        contents = await saving
        await other.close()

    assert done == set()
    assert contents.rows["users"] == 0


async def test_a_backup_gives_up_where_people_are_erased_all_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole_copy = backup._copy
    async with open_database("sqlite", tmp_path / "data") as database:

        async def copy_and_erase(*arguments: Any) -> str:
            schema = await whole_copy(*arguments)
            await erase_everybody(database)
            return schema

        monkeypatch.setattr(backup, "_copy", copy_and_erase)
        with pytest.raises(StoreUnavailable, match="erased"):
            await back_up(database, tmp_path / "saved.backup", at=AT)

    assert [it.name for it in tmp_path.iterdir()] == ["data"]


async def erase_everybody(database: Database) -> None:
    async with database.writing() as session:
        await erase_rows_of_everybody(session)


async def erase_rows_of_everybody(session: AsyncSession) -> None:
    await session.execute(delete(User))
    audit.record(session, at=AT, actor=SYSTEM, action=audit.ERASED)


def statement(database: Database, text: str) -> None:
    """Run a statement on a connection from outside."""
    if database.file is None:
        with psycopg.connect(database.url) as connection:
            connection.execute(text.encode())
    else:
        with closing(sqlite3.connect(database.file, isolation_level=None)) as connection:
            connection.execute(text)


async def test_a_backup_of_an_earlier_schema_is_upgraded_when_it_is_restored(
    tmp_path: Path, next_release: NextRelease
) -> None:
    file = tmp_path / "saved.backup"
    async with open_database("sqlite", tmp_path / "data") as database:
        await fill(database)
        await back_up(database, file, at=AT)
        next_release(then='op.execute("UPDATE users SET name = lower(email)")', alters=False)
        await database.close()

        await restore(database, file, at=AT, keep_in=tmp_path)

        async with database.reading() as session:
            names = set(await session.scalars(select(User.name)))
        assert names == {"0@example.org", "1@example.org", "2@example.org"}
        assert await schema_of(database) == newest_schema()


async def test_a_backup_is_its_owners_alone_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    async with open_database("sqlite", tmp_path / "data") as database:
        await back_up(database, folder / "saved.backup", at=AT)

    assert [file.name for file in folder.iterdir()] == ["saved.backup"]
    assert stat.S_IMODE((folder / "saved.backup").stat().st_mode) == 0o600


async def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    async with open_database("sqlite", tmp_path) as database:
        await back_up(database, tmp_path / "saved.backup", at=AT, on_progress=lambda *at: told.append(at))

    assert told[-1][0] == told[-1][1] > 0


async def test_a_backup_does_not_replace_a_file(tmp_path: Path) -> None:
    (tmp_path / "saved.backup").write_text("mine")
    async with open_database("sqlite", tmp_path / "data") as database:
        with pytest.raises(OutputNotWritable, match="there already"):
            await back_up(database, tmp_path / "saved.backup", at=AT)

    assert (tmp_path / "saved.backup").read_text() == "mine"


@both
async def test_a_database_without_tables_is_not_saved(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path / "data", tables=False) as database:
        with pytest.raises(StoreOutdated, match="no tables"):
            await back_up(database, tmp_path / "saved.backup", at=AT)

    assert not (tmp_path / "saved.backup").exists()


async def test_a_damaged_database_is_not_saved_but_can_be_restored_over(tmp_path: Path) -> None:
    good, file = tmp_path / "good.backup", tmp_path / "data" / "dragoman.db"
    async with open_database("sqlite", tmp_path / "data") as database:
        await fill(database)
        await back_up(database, good, at=AT)
    damage(file)

    async with open_database("sqlite", tmp_path / "data") as database:
        with pytest.raises(StoreDamaged, match="dragoman db restore"):
            await verify(database)
        with pytest.raises(StoreDamaged):
            await back_up(database, tmp_path / "bad.backup", at=AT)
        await database.close()
        restored = await restore(database, good, at=AT, keep_in=tmp_path)

        assert await count(database) == 3
        assert restored.kept is not None
        assert not (tmp_path / "bad.backup").exists()


def damage(file: Path) -> None:
    """Overwrite the first pages, as a broken disk does."""
    content = bytearray(file.read_bytes())
    content[16:40_000] = b"\xff" * (40_000 - 16)
    file.write_bytes(content)


async def test_a_log_left_without_its_database_is_not_written_into_what_is_restored(tmp_path: Path) -> None:
    file, place = tmp_path / "saved.backup", tmp_path / "new" / "dragoman.db"
    async with open_database("sqlite", tmp_path / "old") as old:
        await back_up(old, file, at=AT)
        await fill(old)
        assert old.file is not None
        log = old.file.with_name(f"{old.file.name}-wal").read_bytes()
    assert log
    place.parent.mkdir()
    place.with_name("dragoman.db-wal").write_bytes(log)

    async with open_database("sqlite", place.parent, tables=False) as new:
        assert new.file == place
        await restore(new, file, at=AT, keep_in=tmp_path)

        assert await count(new) == 0
        assert (await verify(new)).good
    assert [kept.read_bytes() for kept in place.parent.glob("*before-restore-*-wal")] == [log]


async def test_a_restore_under_a_running_server_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "saved.backup"
    async with open_database("sqlite", tmp_path / "data") as running:
        await back_up(running, file, at=AT)
        await fill(running)

        async with open_database("sqlite", tmp_path / "data") as database:
            with pytest.raises(StoreUnavailable, match="stop dragoman first"):
                await restore(database, file, at=AT, keep_in=tmp_path)

        assert await count(running) == 3
