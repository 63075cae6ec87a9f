"""``/invitations/{token}``: what a link is for, and taking it with an account. Sign-up takes one for new people."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from dragoman.accounts.errors import AlreadyMember, Forbidden, InvitationNotFound, TeamFull, TooManyTeams
from dragoman.ground.errors import TooManyRequests
from dragoman.services.api.account_answers import Time
from dragoman.services.api.callers import accounts_of, caller_of
from dragoman.services.api.openapi import SIGNED_IN, problems
from dragoman.services.api.parts import count_against, parts_of
from dragoman.services.api.teams import TeamAnswer, write_team

router = APIRouter(prefix="/invitations", tags=["teams"])

Token = Annotated[str, Path(min_length=1, max_length=64)]


class InvitedTo(BaseModel):
    name: str


class InvitationSeenAnswer(BaseModel):
    team: InvitedTo | None
    """None for an invitation to this server alone."""
    role: str
    email: str | None
    """The only address it is good for."""
    expires_at: Time


@router.get("/{token}", responses=problems(InvitationNotFound, TooManyRequests))
async def see_invitation(token: Token, request: Request) -> InvitationSeenAnswer:
    """Say what an invitation is for, to whoever has it."""
    count_against(parts_of(request), request)
    seen = await accounts_of(request).invitations.look_at(token)
    return InvitationSeenAnswer(
        team=None if seen.team_name is None else InvitedTo(name=seen.team_name),
        role=seen.invitation.role,
        email=seen.invitation.email,
        expires_at=seen.invitation.expires_at,
    )


@router.post(
    "/{token}/accept",
    dependencies=[SIGNED_IN],
    responses=problems(InvitationNotFound, Forbidden, AlreadyMember, TeamFull, TooManyTeams),
)
async def accept(token: Token, request: Request) -> TeamAnswer:
    """Come into the team, with the account that the caller has."""
    caller = await caller_of(request)
    count_against(parts_of(request), request)
    return write_team(await accounts_of(request).invitations.accept(token, actor=caller.actor))
