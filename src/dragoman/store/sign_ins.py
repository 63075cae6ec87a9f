"""Who tried to sign in lately, as the audit log has it. To accounts/sign_in.py, whose memory a restart empties."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.store.tables import AuditEntry, User

OPENED, REFUSED = "session.opened", "session.refused"


class SeenTry(NamedTuple):
    at: datetime
    address: str
    email: str | None
    """Of the account; None where there is none."""
    came_in: bool


async def tries_since(session: AsyncSession, since: datetime, *, limit: int) -> Sequence[SeenTry]:
    """Give the newest ``limit`` tries after a moment, the oldest of them first."""
    entry = AuditEntry
    whose = or_(
        and_(entry.action == REFUSED, User.id == entry.target_id),
        and_(entry.action == OPENED, User.id == entry.actor_id),
    )
    query = (
        select(entry.at, entry.address, User.email, entry.action)
        .outerjoin(User, whose)
        .where(entry.at > since, entry.action.in_((OPENED, REFUSED)))
        .order_by(entry.at.desc(), entry.id.desc())
        .limit(limit)
    )
    rows = (await session.execute(query)).all()
    return [SeenTry(at, address, email, action == OPENED) for at, address, email, action in reversed(rows)]
