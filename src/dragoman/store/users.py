"""Rows of users. From accounts/, which knows the rules."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.store.paging import newest_first
from dragoman.store.tables import User


async def add(
    session: AsyncSession,
    *,
    email: str,
    name: str,
    at: datetime,
    password_hash: str | None = None,
    is_admin: bool = False,
    oidc: tuple[str, str] | None = None,
) -> User:
    """Make a user; ``email`` is normal, ``oidc`` issuer and subject. Raises ``IntegrityError`` for a second one."""
    issuer, subject = oidc or (None, None)
    user = User(
        email=email,
        name=name,
        password_hash=password_hash,
        oidc_issuer=issuer,
        oidc_subject=subject,
        is_admin=is_admin,
        created_at=at,
    )
    session.add(user)
    await session.flush()
    return user


async def get(session: AsyncSession, user_id: str) -> User | None:
    return await session.get(User, user_id)


async def lock(session: AsyncSession, user_id: str) -> User | None:
    """Give the user; until the transaction ends nobody else changes them."""
    return await session.get(User, user_id, with_for_update=True, populate_existing=True)


async def by_email(session: AsyncSession, email: str) -> User | None:
    return await session.scalar(select(User).where(User.email == email))


async def by_oidc(session: AsyncSession, *, issuer: str, subject: str) -> User | None:
    return await session.scalar(select(User).where(User.oidc_issuer == issuer, User.oidc_subject == subject))


async def among(session: AsyncSession, user_ids: Collection[str]) -> set[str]:
    """Give those of these ids that are somebody's."""
    return set(await session.scalars(select(User.id).where(User.id.in_(user_ids))))


async def of_ids(session: AsyncSession, user_ids: Collection[str]) -> Sequence[User]:
    """Give those of these users that there are."""
    return (await session.scalars(select(User).where(User.id.in_(user_ids)))).all()


async def is_any(session: AsyncSession) -> bool:
    """Say whether there is a user at all: whether accounts are on."""
    return await session.scalar(select(User.id).limit(1)) is not None


async def search(
    session: AsyncSession, text: str = "", *, before: tuple[datetime, str] | None = None, limit: int
) -> Sequence[User]:
    """Give the users in whose e-mail or name ``text`` stands, newest first."""
    query = select(User)
    if text:
        query = query.where(
            or_(User.email.icontains(text, autoescape=True), User.name.icontains(text, autoescape=True))
        )
    return (await session.scalars(newest_first(query, User.created_at, User.id, before=before, limit=limit))).all()
