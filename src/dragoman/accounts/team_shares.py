"""Whose share of a team's requests a request uses up: that of the team it is about, if who asks is in it.

From request_limits.py of the API, at every request with an account; to the store. What the store said is remembered for
half a minute.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from dragoman.store import rooms, teams
from dragoman.store.database import Database

REMEMBERED_S = 30.0
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about: a team, or a lasting room that may belong to one."""

    kind: Literal["team", "room"]
    id: str


class TeamShares:
    """One for a process."""

    def __init__(self, database: Database, *, clock: Callable[[], float]) -> None:
        """``clock``: seconds; only grows."""
        self._database = database
        self._clock = clock
        self._known: OrderedDict[tuple[str, Subject], tuple[float, str | None]] = OrderedDict()

    async def team_of(self, user_id: str, subject: Subject) -> str | None:
        """Give the team that ``subject`` is or belongs to; None for who is not in it. Raises ``StoreUnavailable``."""
        now_s, key = self._clock(), (user_id, subject)
        known = self._known.get(key)
        if known is not None and now_s - known[0] < REMEMBERED_S:
            return known[1]
        team_id = await self._ask(user_id, subject)
        self._known[key] = (now_s, team_id)
        self._known.move_to_end(key)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return team_id

    async def _ask(self, user_id: str, subject: Subject) -> str | None:
        async with self._database.reading() as session:
            team_id: str | None = subject.id
            if subject.kind == "room":
                room = await rooms.find(session, subject.id)
                team_id = None if room is None else room.team_id
            if team_id is None or await teams.membership(session, team_id, user_id) is None:
                return None
            return team_id
