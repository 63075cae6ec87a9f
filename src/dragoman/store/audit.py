"""The audit log: who did what to what, written in the transaction of the change itself. Nothing of any content.

From whoever changes something; to services/api/audit.py.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.ground.accounts import Actor
from dragoman.store.paging import newest_first
from dragoman.store.tables import AuditEntry, User

ERASED = "user.erased"
"""The action of an erasure."""

Fact = str | int | float | bool | list[str] | None
"""A word such as ``premium``, a number, or the names of fields."""

_ACTION = re.compile(r"[a-z_]{1,24}\.[a-z_]{1,23}")
_WORD = re.compile(r"[a-z0-9_.:-]{1,64}")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def record(
    session: AsyncSession,
    *,
    at: datetime,
    actor: Actor,
    action: str,
    target: tuple[str, str] = ("", ""),
    team_id: str | None = None,
    facts: Mapping[str, Fact] | None = None,
) -> None:
    """Write that ``actor`` did ``action`` to ``target``, a kind and an id; kept if the transaction is.

    ``facts`` takes words, numbers, and ids under keys that end in ``_id``. Text that people wrote, their names and
    addresses are refused with ``ValueError``: it is a defect of the caller's.
    """
    if not _ACTION.fullmatch(action):
        raise ValueError(f"{action!r} is no action; they look like team.created")
    kept = dict(facts or {})
    for key, fact in kept.items():
        _require_no_content(key, fact)
    kind, id_ = target
    session.add(
        AuditEntry(
            at=at,
            actor_id=actor.id,
            actor_kind=actor.kind,
            action=action,
            target_kind=kind,
            target_id=id_,
            team_id=team_id,
            address=actor.address,
            facts=kept,
        )
    )


class EntryOf(NamedTuple):
    entry: AuditEntry
    name: str | None
    """Of the actor, as it is now; None for who is none or has gone."""


async def entries(
    session: AsyncSession, *, team_id: str | None = None, before: tuple[datetime, str] | None = None, limit: int
) -> Sequence[EntryOf]:
    """Give what was done in a team, or everything for None, newest first."""
    query = select(AuditEntry, User.name).outerjoin(User, User.id == AuditEntry.actor_id)
    if team_id is not None:
        query = query.where(AuditEntry.team_id == team_id)
    ordered = newest_first(query, AuditEntry.at, AuditEntry.id, before=before, limit=limit)
    return [EntryOf(*row) for row in await session.execute(ordered)]


async def erasures(session: AsyncSession) -> set[str]:
    """Give the ids of the entries of all erasures."""
    return set(await session.scalars(select(AuditEntry.id).where(AuditEntry.action == ERASED)))


async def hold(session: AsyncSession) -> None:
    """Let nobody else write an entry until the transaction ends, and wait for who is about to. In SQLite it is so."""
    if (await session.connection()).dialect.name == "postgresql":
        await session.execute(text(f"LOCK TABLE {AuditEntry.__tablename__} IN SHARE MODE"))


def _require_no_content(key: str, fact: Fact) -> None:
    pattern = _ID if key.endswith("_id") else _WORD
    words = fact if isinstance(fact, list) else [fact] if isinstance(fact, str) else []
    if not _WORD.fullmatch(key) or not all(pattern.fullmatch(word) for word in words):
        raise ValueError(f"the fact {key!r} of an audit entry holds more than words, numbers and ids")
