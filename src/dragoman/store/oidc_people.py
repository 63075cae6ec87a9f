"""Rows that decide who may come from a provider of OpenID Connect. For accounts/oidc.py, which knows the rules."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.store.tables import Invitation


async def lock_invitation_for(session: AsyncSession, email: str, *, at: datetime) -> Invitation | None:
    """Give the newest invitation that is open for this very address; until the transaction ends nobody takes it."""
    query = (
        select(Invitation)
        .where(Invitation.email == email, Invitation.used_at.is_(None), Invitation.expires_at > at)
        .order_by(Invitation.created_at.desc(), Invitation.id)
        .limit(1)
    )
    return await session.scalar(query.with_for_update())
