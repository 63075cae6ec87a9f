"""What has been kept long enough goes, and nothing else; on both databases."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select
from tests.databases import Kind, both, open_database

from dragoman.accounts import retention
from dragoman.accounts.enforcement import Enforcement
from dragoman.accounts.retention import RETENTION, Keeps, Retention, history_days
from dragoman.ground.jobs import Job, JobData, JobState
from dragoman.jobs.work import Work
from dragoman.store import tables, users
from dragoman.store.database import Database
from dragoman.store.plan_values import write_plans_on

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _work() -> Work:
    return Work(
        Job(
            id="job",
            kind=RETENTION,
            owner_id=None,
            payload={},
            state=JobState.RUNNING,
            attempts=1,
            runner="here",
            progress=0.0,
            result=None,
            error=None,
            created_at=NOW,
            finished_at=None,
        )
    )


async def _sweep(database: Database, folder: Path, keeps: Keeps | None = None) -> JobData:
    history = history_days(Enforcement(database, clock=lambda: NOW))
    sweeping = Retention(database, exports=folder / "exports", history=history, keeps=keeps, clock=lambda: NOW)
    return await sweeping.sweep(_work())


async def _user(database: Database, email: str, plan: str = "free") -> str:
    async with database.writing() as session:
        user = await users.add(session, email=email, name="An", at=NOW)
        user.plan = plan
        return user.id


async def _put(database: Database, *rows: tables.Table) -> None:
    async with database.writing() as session:
        session.add_all(rows)


async def _names(database: Database, column: object) -> list[object]:
    async with database.reading() as session:
        return sorted(await session.scalars(select(column)), key=str)  # type: ignore[call-overload]


def _session(user_id: str, name: str, *, expires_at: datetime, revoked_at: datetime | None = None) -> tables.SignedIn:
    return tables.SignedIn(
        id=name,
        user_id=user_id,
        refresh_hash=name,
        rotated_at=NOW,
        created_at=NOW,
        used_at=expires_at - 30 * DAY,
        expires_at=expires_at,
        revoked_at=revoked_at,
        address="192.0.2.0/24",
    )


def _job(name: str, state: JobState, finished_at: datetime | None) -> tables.Job:
    return tables.Job(
        id=name, kind="sweep", payload={}, state=state, run_at=NOW, created_at=NOW, finished_at=finished_at
    )


@both
async def test_sessions_invitations_and_answers_go_when_they_are_over_for_long(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        an = await _user(database, "an@example.org")

        def invitation(hashed: str) -> dict[str, Any]:
            return {"token_hash": hashed, "role": "member", "created_at": NOW - 60 * DAY}

        await _put(
            database,
            _session(an, "good", expires_at=NOW + DAY),
            _session(an, "just over", expires_at=NOW - DAY),
            _session(an, "over", expires_at=NOW - 8 * DAY),
            _session(an, "ended", expires_at=NOW + DAY, revoked_at=NOW - 8 * DAY),
            tables.Invitation(id="open", expires_at=NOW + DAY, **invitation("a")),
            tables.Invitation(id="ended", expires_at=NOW - 8 * DAY, **invitation("b")),
            tables.Invitation(id="used", expires_at=NOW + DAY, used_at=NOW - 8 * DAY, **invitation("c")),
            tables.AnsweredRequest(user_id=an, key="new", request_hash="", created_at=NOW - 23 * HOUR),
            tables.AnsweredRequest(user_id=an, key="old", request_hash="", created_at=NOW - 25 * HOUR),
        )

        removed = await _sweep(database, tmp_path)

        assert await _names(database, tables.SignedIn.id) == ["good", "just over"]
        assert await _names(database, tables.Invitation.id) == ["open"]
        assert await _names(database, tables.AnsweredRequest.key) == ["new"]
    assert removed["sessions"] == removed["invitations"] == 2
    assert removed["answered_requests"] == 1


@both
async def test_addresses_go_after_a_week_and_entries_of_the_audit_log_after_a_year(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        an = await _user(database, "an@example.org")
        entry = {"actor_kind": "user", "action": "room.deleted", "facts": {}, "address": "192.0.2.7"}
        await _put(
            database,
            _session(an, "new", expires_at=NOW + 24 * DAY),
            _session(an, "old", expires_at=NOW + 22 * DAY),
            tables.AuditEntry(id="new", at=NOW - 6 * DAY, **entry),
            tables.AuditEntry(id="old", at=NOW - 8 * DAY, **entry),
            tables.AuditEntry(id="oldest", at=NOW - 366 * DAY, **entry),
        )

        removed = await _sweep(database, tmp_path)

        async with database.reading() as session:
            sessions = dict((await session.execute(select(tables.SignedIn.id, tables.SignedIn.address))).all())
            entries = dict((await session.execute(select(tables.AuditEntry.id, tables.AuditEntry.address))).all())
    assert sessions == {"new": "192.0.2.0/24", "old": ""}
    assert entries == {"new": "192.0.2.7", "old": ""}
    assert (removed["addresses"], removed["audit"]) == (2, 1)


async def test_jobs_that_are_over_go_and_those_under_way_or_given_up_stay(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as database:
        await _put(
            database,
            _job("queued", JobState.QUEUED, None),
            _job("running", JobState.RUNNING, None),
            _job("done", JobState.DONE, NOW - 6 * DAY),
            _job("done long ago", JobState.DONE, NOW - 8 * DAY),
            _job("failed long ago", JobState.FAILED, NOW - 8 * DAY),
            _job("parked", JobState.PARKED, NOW - 80 * DAY),
            _job("parked long ago", JobState.PARKED, NOW - 91 * DAY),
        )

        await _sweep(database, tmp_path)

        assert await _names(database, tables.Job.id) == ["done", "parked", "queued", "running"]


async def test_deliveries_of_webhooks_go_after_a_week(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as database:
        delivery = {"webhook_id": "hook", "event": "room.opened", "payload": {}}
        await _put(database, tables.Team(id="team", name="Team", created_at=NOW))
        await _put(
            database, tables.Webhook(id="hook", team_id="team", url="https://x", secret="", events=[], created_at=NOW)
        )
        await _put(
            database,
            tables.WebhookDelivery(id="new", created_at=NOW - 6 * DAY, **delivery),
            tables.WebhookDelivery(id="old", created_at=NOW - 8 * DAY, **delivery),
        )

        await _sweep(database, tmp_path)

        assert await _names(database, tables.WebhookDelivery.id) == ["new"]


@both
async def test_calls_go_when_the_plan_of_their_owner_looks_back_no_further(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        ids = {plan: await _user(database, f"{plan}@example.org", plan) for plan in ("free", "premium", "enterprise")}
        async with database.writing() as session:
            await write_plans_on(session, True)
            for plan, user_id in ids.items():
                for days in (6, 8, 31, 400):
                    ended = NOW - days * DAY
                    call = {"room_id": "room", "owner_id": user_id, "started_at": ended - HOUR, "ended_at": ended}
                    await session.execute(insert(tables.CallRun).values(id=f"{plan} {days}", **call))
                call = {"room_id": "room", "owner_id": user_id, "started_at": NOW - 400 * DAY}
                await session.execute(insert(tables.CallRun).values(id=f"{plan} goes on", **call))

        removed = await _sweep(database, tmp_path)

        left = await _names(database, tables.CallRun.id)
    enterprise = ["enterprise 31", "enterprise 400", "enterprise 6", "enterprise 8", "enterprise goes on"]
    assert left == [*enterprise, "free 6", "free goes on", "premium 6", "premium 8", "premium goes on"]
    assert removed["calls"] == 5


async def test_calls_of_who_looks_back_a_million_days_stay_and_keep_no_others_from_going(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as database:
        ids = {plan: await _user(database, f"{plan}@example.org", plan) for plan in ("enterprise", "free")}
        async with database.writing() as session:
            await write_plans_on(session, True)
            (await session.get_one(tables.User, ids["enterprise"])).plan_limits = {"history_days": 1_000_000}
            for plan, user_id in ids.items():
                ended = NOW - 8 * DAY
                call = {"room_id": "room", "owner_id": user_id, "started_at": ended - HOUR, "ended_at": ended}
                await session.execute(insert(tables.CallRun).values(id=plan, **call))

        removed = await _sweep(database, tmp_path)

        assert await _names(database, tables.CallRun.id) == ["enterprise"]
    assert removed["calls"] == 1


async def test_an_owner_who_is_erased_meanwhile_keeps_no_other_calls_from_going(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as database:
        gone, stays = [await _user(database, f"{name}@example.org") for name in ("gone", "stays")]
        async with database.writing() as session:
            await write_plans_on(session, True)
            for owner in (gone, stays):
                ended = NOW - 8 * DAY
                call = {"room_id": "room", "owner_id": owner, "started_at": ended - HOUR, "ended_at": ended}
                await session.execute(insert(tables.CallRun).values(id=owner, **call))
        ask = history_days(Enforcement(database, clock=lambda: NOW))

        async def erase_and_ask(user_id: str) -> int | None:
            async with database.writing() as session:
                await session.execute(delete(tables.User).where(tables.User.id == gone))
            return await ask(user_id)

        sweeping = Retention(database, exports=tmp_path / "exports", history=erase_and_ask, clock=lambda: NOW)
        removed = await sweeping.sweep(_work())

        assert removed["calls"] == 1
        assert await _names(database, tables.CallRun.id) == []


async def test_exports_go_after_a_week(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as database:
        (tmp_path / "exports").mkdir()
        for name, age in (("new.zip", 6 * DAY), ("old.zip", 8 * DAY)):
            file = tmp_path / "exports" / name
            file.touch()
            os.utime(file, times=((NOW - age).timestamp(),) * 2)

        removed = await _sweep(database, tmp_path)

    assert [file.name for file in (tmp_path / "exports").iterdir()] == ["new.zip"]
    assert removed == {"exports": 1}


async def test_limits_can_be_set(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as database:
        await _put(database, _job("done", JobState.DONE, NOW - 2 * HOUR))

        removed = await _sweep(database, tmp_path, Keeps(jobs=HOUR))

    assert removed == {"jobs": 1}


async def test_many_rows_go_in_parts(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as database:
        many = 2 * retention.PART + 1
        async with database.writing() as session:
            row = {"kind": "sweep", "payload": {}, "state": "done", "run_at": NOW, "created_at": NOW, "priority": 0}
            old = {"attempts": 1, "beat": 0, "progress": 1.0, "finished_at": NOW - 8 * DAY}
            await session.execute(insert(tables.Job), [{"id": f"{n}", **row, **old} for n in range(many)])

        removed = await _sweep(database, tmp_path)

        assert await _names(database, tables.Job.id) == []
    assert removed == {"jobs": many}
