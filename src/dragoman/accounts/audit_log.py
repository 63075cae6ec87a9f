"""The audit log as people read it: of a team by those who run it, of the server by its admins. To store/audit.py."""

from collections.abc import Sequence
from datetime import datetime

from dragoman.accounts.teams import team_seen_by
from dragoman.ground.team_roles import TeamAct
from dragoman.store import audit
from dragoman.store.audit import EntryOf
from dragoman.store.database import Database

Place = tuple[datetime, str]


class AuditLog:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_team(self, team_id: str, *, user_id: str, before: Place | None, limit: int) -> Sequence[EntryOf]:
        """Raises ``TeamNotFound``, ``Forbidden``."""
        async with self._database.reading() as session:
            await team_seen_by(session, team_id, user_id, TeamAct.SEE_AUDIT)
            return await audit.entries(session, team_id=team_id, before=before, limit=limit)

    async def of_server(self, *, before: Place | None, limit: int) -> Sequence[EntryOf]:
        """For admins alone: the caller has made sure of it."""
        async with self._database.reading() as session:
            return await audit.entries(session, before=before, limit=limit)
