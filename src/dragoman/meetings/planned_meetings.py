"""The meetings that people plan in lasting rooms: who plans, changes and cancels them, and what they reserve.

From ``services/api/my_meetings.py`` and calendar.py; to ``schedule.py`` and ``reservation.py``, which decide, and
``store/schedules.py``.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.ground.accounts import Actor
from dragoman.ground.facts import Bound, Facts, Help, Reason
from dragoman.ground.webhooks import TeamEvent
from dragoman.meetings.cancelled import announce_cancelled
from dragoman.meetings.errors import ScheduleInvalid, ScheduleNotFound, TooManyMeetings
from dragoman.meetings.lasting_rooms import RoomView, check_managing, id_of, lock_room, view_room
from dragoman.meetings.reservation import Reservation, Reservations
from dragoman.meetings.schedule import LOCAL_FORMAT, MeetingTime, Occurrence
from dragoman.meetings.stored_time import time_of
from dragoman.store import audit, rooms, schedules, webhooks
from dragoman.store.database import Database, utc_now
from dragoman.store.schedules import Place
from dragoman.store.tables import Schedule

MOST_MEETINGS = 50
"""Planned in one room, a weekly series counting once."""
_A_WHILE = timedelta(days=3)
"""A meeting of a day before today may go on, in any zone."""
NO_MEETING = "the room has no such meeting in its calendar; look at the list again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A meeting, or a weekly series of them."""

    row: Schedule
    time: MeetingTime
    next: Occurrence | None
    """The one that goes on or comes next; None once all are over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomCalendar:
    """Of a room, for whoever has its link."""

    title: str
    meetings: tuple[Planned, ...]


class PlannedMeetings:
    """``capacity``, where it is asked for, is how many speakers the machine carries at once."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = database
        self._clock = clock

    async def of_room(self, room_id: str, user_id: str, *, before: Place | None, limit: int) -> list[Planned]:
        """List what is planned in a room, newest first. Raises ``RoomNotFound``."""
        async with self._database.reading() as session:
            await view_room(session, room_id, user_id)
            return [self._read(it) for it in await schedules.of_room(session, room_id, before=before, limit=limit)]

    async def see(self, room_id: str, schedule_id: str, user_id: str) -> tuple[RoomView, Planned]:
        """Raises ``RoomNotFound``, ``ScheduleNotFound``."""
        async with self._database.reading() as session:
            view = await view_room(session, room_id, user_id)
            return view, self._read(await _find(session, room_id, schedule_id))

    async def plan(self, room_id: str, time: MeetingTime, *, slots: int, capacity: int, actor: Actor) -> Planned:
        """Raises ``RoomNotFound``, ``NotAllowed``, ``ScheduleInvalid``, ``TooManyMeetings``, ``SlotsTaken``."""
        async with self._database.writing() as session:
            view = await self._managed(session, room_id, actor)
            if await schedules.count_of_room(session, room_id) >= MOST_MEETINGS:
                raise TooManyMeetings(
                    f"{MOST_MEETINGS} meetings are planned in this room; cancel one that is over",
                    facts=Facts(limit=Bound.PLANNED_MEETINGS, allowed=MOST_MEETINGS, helps=(Help.DELETE_SOME,)),
                )
            await self._check(session, room_id, time, slots=slots, capacity=capacity)
            row = Schedule(room_id=room_id, sequence=0, created_at=self._clock())
            _write(row, time, slots=slots)
            await schedules.add(session, row)
            self._record(session, view, row, "meeting.planned", actor)
            return await self._announced(session, view, self._read(row))

    async def change(
        self,
        room_id: str,
        schedule_id: str,
        revise: Callable[[Schedule], tuple[MeetingTime, int]],
        *,
        capacity: int,
        actor: Actor,
    ) -> Planned:
        """Put a meeting at another time, or with other slots. Raises as ``plan``, and ``ScheduleNotFound``.

        ``revise`` gives both for the meeting as it stands, which nobody else changes meanwhile: of two changes of
        different parts at once, both count. What it raises goes on.
        """
        async with self._database.writing() as session:
            view = await self._managed(session, room_id, actor)
            row = await _find(session, room_id, schedule_id)
            time, slots = revise(row)
            await self._check(session, room_id, time, slots=slots, capacity=capacity)
            _write(row, time, slots=slots)
            row.sequence += 1
            self._record(session, view, row, "meeting.changed", actor)
            return await self._announced(session, view, self._read(row))

    async def cancel(self, room_id: str, schedule_id: str, *, actor: Actor) -> None:
        """Raises ``RoomNotFound``, ``NotAllowed``, ``ScheduleNotFound``."""
        async with self._database.writing() as session:
            view = await self._managed(session, room_id, actor)
            row = await _find(session, room_id, schedule_id)
            self._record(session, view, row, "meeting.cancelled", actor)
            await announce_cancelled(session, view.room, row.id, at=self._clock())
            await session.delete(row)

    async def next_of(self, room_ids: Collection[str]) -> dict[str, Occurrence]:
        """Give the meeting that goes on or comes next in each of these rooms that has one."""
        async with self._database.reading() as session:
            rows = await schedules.of_rooms(session, room_ids, since=self._clock().date() - _A_WHILE)
        found: dict[str, Occurrence] = {}
        for row in rows:
            following = self._read(row).next
            if following is not None:
                known = found.get(row.room_id, following)
                found[row.room_id] = min(known, following, key=lambda it: it.starts_at)
        return found

    async def calendar_of(self, room_id: str) -> RoomCalendar:
        """Give the calendar of a room to whoever has its link. Raises ``ScheduleNotFound`` where nothing is planned."""
        async with self._database.reading() as session:
            room = await rooms.find(session, room_id)
            rows = await schedules.of_room(session, room_id, before=None, limit=MOST_MEETINGS)
        if room is None or not rows:
            raise ScheduleNotFound("nothing is planned in this room")
        return RoomCalendar(title=room.title, meetings=tuple(self._read(row) for row in rows))

    async def reservations(self, *, capacity: int) -> Reservations:
        """Give what is reserved around now."""
        now = self._clock()
        async with self._database.reading() as session:
            return await self._taken(session, now - _A_WHILE, now + _A_WHILE, capacity=capacity)

    async def _check(
        self, session: AsyncSession, room_id: str, time: MeetingTime, *, slots: int, capacity: int
    ) -> None:
        now = self._clock()
        coming = [it for it in time.occurrences() if it.ends_at > now]
        if not coming:
            raise ScheduleInvalid(
                "the meeting would be over already; choose a time to come", facts=Facts(reason=Reason.OVER_ALREADY)
            )
        if slots:
            await schedules.lock_all(session)
            taken = await self._taken(session, now, coming[-1].ends_at, capacity=capacity)
            taken.check([_reserved(room_id, slots, it) for it in coming])

    async def _taken(self, session: AsyncSession, start: datetime, end: datetime, *, capacity: int) -> Reservations:
        rows = await schedules.reserving(session, since=start.date() - _A_WHILE)
        return Reservations(
            [
                _reserved(row.room_id, row.slots, occurrence)
                for row in rows
                for occurrence in time_of(row).between(start - _A_WHILE, end + _A_WHILE)
            ],
            capacity=capacity,
        )

    async def _managed(self, session: AsyncSession, room_id: str, actor: Actor) -> RoomView:
        await lock_room(session, room_id)
        view = await view_room(session, room_id, id_of(actor))
        check_managing(view)
        return view

    def _read(self, row: Schedule) -> Planned:
        time = time_of(row)
        return Planned(row=row, time=time, next=time.next_after(self._clock()))

    async def _announced(self, session: AsyncSession, view: RoomView, planned: Planned) -> Planned:
        """Let the webhooks of the room's team know."""
        await webhooks.announce(
            session,
            team_id=view.room.team_id,
            event=TeamEvent.ROOM_SCHEDULED,
            at=self._clock(),
            ids={"room": view.room.id, "meeting": planned.row.id},
            times={} if planned.next is None else {"starts_at": planned.next.starts_at},
        )
        return planned

    def _record(self, session: AsyncSession, view: RoomView, row: Schedule, action: str, actor: Actor) -> None:
        audit.record(
            session,
            at=self._clock(),
            actor=actor,
            action=action,
            target=("schedule", row.id),
            team_id=view.room.team_id,
            facts={"room_id": row.room_id, "slots": row.slots},
        )


def _write(row: Schedule, time: MeetingTime, *, slots: int) -> None:
    row.starts_local = time.starts_local.strftime(LOCAL_FORMAT)
    row.time_zone = time.time_zone
    row.minutes = time.minutes
    row.weekly_until = None if time.weekly_until is None else time.weekly_until.isoformat()
    row.slots = slots


def _reserved(room_id: str, slots: int, it: Occurrence) -> Reservation:
    return Reservation(room_id=room_id, slots=slots, starts_at=it.starts_at, ends_at=it.ends_at)


async def _find(session: AsyncSession, room_id: str, schedule_id: str) -> Schedule:
    found = await schedules.find(session, room_id, schedule_id)
    if found is None:
        raise ScheduleNotFound(NO_MEETING)
    return found
