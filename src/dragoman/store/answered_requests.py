"""Rows of requests that carried an idempotency key. From services/api/idempotency.py, which knows the rules."""

from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.store.tables import AnsweredRequest


async def find(session: AsyncSession, user_id: str, key: str) -> AnsweredRequest | None:
    """Give the request; until the transaction ends nobody else changes it."""
    return await session.get(AnsweredRequest, (user_id, key), with_for_update=True, populate_existing=True)


async def begin(session: AsyncSession, user_id: str, key: str, *, request_hash: str, at: datetime) -> bool:
    """Enter a request that has no answer yet; False where somebody else was first."""
    try:
        async with session.begin_nested():
            session.add(AnsweredRequest(user_id=user_id, key=key, request_hash=request_hash, created_at=at))
    except IntegrityError:
        return False
    return True


async def answer(
    session: AsyncSession, user_id: str, key: str, *, begun_at: datetime, status: int, body: dict[str, Any] | None
) -> None:
    """Keep the answer, unless the request has been taken over since ``begun_at``."""
    row = await find(session, user_id, key)
    if row is not None and row.created_at == begun_at:
        row.status, row.body = status, body


async def forget(session: AsyncSession, user_id: str, key: str, *, begun_at: datetime) -> None:
    """Let the key be used anew, unless the request has been taken over since ``begun_at``."""
    row = await find(session, user_id, key)
    if row is not None and row.created_at == begun_at:
        await session.delete(row)
