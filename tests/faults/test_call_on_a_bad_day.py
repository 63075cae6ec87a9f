"""A call of a server with accounts while its database is locked, gone or full.

Through ``dragoman up``, with real processes, one call for each database: captions go on, whoever needs the database is
told so, and once it is back all works again by itself, with nothing lost and nothing half there.
"""

import asyncio
import os
import shutil
import sqlite3
import sys
import time
from asyncio.subprocess import PIPE
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, closing
from pathlib import Path

import psycopg
from tests.acceptance.commands import Home
from tests.by_hand import add_admin, dragoman
from tests.databases import postgresql
from tests.faults.accounts_call import AccountsCall, accounts_call, problem_of
from tests.faults.data_disk import DataDisk
from tests.site import Site, missed, pico_site

from dragoman.settings import DATABASE_FILE

AWAY = (503, "store_unavailable", True)
"""Status, code, and that it says when to come again."""
FULL = (507, "store_full", False)
LOCKED_S = float(os.environ.get("LOCKED_S", "30"))
"""How long the lock is held; less where a test run is to be short. Who wants to write waits for 2 s of it."""


async def is_told(call: AccountsCall, *, of: tuple[int, str, bool], reads: bool, who_comes: str) -> None:
    """Ask for what needs the database, to write and to read; come to the call, which does not."""
    written = await call.ask_for_a_room()
    listed = await call.list_rooms()
    late = await call.join_late(who_comes)

    assert problem_of(written) == of
    assert listed.status_code == 200 if reads else problem_of(listed) == of, listed.text
    assert late.status_code == 201, late.text
    await call.captions_go_on()


async def goes_on_locked(call: AccountsCall, *, until_s: float) -> None:
    """Work on as An does, until that time: whatever is written is refused in time, and reading and the call go on."""
    while time.monotonic() < until_s:
        written, listed = await asyncio.gather(call.ask_for_a_room(), call.list_rooms())
        await call.captions_go_on()

        assert problem_of(written) == AWAY
        assert listed.status_code == 200, listed.text
        assert Counter(it["title"] for it in listed.json()["items"]) == Counter(call.titles)


@asynccontextmanager
async def locked(site: Site, file: Path) -> AsyncIterator[None]:
    """Let another process have the lock of SQLite."""
    command = (sys.executable, "-m", "tests.faults.lock_child", str(site.process.pid), str(file))
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    assert process.stdin is not None and process.stdout is not None
    try:
        assert await process.stdout.readline() == b"locked\n"
        yield
    finally:
        process.stdin.close()
        await process.wait()


async def nothing_was_lost(call: AccountsCall) -> None:
    """Compare what was said with what is known of it, and what was promised with what is there."""
    await call.ben.guest.wait_for(lambda: call.ben.guest.finals, timeout_s=60)
    listed = (await call.list_rooms()).json()
    finals = await missed(call.site, call.an, None)

    assert Counter(it["title"] for it in listed["items"]) == Counter(call.titles)
    seqs = [final["seq"] for final in finals]
    assert seqs == list(range(1, len(seqs) + 1))
    if call.site.log().count("interpreter is ready after") == 1:  # none was replaced for being slow
        assert not [final for final in finals if final["gap"]]


async def test_a_call_goes_on_while_sqlite_is_locked_gone_and_full(tmp_path: Path) -> None:
    data = tmp_path / "data"
    settings = {"DRAGOMAN_DATA_DIR": str(data)}
    add_admin(tmp_path, **settings)
    disk = DataDisk(data)
    with ExitStack() as kept:
        with pico_site(tmp_path, disk.mount, **settings) as site:
            file = disk.inside(site) / DATABASE_FILE
            after = kept.enter_context(disk.kept(site))
            async with accounts_call(site) as call:
                await call.captions_go_on()
                async with locked(site, data / DATABASE_FILE):
                    until_s = time.monotonic() + LOCKED_S
                    await is_told(call, of=AWAY, reads=True, who_comes="Chi")
                    await goes_on_locked(call, until_s=until_s)
                await call.works_again()

                file.rename(file.with_suffix(".elsewhere"))
                await is_told(call, of=AWAY, reads=False, who_comes="Dung")
                file.with_suffix(".elsewhere").rename(file)
                await call.works_again()

                disk.fill(site)
                await is_told(call, of=FULL, reads=True, who_comes="Ha")
                disk.make_room(site)
                await call.works_again()
                await nothing_was_lost(call)
                ended = await call.end()
        shutil.copytree(after, tmp_path / "after", ignore=shutil.ignore_patterns("backups"))

    assert ended.status_code == 204
    verified = dragoman(Home(folder=tmp_path), "db", "verify", DRAGOMAN_DATA_DIR=str(tmp_path / "after"))
    with closing(sqlite3.connect(tmp_path / "after" / DATABASE_FILE)) as connection:
        titles = [title for (title,) in connection.execute("SELECT title FROM rooms")]
        calls = list(connection.execute("SELECT most_people, ended_at IS NOT NULL FROM calls"))
    assert Counter(titles) == Counter(call.titles), verified
    assert [(people >= 2, ended) for people, ended in calls] == [(True, 1)]


async def test_a_call_goes_on_while_postgresql_is_stopped(tmp_path: Path) -> None:
    server = postgresql()
    settings = {"DRAGOMAN_DATABASE_URL": server.new_url()}
    add_admin(tmp_path, DRAGOMAN_DATA_DIR=str(tmp_path / "data"), **settings)
    with pico_site(tmp_path, **settings) as site:
        async with accounts_call(site) as call:
            await call.captions_go_on()
            await asyncio.to_thread(server.stop)
            try:
                await is_told(call, of=AWAY, reads=False, who_comes="Chi")
            finally:
                await asyncio.to_thread(server.start)
            await call.works_again()
            await nothing_was_lost(call)
            ended = await call.end()

    with psycopg.connect(settings["DRAGOMAN_DATABASE_URL"]) as connection:
        calls = connection.execute("SELECT most_people, ended_at IS NOT NULL FROM calls").fetchall()
    assert ended.status_code == 204
    assert [(people >= 2, ended) for people, ended in calls] == [(True, True)]
