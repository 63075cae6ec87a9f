"""What admins of the server do with accounts. From services/api/admin_users.py; the rows are store/users.py's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dragoman.accounts.enforcement import Enforcement
from dragoman.accounts.errors import AccountNotFound, Forbidden, LastAdmin
from dragoman.accounts.limits import LimitValue, check_plan_limits
from dragoman.accounts.plans import plan_named
from dragoman.accounts.sessions import Sessions
from dragoman.ground.accounts import Actor
from dragoman.store import audit, users
from dragoman.store.admins import lock_admins
from dragoman.store.database import Database, utc_now
from dragoman.store.tables import User

Place = tuple[datetime, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountChange:
    """None leaves a thing as it is."""

    plan: str | None = None
    plan_limits: Mapping[str, LimitValue] | None = None
    """Limits of their own, which count on the enterprise plan; none at all for an empty table."""
    disabled: bool | None = None
    is_admin: bool | None = None


class Administration:
    """Finds and changes accounts."""

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        *,
        enforcement: Enforcement,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._enforcement = enforcement
        self._clock = clock

    async def search(self, text: str, *, before: Place | None, limit: int) -> Sequence[User]:
        """Give the users in whose e-mail or name ``text`` stands, newest first; everybody for none."""
        async with self._database.reading() as session:
            return await users.search(session, text, before=before, limit=limit)

    async def change(self, user_id: str, change: AccountChange, *, actor: Actor) -> User:
        """Change an account; who is disabled is signed out everywhere.

        Raises ``AccountNotFound``, ``LastAdmin`` where nobody would be left, ``PlanLimitsInvalid``, and ``Forbidden``
        where ``actor`` has just ceased to be an admin.
        """
        now = self._clock()
        async with self._database.writing() as session:
            admins = await lock_admins(session)
            if actor.id is not None and actor.id not in admins:
                raise Forbidden("only an admin of this server may do this")
            user = await users.lock(session, user_id)
            if user is None:
                raise AccountNotFound("there is no such account")
            goes = change.is_admin is False or change.disabled is True
            if goes and admins == {user_id}:
                raise LastAdmin("a server has an admin: make somebody else admin first")
            fields = _apply(user, change, now)
            if "disabled" in fields and user.disabled_at is not None:
                user.epoch += 1
                await self._sessions.end_within(session, user_id, besides=None, actor=actor)
            if fields:
                facts: dict[str, audit.Fact] = {
                    "fields": fields,
                    "plan": user.plan,
                    "disabled": user.disabled_at is not None,
                    "is_admin": user.is_admin,
                }
                audit.record(session, at=now, actor=actor, action="user.changed", target=("user", user_id), facts=facts)
        self._sessions.changed(user_id)
        self._enforcement.forget(user_id)
        return user


def _apply(user: User, change: AccountChange, now: datetime) -> list[str]:
    """Make the change; gives the names of the fields that are others now."""
    fields = []
    if change.plan is not None and plan_named(change.plan).name != user.plan:
        user.plan = change.plan
        fields.append("plan")
    if change.plan_limits is not None:
        limits = check_plan_limits(change.plan_limits) or None
        if limits != user.plan_limits:
            user.plan_limits = limits
            fields.append("plan_limits")
    if change.disabled is not None and change.disabled != (user.disabled_at is not None):
        user.disabled_at = now if change.disabled else None
        fields.append("disabled")
    if change.is_admin is not None and change.is_admin != user.is_admin:
        user.is_admin = change.is_admin
        fields.append("is_admin")
    return fields
