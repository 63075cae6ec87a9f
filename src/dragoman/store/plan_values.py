"""Whether plans count on this server. From site.py; to accounts/enforcement.py."""

from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.store import site

_KEY = "plans"


async def read_plans_on(session: AsyncSession) -> bool:
    """Off on a fresh installation."""
    value = await site.read(session, _KEY)
    return value is not None and value.get("on") is True


async def write_plans_on(session: AsyncSession, on: bool) -> None:
    await site.write(session, _KEY, {"on": on})
