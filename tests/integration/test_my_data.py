"""Export and erasure of a person, proved on everything that the data map lists."""

import asyncio
import io
import json
import shutil
import sqlite3
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import delete, insert, select, update
from tests.accounts_site import NOON, PASSWORD, AccountsSite, Person, accounts_site
from tests.databases import Kind, both, new_url
from tests.full_account import files_with, fill_tables, rows_with

from dragoman.accounts.data_map import FILES, TABLES, Erased
from dragoman.accounts.erasure import ERASE
from dragoman.accounts.errors import WrongCredentials
from dragoman.accounts.export import EXPORT
from dragoman.accounts.sessions import Visitor
from dragoman.ground.accounts import Actor
from dragoman.jobs.runner import JobRunner
from dragoman.services.daily_backups import BACKUP
from dragoman.settings import Settings
from dragoman.store import tables
from dragoman.store.backup import back_up

CANARY = "Kanarienvogel"
EMAIL = "kanari@example.org"


@asynccontextmanager
async def _site(folder: Path, *, kind: Kind = "sqlite") -> AsyncIterator[AccountsSite]:
    async with accounts_site(folder, url=new_url(kind, folder)) as site:
        yield site


async def _work(site: AccountsSite) -> None:
    """Do all jobs there are."""
    jobs = site.accounts.jobs
    runner = JobRunner(jobs.queue, jobs.kinds)
    while await runner.run_one():
        pass


async def _export(site: AccountsSite, person: Person) -> httpx2.Response:
    job = (await person.client.post("/api/v1/me/export")).json()
    await _work(site)
    return await person.client.get(f"/api/v1/me/exports/{job['id']}")


async def _delete(person: Person, password: str = PASSWORD) -> httpx2.Response:
    return await person.client.request("DELETE", "/api/v1/me", json={"password": password})


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return value


@both
async def test_an_export_has_everything_that_the_data_map_calls_the_persons(kind: Kind, tmp_path: Path) -> None:
    async with _site(tmp_path, kind=kind) as site:
        an = await site.sign_up(EMAIL)
        async with site.database.writing() as session:
            rows = await fill_tables(session, an.user_id, CANARY)

        zipped = await _export(site, an)

    archive = zipfile.ZipFile(io.BytesIO(zipped.content))
    whole = b"".join(archive.read(name) for name in archive.namelist()).decode()
    for stored in TABLES:
        if stored.of_person is None:
            assert f"data/{stored.name}.json" not in archive.namelist()
            continue
        exported = json.loads(archive.read(f"data/{stored.name}.json"))
        wanted = {column: _as_json(rows[stored.name][column]) for column in stored.exported}
        assert wanted in exported, stored.name
        for column in stored.secrets:
            secret = rows[stored.name][column]
            assert not isinstance(secret, str) or secret not in whole, f"{stored.name}.{column}"


async def test_the_page_of_an_export_shows_what_people_wrote_and_runs_nothing(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        an = await site.sign_up(EMAIL, name="<script>alert(1)</script>")

        zipped = await _export(site, an)

    page = zipfile.ZipFile(io.BytesIO(zipped.content)).read("index.html").decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    assert zipped.headers["content-disposition"].startswith("attachment")


async def test_an_export_is_for_its_owner_alone(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        an, bo = await site.sign_up(EMAIL), await site.sign_up("bo@example.org", admin=True)
        job = (await an.client.post("/api/v1/me/export")).json()["id"]
        early = await an.client.get(f"/api/v1/me/exports/{job}")
        await _work(site)

        answers = [await client.get(f"/api/v1/me/exports/{job}") for client in (bo.client, site.anonymous)]
        strange = await an.client.get("/api/v1/me/exports/..%2f..%2faccount.key")

    assert (early.status_code, early.json()["code"]) == (404, "export_not_found")
    assert [answer.status_code for answer in answers] == [404, 401]
    assert strange.status_code == 404


async def test_who_asks_twice_for_an_export_gets_one_and_a_new_one_replaces_it(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        an = await site.sign_up(EMAIL)
        asked = [(await an.client.post("/api/v1/me/export")).json()["id"] for _ in range(2)]
        await _work(site)
        later = await _export(site, an)
        files = list((tmp_path / "exports").iterdir())

        old = await an.client.get(f"/api/v1/me/exports/{asked[0]}")

    assert asked[0] == asked[1]
    assert (later.status_code, old.status_code, len(files)) == (200, 404, 1)
    assert files[0].stat().st_mode & 0o777 == 0o600


async def test_an_export_that_cannot_be_written_says_so_without_naming_folders(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        an = await site.sign_up(EMAIL)
        (tmp_path / "exports").write_text("in the way")
        job = (await an.client.post("/api/v1/me/export")).json()["id"]
        await _work(site)

        seen = (await an.client.get(f"/api/v1/jobs/{job}")).json()

    assert (seen["state"], str(tmp_path) in seen["error"]) == ("queued", False)
    assert "try again" in seen["error"]


async def test_a_job_is_seen_by_its_owner_and_by_admins_alone(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        an, bo = await site.sign_up(EMAIL), await site.sign_up("bo@example.org")
        root = await site.sign_up("root@example.org", admin=True)
        job = (await an.client.post("/api/v1/me/export")).json()["id"]

        seen = [await it.get(f"/api/v1/jobs/{job}") for it in (an.client, root.client, bo.client, site.anonymous)]
        none = await an.client.get("/api/v1/jobs/no-such-job")

    assert [answer.status_code for answer in seen] == [200, 200, 404, 401]
    assert seen[2].json() == none.json()
    assert seen[0].json() == {
        "id": job,
        "kind": EXPORT,
        "state": "queued",
        "progress": 0.0,
        "result": None,
        "error": None,
        "created_at": "2026-11-22T12:00:00Z",
        "finished_at": None,
    }


async def _canaries(site: AccountsSite, an: Person, bo: Person, folder: Path) -> None:
    """Let what is the person's lie wherever it may: tables, answers to others, backups, exports."""
    async with site.database.writing() as session:
        await fill_tables(session, an.user_id, CANARY)
        named = {"members": [{"user_id": an.user_id, "name": CANARY}]}
        hashed = {"request_hash": "0" * 64, "status": 200, "created_at": NOON}
        await session.execute(insert(tables.AnsweredRequest).values(user_id=bo.user_id, key="k", body=named, **hashed))
    await site.accounts.jobs.queue.enqueue(BACKUP, {})
    await _work(site)
    assert (await _export(site, an)).status_code == 200
    if site.database.file is not None:  # what a restore puts aside
        with (folder / "dragoman.db.before-restore-20261101T000000Z").open("wb") as aside:
            aside.write((folder / "dragoman.db").read_bytes())


@both
async def test_after_an_erasure_nothing_of_a_person_is_in_any_row_or_file(kind: Kind, tmp_path: Path) -> None:
    async with _site(tmp_path, kind=kind) as site:
        await site.sign_up("root@example.org", admin=True)
        an, bo = await site.sign_up(EMAIL), await site.sign_up("bo@example.org")
        await _canaries(site, an, bo, tmp_path)
        async with site.database.reading() as session:
            rows_before = set(await rows_with(session, CANARY, EMAIL))
        files_before = {name.partition("/")[0] for name in files_with(tmp_path, CANARY, EMAIL)}

        accepted = await _delete(an)
        await _work(site)

        async with site.database.reading() as session:
            rows_after = await rows_with(session, CANARY, EMAIL)
            about = await rows_with(session, an.user_id)
        files_after = files_with(tmp_path, CANARY, EMAIL)
        bos = await bo.client.get("/api/v1/me")

    assert accepted.status_code == 202
    theirs = {it.name for it in TABLES if it.erased is Erased.GONE} - {"memberships", "room_hosts"}
    assert theirs <= rows_before | {"calls", "schedules"}, "the canary was not everywhere before"
    assert {"backups", "exports"} <= files_before
    assert (rows_after, files_after) == ([], [])
    assert set(about) <= {"audit", "jobs"}, "ids alone, of what is gone"
    assert bos.status_code == 200


async def test_where_somebody_was_refused_at_signing_in_is_exported_and_goes_with_them(tmp_path: Path) -> None:
    address = "203.0.113.77"
    async with _site(tmp_path) as site:
        await site.sign_up("root@example.org", admin=True)
        an = await site.sign_up(EMAIL)
        with pytest.raises(WrongCredentials):
            await site.accounts.sign_in.sign_in(EMAIL, "not this one", Visitor(address=address))
        await site.accounts.jobs.queue.enqueue(BACKUP, {})
        await _work(site)
        zipped = await _export(site, an)
        files_before = {name.partition("/")[0] for name in files_with(tmp_path, address)}

        await _delete(an)
        await _work(site)

        async with site.database.reading() as session:
            rows_after = await rows_with(session, address)
            refused = list(
                await session.scalars(select(tables.AuditEntry).where(tables.AuditEntry.target_id == an.user_id))
            )
        files_after = files_with(tmp_path, address)

    exported = json.loads(zipfile.ZipFile(io.BytesIO(zipped.content)).read("data/audit.json"))
    assert [it["address"] for it in exported if it["action"] == "session.refused"] == [address]
    assert {"backups", "exports"} <= files_before
    assert (rows_after, files_after) == ([], [])
    assert [it.address for it in refused if it.action == "session.refused"] == [""]


async def test_everything_that_is_written_in_the_data_folder_is_listed(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        root, an = await site.sign_up("root@example.org", admin=True), await site.sign_up(EMAIL)
        await _canaries(site, an, root, tmp_path)
        at_work = {file.name for file in tmp_path.iterdir()}
        await _delete(an)
        await _work(site)

    written = at_work | {file.name for file in tmp_path.iterdir()}
    assert {"dragoman.db", "backups", "exports"} <= written
    assert not [name for name in written if not any(fnmatch(name, it.path) for it in FILES)]


async def test_an_erasure_gives_a_certificate_of_numbers(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        root, an = await site.sign_up("root@example.org", admin=True), await site.sign_up(EMAIL)
        await _canaries(site, an, root, tmp_path)
        job = (await _delete(an)).json()["id"]
        await _work(site)

        done = (await root.client.get(f"/api/v1/jobs/{job}")).json()

    result = done["result"]
    assert (done["state"], result["user_id"]) == ("done", an.user_id)
    assert (result["exports"], result["copies_rewritten"], result["copies_removed"]) == (1, 2, 0)
    assert all(isinstance(number, int) and number > 0 for number in result["rows"].values())
    assert {"users", "rooms", "sessions", "teams"} <= set(result["rows"])
    assert CANARY not in json.dumps(done)


async def test_whatever_a_person_held_is_refused_from_the_moment_they_ask_to_be_erased(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        await site.sign_up("root@example.org", admin=True)
        an = await site.sign_up(EMAIL)
        key = (await an.client.post("/api/v1/me/api-keys", json={"name": "mine"})).json()["key"]
        opened = await site.sign_in(EMAIL)
        holders = [an.client, site.client(opened.access_token), site.client(key)]
        before = [(await client.get("/api/v1/me")).status_code for client in holders]
        await _delete(an)

        asked = [(await client.get("/api/v1/me")).status_code for client in holders]
        signed_in = await site.anonymous.post("/api/v1/session", json={"email": EMAIL, "password": PASSWORD})
        await _work(site)
        erased = [(await client.get("/api/v1/me")).status_code for client in holders]
        afterwards = await site.anonymous.post("/api/v1/session", json={"email": EMAIL, "password": PASSWORD})

    assert before == [200, 200, 200]
    assert set(asked) <= {401, 403}
    assert signed_in.status_code == 403
    assert (erased, afterwards.status_code) == ([401, 401, 401], 401)


async def test_nobody_is_erased_without_their_password(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        an = await site.sign_up(EMAIL)

        wrong = await _delete(an, "not this one")
        left_out = await an.client.request("DELETE", "/api/v1/me", json={})
        key = (await an.client.post("/api/v1/me/api-keys", json={"name": "mine"})).json()["key"]
        by_key = await site.client(key).request("DELETE", "/api/v1/me", json={"password": PASSWORD})

        me = await an.client.get("/api/v1/me")

    assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")
    assert (left_out.status_code, by_key.status_code, me.status_code) == (401, 403, 200)


async def test_who_has_no_password_signs_in_again_first(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        an = await site.sign_up(EMAIL)
        async with site.database.writing() as session:
            await session.execute(update(tables.User).values(password_hash=None))
            long_ago = NOON.replace(hour=11)
            await session.execute(update(tables.SignedIn).values(created_at=long_ago))
        stale = await _delete(an, "")
        async with site.database.writing() as session:
            await session.execute(update(tables.SignedIn).values(created_at=NOON.replace(hour=13)))
        before_the_clock_was_set_back = await _delete(an, "")
        async with site.database.writing() as session:
            await session.execute(update(tables.SignedIn).values(created_at=NOON))

        fresh = await _delete(an, "")

    assert (stale.status_code, before_the_clock_was_set_back.status_code, fresh.status_code) == (401, 401, 202)
    assert "provider" in stale.json()["detail"]


async def test_the_last_admin_stays(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        root = await site.sign_up("root@example.org", admin=True)

        refused = await _delete(root)
        me = await root.client.get("/api/v1/me")

    assert (refused.status_code, refused.json()["code"], me.status_code) == (409, "last_admin", 200)


async def test_a_team_lives_on_with_its_oldest_admin_and_an_empty_one_goes(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        await site.sign_up("root@example.org", admin=True)
        an = await site.sign_up(EMAIL)
        others = [await site.sign_up(f"{name}@example.org") for name in ("bo", "cy", "di")]
        shared = (await an.client.post("/api/v1/teams", json={"name": "Shared"})).json()["id"]
        alone = (await an.client.post("/api/v1/teams", json={"name": "Alone"})).json()["id"]
        async with site.database.writing() as session:
            for day, (other, role) in enumerate(zip(others, ("member", "admin", "admin"), strict=True)):
                joined = {"role": role, "joined_at": NOON.replace(day=1 + day)}
                await session.execute(insert(tables.Membership).values(team_id=shared, user_id=other.user_id, **joined))
        await _delete(an)
        await _work(site)

        async with site.database.reading() as session:
            owners = list(
                await session.scalars(select(tables.Membership.user_id).where(tables.Membership.role == "owner"))
            )
            left = list(await session.scalars(select(tables.Team.id)))

    assert owners == [others[1].user_id]
    assert left == [shared]
    assert alone not in left


async def test_an_erasure_that_died_half_way_is_gone_on_with_and_keeps_its_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with _site(tmp_path) as site:
        root, an = await site.sign_up("root@example.org", admin=True), await site.sign_up(EMAIL)
        await _canaries(site, an, root, tmp_path)
        jobs = site.accounts.jobs
        job = (await _delete(an)).json()["id"]

        async def die(*_: object, **__: object) -> bool:
            raise asyncio.CancelledError

        with monkeypatch.context() as broken:
            broken.setattr("dragoman.accounts.erasure.erase_from_copy", die)
            with pytest.raises(asyncio.CancelledError):
                await JobRunner(jobs.queue, {ERASE: jobs.kinds[ERASE]}).run_one()
        await _work(site)

        done = (await root.client.get(f"/api/v1/jobs/{job}")).json()

    assert (done["state"], done["result"]["rows"]["users"]) == ("done", 1)
    assert files_with(tmp_path, CANARY, EMAIL) == []


async def test_a_backup_from_before_somebody_had_an_account_forgets_who_was_invited(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        root = await site.sign_up("root@example.org", admin=True)
        for invited in (EMAIL, "bo@example.org"):
            assert (await root.client.post("/api/v1/admin/invitations", json={"email": invited})).status_code == 201
        await site.accounts.jobs.queue.enqueue(BACKUP, {})
        await _work(site)
        an = await site.sign_up(EMAIL)
        before = files_with(tmp_path / "backups", EMAIL)
        await _delete(an)
        await _work(site)

        others = files_with(tmp_path / "backups", "bo@example.org")

    assert before != []
    assert files_with(tmp_path, EMAIL) == []
    assert others != []


async def test_copies_beside_a_database_outside_the_data_folder_forget_the_person_too(tmp_path: Path) -> None:
    data, beside = tmp_path / "data", tmp_path / "elsewhere"
    data.mkdir()
    beside.mkdir()
    async with accounts_site(beside, settings=Settings(data_dir=data, sign_up="open")) as site:
        await site.sign_up("root@example.org", admin=True)
        an = await site.sign_up(EMAIL)
        await back_up(site.database, beside / "dragoman.db.before-upgrade-from-0001.backup", at=NOON)
        shutil.copyfile(beside / "dragoman.db", beside / "dragoman.db.before-restore-20261101T000000Z")
        strangers = beside / "another.backup"
        strangers.write_bytes(b"of another program")
        before = files_with(beside, EMAIL)

        await _delete(an)
        await _work(site)

    assert len(before) >= 2
    assert files_with(tmp_path, EMAIL) == []
    assert strangers.read_bytes() == b"of another program"


async def test_rows_that_stand_in_the_log_of_a_copy_alone_go_with_the_person(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        await site.sign_up("root@example.org", admin=True)
        an, bo = await site.sign_up(EMAIL), await site.sign_up("bo@example.org")
        _put_aside_with_log(tmp_path, an.user_id, bo.user_id)
        aside = tmp_path / "dragoman.db.before-restore-20261101T000000Z"
        stray = tmp_path / "dragoman.db.before-restore-20261002T000000Z-wal"
        stray.write_bytes(CANARY.encode())
        before = files_with(tmp_path, CANARY)

        await _delete(an)
        await _work(site)

        with closing(sqlite3.connect(aside)) as copy:
            (kept,) = copy.execute("select name from users where id = ?", (bo.user_id,)).fetchone()
    assert {name.rpartition("-")[2] for name in before} == {"wal"}
    assert files_with(tmp_path, CANARY) == []
    assert kept == "written last"
    assert not stray.exists()


def _put_aside_with_log(folder: Path, user_id: str, other_id: str) -> None:
    """Leave what a restore leaves of a database that was not closed: the last changes stand in the log beside it."""
    source, aside = folder / "source.db", folder / "dragoman.db.before-restore-20261101T000000Z"
    with closing(sqlite3.connect(folder / "dragoman.db")) as live, closing(sqlite3.connect(source)) as copy:
        live.backup(copy)
    with closing(sqlite3.connect(source)) as copy:
        copy.execute("pragma journal_mode = wal")
        copy.execute("pragma wal_autocheckpoint = 0")
        copy.execute("update users set name = ? where id = ?", (CANARY, user_id))
        copy.execute("update users set name = 'written last' where id = ?", (other_id,))
        copy.commit()
        shutil.copyfile(source, aside)
        shutil.copyfile(f"{source}-wal", f"{aside}-wal")
    for left in folder.glob("source.db*"):
        left.unlink()


async def test_a_backup_that_cannot_be_read_is_removed_with_the_person(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        root, an = await site.sign_up("root@example.org", admin=True), await site.sign_up(EMAIL)
        (tmp_path / "backups").mkdir()
        broken = tmp_path / "backups" / "dragoman-2026-11-01.backup"
        broken.write_bytes(b"no backup, but " + EMAIL.encode())
        job = (await _delete(an)).json()["id"]
        await _work(site)

        done = (await root.client.get(f"/api/v1/jobs/{job}")).json()

    assert (done["state"], done["result"]["copies_removed"], broken.exists()) == ("done", 1, False)


async def test_an_export_that_ends_after_an_erasure_leaves_no_file(tmp_path: Path) -> None:
    async with _site(tmp_path) as site:
        an = await site.sign_up(EMAIL)
        exports = site.accounts.jobs.exports
        read = exports.read

        async def read_then_erased(user_id: str) -> Any:
            found = await read(user_id)
            async with site.database.writing() as session:
                await session.execute(delete(tables.User).where(tables.User.id == user_id))
            return found

        exports.read = read_then_erased  # type: ignore[method-assign]
        await exports.request(an.user_id, actor=Actor(kind="user", id=an.user_id))
        await _work(site)

    assert list((tmp_path / "exports").iterdir()) == []
