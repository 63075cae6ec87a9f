"""Many at once, on both databases: nobody sees the rooms of others, and no speaker is promised twice."""

import asyncio
from datetime import timedelta
from pathlib import Path

from tests.accounts_site import NOON, WallClock
from tests.databases import Kind, both, open_database

from dragoman.ground.accounts import Actor, TeamRole
from dragoman.meetings.errors import SlotsTaken
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
