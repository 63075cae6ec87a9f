"""How many calls a team held, how long, and with how many people, by day. Nothing of who or what.

From services/api/team_figures.py; to store/calls.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from dragoman.accounts.enforcement import Enforcement
from dragoman.accounts.limits import Limits
from dragoman.accounts.teams import team_seen_by
from dragoman.ground.accounts import Actor
from dragoman.ground.team_roles import TeamAct
from dragoman.store.calls import HeldCall, held_by_team
from dragoman.store.database import Database
from dragoman.store.tables import User

MOST_DAYS = 3_660
"""Ten years."""


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
    database: Database, enforcement: Enforcement, team_id: str, *, now: datetime, actor: Actor, days: int = MOST_DAYS
) -> list[DayFigures]:
    """Give the figures of the last ``days`` days, today included, the newest first; days without calls are left out.

    Of no call is there more than the plan of its owner looks back on, whether the nightly sweep has come by or not.
    Raises ``TeamNotFound``, ``Forbidden`` for who is no admin of the team, ``LimitReached`` for a plan without figures.
    """
    first = datetime.combine(now.date() - timedelta(days=days - 1), datetime.min.time(), now.tzinfo)
    async with database.reading() as session:
        await team_seen_by(session, team_id, actor.id, TeamAct.SEE_FIGURES)
        granted = await enforcement.granted_in(session, await session.get(User, actor.id or ""))
        granted.require("analytics")
        runs = await held_by_team(session, team_id, since=first)
        limits = await enforcement.limits_in(session, {run.owner_id for run in runs if run.owner_id is not None})
        return by_day((run for run in runs if _is_kept(run, limits, now)), now=now)


def _is_kept(run: HeldCall, limits: Mapping[str, Limits], now: datetime) -> bool:
    """Say whether a call may be looked back on; ``limits`` of its owner, by their id."""
    theirs = limits.get(run.owner_id or "")
    days = None if theirs is None else theirs.history_days
    return days is None or run.ended_at is None or now - run.ended_at <= timedelta(days=days)


def by_day(runs: Iterable[HeldCall], *, now: datetime) -> list[DayFigures]:
    """Add up calls by the day on which they began, the newest day first."""
    days: dict[date, list[HeldCall]] = {}
    for run in runs:
        days.setdefault(run.started_at.date(), []).append(run)
    return [_add_up(day, days[day], now) for day in sorted(days, reverse=True)]


def _add_up(day: date, runs: Sequence[HeldCall], now: datetime) -> DayFigures:
    held = sum(((run.ended_at or now) - run.started_at for run in runs), timedelta())
    return DayFigures(
        day=day,
        calls=len(runs),
        minutes=round(held / timedelta(minutes=1)),
        most_people=max(run.most_people for run in runs),
    )
