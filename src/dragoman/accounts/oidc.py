"""Sign in by OpenID Connect: to the provider and back, and whose account that is. From the API; to oidc_provider.py.

Whose account it is, in this order:

1. The one that this person, issuer and subject, has signed in to before. Their e-mail address does not matter then.
2. Otherwise the provider must have verified their address. If an account has it, it becomes theirs if it has no
   password and no other identity, or if they were signed in to it, in this browser, when they went to the provider.
   An account with a password is never given away for an address alone: whoever signed up with somebody else's address
   would share it with them.
3. Otherwise a new account is made, if anybody may sign up, or if an invitation is open for this very address.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.accounts.emails import normal_email
from dragoman.accounts.errors import AccountDisabled, EmailInvalid, OidcRefused, SignUpClosed
from dragoman.accounts.invitations import join_by_invitation
from dragoman.accounts.oidc_claims import Expected, Identity, key_wish, read_id_token
from dragoman.accounts.oidc_provider import OidcProvider
from dragoman.accounts.oidc_state import Attempt, Attempts
from dragoman.accounts.sessions import Opened, Sessions, Visitor
from dragoman.accounts.sign_up import WhoMaySignUp
from dragoman.accounts.standing import hash_key
from dragoman.ground.accounts import Actor
from dragoman.store import audit, sessions, users
from dragoman.store.database import Database, utc_now
from dragoman.store.oidc_people import lock_invitation_for
from dragoman.store.tables import User

MAX_NAME_CHARS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Where the browser goes, and what it carries."""

    address: str
    cookie: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """What the browser brings back from the provider."""

    cookie: str = field(repr=False)
    state: str = field(repr=False)
    code: str | None = field(default=None, repr=False)
    issuer: str | None = None
    """``iss``, RFC 9207."""
    error: str | None = None


class OidcSignIn:
    """Signs people in who have signed in at the provider."""

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        provider: OidcProvider,
        *,
        key: bytes,
        who: WhoMaySignUp,
        clean_name: Callable[[str], str],
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """``key`` seals the cookie; ``clean_name`` raises ``ValueError`` for a name of which nothing is left."""
        self._database = database
        self._sessions = sessions
        self._provider = provider
        self._attempts = Attempts(key, clock=clock)
        self._who = who
        self._clean_name = clean_name
        self._clock = clock

    async def begin(self, *, redirect_uri: str, refresh_token: str | None) -> Departure:
        """Send a browser to the provider. Raises ``OidcUnavailable``, ``StoreUnavailable``.

        ``refresh_token`` says who is signed in here now, if anybody; it is not used up.
        """
        user_id = await self._signed_in(refresh_token) if refresh_token else None
        attempt = self._attempts.begin(redirect_uri=redirect_uri, user_id=user_id)
        address = await self._provider.authorization_url(attempt)
        return Departure(address=address, cookie=self._attempts.seal(attempt))

    async def finish(self, back: Return, visitor: Visitor) -> Opened:
        """Open a session for who comes back. Raises ``OidcRefused``, ``OidcUnavailable``, ``AccountDisabled``."""
        attempt = self._attempts.take(back.cookie, back.state)
        await self._check_sender(back.issuer)
        if back.error is not None or not back.code:
            raise OidcRefused("you were not signed in at the provider; begin again, or sign in with your password")
        identity = await self._identity(await self._provider.redeem(back.code, attempt), attempt)
        try:
            async with self._database.writing() as session:
                user = await self._person(session, identity, attempt, visitor)
                if user.disabled_at is not None:
                    raise AccountDisabled("this account was closed; ask an admin of this server")
                return await self._sessions.open(session, user, visitor)
        except IntegrityError as error:
            raise OidcRefused("somebody else was just given this account; begin the sign-in again") from error

    async def _check_sender(self, issuer: str | None) -> None:
        """Refuse an answer of another provider, which would have us take its code to ours (RFC 9207)."""
        due = (await self._provider.document()).names_itself
        if issuer != self._provider.client.issuer and (due or issuer is not None):
            raise OidcRefused("this answer comes from another provider; begin the sign-in again")

    async def _identity(self, token: str, attempt: Attempt) -> Identity:
        key = await self._provider.key_for(key_wish(token))
        client = self._provider.client
        expected = Expected(issuer=client.issuer, client_id=client.client_id, nonce=attempt.nonce)
        return read_id_token(token, key, expected, now=self._clock())

    async def _person(self, session: AsyncSession, identity: Identity, attempt: Attempt, visitor: Visitor) -> User:
        known = await users.by_oidc(session, issuer=identity.issuer, subject=identity.subject)
        if known is not None:
            return known
        email = _verified_email(identity)
        owner = await users.by_email(session, email)
        if owner is None:
            return await self._new_person(session, identity, email, visitor)
        return await self._linked(session, owner.id, identity, attempt, visitor)

    async def _linked(
        self, session: AsyncSession, user_id: str, identity: Identity, attempt: Attempt, visitor: Visitor
    ) -> User:
        owner = await users.lock(session, user_id)
        if owner is None or owner.oidc_subject is not None:
            raise OidcRefused("this e-mail address is another person's at the provider; ask an admin of this server")
        if owner.password_hash is not None and attempt.user_id != owner.id:
            raise OidcRefused(
                "an account with your e-mail address has a password: sign in with it first, then come back to the "
                "sign-in page of this server and choose the provider; from then on either works"
            )
        owner.oidc_issuer, owner.oidc_subject = identity.issuer, identity.subject
        self._record(session, owner, visitor, "user.linked", {})
        return owner

    async def _new_person(self, session: AsyncSession, identity: Identity, email: str, visitor: Visitor) -> User:
        now = self._clock()
        invitation = await lock_invitation_for(session, email, at=now)
        if invitation is None and self._who != "open":
            raise SignUpClosed(
                "an account here takes an invitation to your e-mail address; ask an admin of this server"
            )
        user = await users.add(
            session, email=email, name=self._name(identity, email), at=now, oidc=(identity.issuer, identity.subject)
        )
        self._record(session, user, visitor, "user.made", {"invited": invitation is not None, "by": "oidc"})
        if invitation is not None:
            invitation.used_at = now
            actor = Actor(kind="user", id=user.id, address=visitor.address)
            await join_by_invitation(session, invitation, user_id=user.id, actor=actor, now=now)
        return user

    def _name(self, identity: Identity, email: str) -> str:
        for text in (identity.name, email.partition("@")[0]):
            try:
                return self._clean_name(text)[:MAX_NAME_CHARS].strip()
            except ValueError:
                continue
        return email[:MAX_NAME_CHARS]

    async def _signed_in(self, refresh_token: str) -> str | None:
        async with self._database.reading() as session:
            found = await sessions.with_user(session, refresh_token.partition(".")[0])
        if found is None:
            return None
        row, user = found
        good = row.revoked_at is None and self._clock() < row.expires_at and user.disabled_at is None
        return user.id if good and row.refresh_hash == hash_key(refresh_token) else None

    def _record(
        self, session: AsyncSession, user: User, visitor: Visitor, action: str, facts: dict[str, audit.Fact]
    ) -> None:
        actor = Actor(kind="user", id=user.id, address=visitor.address)
        audit.record(session, at=self._clock(), actor=actor, action=action, target=("user", user.id), facts=facts)


def _verified_email(identity: Identity) -> str:
    try:
        return normal_email(identity.email or "")
    except EmailInvalid as error:
        raise OidcRefused(
            "the provider has not verified your e-mail address; confirm it there, then begin the sign-in again"
        ) from error
