"""API keys: made, listed, deleted by the person they stand for. From the API; standing.py reads them."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dragoman.accounts.errors import ApiKeyNotFound, TooManyApiKeys
from dragoman.accounts.standing import KEY_PREFIX, hash_key
from dragoman.ground.accounts import Actor
from dragoman.ground.facts import Bound, Facts, Help
from dragoman.store import api_keys, audit, users
from dragoman.store.database import Database, utc_now
from dragoman.store.tables import ApiKey

MOST_KEYS = 50
"""Of one user."""
_SECRET_BYTES = 32
_HINT_CHARS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApiKey:
    """A key, which is shown this once."""

    row: ApiKey
    key: str = field(repr=False)


class ApiKeys:
    """Makes and deletes keys."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], datetime] = utc_now,
        on_ended: Callable[[str], None] = lambda user_id: None,
    ) -> None:
        """``on_ended`` is told whose keys are not what they were."""
        self._database = database
        self._clock = clock
        self._on_ended = on_ended

    async def make(self, user_id: str, *, name: str, lifetime: timedelta | None, actor: Actor) -> NewApiKey:
        """Make a key that lasts ``lifetime``; None for one without an end. Raises ``TooManyApiKeys``."""
        now = self._clock()
        key = f"{KEY_PREFIX}{secrets.token_urlsafe(_SECRET_BYTES)}"
        row = ApiKey(
            user_id=user_id,
            name=name,
            key_hash=hash_key(key),
            hint=key[:_HINT_CHARS],
            created_at=now,
            expires_at=None if lifetime is None else now + lifetime,
        )
        async with self._database.writing() as session:
            await users.lock(session, user_id)
            if await api_keys.count(session, user_id) >= MOST_KEYS:
                raise TooManyApiKeys(
                    f"one account has at most {MOST_KEYS} API keys; delete one that is not used",
                    facts=Facts(limit=Bound.API_KEYS, allowed=MOST_KEYS, helps=(Help.DELETE_SOME,)),
                )
            await api_keys.add(session, row)
            audit.record(session, at=now, actor=actor, action="api_key.made", target=("api_key", row.id))
        return NewApiKey(row=row, key=key)

    async def of_user(
        self, user_id: str, *, before: tuple[datetime, str] | None = None, limit: int
    ) -> Sequence[ApiKey]:
        async with self._database.reading() as session:
            return await api_keys.of_user(session, user_id, before=before, limit=limit)

    async def delete(self, user_id: str, key_id: str, *, actor: Actor) -> None:
        """Raises ``ApiKeyNotFound``."""
        async with self._database.writing() as session:
            row = await api_keys.get(session, user_id, key_id)
            if row is None:
                raise ApiKeyNotFound("there is no such API key")
            await session.delete(row)
            audit.record(session, at=self._clock(), actor=actor, action="api_key.deleted", target=("api_key", key_id))
        self._on_ended(user_id)
