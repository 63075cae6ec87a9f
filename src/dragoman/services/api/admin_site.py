"""``/admin/invitations`` and ``/admin/jobs``: let people in, and see what the server does by itself. For its admins."""

from fastapi import APIRouter, Request

from dragoman.accounts.errors import EmailInvalid, Forbidden, InvitationNotFound, TooManyInvitations
from dragoman.services.api.account_answers import Email
from dragoman.services.api.answers import Body
from dragoman.services.api.callers import accounts_of, admin_of
from dragoman.services.api.jobs import JobAnswer, write_job
from dragoman.services.api.openapi import SIGNED_IN, problems
from dragoman.services.api.paging import Page, Paged, page_of
from dragoman.services.api.team_invitations import (
    InvitationAnswer,
    InvitationId,
    MadeInvitation,
    write_invitation,
    write_made,
)
from dragoman.store.jobs import newest_jobs

router = APIRouter(prefix="/admin", tags=["admin"], dependencies=[SIGNED_IN])


class NewInvitation(Body):
    email: Email | None = None
    """The only address it is good for; none for whoever has the link."""


@router.get("/invitations", responses=problems(Forbidden))
async def see_invitations(request: Request, wish: Paged) -> Page[InvitationAnswer]:
    """List the links to an account that can still be taken, without those into teams."""
    await admin_of(request)
    found = await accounts_of(request).invitations.open_to_server(before=wish.before, limit=wish.fetch)
    return page_of(found, wish, write_invitation)


@router.post("/invitations", status_code=201, responses=problems(Forbidden, TooManyInvitations, EmailInvalid))
async def invite(body: NewInvitation, request: Request) -> MadeInvitation:
    """Make a link with which one person makes an account; good for 14 days."""
    caller = await admin_of(request)
    made = await accounts_of(request).invitations.invite_to_server(email=body.email, actor=caller.actor)
    return write_made(made, request)


@router.delete("/invitations/{invitation}", status_code=204, responses=problems(Forbidden, InvitationNotFound))
async def revoke(invitation: InvitationId, request: Request) -> None:
    """Take the link back."""
    caller = await admin_of(request)
    await accounts_of(request).invitations.revoke_to_server(invitation, actor=caller.actor)


@router.get("/jobs", responses=problems(Forbidden))
async def see_jobs(request: Request, wish: Paged) -> Page[JobAnswer]:
    """List what the server does by itself, or was asked to do, whoever asked."""
    await admin_of(request)
    async with accounts_of(request).database.reading() as session:
        found = await newest_jobs(session, before=wish.before, limit=wish.fetch)
    return page_of(found, wish, write_job)
