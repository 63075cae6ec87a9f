"""Rows of sessions. From accounts/sessions.py, which knows the rules."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.store.paging import newest_first
from dragoman.store.tables import SignedIn, User


async def add(session: AsyncSession, row: SignedIn) -> None:
    session.add(row)
    await session.flush()


async def lock(session: AsyncSession, session_id: str) -> SignedIn | None:
    """Give the session; until the transaction ends nobody else changes it."""
    return await session.get(SignedIn, session_id, with_for_update=True, populate_existing=True)


async def with_user(session: AsyncSession, session_id: str) -> tuple[SignedIn, User] | None:
    """Give the session and whose it is."""
    row = (await session.execute(select(SignedIn, User).join(User).where(SignedIn.id == session_id))).one_or_none()
    return None if row is None else (row[0], row[1])


async def open_ones(
    session: AsyncSession,
    user_id: str,
    *,
    at: datetime,
    before: tuple[datetime, str] | None = None,
    limit: int,
) -> Sequence[SignedIn]:
    """Give the sessions of a user that are not over, newest first."""
    query = select(SignedIn).where(*_open(user_id, at))
    ordered = newest_first(query, SignedIn.created_at, SignedIn.id, before=before, limit=limit)
    return (await session.scalars(ordered)).all()


async def revoke_all(session: AsyncSession, user_id: str, *, at: datetime, besides: str | None = None) -> list[str]:
    """End the sessions of a user but one; gives the ids of those that were open."""
    query = update(SignedIn).where(*_open(user_id, at))
    if besides is not None:
        query = query.where(SignedIn.id != besides)
    return list((await session.scalars(query.values(revoked_at=at).returning(SignedIn.id))).all())


def _open(user_id: str, at: datetime) -> list[ColumnElement[bool]]:
    return [SignedIn.user_id == user_id, SignedIn.revoked_at.is_(None), SignedIn.expires_at > at]
