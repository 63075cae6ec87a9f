"""Plans over both databases: what is counted in rows holds when everybody asks at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from tests.databases import Kind, both, open_database

from dragoman.accounts.enforcement import FORGOTTEN_AFTER, REMEMBERED, Enforcement, job_priority
from dragoman.accounts.errors import AccountNotFound, LimitReached
from dragoman.ground.accounts import COMMAND
from dragoman.services.plan_permits import PlanPermits
from dragoman.store import calls, users
from dragoman.store.database import Database
from dragoman.store.plan_values import write_plans_on
from dragoman.store.tables import CallRun, User

NINE = datetime(2026, 11, 22, 9, tzinfo=UTC)


class Clock:
    """Wound by hand."""

    def __init__(self) -> None:
        self.now = NINE

    def __call__(self) -> datetime:
        return self.now


async def add_user(database: Database, plan: str = "free", *, plan_limits: dict[str, int] | None = None) -> str:
    async with database.writing() as session:
        user = User(email=f"{plan}@example.org", name="An", plan=plan, plan_limits=plan_limits, created_at=NINE)
        session.add(user)
    return user.id


async def turn_plans_on(database: Database) -> None:
    async with database.writing() as session:
        await write_plans_on(session, True)


async def until_somebody_waits(database: Database) -> None:
    """Wait until another transaction waits for a row; in SQLite, where it waits for this one, it does anyway."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    while not database.is_sqlite:
        async with database.reading() as session:
            if await session.scalar(waiting):
                return


@both
async def test_a_thousand_attempts_at_once_open_not_one_room_over_the_limit(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path, within_s=60.0) as database:
        owner = await add_user(database, "premium")
        await turn_plans_on(database)
        enforcement = Enforcement(database)

        answers = await asyncio.gather(
            *(enforcement.open_call(f"room-{number}", owner) for number in range(1000)), return_exceptions=True
        )

        opened = [it for it in answers if isinstance(it, CallRun)]
        refused = [it for it in answers if isinstance(it, LimitReached)]
        async with database.reading() as session:
            rows = await calls.count_open(session, owner)
        assert (len(opened), len(refused), rows) == (5, 995, 5)


@both
async def test_a_room_that_everybody_opens_at_once_holds_one_call(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        owner = await add_user(database)
        await turn_plans_on(database)
        enforcement = Enforcement(database)

        runs = await asyncio.gather(*(enforcement.open_call("room", owner) for _ in range(50)))

        assert len({run.id for run in runs}) == 1
        async with database.reading() as session:
            assert (await session.execute(select(func.count(CallRun.id)))).scalar_one() == 1


@both
async def test_a_call_that_ended_makes_room_for_the_next(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        owner = await add_user(database)
        await turn_plans_on(database)
        enforcement = Enforcement(database)
        await enforcement.open_call("one", owner)
        await enforcement.open_call("two", owner)

        with pytest.raises(LimitReached, match="the free plan allows 2 rooms at once: end the call in another room"):
            await enforcement.open_call("three", owner)
        await enforcement.close_call("one")
        await enforcement.close_call("one")
        await enforcement.open_call("three", owner)


@both
async def test_while_plans_are_off_nothing_is_refused(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        owner = await add_user(database)
        enforcement = Enforcement(database)

        for number in range(10):
            await enforcement.open_call(f"room-{number}", owner)

        await enforcement.require(owner, "teams")
        assert not await enforcement.plans_on()


@both
async def test_limits_of_an_account_of_their_own_count(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        owner = await add_user(database, "enterprise", plan_limits={"rooms_at_once": 1, "vocabulary_terms": 3})
        await turn_plans_on(database)
        enforcement = Enforcement(database)
        await enforcement.open_call("one", owner)

        with pytest.raises(LimitReached, match="allows 1 rooms at once"):
            await enforcement.open_call("two", owner)
        with pytest.raises(LimitReached, match="3 terms in the glossary"):
            await enforcement.check(owner, "vocabulary_terms", 4)


@both
async def test_calls_that_a_killed_process_left_open_are_given_back(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        owner, clock = await add_user(database), Clock()
        await turn_plans_on(database)
        enforcement = Enforcement(database, clock=clock)
        await enforcement.open_call("lost", owner)
        await enforcement.open_call("live", owner)
        young = await enforcement.close_forgotten(lambda: {"live"})
        clock.now += FORGOTTEN_AFTER + timedelta(seconds=1)

        forgotten = await enforcement.close_forgotten(lambda: {"live"})

        assert (young, forgotten) == ([], ["lost"])
        await enforcement.open_call("next", owner)
        with pytest.raises(LimitReached):
            await enforcement.open_call("one more", owner)


@both
async def test_a_call_that_was_left_open_before_the_clock_was_set_back_is_given_back(
    kind: Kind, tmp_path: Path
) -> None:
    async with open_database(kind, tmp_path) as database:
        owner, clock = await add_user(database), Clock()
        enforcement = Enforcement(database, clock=clock)
        await enforcement.open_call("lost", owner)
        await enforcement.open_call("live", owner)
        clock.now -= timedelta(hours=2)
        await enforcement.open_call("young", owner)

        assert await enforcement.close_forgotten(lambda: {"live"}) == ["lost"]


@both
async def test_a_call_that_goes_on_by_the_time_the_forgotten_ones_are_closed_stays(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        owner, clock = await add_user(database), Clock()
        enforcement = Enforcement(database, clock=clock)
        await enforcement.open_call("room", owner)
        clock.now += FORGOTTEN_AFTER + timedelta(seconds=1)
        live = set[str]()

        async with asyncio.TaskGroup() as tasks, database.writing() as session:
            await calls.call_in(session, "room", lock=True)
            closing = tasks.create_task(enforcement.close_forgotten(lambda: live))
            await asyncio.wait({closing}, timeout=0)
            live.add("room")

        assert closing.result() == []


@both
async def test_a_forgotten_call_is_not_taken_up_while_it_is_closed(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        owner, clock = await add_user(database), Clock()
        enforcement = Enforcement(database, clock=clock)
        forgotten = await enforcement.open_call("room", owner)
        clock.now += FORGOTTEN_AFTER + timedelta(seconds=1)

        async with asyncio.TaskGroup() as tasks, database.writing() as session:
            await calls.end_forgotten(session, live=set, spared=FORGOTTEN_AFTER, at=clock.now)
            opening = tasks.create_task(enforcement.open_call("room", owner))
            await until_somebody_waits(database)

        assert opening.result().id != forgotten.id
        assert await enforcement.call_in("room") is not None


@both
async def test_how_long_and_how_many_is_kept_of_a_call(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        owner, clock = await add_user(database), Clock()
        enforcement = Enforcement(database, clock=clock)
        run = await enforcement.open_call("one", owner)
        for people in (2, 5, 3):
            await enforcement.count_people("one", people)
        clock.now += timedelta(minutes=30)

        await enforcement.close_call("one")

        async with database.reading() as session:
            ended = await session.get_one(CallRun, run.id)
        assert (ended.most_people, ended.ended_at) == (5, NINE + timedelta(minutes=30))


async def test_a_plan_that_was_changed_counts_within_three_seconds_and_at_once_where_it_is_told(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as database:
        owner, clock = await add_user(database, "pro"), Clock()
        await turn_plans_on(database)
        enforcement = Enforcement(database, clock=clock)
        await enforcement.require(owner, "teams")
        async with database.writing() as session:
            (await session.get_one(User, owner)).plan = "free"

        await enforcement.require(owner, "teams")
        clock.now += REMEMBERED
        with pytest.raises(LimitReached):
            await enforcement.require(owner, "teams")
        async with database.writing() as session:
            (await session.get_one(User, owner)).plan = "pro"
        enforcement.forget(owner)
        await enforcement.require(owner, "teams")


async def test_what_was_read_before_plans_were_switched_is_not_remembered_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_database("sqlite", tmp_path) as database:
        owner = await add_user(database)
        enforcement = Enforcement(database)
        read = users.get

        async def slow(session: AsyncSession, user_id: str) -> User | None:
            monkeypatch.setattr(users, "get", read)
            user = await read(session, user_id)
            await enforcement.switch_plans(True, actor=COMMAND)
            return user

        monkeypatch.setattr(users, "get", slow)
        await enforcement.granted(owner)

        assert (await enforcement.granted(owner)).limits.rooms_at_once == 2


async def test_a_clock_that_was_set_back_does_not_keep_an_old_plan(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as database:
        owner, clock = await add_user(database, "pro"), Clock()
        await turn_plans_on(database)
        enforcement = Enforcement(database, clock=clock)
        await enforcement.require(owner, "teams")
        async with database.writing() as session:
            (await session.get_one(User, owner)).plan = "free"

        clock.now -= timedelta(hours=2)

        with pytest.raises(LimitReached):
            await enforcement.require(owner, "teams")


async def test_a_larger_plan_goes_first_among_jobs_of_one_kind_and_only_while_plans_are_on(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as database:
        owners = [await add_user(database, plan) for plan in ("free", "pro")]

        async def priorities() -> list[int]:
            async with database.reading() as session:
                return [await job_priority(session, await session.get_one(User, it)) for it in owners]

        off = await priorities()
        await turn_plans_on(database)
        on = await priorities()

        assert off == [0, 0]
        assert on[0] < on[1]


async def test_an_account_that_is_gone_is_not_found(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as database:
        enforcement = Enforcement(database)

        with pytest.raises(AccountNotFound):
            await enforcement.granted("nobody")
        with pytest.raises(AccountNotFound):
            await enforcement.open_call("room", "nobody")


async def test_a_call_carries_the_permit_of_its_owners_plan(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as database:
        owner = await add_user(database)
        await turn_plans_on(database)
        permits = PlanPermits(Enforcement(database, clock=Clock()))

        permit = await permits.open("room", owner_id=owner, team_id=None)
        again = await permits.resume("room")
        await permits.close("room")

        assert permit == again
        assert permit.most_people == 6
        assert permit.when_full == (
            "the free plan allows 6 people in one room:"
            " ask the admin of this server for the premium plan, which allows 10"
        )
        assert permit.warns_at == NINE + timedelta(minutes=55)
        assert permit.ends_at == NINE + timedelta(minutes=60)
        assert (permit.owner_id, permit.team_id) == (owner, None)
        assert await permits.resume("room") is None


async def test_a_call_without_plans_has_no_end(tmp_path: Path) -> None:
    async with open_database("sqlite", tmp_path) as database:
        permits = PlanPermits(Enforcement(database, clock=Clock()))

        permit = await permits.open("room", owner_id=await add_user(database), team_id=None)

        assert (permit.most_people, permit.when_full, permit.warns_at, permit.ends_at) == (None, "", None, None)
