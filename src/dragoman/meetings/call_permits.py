"""What says whether a call may begin, how many come in, and when it ends. A seam: plans keep it (``services``).

From ``services/api/live_rooms.py``.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dragoman.ground.facts import NO_FACTS, Facts
from dragoman.ground.precedence import ORDINARY


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPermit:
    """Of one call, from its beginning to its end."""

    most_people: int | None = None
    """None for what the room holds."""
    when_full: str = ""
    """Which limit it is that ``most_people`` sets, and what would help."""
    facts_when_full: Facts = NO_FACTS
    """The same, for programs."""
    warns_at: datetime | None = None
    """When people are to be told that it ends soon."""
    ends_at: datetime | None = None
    """None for never. UTC, as ``warns_at``."""
    priority: int = ORDINARY
    """Of what is done for it, among work of one kind; larger goes first."""
    owner_id: str | None = None
    team_id: str | None = None


class CallPermits(Protocol):
    """Everything may raise ``StoreUnavailable``."""

    async def open(self, room_id: str, *, owner_id: str, team_id: str | None) -> CallPermit:
        """Let a call begin. One that goes on in this room keeps its permit: asking twice counts once.

        Raises what says which limit is reached and what would help.
        """
        ...

    async def resume(self, room_id: str) -> CallPermit | None:
        """Give the permit of the call that goes on in the room; None if there is none."""
        ...

    async def count_people(self, room_id: str, people: int) -> None:
        """Tell how many are in the call now."""
        ...

    async def gone(self, owner_ids: Collection[str]) -> Collection[str]:
        """Give those of these who have no account any more: nobody's plan counts their calls."""
        ...

    async def close(self, room_id: str) -> None:
        """The call is over; one that is over already is fine."""
        ...

    async def close_forgotten(self, live: Callable[[], Collection[str]]) -> None:
        """End every call but those in these rooms: a process that was killed left them open.

        ``live`` is asked once nobody can begin a call any more that it does not know.
        """
        ...


class EveryCall:
    """``CallPermits`` without any limit."""

    async def open(self, room_id: str, *, owner_id: str, team_id: str | None) -> CallPermit:
        return CallPermit()

    async def resume(self, room_id: str) -> CallPermit | None:
        return None

    async def count_people(self, room_id: str, people: int) -> None:
        return None

    async def gone(self, owner_ids: Collection[str]) -> Collection[str]:
        return ()

    async def close(self, room_id: str) -> None:
        return None

    async def close_forgotten(self, live: Callable[[], Collection[str]]) -> None:
        return None
