"""``/session``: sign in, stay signed in, sign out. The refresh token lives in a cookie that no script reads."""

from contextlib import suppress
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Cookie, Request, Response
from pydantic import BaseModel

from dragoman.accounts.access_tokens import LIFETIME
from dragoman.accounts.errors import AccountDisabled, NotSignedIn, WrongCredentials
from dragoman.accounts.sessions import Opened, Visitor
from dragoman.ground.errors import StoreFull, StoreUnavailable, TooManyRequests
from dragoman.services.api.account_answers import Email, Password, UserAnswer, write_user
from dragoman.services.api.answers import Body
from dragoman.services.api.callers import accounts_of
from dragoman.services.api.openapi import BY_COOKIE, SESSION_COOKIE_NAME, problems
from dragoman.services.api.parts import address_of, parts_of

router = APIRouter(prefix="/session", tags=["session"])

COOKIE = SESSION_COOKIE_NAME
COOKIE_PATH = "/api/v1/session"

RefreshToken = Annotated[str | None, Cookie(alias=COOKIE, include_in_schema=False)]


class Credentials(Body):
    email: Email
    password: Password


class SignedInAnswer(BaseModel):
    access_token: str
    """For ``Authorization: Bearer``."""
    expires_in_s: int
    user: UserAnswer


@router.post("", responses=problems(WrongCredentials, AccountDisabled, TooManyRequests, StoreUnavailable, StoreFull))
async def sign_in(body: Credentials, request: Request, response: Response) -> SignedInAnswer:
    """Sign in with e-mail and password. Wrong ones are answered alike, whether there is such an account or not."""
    opened = await accounts_of(request).sign_in.sign_in(body.email, body.password, visitor_of(request))
    return await answer_opened(opened, request, response)


@router.post("/refresh", dependencies=[BY_COOKIE], responses=problems(AccountDisabled))
async def refresh(request: Request, response: Response, token: RefreshToken = None) -> SignedInAnswer:
    """Give a new access token for the cookie, and a new cookie."""
    if not token:
        raise NotSignedIn("nobody is signed in here; sign in first")
    opened = await accounts_of(request).sessions.refresh(token, visitor_of(request))
    return await answer_opened(opened, request, response)


@router.delete("", status_code=204, dependencies=[BY_COOKIE])
async def sign_out(request: Request, response: Response, token: RefreshToken = None) -> None:
    """End the session of the cookie; whoever has none is signed out already."""
    if token:
        with suppress(NotSignedIn):
            await accounts_of(request).sessions.sign_out(token, visitor_of(request))
    response.delete_cookie(COOKIE, path=COOKIE_PATH, secure=_is_https(request), httponly=True, samesite="strict")


def visitor_of(request: Request) -> Visitor:
    return Visitor(address=address_of(parts_of(request), request), user_agent=request.headers.get("user-agent", ""))


async def answer_opened(opened: Opened, request: Request, response: Response) -> SignedInAnswer:
    """Give the access token in the answer and the refresh token in the cookie."""
    set_cookie(opened, request, response)
    return SignedInAnswer(
        access_token=opened.access_token,
        expires_in_s=int(LIFETIME.total_seconds()),
        user=await write_user(opened.user, request),
    )


def set_cookie(opened: Opened, request: Request, response: Response) -> None:
    response.set_cookie(
        COOKIE,
        opened.refresh_token,
        expires=opened.expires_at,
        path=COOKIE_PATH,
        secure=_is_https(request),
        httponly=True,
        samesite="strict",
    )


def _is_https(request: Request) -> bool:
    """Say whether the browser came by https, if need be to a proxy in front, which comes here by plain http."""
    public = urlsplit(parts_of(request).public_origin)
    return request.url.scheme == "https" or (
        public.scheme == "https" and request.headers.get("host", "").lower() == public.netloc
    )
