"""Calls of a server with accounts: they begin by their owner's plan, follow their lasting room, and end in time.

From the resources and app.py, which runs it; to ``meetings/meeting.py`` (what is decided), ``call_permits.py`` (plans)
and ``lasting_rooms.py``. A call that goes on needs no database: nobody in it notices when that is away.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

import structlog
from starlette.requests import HTTPConnection

from dragoman.ground.errors import RoomError, StoreError
from dragoman.meetings.attendance import Attendance
from dragoman.meetings.call_permits import CallPermit, CallPermits
from dragoman.meetings.errors import ParticipantNotFound, RoomNotFound, RoomNotOpen
from dragoman.meetings.lobby_tickets import LobbyTickets
from dragoman.meetings.meeting import Meeting
from dragoman.meetings.meetings import NO_ROOM, Meetings
from dragoman.meetings.reservation import Reservations
from dragoman.meetings.room_card import RoomCard
from dragoman.services.api.call_server import CallServer
from dragoman.services.api.callers import accounts_of
from dragoman.services.api.parts import ApiParts
from dragoman.services.api.watch import Watch

if TYPE_CHECKING:
    from dragoman.meetings.lasting_rooms import LastingRooms
    from dragoman.meetings.planned_meetings import PlannedMeetings

log = structlog.get_logger()

LOOK_EVERY_S = 1.0
FOLLOW_EVERY_S = 5.0
"""Who is made a co-host, or stops being one, is known in the call after so long."""
FORGET_EVERY_S = 60.0
COMING_BACK_S = 150.0
"""For so long after a start somebody may come back from a call of before: a page tries by itself for two minutes."""
EMPTY_S = 300.0
"""A call is over when nobody has been in it for so long."""
NOT_OPEN = "a host opens this room; wait here, or ask them when they come"


class LiveRooms:
    """One for a process. ``run`` is its task."""

    def __init__(
        self,
        *,
        meetings: Meetings,
        calls: CallServer,
        watch: Watch,
        lasting: "LastingRooms",
        planned: "PlannedMeetings",
        capacity: int | None,
        permits: CallPermits,
        clock_s: Callable[[], float],
        clock: Callable[[], datetime],
    ) -> None:
        """``capacity``: speakers that the machine carries at once; ``clock_s``: only grows; ``clock``: UTC."""
        self._meetings = meetings
        self._calls = calls
        self._watch = watch
        self._lasting = lasting
        self._planned = planned
        self._capacity = capacity
        self._reservations = Reservations((), capacity=0)
        """Around now."""
        self._attendance = Attendance()
        self._permits = permits
        self._clock_s = clock_s
        self._clock = clock
        self._began_at_s = clock_s()
        self.tickets = LobbyTickets(meetings.invitations.key_for("lobby tickets"), began_at=clock())
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._following = asyncio.Lock()
        self._held: dict[str, int] = {}
        """Rooms whose permit is to be given back, with the most people that were told of.

        From before a permit is asked for: what is written down although no answer came is given back too.
        """
        self.sockets: set[str] = set()
        """Calls that need no room: interpreting sockets, which look after their own permit."""

    async def look_at(self, room_id: str) -> Meeting:
        """Give a room to be seen, without opening it. Raises ``RoomNotFound``, ``RoomNotOpen``."""
        meeting = self._meetings.find(room_id)
        return meeting or self._meetings.unopened(await self._open_to_all(room_id), at_s=self._clock_s())

    async def enter(self, room_id: str) -> Meeting:
        """Give a room to come into. One that lasts and has no lobby is opened by whoever comes first.

        Raises ``RoomNotFound``, ``RoomNotOpen``, ``CapacityExhausted``, and what a plan refuses.
        """
        meeting = self._meetings.find(room_id)
        if meeting is not None and not self._is_incomplete(meeting):
            return meeting
        async with self._turn(room_id):
            meeting = self._meetings.find(room_id)
            if meeting is None:
                return await self._begin(await self._open_to_all(room_id))
            await self._complete(meeting)
            return meeting

    async def resume(self, meeting: Meeting) -> None:
        """Begin another call in a room that was empty, for who was in it before. Raises as ``enter``.

        A call of which the store has not been asked yet goes on without it: the store may be away.
        """
        if self.has_paused(meeting):
            async with self._turn(meeting.id):
                self._meetings.check_goes_on(meeting)
                await self._complete(meeting)

    def has_paused(self, meeting: Meeting) -> bool:
        """Say whether a room was empty so long that whoever comes now begins another call in it."""
        return not meeting.unsettled and self._is_incomplete(meeting)

    def would_know(self, room_id: str) -> bool:
        """Say whether everybody who was let into the call that goes on in this lasting room is known here.

        Just after a start they are not: media server and API may have been replaced together, and people come back. In
        a call that is known again they never are: who was away when it was looked at stands nowhere.
        False for a room that does not last: who has a secret of it was in its one call.
        """
        meeting = self._meetings.find(room_id)
        if meeting is not None and (meeting.card is None or meeting.recalled):
            return False
        return self._meetings.is_over(room_id) or self._clock_s() - self._began_at_s >= COMING_BACK_S

    async def open(self, room_id: str) -> Meeting:
        """Open a lasting room for a host. Raises as ``enter``."""
        async with self._turn(room_id):
            meeting = self._meetings.find(room_id)
            if meeting is None:
                return await self._begin(await self._card(room_id))
            await self._complete(meeting)
            return meeting

    async def make_instant(self, owner_id: str) -> Meeting:
        """Open a room that lives as long as it is used. Raises ``CapacityExhausted``, and what a plan refuses."""
        meeting = self._meetings.open(at_s=self._clock_s())
        meeting.owner_id = owner_id
        try:
            return await self.enter(meeting.id)
        except BaseException:
            self._meetings.end(meeting.id)
            raise

    async def end(self, room_id: str) -> None:
        """End a call for all; a room that is not open is fine."""
        if self._meetings.find(room_id) is not None:
            # Forgotten first: if the media server is away now, the watch deletes the room when it is back.
            self._meetings.end(room_id)
            self._watch.ended(room_id)
            with suppress(RoomError):
                await self._calls.end_room(room_id)

    async def give_back(self) -> None:
        """Give back what a call that has just ended took of its owner's plan; ``keep_time`` tries again if it must."""
        with suppress(StoreError):
            await self._settle_permits()

    async def run(self) -> None:
        """Keep the time, follow the store, forget what was forgotten; ends by cancellation."""
        async with asyncio.TaskGroup() as tasks:
            for name, work, every_s in (
                ("keep time", self.keep_time, LOOK_EVERY_S),
                ("follow rooms", self.follow, FOLLOW_EVERY_S),
                ("forget calls", self.forget_others, FORGET_EVERY_S),
            ):
                tasks.create_task(_again_and_again(work, every_s), name=name)

    async def keep_time(self) -> None:
        """Warn, end what is over or empty, and give permits back. Raises ``StoreError``; the rest is done first."""
        now_s = self._clock_s()
        for meeting in self._meetings.all():
            if not self._meetings.goes_on(meeting):
                continue  # it ended while one before it was looked after
            if meeting.is_over(at_s=now_s):
                log.info("call_ended", reason="plan")
                await self.end(meeting.id)
            elif meeting.is_empty(at_s=now_s, for_s=EMPTY_S) and meeting.owner_id is not None:
                await self._let_go(meeting)
            elif meeting.is_uncounted(at_s=now_s):
                await self._put_out(meeting)
            elif meeting.is_due_to_warn(at_s=now_s):
                meeting.warned = True
                with suppress(RoomError, ParticipantNotFound):  # the watch tells again
                    await self._calls.tell_room(meeting.id, meeting.metadata())
        await self._settle_permits()
        if any(meeting.unsettled for meeting in self._meetings.all()):
            await self.follow()

    async def follow(self) -> None:
        """Let open rooms be what the store says. Raises ``StoreError``.

        A call ends whose lasting room is deleted, or whose owner has been erased. One at a time follows: what was read
        first never overwrites what was read later.
        """
        async with self._following:
            await self._follow()

    async def _follow(self) -> None:
        if self._capacity is not None:
            self._reservations = self._kept(await self._planned.reservations(capacity=self._capacity))
        followed = [it for it in self._meetings.all() if it.card is not None or it.unsettled]
        cards = await self._lasting.cards([meeting.id for meeting in followed]) if followed else {}
        were_unsettled = {meeting.id for meeting in followed if meeting.unsettled}
        for meeting in followed:
            card = cards.get(meeting.id)
            if meeting.id in were_unsettled:
                async with self._turn(meeting.id):
                    card = await self._current_card(meeting.id)  # whoever came in meanwhile may have read a newer one
                    if meeting.unsettled:
                        await self._settle(meeting, card)
            if not self._meetings.goes_on(meeting):
                continue
            if card is None and meeting.card is not None:
                await self.end(meeting.id)
            else:
                meeting.follow(card)
        instant = [meeting for meeting in self._meetings.all() if meeting.card is None and meeting.owner_id is not None]
        gone = await self._permits.gone({it.owner_id for it in instant if it.owner_id}) if instant else frozenset()
        for meeting in instant:
            if meeting.owner_id in gone and self._meetings.goes_on(meeting):
                log.info("call_ended", reason="owner_erased")
                await self.end(meeting.id)

    def speakers_for(self, room_id: str) -> int | None:
        """Say how many speakers a room may have now beside what planned meetings keep; None for any number."""
        return self._reservations.left_for(room_id, at=self._clock(), speaking=self._watch.speaking())

    async def forget_others(self) -> None:
        """Give back permits that a process left open which was killed. Raises ``StoreError``."""
        await self._permits.close_forgotten(
            lambda: [*(meeting.id for meeting in self._meetings.all()), *self._held, *self.sockets]
        )

    def _kept(self, reservations: Reservations) -> Reservations:
        """Leave out what was reserved for meetings to which nobody has come."""
        now_s = self._clock_s()
        present = {meeting.id for meeting in self._meetings.all() if meeting.is_wanted(at_s=now_s)}
        return self._attendance.kept(reservations, at=self._clock(), present=present, speaking=self._watch.speaking())

    async def _open_to_all(self, room_id: str) -> RoomCard:
        card = await self._card(room_id)
        if card.lobby:
            raise RoomNotOpen(NOT_OPEN)
        return card

    async def _card(self, room_id: str) -> RoomCard:
        card = await self._current_card(room_id) if self._meetings.invitations.is_ours(room_id) else None
        if card is None:
            raise RoomNotFound(NO_ROOM)
        return card

    async def _current_card(self, room_id: str) -> RoomCard | None:
        return (await self._lasting.cards([room_id])).get(room_id)

    async def _begin(self, card: RoomCard) -> Meeting:
        self._held[card.id] = 0
        permit = await self._permits.open(card.id, owner_id=card.owner_id, team_id=card.team_id)
        meeting = self._meetings.open_as(card, at_s=self._clock_s())
        self._take(meeting, permit)
        with suppress(StoreError):  # it only puts the room in order in a list
            await self._lasting.used(card.id)
        return meeting

    def _is_incomplete(self, meeting: Meeting) -> bool:
        return meeting.unsettled or (meeting.permit is None and meeting.owner_id is not None)

    async def _complete(self, meeting: Meeting) -> None:
        """Read what the API forgot of a call, or begin another one in a room that was empty."""
        if meeting.unsettled:
            await self._settle(meeting, await self._current_card(meeting.id))
        if meeting.permit is None and meeting.owner_id is not None:
            owner_id, team_id = meeting.owner_id, meeting.team_id
            self._held.setdefault(meeting.id, 0)
            self._take(meeting, await self._permits.open(meeting.id, owner_id=owner_id, team_id=team_id))

    async def _settle(self, meeting: Meeting, card: RoomCard | None) -> None:
        permit = await self._permits.resume(meeting.id) if meeting.unsettled else None
        meeting.follow(card)
        if permit is not None:
            self._take(meeting, permit)

    def _take(self, meeting: Meeting, permit: CallPermit) -> None:
        self._held.setdefault(meeting.id, 0)
        meeting.take_permit(permit, now=self._clock(), at_s=self._clock_s())

    async def _let_go(self, meeting: Meeting) -> None:
        """Close an empty lasting room until somebody comes; the link of another one stays good for a while."""
        if meeting.card is not None:
            await self.end(meeting.id)
        else:
            meeting.drop_permit()

    async def _put_out(self, meeting: Meeting) -> None:
        """End a call that is over, into which somebody came back without joining; the link stays good."""
        async with self._turn(meeting.id):
            if meeting.is_uncounted(at_s=self._clock_s()):
                log.info("call_ended", reason="not_joined")
                with suppress(RoomError):  # the next look tries again
                    await self._calls.end_room(meeting.id)

    async def _settle_permits(self) -> None:
        for room_id in list(self._held):
            async with self._turn(room_id):
                meeting = self._meetings.find(room_id)
                if room_id not in self._held:
                    continue  # given back while this waited for its turn
                if meeting is not None and meeting.unsettled:
                    continue  # known again: it may have been a call that goes on after all
                if meeting is None or meeting.permit is None:
                    await self._permits.close(room_id)
                    del self._held[room_id]
                elif (people := len(meeting.members(at_s=self._clock_s()))) > self._held[room_id]:
                    await self._permits.count_people(room_id, people)
                    self._held[room_id] = people

    def _turn(self, room_id: str) -> asyncio.Lock:
        """One at a time begins, completes and closes the call of a room."""
        turn = self._turns.get(room_id)
        if turn is None:
            turn = self._turns[room_id] = asyncio.Lock()
        return turn


def make_live_rooms(parts: ApiParts) -> LiveRooms | None:
    """Make what holds the calls of a server with accounts; None for a private machine."""
    accounts = parts.accounts
    if accounts is None:
        return None
    from dragoman.services.plan_permits import PlanPermits

    return LiveRooms(
        meetings=parts.meetings,
        calls=parts.calls,
        watch=parts.watch,
        lasting=accounts.rooms,
        planned=accounts.planned,
        capacity=None if parts.machine is None else parts.machine.speakers_at_once,
        permits=PlanPermits(accounts.limits),
        clock_s=parts.clock,
        clock=accounts.clock,
    )


def live_of(request: HTTPConnection) -> LiveRooms | None:
    """Give what holds the calls of a server with accounts; None on a private machine."""
    live: LiveRooms | None = request.app.state.live
    return live


def the_live_of(request: HTTPConnection) -> LiveRooms:
    """Give it to a resource that there is with accounts alone. Raises ``NotSignedIn`` without them."""
    accounts_of(request)
    live: LiveRooms = request.app.state.live
    return live


async def _again_and_again(work: Callable[[], Awaitable[None]], every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        try:
            await work()
        except StoreError as error:
            log.warning("calls_not_stored", code=error.code, detail=str(error))
        except Exception:  # the top of a task: calls must be watched
            log.exception("calls_not_watched")
