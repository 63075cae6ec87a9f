"""Who waits in front of a room until a host lets them in. A plain class, times come from outside; from meeting.py.

A ticket proves who waits, and nobody can guess one; lobby_tickets.py makes those that outlive the API. Who stops asking
is forgotten.
"""

import secrets
from dataclasses import dataclass, replace
from enum import StrEnum

from dragoman.ground.facts import Bound, Facts, Help
from dragoman.meetings.choices import Choices
from dragoman.meetings.errors import LobbyFull, TicketNotFound

MOST_WAITING = 100
ASKED_WITHIN_S = 600.0
"""A ticket that nobody asks after for so long is worth nothing."""
HURRIED_S = 20.0
"""The same once the lobby is full: a page asks every few seconds."""


class WaitState(StrEnum):
    WAITING = "waiting"
    ADMITTED = "admitted"
    REFUSED = "refused"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Somebody in front of the door."""

    ticket: str
    """Theirs alone: it lets them in once they are admitted."""
    handle: str
    """Names them to the hosts."""
    identity: str
    """That they will have inside."""
    name: str
    choices: Choices
    since_s: float
    asked_at_s: float
    state: WaitState = WaitState.WAITING


class Lobby:
    """Of one room."""

    def __init__(self, *, most: int = MOST_WAITING) -> None:
        self._most = most
        self._tickets: dict[str, Waiting] = {}

    def enter(
        self, *, identity: str, name: str, choices: Choices, at_s: float, ticket: str = "", since_s: float | None = None
    ) -> Waiting:
        """Begin to wait, or go on with a ``ticket`` of an earlier process, ``since_s``. Raises ``LobbyFull``."""
        self._forget(at_s=at_s)
        if len(self._tickets) >= self._most:
            self._forget(at_s=at_s, silent_s=HURRIED_S)
        if len(self._tickets) >= self._most:
            raise LobbyFull(
                f"{self._most} people wait to be let in already; try again in a few minutes",
                facts=Facts(limit=Bound.PEOPLE_WAITING, allowed=self._most, helps=(Help.WAIT,)),
            )
        waiting = Waiting(
            ticket=ticket or secrets.token_urlsafe(24),
            handle=secrets.token_hex(8),
            identity=identity,
            name=name,
            choices=choices,
            since_s=at_s if since_s is None else since_s,
            asked_at_s=at_s,
        )
        self._tickets[waiting.ticket] = waiting
        return waiting

    def knows(self, ticket: str, *, at_s: float) -> bool:
        self._forget(at_s=at_s)
        return ticket in self._tickets

    def ask(self, ticket: str, *, at_s: float) -> Waiting:
        """Say how it stands with a ticket, which is kept by asking. Raises ``TicketNotFound``."""
        return self._put(replace(self._find(ticket, at_s=at_s), asked_at_s=at_s))

    def waiting(self, *, at_s: float) -> list[Waiting]:
        """List who waits, the longest first."""
        self._forget(at_s=at_s)
        waiting = (it for it in self._tickets.values() if it.state is WaitState.WAITING)
        return sorted(waiting, key=lambda it: it.since_s)

    def position(self, ticket: str, *, at_s: float) -> int:
        """Count who waits, up to this one; 0 for who waits no longer."""
        return next((place for place, it in enumerate(self.waiting(at_s=at_s), 1) if it.ticket == ticket), 0)

    def find(self, handle: str, *, at_s: float) -> Waiting:
        """Give somebody whom a host may decide on, once more too. Raises ``TicketNotFound``."""
        self._forget(at_s=at_s)
        for it in self._tickets.values():
            if it.handle == handle and it.state is not WaitState.LEFT:
                return it
        raise TicketNotFound("nobody waits with this ticket any more; look at the list again")

    def decide(self, waiting: Waiting, state: WaitState) -> None:
        """A host lets somebody in whom ``find`` gave, or refuses them."""
        self._put(replace(waiting, state=state))

    def leave(self, ticket: str, *, at_s: float) -> None:
        """Wait no longer. Raises ``TicketNotFound``."""
        self._put(replace(self._find(ticket, at_s=at_s), state=WaitState.LEFT))

    def _find(self, ticket: str, *, at_s: float) -> Waiting:
        self._forget(at_s=at_s)
        if ticket not in self._tickets:
            raise TicketNotFound("nobody waits with this ticket any more; join again")
        return self._tickets[ticket]

    def _put(self, waiting: Waiting) -> Waiting:
        self._tickets[waiting.ticket] = waiting
        return waiting

    def _forget(self, *, at_s: float, silent_s: float = ASKED_WITHIN_S) -> None:
        for it in [it for it in self._tickets.values() if at_s - it.asked_at_s >= silent_s]:
            del self._tickets[it.ticket]
