"""Rooms whose link stays good: who makes, sees, changes, deletes and hosts them. From ``services/api/my_rooms.py``.

To ``store/rooms.py``. The owner may everything; admins of the room's team manage it; co-hosts host; members of the team
see it. For everybody else it is not there. The call in it is a ``Meeting``, which follows the room's card.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.ground.accounts import Actor, TeamRole
from dragoman.ground.facts import Bound, Facts, Help
from dragoman.ground.team_roles import TeamAct, may
from dragoman.meetings.cancelled import announce_all_cancelled
from dragoman.meetings.errors import NotAllowed, PersonUnknown, RoomNotFound, TeamUnknown, TooManyHosts, TooManyRooms
from dragoman.meetings.room_card import RoomCard
from dragoman.store import audit, rooms, teams, users
from dragoman.store.database import Database, utc_now
from dragoman.store.rooms import RoomOf
from dragoman.store.tables import LastingRoom

MOST_ROOMS = 500
"""Of one owner."""
MOST_HOSTS = 50
"""Co-hosts of one room."""
NO_ROOM = "there is no such room, or it is none of yours; ask for a new link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomView:
    """A lasting room as somebody sees it who may."""

    room: LastingRoom
    owner: Person
    hosts: tuple[Person, ...]
    """Co-hosts, by name."""
    viewer_id: str
    team_role: str | None
    """Of the viewer in the room's team."""

    @property
    def is_mine(self) -> bool:
        return self.room.owner_id == self.viewer_id

    @property
    def may_manage(self) -> bool:
        """Change, delete, name co-hosts and plan meetings."""
        return self.is_mine or (self.team_role is not None and may(TeamRole(self.team_role), TeamAct.MANAGE_ROOMS))


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomWishes:
    """What an owner settles."""

    title: str
    team_id: str | None = None
    lobby: bool = False
    interpretation: bool = True
    most_people: int | None = None


class LastingRooms:
    """``actor`` is who does it, and has an id. What is done is in the audit log."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def make(self, room_id: str, wishes: RoomWishes, *, actor: Actor) -> RoomView:
        """``room_id`` comes from ``Invitations.new_room_id``. Raises ``TeamUnknown`` and ``TooManyRooms``."""
        owner_id, now = id_of(actor), self._clock()
        async with self._database.writing() as session:
            await users.lock(session, owner_id)
            await _check_team(session, wishes.team_id, owner_id)
            if await rooms.count_owned(session, owner_id) >= MOST_ROOMS:
                raise TooManyRooms(
                    f"you have {MOST_ROOMS} rooms; delete one that you do not need any more",
                    facts=Facts(limit=Bound.LASTING_ROOMS, allowed=MOST_ROOMS, helps=(Help.DELETE_SOME,)),
                )
            room = LastingRoom(
                id=room_id,
                owner_id=owner_id,
                team_id=wishes.team_id,
                title=wishes.title,
                lobby=wishes.lobby,
                interpretation=wishes.interpretation,
                most_people=wishes.most_people,
                created_at=now,
                used_at=None,
            )
            await rooms.add(session, room)
            self._record(session, room, "room.made", actor)
            return await view_room(session, room.id, owner_id)

    async def of_person(self, user_id: str, *, before: tuple[datetime, str] | None, limit: int) -> list[RoomView]:
        """List the rooms that somebody owns, hosts, or sees by a team; newest first."""
        async with self._database.reading() as session:
            found = await rooms.of_person(session, user_id, before=before, limit=limit)
            return await _views(session, found, user_id)

    async def see(self, room_id: str, user_id: str) -> RoomView:
        """Raises ``RoomNotFound``, also for a room that is none of theirs."""
        async with self._database.reading() as session:
            return await view_room(session, room_id, user_id)

    async def change(self, room_id: str, changes: Mapping[str, str | bool | int | None], *, actor: Actor) -> RoomView:
        """Set fields of ``RoomWishes``. Raises ``RoomNotFound``, ``NotAllowed``, ``TeamUnknown``."""
        async with self._database.writing() as session:
            room = (await self._managed(session, room_id, actor)).room
            if "team_id" in changes and changes["team_id"] != room.team_id:
                if room.owner_id != actor.id:
                    raise NotAllowed("only the owner moves a room to another team, or out of one")
                await _check_team(session, changes["team_id"], room.owner_id)
            changed = sorted(name for name, value in changes.items() if getattr(room, name) != value)
            for name in changed:
                setattr(room, name, changes[name])
            if changed:
                self._record(session, room, "room.changed", actor, fields=changed)
            await session.flush()
            return await view_room(session, room_id, id_of(actor))

    async def delete(self, room_id: str, *, actor: Actor) -> None:
        """Delete a room with its calendar; its link is worth nothing from now on. Raises as ``change``."""
        async with self._database.writing() as session:
            room = (await self._managed(session, room_id, actor)).room
            self._record(session, room, "room.deleted", actor)
            await announce_all_cancelled(session, room, at=self._clock())
            await rooms.remove(session, room_id)

    async def add_host(self, room_id: str, user_id: str, *, actor: Actor) -> RoomView:
        """Make somebody a co-host who is in a team with the owner. Raises as ``change``, and ``PersonUnknown``."""
        async with self._database.writing() as session:
            view = await self._managed(session, room_id, actor)
            if not await rooms.share_a_team(session, view.room.owner_id, user_id):
                raise PersonUnknown("a co-host is in a team with the owner of the room; nobody there has this id")
            if user_id != view.room.owner_id and user_id not in {host.id for host in view.hosts}:
                if len(view.hosts) >= MOST_HOSTS:
                    raise TooManyHosts(
                        f"a room has at most {MOST_HOSTS} co-hosts",
                        facts=Facts(limit=Bound.CO_HOSTS, allowed=MOST_HOSTS, helps=(Help.DELETE_SOME,)),
                    )
                await rooms.add_host(session, room_id, user_id)
                self._record(session, view.room, "room.host_added", actor, user_id=user_id)
            return await view_room(session, room_id, id_of(actor))

    async def remove_host(self, room_id: str, user_id: str, *, actor: Actor) -> None:
        """Raises as ``change``, but that co-hosts may give it up themselves; nobody who is none is fine."""
        async with self._database.writing() as session:
            await lock_room(session, room_id)
            view = await view_room(session, room_id, id_of(actor))
            if user_id != actor.id:
                check_managing(view)
            if await rooms.remove_host(session, room_id, user_id):
                self._record(session, view.room, "room.host_removed", actor, user_id=user_id)

    async def cards(self, room_ids: Collection[str]) -> dict[str, RoomCard]:
        """Read what calls in these rooms follow; one that is not there any more has none."""
        async with self._database.reading() as session:
            cohosts = await rooms.hosts_of(session, room_ids)
            found = await rooms.with_owners(session, room_ids)
        return {
            room.id: RoomCard(
                id=room.id,
                title=room.title,
                owner_id=room.owner_id,
                team_id=room.team_id,
                lobby=room.lobby,
                interpretation=room.interpretation,
                most_people=room.most_people,
                hosts={it.user_id: _host_name(it.user_id, it.password_hash) for it in cohosts if it.room_id == room.id}
                | ({} if owner.disabled_at else {owner.id: _host_name(owner.id, owner.password_hash)}),
            )
            for room, owner in found
        }

    async def host_name(self, room_id: str, user_id: str) -> str:
        """Say what the host secret of somebody is made for. Raises ``RoomNotFound``, and ``NotAllowed`` for no host."""
        cards = await self.cards([room_id])
        if room_id not in cards:
            raise RoomNotFound(NO_ROOM)
        if user_id not in cards[room_id].hosts:
            raise NotAllowed("only the owner and co-hosts of this room open it; its link lets you join")
        return cards[room_id].hosts[user_id]

    async def used(self, room_id: str) -> None:
        """A call has begun in it."""
        async with self._database.writing() as session:
            await rooms.use(session, room_id, at=self._clock())

    async def _managed(self, session: AsyncSession, room_id: str, actor: Actor) -> RoomView:
        await lock_room(session, room_id)
        view = await view_room(session, room_id, id_of(actor))
        check_managing(view)
        return view

    def _record(self, session: AsyncSession, room: LastingRoom, action: str, actor: Actor, **facts: audit.Fact) -> None:
        audit.record(
            session,
            at=self._clock(),
            actor=actor,
            action=action,
            target=("room", room.id),
            team_id=room.team_id,
            facts=facts,
        )


def _host_name(user_id: str, password_hash: str | None) -> str:
    """Name a host so that another password makes another name: what was made for the one before proves nothing."""
    mark = hashlib.sha256((password_hash or "").encode()).hexdigest()[:16]
    return f"{user_id}:{mark}"


async def view_room(session: AsyncSession, room_id: str, user_id: str) -> RoomView:
    """Raises ``RoomNotFound``, also for a room that is none of theirs."""
    found = await rooms.seen_by(session, room_id, user_id)
    if found is None:
        raise RoomNotFound(NO_ROOM)
    return (await _views(session, [found], user_id))[0]


async def _views(session: AsyncSession, found: Collection[RoomOf], viewer_id: str) -> list[RoomView]:
    cohosts = await rooms.hosts_of(session, [it.room.id for it in found])
    return [
        RoomView(
            room=it.room,
            owner=Person(id=it.room.owner_id, name=it.owner_name),
            hosts=tuple(Person(id=who.user_id, name=who.name) for who in cohosts if who.room_id == it.room.id),
            viewer_id=viewer_id,
            team_role=it.team_role,
        )
        for it in found
    ]


async def lock_room(session: AsyncSession, room_id: str) -> None:
    if await rooms.lock(session, room_id) is None:
        raise RoomNotFound(NO_ROOM)


async def _check_team(session: AsyncSession, team_id: str | bool | int | None, user_id: str) -> None:
    if team_id is None:
        return
    await teams.lock(session, str(team_id))  # who is taken out of it now takes their rooms out of it too
    if await teams.membership(session, str(team_id), user_id) is None:
        raise TeamUnknown("you are in no such team; leave team_id out for a room of your own")


def check_managing(view: RoomView) -> None:
    if not view.may_manage:
        raise NotAllowed("only the owner of the room, and admins of its team, may do this")


def id_of(actor: Actor) -> str:
    if actor.id is None:
        raise ValueError("rooms are made and changed by people")
    return actor.id
