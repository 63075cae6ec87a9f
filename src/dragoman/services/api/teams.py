"""``/teams``: make, name and delete teams. Their people are in team_members.py."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from dragoman.accounts.errors import Forbidden, LimitReached, TeamNotFound, TooManyTeams
from dragoman.services.api.account_answers import Title
from dragoman.services.api.answers import Body
from dragoman.services.api.callers import accounts_of, caller_of
from dragoman.services.api.openapi import SIGNED_IN, problems
from dragoman.services.api.paging import Page, Paged, page_of
from dragoman.store.columns import ID_LENGTH
from dragoman.store.teams import TeamOf

router = APIRouter(prefix="/teams", tags=["teams"], dependencies=[SIGNED_IN])
IN_TEAM = problems(TeamNotFound)
BY_ROLE = problems(TeamNotFound, Forbidden)

TeamId = Annotated[str, Path(max_length=ID_LENGTH)]
UserId = Annotated[str, Path(max_length=ID_LENGTH)]


class TeamName(Body):
    name: Title


class TeamAnswer(BaseModel):
    """A team as the caller sees it."""

    id: str
    name: str
    role: str
    """Of the caller: ``owner``, ``admin`` or ``member``."""
    people: int


def write_team(seen: TeamOf) -> TeamAnswer:
    return TeamAnswer(id=seen.team.id, name=seen.team.name, role=seen.role, people=seen.people)


@router.get("")
async def see_teams(request: Request, wish: Paged) -> Page[TeamAnswer]:
    """List the teams that the caller is in."""
    caller = await caller_of(request)
    seen = await accounts_of(request).teams.of_user(caller.user_id, before=wish.before, limit=wish.fetch)
    return page_of(seen, wish, write_team, place=lambda it: (it.team.created_at, it.team.id))


@router.post("", status_code=201, responses=problems(LimitReached, TooManyTeams))
async def make_team(body: TeamName, request: Request) -> TeamAnswer:
    """Make a team; the caller is its owner."""
    caller = await caller_of(request)
    return write_team(await accounts_of(request).teams.make(body.name, actor=caller.actor))


@router.get("/{team}", responses=IN_TEAM)
async def see_team(team: TeamId, request: Request) -> TeamAnswer:
    """Say what the caller is in the team, and how many are. To anybody in it."""
    caller = await caller_of(request)
    return write_team(await accounts_of(request).teams.see(team, user_id=caller.user_id))


@router.patch("/{team}", responses=BY_ROLE)
async def rename_team(team: TeamId, body: TeamName, request: Request) -> TeamAnswer:
    """Give it another name. By an admin of the team."""
    caller = await caller_of(request)
    return write_team(await accounts_of(request).teams.rename(team, body.name, actor=caller.actor))


@router.delete("/{team}", status_code=204, responses=BY_ROLE)
async def delete_team(team: TeamId, request: Request) -> None:
    """Delete the team. By an owner; its rooms stay with those who made them."""
    caller = await caller_of(request)
    await accounts_of(request).teams.delete(team, actor=caller.actor)
