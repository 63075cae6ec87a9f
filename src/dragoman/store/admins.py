"""Who the admins of the server are, held still while one of them changes. From accounts/administration.py."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.store.tables import User


async def lock_admins(session: AsyncSession) -> set[str]:
    """Give the ids of the admins who can sign in; until the transaction ends nobody else changes one of them."""
    query = select(User.id).where(User.is_admin, User.disabled_at.is_(None)).order_by(User.id).with_for_update()
    return set((await session.scalars(query)).all())
