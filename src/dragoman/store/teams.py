"""Rows of teams and of who is in them. From accounts/teams.py, which knows the rules."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.ground.accounts import TeamRole
from dragoman.store.paging import newest_first
from dragoman.store.tables import Membership, Team, User


class TeamOf(NamedTuple):
    """A team as one of its people sees it."""

    team: Team
    role: str
    people: int


class MemberOf(NamedTuple):
    membership: Membership
    user: User


_PEOPLE = select(func.count()).where(Membership.team_id == Team.id).correlate(Team).scalar_subquery()


async def add(session: AsyncSession, *, name: str, at: datetime) -> Team:
    team = Team(name=name, created_at=at)
    session.add(team)
    await session.flush()
    return team


async def lock(session: AsyncSession, team_id: str) -> Team | None:
    """Give the team; until the transaction ends nobody else changes who is in it."""
    return await session.get(Team, team_id, with_for_update=True, populate_existing=True)


async def remove(session: AsyncSession, team_id: str) -> None:
    """Delete the team with its members and invitations; its rooms stay, in no team."""
    await session.execute(delete(Team).where(Team.id == team_id))


async def name_of(session: AsyncSession, team_id: str) -> str | None:
    return await session.scalar(select(Team.name).where(Team.id == team_id))


async def seen_by(session: AsyncSession, team_id: str, user_id: str) -> TeamOf | None:
    """Give the team to one of its people; None for everybody else."""
    query = _of_user(user_id).where(Team.id == team_id)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else TeamOf(*row)


async def of_user(
    session: AsyncSession, user_id: str, *, before: tuple[datetime, str] | None = None, limit: int
) -> Sequence[TeamOf]:
    query = newest_first(_of_user(user_id), Team.created_at, Team.id, before=before, limit=limit)
    return [TeamOf(*row) for row in await session.execute(query)]


async def add_member(session: AsyncSession, *, team_id: str, user_id: str, role: TeamRole, at: datetime) -> Membership:
    membership = Membership(team_id=team_id, user_id=user_id, role=role.value, joined_at=at)
    session.add(membership)
    await session.flush()
    return membership


async def membership(session: AsyncSession, team_id: str, user_id: str) -> Membership | None:
    return await session.get(Membership, (team_id, user_id), populate_existing=True)


async def member(session: AsyncSession, team_id: str, user_id: str) -> MemberOf | None:
    query = select(Membership, User).join(User).where(Membership.team_id == team_id, Membership.user_id == user_id)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else MemberOf(*row)


async def remove_member(session: AsyncSession, team_id: str, user_id: str) -> None:
    await session.execute(delete(Membership).where(Membership.team_id == team_id, Membership.user_id == user_id))


async def members(
    session: AsyncSession, team_id: str, *, before: tuple[datetime, str] | None = None, limit: int
) -> Sequence[MemberOf]:
    query = select(Membership, User).join(User).where(Membership.team_id == team_id)
    ordered = newest_first(query, Membership.joined_at, Membership.user_id, before=before, limit=limit)
    return [MemberOf(*row) for row in await session.execute(ordered)]


async def next_in_line(session: AsyncSession, team_id: str, *, besides: str) -> Sequence[Membership]:
    """Give everybody of the team but one, who came first before the others.

    People whose account is closed are given only where there is nobody else: they can manage nothing.
    """
    query = select(Membership, User.disabled_at).join(User)
    query = query.where(Membership.team_id == team_id, Membership.user_id != besides)
    rows = (await session.execute(query.order_by(Membership.joined_at, Membership.user_id))).all()
    return [it for it, closed_at in rows if closed_at is None] or [it for it, _ in rows]


async def count_owners(session: AsyncSession, team_id: str, *, besides: str = "") -> int:
    """Count the owners who can sign in, but one."""
    query = select(func.count()).select_from(Membership).join(User)
    query = query.where(
        Membership.team_id == team_id,
        Membership.role == TeamRole.OWNER.value,
        Membership.user_id != besides,
        User.disabled_at.is_(None),
    )
    return await session.scalar(query) or 0


async def count_people(session: AsyncSession, team_id: str) -> int:
    return await session.scalar(select(func.count()).where(Membership.team_id == team_id)) or 0


async def count_of_user(session: AsyncSession, user_id: str) -> int:
    return await session.scalar(select(func.count()).where(Membership.user_id == user_id)) or 0


def _of_user(user_id: str) -> Select[Team, str, int]:
    return select(Team, Membership.role, _PEOPLE).join(Membership).where(Membership.user_id == user_id)
