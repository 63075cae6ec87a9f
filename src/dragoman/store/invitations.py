"""Rows of invitations; their tokens are kept as hashes. From accounts/invitations.py, which knows the rules."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from dragoman.ground.accounts import TeamRole
from dragoman.store.paging import newest_first
from dragoman.store.tables import Invitation

TOKEN_BYTES = 32


def new_token() -> str:
    """Make a token that nobody can guess, 43 letters of base64url."""
    return secrets.token_urlsafe(TOKEN_BYTES)


async def add(
    session: AsyncSession,
    *,
    token: str,
    team_id: str | None,
    role: TeamRole,
    email: str | None,
    created_by: str | None,
    at: datetime,
    expires_at: datetime,
) -> Invitation:
    invitation = Invitation(
        token_hash=_hash(token),
        team_id=team_id,
        role=role.value,
        email=email,
        created_by=created_by,
        created_at=at,
        expires_at=expires_at,
    )
    session.add(invitation)
    await session.flush()
    return invitation


async def find(session: AsyncSession, token: str) -> Invitation | None:
    return await session.scalar(select(Invitation).where(Invitation.token_hash == _hash(token)))


async def lock(session: AsyncSession, token: str) -> Invitation | None:
    """Give the invitation; until the transaction ends nobody else takes it."""
    query = select(Invitation).where(Invitation.token_hash == _hash(token))
    return await session.scalar(query.with_for_update().execution_options(populate_existing=True))


async def open_ones(
    session: AsyncSession,
    team_id: str | None,
    *,
    at: datetime,
    before: tuple[datetime, str] | None = None,
    limit: int,
) -> Sequence[Invitation]:
    """Give those of a team that can still be taken; those to the server itself for None."""
    query = select(Invitation).where(*_open(team_id, at))
    ordered = newest_first(query, Invitation.created_at, Invitation.id, before=before, limit=limit)
    return (await session.scalars(ordered)).all()


async def count_open(session: AsyncSession, team_id: str | None, *, at: datetime) -> int:
    return await session.scalar(select(func.count()).select_from(Invitation).where(*_open(team_id, at))) or 0


async def get_open(
    session: AsyncSession, team_id: str | None, invitation_id: str, *, at: datetime
) -> Invitation | None:
    query = select(Invitation).where(Invitation.id == invitation_id, *_open(team_id, at))
    return await session.scalar(query.with_for_update())


def _open(team_id: str | None, at: datetime) -> list[ColumnElement[bool]]:
    return [Invitation.team_id == team_id, Invitation.used_at.is_(None), Invitation.expires_at > at]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
