"""``/teams/{team}/members``: who is in a team, and as what."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from dragoman.accounts.errors import Forbidden, LastOwner, MemberNotFound, TeamNotFound
from dragoman.ground.accounts import TeamRole
from dragoman.services.api.account_answers import Time
from dragoman.services.api.answers import Body
from dragoman.services.api.callers import accounts_of, caller_of
from dragoman.services.api.openapi import SIGNED_IN, problems
from dragoman.services.api.paging import Page, Paged, page_of
from dragoman.services.api.teams import IN_TEAM, TeamId, UserId
from dragoman.store.teams import MemberOf

router = APIRouter(prefix="/teams/{team}/members", tags=["teams"], dependencies=[SIGNED_IN])

RoleText = Annotated[TeamRole, Field(strict=False)]
"""``owner``, ``admin`` or ``member``; a JSON text, so not as strict as the rest."""


CHANGED = problems(TeamNotFound, MemberNotFound, Forbidden, LastOwner)


class MemberAnswer(BaseModel):
    user_id: str
    name: str
    email: str
    role: str
    joined_at: Time


class RoleChange(Body):
    role: RoleText


@router.get("", responses=IN_TEAM)
async def see_members(team: TeamId, request: Request, wish: Paged) -> Page[MemberAnswer]:
    """List the people of the team; who joined last comes first. To anybody in it."""
    caller = await caller_of(request)
    members = await accounts_of(request).teams.members(
        team, user_id=caller.user_id, before=wish.before, limit=wish.fetch
    )
    return page_of(members, wish, _write, place=lambda it: (it.membership.joined_at, it.membership.user_id))


@router.patch("/{user}", responses=CHANGED)
async def set_role(team: TeamId, user: UserId, body: RoleChange, request: Request) -> MemberAnswer:
    """Make somebody owner, admin or member. By an owner; the last owner stays one."""
    caller = await caller_of(request)
    return _write(await accounts_of(request).teams.set_role(team, user, body.role, actor=caller.actor))


@router.delete("/{user}", status_code=204, responses=CHANGED)
async def remove_member(team: TeamId, user: UserId, request: Request) -> None:
    """Leave the team, or take somebody out of it. By themselves, and an owner, or for members an admin."""
    caller = await caller_of(request)
    await accounts_of(request).teams.remove(team, user, actor=caller.actor)


def _write(member: MemberOf) -> MemberAnswer:
    return MemberAnswer(
        user_id=member.user.id,
        name=member.user.name,
        email=member.user.email,
        role=member.membership.role,
        joined_at=member.membership.joined_at,
    )
