"""``/teams/{team}/figures``: how many calls a team held, how long, with how many people. To accounts/figures.py."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from dragoman.accounts.errors import Forbidden, LimitReached, TeamNotFound
from dragoman.accounts.figures import MOST_DAYS, figures_of_team
from dragoman.services.api.callers import accounts_of, caller_of
from dragoman.services.api.openapi import SIGNED_IN, problems
from dragoman.services.api.teams import TeamId

router = APIRouter(prefix="/teams/{team}/figures", tags=["teams"], dependencies=[SIGNED_IN])


class DayAnswer(BaseModel):
    """The calls that began on one day, UTC."""

    day: date
    calls: int
    minutes: int
    """Of all of them together; one that goes on counts up to now."""
    most_people: int
    """In one call."""


class FiguresAnswer(BaseModel):
    days: list[DayAnswer]
    """The newest first; days without calls are left out."""


@router.get("", responses=problems(TeamNotFound, Forbidden, LimitReached))
async def see_figures(
    team: TeamId, request: Request, days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = MOST_DAYS
) -> FiguresAnswer:
    """Say how many calls the team held in the last days. To an admin of the team, whose plan has figures.

    Without ``days`` as far back as the plans of those go whose rooms they were held in.
    """
    caller, accounts = await caller_of(request), accounts_of(request)
    found = await figures_of_team(
        accounts.database, accounts.limits, team, days=days, now=accounts.clock(), actor=caller.actor
    )
    return FiguresAnswer(
        days=[DayAnswer(day=it.day, calls=it.calls, minutes=it.minutes, most_people=it.most_people) for it in found]
    )
