"""``CallPermits`` by the plans of accounts: between ``meetings``, which hold calls, and ``accounts/enforcement.py``."""

from collections.abc import Callable, Collection

from dragoman.accounts.enforcement import Enforcement
from dragoman.accounts.limits import ends_at, warns_at
from dragoman.meetings.call_permits import CallPermit
from dragoman.store.tables import CallRun


class PlanPermits:
    """See ``CallPermits``."""

    def __init__(self, enforcement: Enforcement) -> None:
        self._enforcement = enforcement

    async def open(self, room_id: str, *, owner_id: str, team_id: str | None) -> CallPermit:
        """See ``CallPermits``. Raises ``LimitReached``."""
        return await self._permit(await self._enforcement.open_call(room_id, owner_id, team_id))

    async def resume(self, room_id: str) -> CallPermit | None:
        run = await self._enforcement.resume_call(room_id)
        return None if run is None else await self._permit(run)

    async def count_people(self, room_id: str, people: int) -> None:
        await self._enforcement.count_people(room_id, people)

    async def gone(self, owner_ids: Collection[str]) -> set[str]:
        return await self._enforcement.gone(owner_ids)

    async def close(self, room_id: str) -> None:
        await self._enforcement.close_call(room_id)

    async def close_forgotten(self, live: Callable[[], Collection[str]]) -> None:
        await self._enforcement.close_forgotten(live)

    async def _permit(self, run: CallRun) -> CallPermit:
        if run.owner_id is None:
            return CallPermit()
        granted = await self._enforcement.granted(run.owner_id)
        limits = granted.limits
        return CallPermit(
            most_people=limits.people,
            when_full=granted.why_no_more("people"),
            facts_when_full=granted.facts_of("people"),
            warns_at=warns_at(run.started_at, limits),
            ends_at=ends_at(run.started_at, limits),
            priority=granted.priority,
            owner_id=run.owner_id,
            team_id=run.team_id,
        )
