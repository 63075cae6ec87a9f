"""Whether an access token or an API key is good now, and for whom. From the API at every request; to the store.

What the store said is remembered for three seconds: a session that ended in another process is refused within them,
one that ended in this process at once.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dragoman.accounts.access_tokens import AccessTokens
from dragoman.accounts.errors import AccountDisabled, NotSignedIn
from dragoman.store import api_keys, sessions
from dragoman.store.database import Database, utc_now
from dragoman.store.tables import User

REMEMBERED = timedelta(seconds=3)
MOST_REMEMBERED = 5000
KEY_PREFIX = "dgm_"
KEY_CHARS = len(KEY_PREFIX) + 43
TOUCHED_EVERY = timedelta(minutes=1)
_OVER = "the session is over; sign in again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Who a token or a key stands for, as the store last said."""

    user_id: str
    name: str
    is_admin: bool
    plan: str
    session_id: str | None
    """None for an API key."""
    epoch: int
    expires_at: datetime | None
    """Of the session or the key; None for a key without an end."""
    disabled: bool
    seen_at: datetime


class Standing:
    """Looks up who asks; remembers a bounded number of answers, good ones only."""

    def __init__(self, database: Database, tokens: AccessTokens, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._tokens = tokens
        self._clock = clock
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._changes = 0
        """What was read before one of them is not remembered after it."""

    async def of(self, secret: str) -> Known:
        """Say for whom an access token or an API key stands. Raises ``NotSignedIn``, ``AccountDisabled``."""
        now = self._clock()
        if secret.startswith(KEY_PREFIX):
            known = await self._of_key(secret, now)
        else:
            claims = self._tokens.read(secret, at=now)
            known = await self._of_session(claims.session_id, now)
            if known.user_id != claims.user_id or known.epoch != claims.epoch:
                raise NotSignedIn(_OVER)
        return _good(known, now)

    async def still(self, known: Known, secret: str) -> Known:
        """Say how it stands with whom ``of`` let in by ``secret``. Raises as ``of``.

        An access token ends within minutes; what it opened lasts as long as its session does.
        """
        if known.session_id is None:
            return await self.of(secret)
        now = self._clock()
        found = await self._of_session(known.session_id, now)
        if found.epoch != known.epoch:
            raise NotSignedIn(_OVER)
        return _good(found, now)

    def forget(self, user_id: str) -> None:
        """Ask the store again for everything of a user: something changed."""
        self._changes += 1
        for key in [key for key, known in self._known.items() if known.user_id == user_id]:
            del self._known[key]

    async def _of_key(self, secret: str, now: datetime) -> Known:
        if len(secret) != KEY_CHARS:
            raise NotSignedIn("this API key is not valid here")
        hashed = hash_key(secret)
        return self._remembered(hashed, now) or await self._ask_key(hashed, now)

    def _remembered(self, key: str, now: datetime) -> Known | None:
        known = self._known.get(key)
        return known if known is not None and timedelta() <= now - known.seen_at < REMEMBERED else None

    async def _of_session(self, session_id: str, now: datetime) -> Known:
        return self._remembered(session_id, now) or await self._ask_session(session_id, now)

    async def _ask_session(self, session_id: str, now: datetime) -> Known:
        changes = self._changes
        async with self._database.reading() as session:
            found = await sessions.with_user(session, session_id)
        if found is None or found[0].revoked_at is not None:
            raise NotSignedIn(_OVER)
        row, user = found
        known = _known(user, now, session_id=row.id, expires_at=row.expires_at)
        return self._remember(session_id, known, changes=changes)

    async def _ask_key(self, hashed: str, now: datetime) -> Known:
        changes = self._changes
        async with self._database.reading() as session:
            found = await api_keys.with_user(session, hashed)
        if found is None:
            raise NotSignedIn("this API key is not valid here; it may have been deleted")
        row, user = found
        if row.used_at is None or abs(now - row.used_at) >= TOUCHED_EVERY:
            async with self._database.writing() as session:
                await api_keys.touch(session, row.id, at=now)
        known = _known(user, now, session_id=None, expires_at=row.expires_at)
        return self._remember(hashed, known, changes=changes)

    def _remember(self, key: str, known: Known, *, changes: int) -> Known:
        if changes != self._changes:
            return known
        self._known[key] = known
        self._known.move_to_end(key)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return known


def hash_key(secret: str) -> str:
    """SHA-256 of an API key, hex: it is long and random, so that no slower hash is due."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _good(known: Known, now: datetime) -> Known:
    if known.expires_at is not None and now >= known.expires_at:
        raise NotSignedIn(_OVER)
    if known.disabled:
        raise AccountDisabled("this account was closed; ask an admin of this server")
    return known


def _known(user: User, now: datetime, *, session_id: str | None, expires_at: datetime | None) -> Known:
    return Known(
        user_id=user.id,
        name=user.name,
        is_admin=user.is_admin,
        plan=user.plan,
        session_id=session_id,
        epoch=user.epoch,
        expires_at=expires_at,
        disabled=user.disabled_at is not None,
        seen_at=now,
    )
