"""``/teams/{team}/invitations``: links into a team, given out and taken back. Who has one goes to invitations.py."""

from datetime import datetime
from typing import Annotated, TypedDict

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from dragoman.accounts.errors import EmailInvalid, Forbidden, InvitationNotFound, TeamNotFound, TooManyInvitations
from dragoman.accounts.invitations import NewInvitation
from dragoman.ground.accounts import TeamRole
from dragoman.services.api.account_answers import Email, Time
from dragoman.services.api.answers import Body
from dragoman.services.api.callers import accounts_of, caller_of
from dragoman.services.api.host_access import link_to
from dragoman.services.api.openapi import SIGNED_IN, problems
from dragoman.services.api.paging import Page, Paged, page_of
from dragoman.services.api.parts import parts_of
from dragoman.services.api.team_members import RoleText
from dragoman.services.api.teams import BY_ROLE, TeamId
from dragoman.store.columns import ID_LENGTH
from dragoman.store.tables import Invitation

router = APIRouter(prefix="/teams/{team}/invitations", tags=["teams"], dependencies=[SIGNED_IN])

InvitationId = Annotated[str, Path(max_length=ID_LENGTH)]
PAGE = "/invitation"
"""Of the page that takes an invitation; the token stands behind the # of its link, which no server and no log sees."""


class NewTeamInvitation(Body):
    email: Email | None = None
    """The only address it is good for; none for whoever has the link."""
    role: RoleText = TeamRole.MEMBER


class InvitationAnswer(BaseModel):
    id: str
    email: str | None
    role: str
    created_at: Time
    expires_at: Time


class MadeInvitation(InvitationAnswer):
    link: str
    """For one person; shown this once."""


@router.get("", responses=BY_ROLE)
async def see_invitations(team: TeamId, request: Request, wish: Paged) -> Page[InvitationAnswer]:
    """List the invitations that can still be taken. To an admin of the team."""
    caller = await caller_of(request)
    found = await accounts_of(request).invitations.open_of_team(
        team, user_id=caller.user_id, before=wish.before, limit=wish.fetch
    )
    return page_of(found, wish, write_invitation)


@router.post("", status_code=201, responses=problems(TeamNotFound, Forbidden, TooManyInvitations, EmailInvalid))
async def invite(team: TeamId, body: NewTeamInvitation, request: Request) -> MadeInvitation:
    """Make a link into the team, good for one person and 14 days. By an owner, or for members an admin."""
    caller = await caller_of(request)
    made = await accounts_of(request).invitations.invite_to_team(
        team, role=body.role, email=body.email, actor=caller.actor
    )
    return write_made(made, request)


@router.delete("/{invitation}", status_code=204, responses=problems(TeamNotFound, InvitationNotFound, Forbidden))
async def revoke(team: TeamId, invitation: InvitationId, request: Request) -> None:
    """Take the link back. By an admin of the team."""
    caller = await caller_of(request)
    await accounts_of(request).invitations.revoke(team, invitation, actor=caller.actor)


def write_invitation(invitation: Invitation) -> InvitationAnswer:
    return InvitationAnswer(**_fields(invitation))


def write_made(made: NewInvitation, request: Request) -> MadeInvitation:
    link = link_to(parts_of(request), request, f"{PAGE}#{made.token}")
    return MadeInvitation(**_fields(made.invitation), link=link)


class _Fields(TypedDict):
    id: str
    email: str | None
    role: str
    created_at: datetime
    expires_at: datetime


def _fields(invitation: Invitation) -> _Fields:
    return _Fields(
        id=invitation.id,
        email=invitation.email,
        role=invitation.role,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
    )
