"""Accounts as their owners see them. From the API and the command; what admins do is in administration.py."""

from collections.abc import Callable
from datetime import datetime

from dragoman.accounts.emails import normal_email
from dragoman.accounts.errors import AccountNotFound
from dragoman.accounts.sessions import Sessions
from dragoman.ground.accounts import Actor
from dragoman.store import audit, users
from dragoman.store.database import Database, utc_now
from dragoman.store.tables import User

NO_ACCOUNT = "there is no such account"


class People:
    """Reads and changes users."""

    def __init__(self, database: Database, sessions: Sessions, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._sessions = sessions
        self._clock = clock

    async def get(self, user_id: str) -> User:
        """Raises ``AccountNotFound``."""
        async with self._database.reading() as session:
            user = await users.get(session, user_id)
        if user is None:
            raise AccountNotFound(NO_ACCOUNT)
        return user

    async def by_email(self, email: str) -> User:
        """Raises ``AccountNotFound``, ``EmailInvalid``."""
        address = normal_email(email)
        async with self._database.reading() as session:
            user = await users.by_email(session, address)
        if user is None:
            raise AccountNotFound(f"there is no account with the e-mail address {address}")
        return user

    async def rename(self, user_id: str, name: str, *, actor: Actor) -> User:
        """Raises ``AccountNotFound``."""
        async with self._database.writing() as session:
            user = await users.lock(session, user_id)
            if user is None:
                raise AccountNotFound(NO_ACCOUNT)
            user.name = name
            facts = {"fields": ["name"]}
            audit.record(
                session,
                at=self._clock(),
                actor=actor,
                action="user.changed",
                target=("user", user_id),
                facts=facts,
            )
        self._sessions.changed(user_id)
        return user
