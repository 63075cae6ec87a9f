"""``/teams/{team}/audit`` and ``/admin/audit``: who did what to what, newest first. Nothing of any content."""

from datetime import datetime

from fastapi import APIRouter, Request
from pydantic import BaseModel

from dragoman.accounts.errors import Forbidden
from dragoman.services.api.account_answers import Time
from dragoman.services.api.callers import accounts_of, admin_of, caller_of
from dragoman.services.api.openapi import SIGNED_IN, problems
from dragoman.services.api.paging import Page, Paged, page_of
from dragoman.services.api.teams import BY_ROLE, TeamId
from dragoman.store.audit import EntryOf, Fact

router = APIRouter(tags=["audit"], dependencies=[SIGNED_IN])


class ActorAnswer(BaseModel):
    kind: str
    """``user``, ``api_key``, ``command`` or ``system``."""
    id: str | None
    name: str | None
    """As it is now; null for who is none, or has gone."""


class TargetAnswer(BaseModel):
    kind: str
    id: str


class EntryAnswer(BaseModel):
    id: str
    at: Time
    actor: ActorAnswer
    action: str
    """Such as ``team.renamed``."""
    target: TargetAnswer | None
    facts: dict[str, Fact]
    """Words and numbers: roles, plans, names of fields."""


class ServerEntryAnswer(EntryAnswer):
    team_id: str | None
    address: str
    """Of whoever did it; empty once it is a week old."""


@router.get("/teams/{team}/audit", responses=BY_ROLE)
async def see_team_audit(team: TeamId, request: Request, wish: Paged) -> Page[EntryAnswer]:
    """List what was done in the team. To an admin of it."""
    caller = await caller_of(request)
    found = await accounts_of(request).audit.of_team(team, user_id=caller.user_id, before=wish.before, limit=wish.fetch)
    return page_of(found, wish, _write, place=_place)


@router.get("/admin/audit", responses=problems(Forbidden))
async def see_server_audit(request: Request, wish: Paged) -> Page[ServerEntryAnswer]:
    """List what was done on this server. To admins of the server."""
    await admin_of(request)
    found = await accounts_of(request).audit.of_server(before=wish.before, limit=wish.fetch)
    return page_of(found, wish, _write_with_address, place=_place)


def _place(found: EntryOf) -> tuple[datetime, str]:
    return found.entry.at, found.entry.id


def _write(found: EntryOf) -> EntryAnswer:
    entry = found.entry
    return EntryAnswer(
        id=entry.id,
        at=entry.at,
        actor=ActorAnswer(kind=entry.actor_kind, id=entry.actor_id, name=found.name),
        action=entry.action,
        target=TargetAnswer(kind=entry.target_kind, id=entry.target_id) if entry.target_kind else None,
        facts=entry.facts,
    )


def _write_with_address(found: EntryOf) -> ServerEntryAnswer:
    plain = _write(found)
    return ServerEntryAnswer(
        id=plain.id,
        at=plain.at,
        actor=plain.actor,
        action=plain.action,
        target=plain.target,
        facts=plain.facts,
        team_id=found.entry.team_id,
        address=found.entry.address,
    )
