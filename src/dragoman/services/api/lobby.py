"""``/rooms/{room}/lobby``: who waits asks how it stands, and a host decides. To meetings/lobby.py."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from dragoman.meetings.errors import (
    LobbyFull,
    NotAllowed,
    RoomFull,
    RoomFullByPlan,
    RoomLocked,
    RoomNotFound,
    TicketNotFound,
)
from dragoman.meetings.lobby import Waiting, WaitState
from dragoman.meetings.lobby_tickets import MAX_CHARS
from dragoman.meetings.meeting import Member
from dragoman.services.api.answers import Body, RoomId
from dragoman.services.api.callers import accounts_of
from dragoman.services.api.entering import Joined, let_in
from dragoman.services.api.live_rooms import live_of, the_live_of
from dragoman.services.api.openapi import BY_ROOM_SECRET, problems
from dragoman.services.api.parts import ApiParts, bearer, parts_of

router = APIRouter(prefix="/rooms/{room}/lobby", tags=["lobby"])

Ticket = Annotated[str, Path(max_length=MAX_CHARS)]

_OF_TICKET = problems(RoomNotFound, TicketNotFound)
_OF_HOST = problems(RoomNotFound, NotAllowed)


class WaitAnswer(BaseModel):
    state: WaitState
    position: int
    """1 for who is next; 0 for who waits no longer."""
    joined: Joined | None = None
    """Once they are admitted: as ``join`` gives it."""


class WaitingPerson(BaseModel):
    ticket: str
    """To decide by; it lets nobody in by itself."""
    name: str
    waiting_s: float


class Decision(Body):
    admit: bool


@router.get("/{ticket}", responses=_OF_TICKET | problems(RoomFull, RoomFullByPlan, RoomLocked, LobbyFull, NotAllowed))
async def ask(room: RoomId, ticket: Ticket, request: Request) -> WaitAnswer:
    """Say how it stands with a ticket of ``join``.

    Ask every few seconds: a ticket is kept by asking, over a server that starts again too. Once its owner is admitted
    it gives what ``join`` gives.
    """
    parts, live = parts_of(request), live_of(request)
    if live is not None and _still_waits(room, ticket, request):
        return WaitAnswer(state=WaitState.WAITING, position=1)
    meeting, now = parts.meetings.get(room), parts.clock()
    waiting = meeting.lobby.ask(ticket, at_s=now)
    admitted = waiting.state is WaitState.ADMITTED
    if not admitted and (waiting.state is not WaitState.WAITING or meeting.has_lobby):
        return WaitAnswer(state=waiting.state, position=meeting.lobby.position(ticket, at_s=now))
    # A lobby that was taken away meanwhile holds nobody.
    joined = let_in(parts, meeting, _member(parts, waiting), passes=admitted)
    meeting.lobby.decide(waiting, WaitState.ADMITTED)
    return WaitAnswer(state=WaitState.ADMITTED, position=0, joined=joined)


@router.delete("/{ticket}", status_code=204, responses=_OF_TICKET)
async def leave(room: RoomId, ticket: Ticket, request: Request) -> None:
    """Wait no longer."""
    parts = parts_of(request)
    parts.meetings.get(room).lobby.leave(ticket, at_s=parts.clock())


@router.get("", dependencies=[BY_ROOM_SECRET], responses=_OF_HOST)
async def waiting_people(room: RoomId, request: Request) -> list[WaitingPerson]:
    """List who waits, the longest first. By the host."""
    parts = parts_of(request)
    meeting, now = parts.meetings.check_host(room, bearer(request)), parts.clock()
    return [
        WaitingPerson(ticket=it.handle, name=it.name, waiting_s=round(now - it.since_s, 1))
        for it in meeting.lobby.waiting(at_s=now)
    ]


@router.post(
    "/{ticket}",
    status_code=204,
    dependencies=[BY_ROOM_SECRET],
    responses=_OF_HOST | problems(RoomNotFound, TicketNotFound) | problems(RoomFull, RoomFullByPlan),
)
async def decide(room: RoomId, ticket: Ticket, body: Decision, request: Request) -> None:
    """Let somebody in, or refuse them. By the host, with a ticket of the list; a seat is kept for a minute."""
    parts = parts_of(request)
    meeting, now = parts.meetings.check_host(room, bearer(request)), parts.clock()
    waiting = meeting.lobby.find(ticket, at_s=now)
    if body.admit:
        meeting.admit(_member(parts, waiting), came_back=True)
    meeting.lobby.decide(waiting, WaitState.ADMITTED if body.admit else WaitState.REFUSED)


def _still_waits(room: str, ticket: str, request: Request) -> bool:
    """Say whether somebody who waited before the API was replaced has to wait on, for a room that is not open yet.

    Once it is open they are in its lobby again. Raises ``LobbyFull``.
    """
    parts, now = parts_of(request), accounts_of(request).clock()
    waiter = the_live_of(request).tickets.of_before(room, ticket, at=now)
    if waiter is None:
        return False
    meeting, now_s = parts.meetings.find(room), parts.clock()
    if meeting is None or meeting.unsettled or not meeting.decided.known:
        return True
    if meeting.has_lobby and not meeting.lobby.knows(ticket, at_s=now_s):
        since_s = now_s - (now - waiter.since).total_seconds()
        meeting.lobby.enter(
            identity=waiter.identity,
            name=waiter.name,
            choices=waiter.choices,
            at_s=now_s,
            ticket=ticket,
            since_s=since_s,
        )
    return False


def _member(parts: ApiParts, waiting: Waiting) -> Member:
    return Member(identity=waiting.identity, name=waiting.name, choices=waiting.choices, admitted_at_s=parts.clock())
