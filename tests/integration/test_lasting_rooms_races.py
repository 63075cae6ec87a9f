"""Many at once, on both databases: nobody sees the rooms of others, and no speaker is promised twice."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from tests.accounts_site import NOON, WallClock
from tests.databases import Kind, both, open_database

from dragoman.ground.accounts import Actor, TeamRole
from dragoman.meetings.errors import SlotsTaken, TeamUnknown
from dragoman.meetings.invitations import Invitations
from dragoman.meetings.lasting_rooms import LastingRooms, RoomWishes
from dragoman.meetings.planned_meetings import PlannedMeetings
from dragoman.meetings.schedule import read_meeting_time
from dragoman.store import rooms as room_rows
from dragoman.store import teams, users
from dragoman.store.database import Database

NAMES = Invitations(bytes(32))
CAPACITY = 3
TIME = read_meeting_time(
    starts_local="2026-11-23T09:30", time_zone="Europe/Berlin", minutes=45, weekly_until="2026-12-21"
)


async def add_person(database: Database, name: str) -> Actor:
    async with database.writing() as session:
        user = await users.add(session, email=f"{name}@example.org", name=name, at=NOON)
        return Actor(kind="user", id=user.id)


async def until_somebody_waits(database: Database) -> None:
    """Wait until another transaction waits for a row of PostgreSQL."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with asyncio.timeout(30):
        while True:
            async with database.reading() as session:
                if await session.scalar(waiting):
                    return


@both
async def test_who_plans_at_once_shares_the_machine(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        clock = WallClock()
        kept, planned = LastingRooms(database, clock=clock), PlannedMeetings(database, clock=clock)
        an = await add_person(database, "an")
        rooms = [(await kept.make(NAMES.new_room_id(), RoomWishes(title="R"), actor=an)).room.id for _ in range(7)]

        answers = await asyncio.gather(
            *(planned.plan(room, TIME, slots=1, capacity=CAPACITY, actor=an) for room in rooms),
            return_exceptions=True,
        )
        coming = await planned.next_of(rooms)
        clock.wind(days=1, hours=-4)
        left = (await planned.reservations(capacity=CAPACITY)).left_for("other", at=clock.now + timedelta(minutes=40))

    assert sum(isinstance(answer, SlotsTaken) for answer in answers) == len(rooms) - CAPACITY
    assert len(coming) == CAPACITY
    assert left == 1


@both
async def test_each_sees_their_own_rooms_their_team_s_and_those_they_host(kind: Kind, tmp_path: Path) -> None:
    async with open_database(kind, tmp_path) as database:
        kept = LastingRooms(database, clock=WallClock())
        an, eva, bo = [await add_person(database, name) for name in ("an", "eva", "bo")]
        async with database.writing() as session:
            team = (await teams.add(session, name="T", at=NOON)).id
            for person in (an, eva):
                await teams.add_member(
                    session, team_id=team, user_id=person.id or "", role=TeamRole.MEMBER, at=WallClock().now
                )
        own = (await kept.make(NAMES.new_room_id(), RoomWishes(title="own"), actor=an)).room.id
        teams_room = (await kept.make(NAMES.new_room_id(), RoomWishes(title="team", team_id=team), actor=an)).room.id
        await kept.add_host(own, eva.id or "", actor=an)

        async def seen(who: Actor) -> set[str]:
            return {view.room.id for view in await kept.of_person(who.id or "", before=None, limit=10)}

        together = [await seen(who) for who in (an, eva, bo)]
        async with database.writing() as session:
            await teams.remove_member(session, team, eva.id or "")
        apart = await seen(eva)
        cards = await kept.cards([own, teams_room, "gone"])
        async with database.writing() as session:
            await room_rows.remove(session, own)

    assert together == [{own, teams_room}, {own, teams_room}, set()]
    assert apart == set()
    assert set(cards) == {own, teams_room} and set(cards[own].hosts) == {an.id}


async def test_a_room_that_is_deleted_while_a_call_begins_in_it_is_no_defect(tmp_path: Path) -> None:
    async with open_database("postgresql", tmp_path) as database:
        kept = LastingRooms(database, clock=WallClock())
        an = await add_person(database, "an")
        room = (await kept.make(NAMES.new_room_id(), RoomWishes(title="R"), actor=an)).room.id

        async with asyncio.TaskGroup() as tasks, database.writing() as session:
            await room_rows.remove(session, room)
            used = tasks.create_task(kept.used(room))
            await until_somebody_waits(database)

        assert used.exception() is None


@pytest.mark.parametrize("moves", [False, True], ids=["made", "moved"])
async def test_who_is_taken_out_of_a_team_leaves_no_room_in_it_that_is_made_or_moved_meanwhile(
    moves: bool, tmp_path: Path
) -> None:
    async with open_database("postgresql", tmp_path) as database:
        kept = LastingRooms(database, clock=WallClock())
        an = await add_person(database, "an")
        async with database.writing() as session:
            team = (await teams.add(session, name="T", at=NOON)).id
            await teams.add_member(session, team_id=team, user_id=an.id or "", role=TeamRole.MEMBER, at=NOON)
        room = NAMES.new_room_id()
        if moves:
            await kept.make(room, RoomWishes(title="R"), actor=an)
            putting = kept.change(room, {"team_id": team}, actor=an)
        else:
            putting = kept.make(room, RoomWishes(title="R", team_id=team), actor=an)

        async def put() -> None:
            with pytest.raises(TeamUnknown):
                await putting

        async with asyncio.TaskGroup() as tasks, database.writing() as session:
            await teams.lock(session, team)
            await teams.remove_member(session, team, an.id or "")
            await room_rows.take_out_of_team(session, team, owner_id=an.id or "")
            tasks.create_task(put())
            await until_somebody_waits(database)
