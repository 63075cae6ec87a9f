"""How many calls a team held, how long, and with how many people, by day. Nothing of who or what.

From services/api/team_figures.py; to store/calls.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dragoman.accounts.enforcement import Enforcement
from dragoman.accounts.teams import team_seen_by
from dragoman.ground.accounts import Actor
from dragoman.ground.team_roles import TeamAct
from dragoman.store.calls import held_by_team
from dragoman.store.database import Database
from dragoman.store.tables import CallRun, User


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """The calls that began on one day, UTC."""

    day: date
    calls: int
    minutes: int
    """Of all of them together; one that goes on counts up to now."""
    most_people: int
    """In one call."""


async def figures_of_team(
    database: Database, enforcement: Enforcement, team_id: str, *, days: int, now: datetime, actor: Actor
) -> list[DayFigures]:
    """Give the figures of the last ``days`` days, today included, the newest first; days without calls are left out.

    Raises ``TeamNotFound``, ``Forbidden`` for who is no admin of the team, ``LimitReached`` for a plan without figures.
    """
    first = datetime.combine(now.date() - timedelta(days=days - 1), datetime.min.time(), now.tzinfo)
    async with database.reading() as session:
        await team_seen_by(session, team_id, actor.id, TeamAct.SEE_FIGURES)
        granted = await enforcement.granted_in(session, await session.get(User, actor.id or ""))
        granted.require("analytics")
        return by_day(await held_by_team(session, team_id, since=first), now=now)


def by_day(runs: Iterable[CallRun], *, now: datetime) -> list[DayFigures]:
    """Add up calls by the day on which they began, the newest day first."""
    days: dict[date, list[CallRun]] = {}
    for run in runs:
        days.setdefault(run.started_at.date(), []).append(run)
    return [_add_up(day, days[day], now) for day in sorted(days, reverse=True)]


def _add_up(day: date, runs: Sequence[CallRun], now: datetime) -> DayFigures:
    held = sum(((run.ended_at or now) - run.started_at for run in runs), timedelta())
    return DayFigures(
        day=day,
        calls=len(runs),
        minutes=round(held / timedelta(minutes=1)),
        most_people=max(run.most_people for run in runs),
    )
