"""Keeps every room interpreted: the shell of ``meetings/warden.py``, between the media server and the interpreters.

Looks at the media server every two seconds, and at once when told that something happened (``look_again``): its own
events are hints, what counts is what it lists.
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress

import structlog

from dragoman.ground.errors import DragomanError
from dragoman.meetings.choices import choices_of
from dragoman.meetings.errors import ParticipantNotFound, RoomNotFound
from dragoman.meetings.meeting import Meeting, Member
from dragoman.meetings.meetings import Meetings
from dragoman.meetings.standing import standing_of
from dragoman.meetings.warden import Below, Dispatch, Lease, Warden
from dragoman.services.api.call_server import CallServer, Seen

log = structlog.get_logger()

LOOK_EVERY_S = 2.0
DECIDE_EVERY_S = 0.25
MAX_LEFT = 1_000
"""People remembered as having left until the next look; the seat of anybody beyond is kept for a while."""


class Watch:
    """``run`` is its task. The other methods are the API's, and never wait."""

    def __init__(
        self, *, meetings: Meetings, calls: CallServer, warden: Warden, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._meetings = meetings
        self._calls = calls
        self._warden = warden
        self._clock = clock
        self._look = asyncio.Event()
        self._decide = asyncio.Event()
        self._first_look = True
        self._left: set[tuple[str, str]] = set()
        """Room and identity of those of whom the media server says that they left."""

    async def run(self) -> None:
        """Watch for ever; ends by cancellation."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._keep_looking(), name="watch rooms")
            tasks.create_task(self._keep_deciding(), name="watch leases")

    def look_again(self) -> None:
        """Something happened at the media server."""
        self._look.set()

    def left(self, room: str, identity: str) -> None:
        """The media server says that somebody left; the next look sees whether they are away."""
        if len(self._left) < MAX_LEFT:
            self._left.add((room, identity))
        self._look.set()

    def joined(self, meeting: Meeting) -> None:
        """Somebody was let in: an interpreter goes ahead of them."""
        self._want(meeting)
        self._decide.set()

    def ended(self, room: str) -> None:
        self._warden.forget(room)

    def renew(self, lease: Lease) -> bool:
        """Take an interpreter's renewal; False tells it to leave."""
        known = self._meetings.known_again(lease.room, at_s=self._clock())
        if known is None:
            return False
        self._want(known, may_be_held=True)
        return self._warden.renew(lease, at_s=self._clock())

    def release(self, lease: Lease, *, failed: bool) -> None:
        self._warden.release(lease, at_s=self._clock(), failed=failed)
        self._look.set()

    def worker_ready(self, *, for_s: float) -> None:
        self._warden.worker_ready(at_s=self._clock(), for_s=for_s)
        self._decide.set()

    def worker_died(self, worker: str) -> None:
        self._warden.worker_died(worker, at_s=self._clock())
        self._decide.set()

    def is_interpreted(self, room: str) -> bool:
        return self._warden.is_held(room)

    def speakers(self) -> int:
        """Count the microphones that are open and interpreted, over all rooms."""
        return self._warden.microphones

    def below(self) -> list[Below]:
        """List the rooms that are served with less than everything; times are those of ``clock``."""
        return self._warden.below()

    def speaking(self) -> dict[str, int]:
        """Count the microphones that are interpreted now, by room."""
        return self._warden.speaking()

    def epoch(self, room: str) -> int:
        return self._warden.epoch(room)

    async def recall(self, room: str) -> None:
        """Know again what a host decided in a call that goes on since before this process. Raises ``RoomUnavailable``.

        The first look does it too; until then nobody is let in by what an empty memory says.
        """
        meeting = self._meetings.find(room)
        unseen = self._first_look and self._meetings.invitations.is_ours(room)
        if unseen if meeting is None else not meeting.decided.known:
            there = await self._calls.rooms()
            if room in there:
                await self._know_epoch(room)
                meeting = self._meetings.known_again(room, at_s=self._clock())
            if meeting is not None:
                meeting.decided.recall(there.get(room, ""))

    async def look(self) -> None:
        """Compare what the media server has with what we know. Raises ``RoomUnavailable``."""
        left, self._left = self._left, set()  # who leaves from now on is for the next look
        try:
            await self._look_at_all(left)
        except BaseException:
            self._left |= left
            raise

    async def _look_at_all(self, left: Collection[tuple[str, str]]) -> None:
        """Look, knowing who ``left`` before. A call that ends meanwhile is left alone: nothing of it comes back."""
        now = self._clock()
        there = await self._calls.rooms()
        for room, metadata in there.items():
            meeting = self._meetings.known_again(room, at_s=now)
            if meeting is None:
                log.warning("unknown_room_deleted")
                self._warden.forget(room)
                await self._calls.end_room(room)
                continue
            await self._tell_room(meeting, metadata)
            await self._know_epoch(room)
            people = await self._welcome_people(meeting)
            if not self._meetings.goes_on(meeting):
                continue
            meeting.found(
                [
                    Member(
                        identity=person.identity,
                        name=person.name,
                        choices=choices_of(person.attributes),
                        admitted_at_s=now,
                        present=True,
                        standing=standing_of(person.attributes),
                    )
                    for person in people
                ],
                at_s=now,
                left=_of(room, left),
            )
            await self._tell_choices(meeting, people)
            self._want(meeting, may_be_held=self._first_look)
        self._first_look = False
        for meeting in self._meetings.all():
            if meeting.id not in there:
                meeting.decided.recall("")
                meeting.found([], at_s=now, left=_of(meeting.id, left))
                self._want(meeting)
        for room in self._meetings.end_unused(at_s=now):
            self._warden.forget(room)

    async def _welcome_people(self, meeting: Meeting) -> list[Seen]:
        """List who is there, and put out who may not be; nobody of a call that has ended, for another may go on."""
        people = []
        for person in await self._calls.people(meeting.id):
            if not self._meetings.goes_on(meeting):
                break
            uninvited = meeting.came_uninvited(person.identity)
            if uninvited or meeting.decided.was_removed(person.identity):
                await self._calls.remove(meeting.id, person.identity)
            if not uninvited:
                people.append(person)
        return people

    async def _know_epoch(self, room: str) -> None:
        """See who interprets a room of which no interpreter is known here: sent by the API before, and dead perhaps."""
        if not self._warden.epoch(room):
            self._warden.seen(await self._calls.interpreter_epoch(room))

    async def _tell_choices(self, meeting: Meeting, people: list[Seen]) -> None:
        """Somebody chose other languages between joining and connecting: their token did not know."""
        for person in people:
            if not self._meetings.goes_on(meeting):
                return
            if meeting.decided.was_removed(person.identity):
                continue
            member = meeting.member(person.identity)
            seen = (choices_of(person.attributes), standing_of(person.attributes))
            if (member.choices, member.standing) != seen:
                with suppress(ParticipantNotFound):
                    await self._calls.change_attributes(meeting.id, person.identity, member.attributes())

    async def _tell_room(self, meeting: Meeting, metadata: str) -> None:
        """What a host decided stays so: over an API that is replaced, and for a room that was not there yet."""
        meeting.decided.recall(metadata)
        if metadata != meeting.metadata():
            with suppress(ParticipantNotFound):
                await self._calls.tell_room(meeting.id, meeting.metadata())

    async def decide(self) -> None:
        """Send the interpreters that are due."""
        async with asyncio.TaskGroup() as tasks:
            for order in self._warden.due(at_s=self._clock()):
                tasks.create_task(self._send(order), name="dispatch")

    async def _send(self, order: Dispatch) -> None:
        try:
            meeting = self._meetings.get(order.room)
            await self._calls.open_room(order.room, most_people=meeting.most_members, metadata=meeting.metadata())
            await self._calls.send_interpreter(order.room, epoch=order.epoch, last_seq=order.last_seq)
            log.info("interpreter_sent", epoch=order.epoch)
        except RoomNotFound:
            self._warden.forget(order.room)
        except DragomanError as error:
            # The warden sees that none came, and sends another.
            log.warning("interpreter_not_sent", epoch=order.epoch, code=error.code, detail=str(error))

    def _want(self, meeting: Meeting, *, may_be_held: bool = False) -> None:
        if not self._meetings.goes_on(meeting):
            return  # whatever waited for the media server must not ask for an interpreter of a call that ended
        now = self._clock()
        self._warden.want(
            meeting.id,
            wanted=meeting.is_wanted(at_s=now),
            at_s=now,
            last_seq=meeting.finals.last_seq,
            may_be_held=may_be_held,
        )

    async def _keep_looking(self) -> None:
        while True:
            try:
                await self.look()
                self._decide.set()
            except DragomanError as error:
                log.warning("media_server_not_seen", code=error.code, detail=str(error))
            except Exception:  # the top of a task: rooms must stay watched
                log.exception("look_failed")
            await _wait(self._look, LOOK_EVERY_S)

    async def _keep_deciding(self) -> None:
        while True:
            try:
                await self.decide()
            except Exception:  # the top of a task: rooms must stay watched
                log.exception("decision_failed")
            await _wait(self._decide, DECIDE_EVERY_S)


def _of(room: str, people: Iterable[tuple[str, str]]) -> set[str]:
    """Give the identities of one room."""
    return {identity for their_room, identity in people if their_room == room}


async def _wait(event: asyncio.Event, limit_s: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), limit_s)
    event.clear()
