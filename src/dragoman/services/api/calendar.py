"""Calendar files of lasting rooms: of one meeting, and of a room for whoever has its link. To meetings/calendar.py."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from dragoman.meetings.calendar import CalendarEntry, write_calendar
from dragoman.meetings.errors import RoomNotFound, ScheduleNotFound
from dragoman.meetings.meetings import NO_ROOM
from dragoman.meetings.planned_meetings import Planned
from dragoman.services.api.answers import RoomId
from dragoman.services.api.callers import accounts_of, caller_of
from dragoman.services.api.host_access import link_to
from dragoman.services.api.my_meetings import MeetingId
from dragoman.services.api.openapi import SIGNED_IN, problems
from dragoman.services.api.parts import parts_of

router = APIRouter(tags=["calendar"])

MEDIA_TYPE = "text/calendar; charset=utf-8"
_FILE = {200: {"description": "The file (RFC 5545).", "content": {"text/calendar": {}}}}
_ANSWERS = problems(RoomNotFound, ScheduleNotFound) | _FILE


@router.get(
    "/my/rooms/{room}/meetings/{meeting}.ics",
    response_class=Response,
    dependencies=[SIGNED_IN],
    responses=_ANSWERS,
)
async def meeting_file(room: RoomId, meeting: MeetingId, request: Request) -> Response:
    """Give a meeting as a calendar file. By who sees the room."""
    caller = await caller_of(request)
    view, planned = await accounts_of(request).planned.see(room, meeting, caller.user_id)
    return _answer(request, room, view.room.title, planned)


@router.get("/rooms/{room}/calendar.ics", response_class=Response, responses=_ANSWERS)
async def room_file(room: RoomId, request: Request) -> Response:
    """Give all that is planned in a room as a calendar file. By whoever has its link."""
    if not parts_of(request).meetings.invitations.is_ours(room):
        raise RoomNotFound(NO_ROOM)
    calendar = await accounts_of(request).planned.calendar_of(room)
    return _answer(request, room, calendar.title, *calendar.meetings)


def _answer(request: Request, room: str, title: str, *meetings: Planned) -> Response:
    link = link_to(parts_of(request), request, f"/r/{room}")
    entries = [
        CalendarEntry(id=it.row.id, title=title, link=link, time=it.time, sequence=it.row.sequence) for it in meetings
    ]
    content = write_calendar(entries, now=accounts_of(request).clock())
    headers = {"Content-Disposition": 'attachment; filename="meeting.ics"'}
    return Response(content.encode(), media_type=MEDIA_TYPE, headers=headers)
