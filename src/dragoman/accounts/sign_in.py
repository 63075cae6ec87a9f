"""Sign in with e-mail and password, and change the password. From the API; to sessions.py.

A wrong password, an unknown address and an account without a password take as long and are answered alike. A process
that begins counts the refusals that the audit log has of the last minutes: a restart lets nobody guess anew.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from dragoman.accounts.emails import normal_email
from dragoman.accounts.errors import AccountDisabled, AccountNotFound, EmailInvalid, WrongCredentials
from dragoman.accounts.passwords import Passwords, check_new_password
from dragoman.accounts.sessions import Opened, Sessions, Visitor
from dragoman.accounts.sign_in_tries import MOST_KEYS, WINDOW, SignInTries
from dragoman.ground.accounts import Actor
from dragoman.store import audit, users
from dragoman.store.database import Database, utc_now
from dragoman.store.sign_ins import tries_since
from dragoman.store.tables import User

WRONG = "e-mail address or password is wrong"


class SignIn:
    """Checks who people are."""

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        passwords: Passwords,
        *,
        tries: SignInTries | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._passwords = passwords
        self._tries = tries or SignInTries()
        self._recalling = asyncio.Lock()
        self._recalled = False
        self._clock = clock

    async def sign_in(self, email: str, password: str, visitor: Visitor) -> Opened:
        """Open a session. Raises ``WrongCredentials``, ``AccountDisabled``, ``TooManyRequests``."""
        address = _normal(email)
        await self._recall()
        self._tries.count(address, visitor.address, at=self._clock())
        async with self._database.reading() as session:
            user = await users.by_email(session, address)
        matches, better = await self._passwords.check(password, None if user is None else user.password_hash)
        if user is None or not matches:
            await self._record_refusal(user, visitor)
            raise WrongCredentials(WRONG)
        async with self._database.writing() as session:
            row = await users.lock(session, user.id)
            if row is None or row.password_hash != user.password_hash:
                raise WrongCredentials(WRONG)  # it was changed in between
            if row.disabled_at is not None:
                raise AccountDisabled("this account was closed; ask an admin of this server")
            row.password_hash = better or row.password_hash
            opened = await self._sessions.open(session, row, visitor)
        self._tries.succeeded(address, visitor.address)
        return opened

    async def _recall(self) -> None:
        """Count once what was tried before this process began. Raises ``StoreError``; it is tried again then."""
        async with self._recalling:
            if self._recalled:
                return
            async with self._database.reading() as session:
                seen = await tries_since(session, self._clock() - WINDOW, limit=MOST_KEYS)
            for it in seen:
                if it.came_in and it.email is not None:
                    self._tries.succeeded(it.email, it.address)
                elif not it.came_in:
                    self._tries.recall(it.email or "", it.address, at=it.at)
            self._recalled = True

    async def _record_refusal(self, user: User | None, visitor: Visitor) -> None:
        """Write that somebody was refused, for nobody's address as well: it takes as long, and cannot be told apart."""
        async with self._database.writing() as session:
            target = ("user", "" if user is None else user.id)
            actor = Actor(kind="user", address=visitor.address)
            audit.record(session, at=self._clock(), actor=actor, action="session.refused", target=target)

    async def check_password(self, user_id: str, password: str, *, address: str) -> User:
        """Make sure that a signed-in person is who they were. Raises ``WrongCredentials``, ``TooManyRequests``."""
        async with self._database.reading() as session:
            user = await users.get(session, user_id)
        if user is None:
            raise AccountNotFound("there is no such account any more")
        await self._recall()
        self._tries.count(user.email, address, at=self._clock())
        matches, _ = await self._passwords.check(password, user.password_hash)
        if not matches:
            raise WrongCredentials("the password is wrong")
        self._tries.succeeded(user.email, address)
        return user

    async def change_password(self, user_id: str, *, current: str, new: str, session_id: str, actor: Actor) -> None:
        """Change the password and end every other session.

        Raises ``WrongCredentials``, ``PasswordRefused``, ``TooManyRequests``.
        """
        user = await self.check_password(user_id, current, address=actor.address)
        await self.set_password(user, new, besides=session_id, actor=actor)

    async def set_password(self, user: User, new: str, *, besides: str | None, actor: Actor) -> None:
        """Give somebody a new password and end their sessions but one. Raises ``PasswordRefused``."""
        check_new_password(new, email=user.email, name=user.name)
        hashed = await self._passwords.hash(new)
        async with self._database.writing() as session:
            row = await users.lock(session, user.id)
            if row is None or row.password_hash != user.password_hash:
                raise WrongCredentials("the password was changed in between; sign in again")
            row.password_hash = hashed
            await self._sessions.end_within(session, user.id, besides=besides, actor=actor)
            audit.record(session, at=self._clock(), actor=actor, action="password.changed", target=("user", user.id))
        self._sessions.changed(user.id)


def _normal(email: str) -> str:
    """Give an address in its one spelling; what is none is nobody's, and takes as long."""
    try:
        return normal_email(email)
    except EmailInvalid:
        return ""
