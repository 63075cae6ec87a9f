"""How an account is read and written. Pydantic models of ``/users``, ``/session`` and ``/me``."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Request
from pydantic import AfterValidator, BaseModel, Field, PlainSerializer

from dragoman.accounts.emails import MAX_CHARS as EMAIL_CHARS
from dragoman.accounts.limits import Limits
from dragoman.accounts.passwords import MAX_CHARS as PASSWORD_CHARS
from dragoman.services.api.answers import clean_name
from dragoman.services.api.callers import accounts_of
from dragoman.store import teams
from dragoman.store.tables import User

MOST_NAMED_TEAMS = 100
"""A person is in no more."""


def _write_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


Time = Annotated[datetime, PlainSerializer(_write_time, return_type=str)]
"""RFC 3339 in UTC, ``2026-11-22T09:30:00Z``."""
Email = Annotated[str, Field(min_length=3, max_length=EMAIL_CHARS)]
Password = Annotated[str, Field(max_length=PASSWORD_CHARS, repr=False)]
Title = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(clean_name)]
"""Of a person, a key, a team."""


class TeamOfUser(BaseModel):
    id: str
    name: str
    role: str


class UserAnswer(BaseModel):
    """An account, as its owner sees it."""

    id: str
    email: str
    name: str
    is_admin: bool
    plan: str
    limits: Limits
    """What the account may use; null is unlimited."""
    has_password: bool
    created_at: Time
    teams: list[TeamOfUser]


async def write_user(user: User, request: Request) -> UserAnswer:
    accounts = accounts_of(request)
    async with accounts.database.reading() as session:
        of_user = await teams.of_user(session, user.id, limit=MOST_NAMED_TEAMS)
    return UserAnswer(
        id=user.id,
        email=user.email,
        name=user.name,
        is_admin=user.is_admin,
        plan=user.plan,
        limits=await accounts.limits.limits_of(user.id),
        has_password=user.password_hash is not None,
        created_at=user.created_at,
        teams=[TeamOfUser(id=it.team.id, name=it.team.name, role=it.role) for it in of_user],
    )
