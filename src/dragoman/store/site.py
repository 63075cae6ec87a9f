"""What an admin has switched for the whole server: one value for each key."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.store.tables import SiteValue


async def read(session: AsyncSession, key: str) -> dict[str, Any] | None:
    row = await session.get(SiteValue, key)
    return None if row is None else row.value


async def write(session: AsyncSession, key: str, value: Mapping[str, Any]) -> None:
    await session.merge(SiteValue(key=key, value=dict(value)))
