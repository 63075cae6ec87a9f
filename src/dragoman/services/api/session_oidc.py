"""``/session/oidc``: sign in at the provider of OpenID Connect. The browser goes there and comes back; no script does.

Whatever goes wrong on the way, the browser ends on the page for signing in, with the code of the problem: a password
still works there. Where a browser is sent to is never said by what it brings along.
"""

from typing import Annotated

import structlog
from fastapi import APIRouter, Cookie, Query, Request
from fastapi.responses import RedirectResponse

from dragoman.accounts.errors import AccountError, OidcOff
from dragoman.accounts.oidc import OidcSignIn, Return
from dragoman.accounts.oidc_state import GOOD_FOR
from dragoman.ground.errors import StoreError
from dragoman.meetings.errors import RequestInvalid
from dragoman.services.api.callers import accounts_of
from dragoman.services.api.host_access import origin_as_seen
from dragoman.services.api.openapi import problems
from dragoman.services.api.parts import parts_of
from dragoman.services.api.session import RefreshToken, set_cookie, visitor_of

log = structlog.get_logger()

PATH = "/api/v1/session/oidc"
COOKIE = "dragoman_oidc"
SIGN_IN_PAGE = "/sign-in"

router = APIRouter(prefix="/session/oidc", tags=["session"], responses=problems(OidcOff, RequestInvalid))

Sealed = Annotated[str, Cookie(alias=COOKIE, max_length=2000, include_in_schema=False)]
Given = Annotated[str | None, Query(max_length=4000)]


@router.get("", status_code=303, response_class=RedirectResponse)
async def leave(request: Request, refresh_token: RefreshToken = None) -> RedirectResponse:
    """Send the browser to the provider."""
    oidc = _oidc(request)
    here = origin_as_seen(parts_of(request), request)
    try:
        departure = await oidc.begin(redirect_uri=f"{here}{PATH}/callback", refresh_token=refresh_token)
    except (AccountError, StoreError) as error:
        return _back_to_sign_in(error)
    answer = RedirectResponse(departure.address, status_code=303)
    answer.set_cookie(
        COOKIE,
        departure.cookie,
        max_age=int(GOOD_FOR.total_seconds()),
        path=PATH,
        secure=here.startswith("https:"),
        httponly=True,
        samesite="lax",  # the provider sends the browser back, and that is another site
    )
    return answer


@router.get("/callback", status_code=303, response_class=RedirectResponse)
async def come_back(
    request: Request,
    sealed: Sealed = "",
    state: Annotated[str, Query(max_length=200)] = "",
    code: Given = None,
    iss: Given = None,
    error: Given = None,
) -> RedirectResponse:
    """Take the browser back from the provider: signed in, to the first page; else to the one for signing in."""
    oidc = _oidc(request)
    back = Return(cookie=sealed, state=state, code=code, issuer=iss, error=error)
    try:
        opened = await oidc.finish(back, visitor_of(request))
    except (AccountError, StoreError) as problem:
        answer = _back_to_sign_in(problem)
    else:
        answer = RedirectResponse("/", status_code=303)
        set_cookie(opened, request, answer)
    answer.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="lax")
    return answer


def _oidc(request: Request) -> OidcSignIn:
    oidc = accounts_of(request).oidc
    if oidc is None:
        raise OidcOff("people sign in here with a password; there is no provider")
    return oidc


def _back_to_sign_in(error: AccountError | StoreError) -> RedirectResponse:
    log.info("oidc_sign_in_failed", code=error.code, reason=str(error))
    return RedirectResponse(f"{SIGN_IN_PAGE}?problem={error.code}", status_code=303)
