"""Sessions of browsers: opened, refreshed, ended. From sign_in.py; to store/sessions.py.

A refresh token is good once. Whoever shows it again within ten seconds, a second tab or a browser whose answer was
lost, gets the same successor once more; later it betrays that two have it, and the session ends for both. A token says
its session and its number and proves both (HMAC), so that the successor need not be kept and every old one is known.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.accounts.access_tokens import AccessTokens
from dragoman.accounts.devices import describe_device
from dragoman.accounts.errors import AccountDisabled, NotSignedIn, SessionNotFound
from dragoman.accounts.networks import network_of
from dragoman.ground.accounts import SYSTEM, Actor
from dragoman.store import audit, sessions, users
from dragoman.store.columns import new_id
from dragoman.store.database import Database, utc_now
from dragoman.store.tables import SignedIn, User

IDLE = timedelta(days=30)
LONGEST = timedelta(days=180)
GRACE = timedelta(seconds=10)
MOST_SESSIONS = 20
"""Of one user; the oldest ends when one more is opened."""
_OVER = "the session is over; sign in again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session with the tokens that are good now."""

    user: User
    session_id: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    """Of the session, if it is not used before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who is at the other end."""

    address: str
    user_agent: str = ""


class Sessions:
    """Opens, refreshes and ends sessions."""

    def __init__(
        self,
        database: Database,
        tokens: AccessTokens,
        *,
        key: bytes,
        clock: Callable[[], datetime] = utc_now,
        on_ended: Callable[[str], None] = lambda user_id: None,
    ) -> None:
        """``key`` proves refresh tokens; ``on_ended`` is told whose sessions are not what they were."""
        self._database = database
        self._tokens = tokens
        self._key = key
        self._clock = clock
        self._on_ended = on_ended

    async def open(self, session: AsyncSession, user: User, visitor: Visitor) -> Opened:
        """Open a session within the transaction ``session``."""
        now = self._clock()
        open_ones = await sessions.open_ones(session, user.id, at=now, limit=10 * MOST_SESSIONS)
        for oldest in open_ones[MOST_SESSIONS - 1 :]:
            oldest.revoked_at = now
        session_id = new_id()
        token = self._refresh_token(session_id, 0)
        row = SignedIn(
            id=session_id,
            user_id=user.id,
            refresh_hash=_hash(token),
            rotated_at=now,
            created_at=now,
            used_at=now,
            expires_at=now + IDLE,
            device=describe_device(visitor.user_agent),
            address=_place(visitor),
        )
        await sessions.add(session, row)
        user.last_sign_in_at = now
        actor = Actor(kind="user", id=user.id, address=visitor.address)
        audit.record(session, at=now, actor=actor, action="session.opened", target=("session", session_id))
        return self._opened(user, row, token)

    async def refresh(self, token: str, visitor: Visitor) -> Opened:
        """Replace a refresh token. Raises ``NotSignedIn``, ``AccountDisabled``."""
        session_id, number = self._read(token)
        now = self._clock()
        betrayed = False
        async with self._database.writing() as session:
            row = await sessions.lock(session, session_id)
            user = None if row is None else await users.get(session, row.user_id)
            if row is None or user is None or row.revoked_at is not None or now >= row.expires_at:
                raise NotSignedIn(_OVER)
            if user.disabled_at is not None:
                raise AccountDisabled("this account was closed; ask an admin of this server")
            successor = self._refresh_token(session_id, number + 1)
            if _is(row.refresh_hash, token):
                row.spent_hash, row.refresh_hash = row.refresh_hash, _hash(successor)
                row.rotated_at = row.used_at = now
                row.expires_at = max(now, min(now + IDLE, row.created_at + LONGEST))
                row.address = _place(visitor)
            elif not _is(row.spent_hash, token) or abs(now - row.rotated_at) > GRACE:  # a clock may be set back
                row.revoked_at = now
                target = ("session", session_id)
                audit.record(session, at=now, actor=SYSTEM, action="session.reused", target=target)
                betrayed = True
        if betrayed:
            self._on_ended(user.id)
            raise NotSignedIn("the session was used from two places and has ended; sign in again")
        return self._opened(user, row, successor)

    async def sign_out(self, token: str, visitor: Visitor) -> None:
        """End the session of a refresh token; one that is over stays so."""
        session_id, _ = self._read(token)
        async with self._database.reading() as session:
            row = await session.get(SignedIn, session_id)
        if row is not None:
            await self._end(row.user_id, session_id, Actor(kind="user", id=row.user_id, address=visitor.address))

    async def of_user(
        self, user_id: str, *, before: tuple[datetime, str] | None = None, limit: int
    ) -> Sequence[SignedIn]:
        """Give the sessions of a user that are not over, newest first."""
        async with self._database.reading() as session:
            return await sessions.open_ones(session, user_id, at=self._clock(), before=before, limit=limit)

    async def end(self, user_id: str, session_id: str, *, actor: Actor) -> None:
        """End one session of a user. Raises ``SessionNotFound``."""
        if not await self._end(user_id, session_id, actor):
            raise SessionNotFound("there is no such session; it may be over")

    async def end_others(self, user_id: str, *, besides: str | None, actor: Actor) -> None:
        """End all sessions of a user but one."""
        async with self._database.writing() as session:
            await self.end_within(session, user_id, besides=besides, actor=actor)
        self._on_ended(user_id)

    async def end_within(self, session: AsyncSession, user_id: str, *, besides: str | None, actor: Actor) -> None:
        """End them as part of a change to their user; call ``changed`` when it is kept."""
        now = self._clock()
        ended = await sessions.revoke_all(session, user_id, at=now, besides=besides)
        audit.record(
            session,
            at=now,
            actor=actor,
            action="session.all_ended",
            target=("user", user_id),
            facts={"sessions": len(ended)},
        )

    def changed(self, user_id: str) -> None:
        """What is remembered of a user is asked again."""
        self._on_ended(user_id)

    async def _end(self, user_id: str, session_id: str, actor: Actor) -> bool:
        now = self._clock()
        async with self._database.writing() as session:
            row = await sessions.lock(session, session_id)
            if row is None or row.user_id != user_id or row.revoked_at is not None or now >= row.expires_at:
                return False
            row.revoked_at = now
            audit.record(session, at=now, actor=actor, action="session.ended", target=("session", session_id))
        self._on_ended(user_id)
        return True

    def _opened(self, user: User, row: SignedIn, token: str) -> Opened:
        access = self._tokens.issue(user_id=user.id, session_id=row.id, epoch=user.epoch, at=self._clock())
        return Opened(user=user, session_id=row.id, access_token=access, refresh_token=token, expires_at=row.expires_at)

    def _refresh_token(self, session_id: str, number: int) -> str:
        proof = hmac.digest(self._key, f"{session_id}.{number}".encode(), hashlib.sha256)
        return f"{session_id}.{number}.{base64.urlsafe_b64encode(proof).decode().rstrip('=')}"

    def _read(self, token: str) -> tuple[str, int]:
        """Give session and number of a token of ours, old or new. Raises ``NotSignedIn``."""
        session_id, _, rest = token.partition(".")
        digits = rest.partition(".")[0]
        if not (digits.isascii() and digits.isdecimal() and len(digits) < 10):
            raise NotSignedIn(_OVER)
        number = int(digits)
        if not _equal(token, self._refresh_token(session_id, number)):
            raise NotSignedIn(_OVER)
        return session_id, number


def _place(visitor: Visitor) -> str:
    return network_of(visitor.address, v6_bits=48)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _is(hashed: str | None, token: str) -> bool:
    return hashed is not None and hmac.compare_digest(hashed, _hash(token))


def _equal(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode("utf-8", "replace"))
