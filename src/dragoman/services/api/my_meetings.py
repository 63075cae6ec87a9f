"""``/my/rooms/{room}/meetings``: what is planned in a lasting room. To meetings/planned_meetings.py."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from dragoman.meetings.errors import (
    NotAllowed,
    RoomNotFound,
    ScheduleInvalid,
    ScheduleNotFound,
    SlotsTaken,
    TooManyMeetings,
)
from dragoman.meetings.planned_meetings import Planned
from dragoman.meetings.schedule import MOST_MINUTES, MeetingTime, read_meeting_time
from dragoman.services.api.answers import Body, RoomId
from dragoman.services.api.callers import accounts_of, caller_of
from dragoman.services.api.openapi import SIGNED_IN, problems
from dragoman.services.api.paging import Page, Paged, Place, page_of
from dragoman.services.api.parts import parts_of
from dragoman.store.tables import Schedule

router = APIRouter(prefix="/my/rooms/{room}/meetings", tags=["my_meetings"], dependencies=[SIGNED_IN])

MeetingId = Annotated[str, Path(max_length=24)]
Local = Annotated[str, Field(max_length=16, examples=["2026-11-23T09:30"])]
Zone = Annotated[str, Field(max_length=64, examples=["Europe/Berlin"])]
Day = Annotated[str, Field(max_length=10, examples=["2027-03-31"])]
Minutes = Annotated[int, Field(ge=1, le=MOST_MINUTES)]
Slots = Annotated[int, Field(ge=0, le=1_000)]

_PLANNING = problems(RoomNotFound, NotAllowed) | problems(TooManyMeetings, SlotsTaken, ScheduleInvalid)


class NewMeeting(Body):
    starts_local: Local
    """On the clocks of ``time_zone``: summer time moves the moment, not the hour."""
    time_zone: Zone
    minutes: Minutes
    weekly_until: Day | None = None
    """The last day of a weekly meeting; null for once."""
    slots: Slots = 0
    """Speakers that the machine keeps free for it."""


class MeetingChange(Body):
    """What is left out stays as it is."""

    starts_local: Local | None = None
    time_zone: Zone | None = None
    minutes: Minutes | None = None
    weekly_until: Day | None = None
    slots: Slots | None = None


class PlannedMeeting(BaseModel):
    id: str
    starts_local: str
    time_zone: str
    starts_at: datetime
    """Of the first."""
    minutes: int
    weekly_until: str | None
    slots: int
    next_at: datetime | None
    """When the one that goes on, or comes next, begins; null once all are over."""


@router.get("", responses=problems(RoomNotFound))
async def meetings(room: RoomId, request: Request, wish: Paged) -> Page[PlannedMeeting]:
    """List what is planned in a room, newest first. By who sees the room."""
    caller = await caller_of(request)
    planned = accounts_of(request).planned
    found = await planned.of_room(room, caller.user_id, before=wish.before, limit=wish.fetch)
    return page_of(found, wish, write_meeting, place=_place)


@router.post("", status_code=201, responses=_PLANNING)
async def plan_meeting(room: RoomId, body: NewMeeting, request: Request) -> PlannedMeeting:
    """Plan a meeting, or a weekly series. By the owner of the room and admins of its team."""
    caller = await caller_of(request)
    time = read_meeting_time(
        starts_local=body.starts_local,
        time_zone=body.time_zone,
        minutes=body.minutes,
        weekly_until=body.weekly_until,
    )
    planned = accounts_of(request).planned
    made = await planned.plan(room, time, slots=body.slots, capacity=_capacity(request), actor=caller.actor)
    return write_meeting(made)


@router.patch("/{meeting}", responses=_PLANNING | problems(RoomNotFound, ScheduleNotFound))
async def change_meeting(room: RoomId, meeting: MeetingId, body: MeetingChange, request: Request) -> PlannedMeeting:
    """Put a meeting at another time. By the owner of the room and admins of its team."""
    caller, planned = await caller_of(request), accounts_of(request).planned
    made = await planned.change(
        room, meeting, lambda row: _changed(row, body), capacity=_capacity(request), actor=caller.actor
    )
    return write_meeting(made)


@router.delete("/{meeting}", status_code=204, responses=problems(RoomNotFound, NotAllowed, ScheduleNotFound))
async def cancel_meeting(room: RoomId, meeting: MeetingId, request: Request) -> None:
    """Cancel a meeting with all that would follow. By the owner of the room and admins of its team."""
    caller = await caller_of(request)
    await accounts_of(request).planned.cancel(room, meeting, actor=caller.actor)


def write_meeting(planned: Planned) -> PlannedMeeting:
    row = planned.row
    return PlannedMeeting(
        id=row.id,
        starts_local=row.starts_local,
        time_zone=row.time_zone,
        starts_at=next(planned.time.occurrences()).starts_at,
        minutes=row.minutes,
        weekly_until=row.weekly_until,
        slots=row.slots,
        next_at=None if planned.next is None else planned.next.starts_at,
    )


def _changed(row: Schedule, body: MeetingChange) -> tuple[MeetingTime, int]:
    """Give time and slots as they are to be; what is left out stays."""
    time = read_meeting_time(
        starts_local=body.starts_local or row.starts_local,
        time_zone=body.time_zone or row.time_zone,
        minutes=body.minutes or row.minutes,
        weekly_until=body.weekly_until if "weekly_until" in body.model_fields_set else row.weekly_until,
    )
    return time, row.slots if body.slots is None else body.slots


def _capacity(request: Request) -> int:
    machine = parts_of(request).machine
    return 0 if machine is None else machine.speakers_at_once


def _place(planned: Planned) -> Place:
    return planned.row.created_at, planned.row.id
