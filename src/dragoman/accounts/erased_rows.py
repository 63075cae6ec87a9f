"""Take a person out of the tables. From data_map.py, which says what is theirs; to erasure.py and saved_copies.py.

Their teams live on with another owner, or go with them if nobody else is in them. The audit log keeps ids of things
that are gone.
"""

from datetime import datetime

from sqlalchemy import CursorResult, Delete, String, Update, cast, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.accounts.data_map import TABLES, Erased
from dragoman.accounts.teams import hand_over_teams
from dragoman.ground.accounts import Actor
from dragoman.store import audit, tables, users

Counts = dict[str, int]
"""Rows by the name of their table."""


async def erase_rows(session: AsyncSession, user_id: str, *, actor: Actor, at: datetime) -> Counts | None:
    """Remove everything that the data map calls the person's; None if there is no such person (any more).

    How much it was stays in the audit log as well, in the same transaction.
    """
    user = await users.lock(session, user_id)
    if user is None:
        return None
    email = user.email
    teams_before = await _count_teams(session)
    await hand_over_teams(session, user_id, actor=actor, at=at)
    await session.flush()
    removed = {
        "teams": teams_before - await _count_teams(session),
        "answered_requests": await _forget_answers_about(session, user_id, email),
    }
    session.expunge_all()
    for table in reversed(tables.Table.metadata.sorted_tables):
        stored = next(it for it in TABLES if it.name == table.name)
        if stored.of_person is None:
            continue
        theirs = stored.of_person(user_id)
        if stored.erased is Erased.GONE:
            removed[stored.name] = removed.get(stored.name, 0) + await _rows(session, delete(table).where(theirs))
        elif stored.erased is Erased.NAMELESS:
            await _rows(session, update(table).where(theirs).values(address=""))
    counts = {name: number for name, number in removed.items() if number}
    audit.record(session, at=at, actor=actor, action=audit.ERASED, target=("user", user_id), facts=counts)
    return counts


async def counts_of_before(session: AsyncSession, user_id: str) -> Counts:
    """Give what ``erase_rows`` gave when it erased somebody; nothing if it never did."""
    entry = tables.AuditEntry
    query = select(entry.facts).where(entry.action == audit.ERASED, entry.target_id == user_id).limit(1)
    facts = await session.scalar(query)
    return {name: number for name, number in (facts or {}).items() if isinstance(number, int)}


async def _forget_answers_about(session: AsyncSession, user_id: str, email: str) -> int:
    """Remove kept answers that name the person, whoever got them: of all tables only this one repeats others."""
    answered = tables.AnsweredRequest
    body = cast(answered.body, String)
    named = or_(body.contains(user_id, autoescape=True), body.contains(email, autoescape=True))
    return await _rows(session, delete(answered).where(named))


async def _count_teams(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(tables.Team)) or 0


async def _rows(session: AsyncSession, change: Delete | Update) -> int:
    changed = await session.execute(change.execution_options(synchronize_session=False))
    return changed.rowcount if isinstance(changed, CursorResult) else 0
