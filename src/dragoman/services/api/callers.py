"""Who asks: the user behind an access token or an API key. To every resource that takes an account."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from starlette.requests import HTTPConnection

from dragoman.accounts.errors import AccountDisabled, Forbidden, NotSignedIn
from dragoman.ground.accounts import Actor
from dragoman.services.api.parts import address_of, bearer, parts_of

if TYPE_CHECKING:
    from dragoman.services.api.accounts_parts import AccountsParts

SIGN_IN = "sign in first, or send an API key, as Authorization: Bearer ..."


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody with an account, as they are now, give or take three seconds."""

    user_id: str
    name: str
    is_admin: bool
    plan: str
    kind: Literal["user", "api_key"]
    session_id: str | None
    """None for an API key."""
    address: str

    @property
    def actor(self) -> Actor:
        """Name them in the audit log."""
        return Actor(kind=self.kind, id=self.user_id, address=self.address)


def accounts_of(request: HTTPConnection) -> "AccountsParts":
    """Give what the resources of accounts work with. Raises ``NotSignedIn`` on a server without accounts."""
    accounts = parts_of(request).accounts
    if accounts is None:
        raise NotSignedIn("this server has no accounts; whoever runs it makes the first: dragoman user add-admin")
    return accounts


async def caller_of(request: HTTPConnection) -> Caller:
    """Say who asks. Raises ``NotSignedIn`` for nobody and for what is worth nothing any more, ``AccountDisabled``."""
    parts, accounts, secret = parts_of(request), accounts_of(request), bearer(request)
    if not secret:
        raise NotSignedIn(SIGN_IN)
    known = await accounts.standing.of(secret)
    return Caller(
        user_id=known.user_id,
        name=known.name,
        is_admin=known.is_admin,
        plan=known.plan,
        kind="user" if known.session_id else "api_key",
        session_id=known.session_id,
        address=address_of(parts, request),
    )


async def maybe_caller(request: HTTPConnection) -> Caller | None:
    """Say who asks where guests are welcome; None for a guest, whatever secret of a room they carry."""
    if parts_of(request).accounts is None:
        return None
    try:
        return await caller_of(request)
    except (NotSignedIn, AccountDisabled):
        return None


async def person_of(request: HTTPConnection) -> Caller:
    """Say who asks where a program may not: passwords, sessions and keys. Raises ``Forbidden`` for an API key."""
    caller = await caller_of(request)
    if caller.kind != "user":
        raise Forbidden("an API key cannot do this; sign in with your password")
    return caller


async def admin_of(request: HTTPConnection) -> Caller:
    """Say who asks where only admins of the server may. Raises ``Forbidden``."""
    caller = await caller_of(request)
    if not caller.is_admin:
        raise Forbidden("only an admin of this server may do this")
    return caller
