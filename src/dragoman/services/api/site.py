"""``GET /site``: what a page has to know before anybody signs in. Answered with and without accounts."""

from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from dragoman import __version__
from dragoman.ground.errors import StoreError
from dragoman.services.api.parts import parts_of

if TYPE_CHECKING:
    from dragoman.services.api.accounts_parts import AccountsParts

router = APIRouter(prefix="/site", tags=["site"])


class OidcAnswer(BaseModel):
    name: str
    """What the button says."""


class SiteAnswer(BaseModel):
    accounts: bool
    """Rooms are made by who is signed in; without, by who sits at the server or knows its password."""
    sign_up: Literal["open", "invitation"]
    oidc: OidcAnswer | None
    plans: bool
    """Accounts have the limits of their plans; false as well while the database is away."""
    version: str


@router.get("")
async def see_site(request: Request) -> SiteAnswer:
    """Say whether there are accounts here, and how to get one."""
    accounts = parts_of(request).accounts
    if accounts is None:
        return SiteAnswer(accounts=False, sign_up="invitation", oidc=None, plans=False, version=__version__)
    return SiteAnswer(
        accounts=True,
        sign_up=accounts.sign_up.who,
        oidc=OidcAnswer(name=accounts.oidc_name) if accounts.oidc_name else None,
        plans=await _plans_count(accounts),
        version=__version__,
    )


async def _plans_count(accounts: "AccountsParts") -> bool:
    """A guest's page asks, and guests join whether the database is there or not."""
    try:
        return await accounts.limits.plans_on()
    except StoreError:
        return False
