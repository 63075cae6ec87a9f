"""Rows of API keys; the keys themselves are kept as hashes. From accounts/api_keys.py, which knows the rules."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.store.paging import newest_first
from dragoman.store.tables import ApiKey, User


async def add(session: AsyncSession, row: ApiKey) -> None:
    session.add(row)
    await session.flush()


async def with_user(session: AsyncSession, key_hash: str) -> tuple[ApiKey, User] | None:
    """Give the key and whose it is."""
    row = (await session.execute(select(ApiKey, User).join(User).where(ApiKey.key_hash == key_hash))).one_or_none()
    return None if row is None else (row[0], row[1])


async def get(session: AsyncSession, user_id: str, key_id: str) -> ApiKey | None:
    return await session.scalar(select(ApiKey).where(ApiKey.id == key_id, ApiKey.user_id == user_id))


async def of_user(
    session: AsyncSession, user_id: str, *, before: tuple[datetime, str] | None = None, limit: int
) -> Sequence[ApiKey]:
    query = select(ApiKey).where(ApiKey.user_id == user_id)
    return (await session.scalars(newest_first(query, ApiKey.created_at, ApiKey.id, before=before, limit=limit))).all()


async def count(session: AsyncSession, user_id: str) -> int:
    return await session.scalar(select(func.count()).where(ApiKey.user_id == user_id)) or 0


async def touch(session: AsyncSession, key_id: str, *, at: datetime) -> None:
    await session.execute(update(ApiKey).where(ApiKey.id == key_id).values(used_at=at))
