"""Make accounts: by invitation, openly, or by hand at the machine. From the API and the command; to sign_in.py.

An address that is taken is said only to who holds an invitation, or where everybody may sign up, where each could try
it anyway; how often, is limited.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal

from sqlalchemy.exc import IntegrityError

from dragoman.accounts.emails import normal_email
from dragoman.accounts.errors import EmailTaken, SignUpClosed
from dragoman.accounts.invitations import Invitations, join_by_invitation, take_invitation
from dragoman.accounts.networks import network_of
from dragoman.accounts.passwords import Passwords, check_new_password
from dragoman.accounts.sessions import Opened, Sessions, Visitor
from dragoman.accounts.sign_in_tries import MovingWindow
from dragoman.ground.accounts import COMMAND, Actor
from dragoman.ground.errors import TooManyRequests
from dragoman.ground.facts import Facts, Rated, Scope
from dragoman.store import audit, users
from dragoman.store.database import Database, utc_now
from dragoman.store.tables import User

SIGN_UPS_OF_NETWORK = 20
"""In a quarter of an hour, those that fail included."""

WhoMaySignUp = Literal["invitation", "open"]


class SignUp:
    """Makes accounts."""

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        passwords: Passwords,
        *,
        who: WhoMaySignUp = "invitation",
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._passwords = passwords
        self._clock = clock
        self._invitations = Invitations(database, clock=clock)
        self._tries = MovingWindow(SIGN_UPS_OF_NETWORK)
        self.who = who

    async def sign_up(
        self, *, email: str, name: str, password: str, invitation: str | None, visitor: Visitor
    ) -> Opened:
        """Make an account and open its first session.

        Raises ``EmailInvalid``, ``PasswordRefused``, ``SignUpClosed`` without an invitation where one is due,
        ``InvitationNotFound``, ``EmailTaken``, ``TooManyRequests``.
        """
        self._count(visitor.address)
        if invitation is None and self.who != "open":
            raise SignUpClosed("an account here takes an invitation; ask an admin of this server for a link")
        address = normal_email(email)
        check_new_password(password, email=address, name=name)
        if invitation is not None:
            await self._invitations.look_at(invitation)  # before the password costs anything
        hashed = await self._passwords.hash(password)
        now = self._clock()
        try:
            async with self._database.writing() as session:
                taken = (
                    None if invitation is None else await take_invitation(session, invitation, email=address, now=now)
                )
                user = await users.add(session, email=address, name=name, password_hash=hashed, at=now)
                actor = Actor(kind="user", id=user.id, address=visitor.address)
                facts = {"invited": taken is not None}
                audit.record(session, at=now, actor=actor, action="user.made", target=("user", user.id), facts=facts)
                if taken is not None:
                    await join_by_invitation(session, taken, user_id=user.id, actor=actor, now=now)
                return await self._sessions.open(session, user, visitor)
        except IntegrityError as error:
            raise EmailTaken("there is an account with this e-mail address; sign in to it") from error

    async def add_by_hand(self, *, email: str, name: str, password: str, is_admin: bool) -> User:
        """Make an account from the command line. Raises ``EmailInvalid``, ``PasswordRefused``, ``EmailTaken``."""
        address = normal_email(email)
        check_new_password(password, email=address, name=name)
        hashed = await self._passwords.hash(password)
        now = self._clock()
        try:
            async with self._database.writing() as session:
                user = await users.add(
                    session, email=address, name=name, password_hash=hashed, is_admin=is_admin, at=now
                )
                facts = {"admin": is_admin}
                audit.record(session, at=now, actor=COMMAND, action="user.made", target=("user", user.id), facts=facts)
                return user
        except IntegrityError as error:
            raise EmailTaken(f"there is an account with the e-mail address {address}") from error

    def _count(self, address: str) -> None:
        network, now = network_of(address), self._clock()
        wait = self._tries.wait(network, at=now)
        if wait.total_seconds() > 0:
            seconds = int(wait.total_seconds()) + 1
            raise TooManyRequests(
                "too many new accounts from here; try again later",
                retry_after_s=seconds,
                facts=Facts(limit=Rated.SIGN_UP, scope=Scope.ADDRESS),
            )
        self._tries.count(network, at=now)
