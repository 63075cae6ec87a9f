"""``/users``: make an account."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from dragoman.accounts.errors import (
    EmailInvalid,
    EmailTaken,
    InvitationNotFound,
    PasswordRefused,
    SignUpClosed,
    TeamFull,
)
from dragoman.ground.errors import StoreFull, StoreUnavailable, TooManyRequests
from dragoman.services.api.account_answers import Email, Password, Title
from dragoman.services.api.answers import Body
from dragoman.services.api.callers import accounts_of
from dragoman.services.api.openapi import problems
from dragoman.services.api.session import SignedInAnswer, answer_opened, visitor_of

router = APIRouter(prefix="/users", tags=["users"])


class NewUser(Body):
    email: Email
    name: Title
    password: Password
    invitation: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """The token of its link, where the server asks for one."""


MAY_FAIL = problems(
    EmailInvalid,
    PasswordRefused,
    SignUpClosed,
    InvitationNotFound,
    EmailTaken,
    TeamFull,
    TooManyRequests,
    StoreUnavailable,
    StoreFull,
)


@router.post("", status_code=201, responses=MAY_FAIL)
async def sign_up(body: NewUser, request: Request, response: Response) -> SignedInAnswer:
    """Make an account and sign in to it; with an invitation into a team, join that too."""
    opened = await accounts_of(request).sign_up.sign_up(
        email=body.email,
        name=body.name,
        password=body.password,
        invitation=body.invitation,
        visitor=visitor_of(request),
    )
    return await answer_opened(opened, request, response)
