"""Rows of lasting rooms and their co-hosts. From tables.py; to meetings/lasting_rooms.py, which knows the rules."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from dragoman.store.paging import newest_first
from dragoman.store.tables import LastingRoom, Membership, RoomHost, User

_THEIRS, _OWNERS = aliased(Membership), aliased(Membership)
_SHARES_A_TEAM_WITH_THE_OWNER = exists().where(
    _THEIRS.user_id == RoomHost.user_id, _OWNERS.user_id == LastingRoom.owner_id, _THEIRS.team_id == _OWNERS.team_id
)
"""Of a co-host's row beside that of the room. Made once: it takes longer than the question does."""


class RoomOf(NamedTuple):
    """A room as one person sees it."""

    room: LastingRoom
    owner_name: str
    team_role: str | None
    """What they are in the team of the room; None for nobody of it."""


class HostOf(NamedTuple):
    """A co-host of a room."""

    room_id: str
    user_id: str
    name: str
    password_hash: str | None


async def add(session: AsyncSession, room: LastingRoom) -> LastingRoom:
    session.add(room)
    await session.flush()
    return room


async def find(session: AsyncSession, room_id: str) -> LastingRoom | None:
    return await session.get(LastingRoom, room_id, populate_existing=True)


async def lock(session: AsyncSession, room_id: str) -> LastingRoom | None:
    """Give the room; until the transaction ends nobody else changes it, its hosts or its calendar."""
    return await session.get(LastingRoom, room_id, with_for_update=True, populate_existing=True)


async def use(session: AsyncSession, room_id: str, *, at: datetime) -> None:
    """Write down when it was used last; one that is not there any more is fine."""
    await session.execute(update(LastingRoom).where(LastingRoom.id == room_id).values(used_at=at))


async def remove(session: AsyncSession, room_id: str) -> None:
    """Delete the room with its co-hosts and its calendar."""
    await session.execute(delete(LastingRoom).where(LastingRoom.id == room_id))


async def take_out_of_team(session: AsyncSession, team_id: str, *, owner_id: str) -> None:
    """Let the rooms of one person belong to no team, where they belonged to this one."""
    theirs = (LastingRoom.team_id == team_id, LastingRoom.owner_id == owner_id)
    await session.execute(update(LastingRoom).where(*theirs).values(team_id=None))


async def seen_by(session: AsyncSession, room_id: str, user_id: str) -> RoomOf | None:
    """Give the room to its owner, a co-host, or somebody of its team; None for everybody else."""
    row = (await session.execute(_seen_by(user_id).where(LastingRoom.id == room_id))).one_or_none()
    return None if row is None else RoomOf(*row)


async def of_person(
    session: AsyncSession, user_id: str, *, before: tuple[datetime, str] | None, limit: int
) -> Sequence[RoomOf]:
    """List what ``seen_by`` gives them, newest first."""
    query = newest_first(_seen_by(user_id), LastingRoom.created_at, LastingRoom.id, before=before, limit=limit)
    return [RoomOf(*row) for row in await session.execute(query)]


async def count_owned(session: AsyncSession, user_id: str) -> int:
    return await session.scalar(select(func.count()).where(LastingRoom.owner_id == user_id)) or 0


async def hosts_of(session: AsyncSession, room_ids: Collection[str]) -> Sequence[HostOf]:
    """List the co-hosts of these rooms, by name; who shares no team with the owner any more is none now."""
    query = (
        select(RoomHost.room_id, RoomHost.user_id, User.name, User.password_hash)
        .join(User, User.id == RoomHost.user_id)
        .join(LastingRoom, LastingRoom.id == RoomHost.room_id)
        .where(RoomHost.room_id.in_(room_ids), User.disabled_at.is_(None), _SHARES_A_TEAM_WITH_THE_OWNER)
        .order_by(User.name, RoomHost.user_id)
    )
    return [HostOf(*row) for row in await session.execute(query)]


async def add_host(session: AsyncSession, room_id: str, user_id: str) -> bool:
    """Make somebody a co-host; False if they are one."""
    if await session.get(RoomHost, (room_id, user_id)) is not None:
        return False
    session.add(RoomHost(room_id=room_id, user_id=user_id))
    await session.flush()
    return True


async def remove_host(session: AsyncSession, room_id: str, user_id: str) -> bool:
    """Say whether they were one."""
    host = await session.get(RoomHost, (room_id, user_id))
    if host is None:
        return False
    await session.delete(host)
    return True


async def with_owners(session: AsyncSession, room_ids: Collection[str]) -> Sequence[tuple[LastingRoom, User]]:
    """Read these rooms and whose they are, as many as there are."""
    query = select(LastingRoom, User).join(User, User.id == LastingRoom.owner_id).where(LastingRoom.id.in_(room_ids))
    return [(room, owner) for room, owner in await session.execute(query)]


async def share_a_team(session: AsyncSession, one_id: str, other_id: str) -> bool:
    """Say whether two people are in one team."""
    teams = select(Membership.team_id).where(Membership.user_id == one_id)
    query = select(func.count()).where(Membership.user_id == other_id, Membership.team_id.in_(teams))
    return bool(await session.scalar(query))


def _seen_by(user_id: str) -> Select[LastingRoom, str, str]:
    hosted = exists().where(
        RoomHost.room_id == LastingRoom.id, RoomHost.user_id == user_id, _SHARES_A_TEAM_WITH_THE_OWNER
    )
    own = and_(Membership.team_id == LastingRoom.team_id, Membership.user_id == user_id)
    return (
        select(LastingRoom, User.name, Membership.role)
        .join(User, User.id == LastingRoom.owner_id)
        .outerjoin(Membership, own)
        .where(or_(LastingRoom.owner_id == user_id, Membership.user_id == user_id, hosted))
    )
