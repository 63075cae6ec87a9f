"""``/rooms``: make a room, see what works in it, lock it, end it."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from dragoman.services.api.answers import Body, LanguageAnswer, RoomId, VoiceAnswer, write_options, write_voices
from dragoman.services.api.host_access import check_password, link_to
from dragoman.services.api.parts import bearer, count_against, parts_of

router = APIRouter(prefix="/rooms", tags=["rooms"])


class NewRoom(Body):
    password: Annotated[str, Field(max_length=200)] = ""
    """The host password, where the server asks for one."""


class MadeRoom(BaseModel):
    room: str
    host_secret: str
    path: str
    """Of the page that joins it."""
    link: str
    """The whole address, which other people can open."""


class DirectionAnswer(BaseModel):
    source: str
    target: str
    voice: bool


class RoomAnswer(BaseModel):
    """What there is to know before joining; nobody is named."""

    room: str
    link: str
    """The address that other people can open, to be sent to them."""
    locked: bool
    people: int
    most_people: int
    interpreted: bool
    """An interpreter is in the room now."""
    practice: bool
    """A practice speaker can be asked for."""
    speaks: list[LanguageAnswer]
    reads: list[LanguageAnswer]
    listens: list[LanguageAnswer]
    voices: list[VoiceAnswer]
    """Of dubs."""
    directions: list[DirectionAnswer]


class RoomChange(Body):
    locked: bool


@router.post("", status_code=201)
async def make_room(body: NewRoom, request: Request) -> MadeRoom:
    parts = parts_of(request)
    count_against(parts, request)
    check_password(parts, request, body.password)
    meeting = parts.meetings.open(at_s=parts.clock())
    secret = parts.meetings.invitations.host_secret(meeting.id)
    path = f"/r/{meeting.id}"
    return MadeRoom(room=meeting.id, host_secret=secret, path=path, link=link_to(parts, request, path))


@router.get("/{room}")
async def see_room(room: RoomId, request: Request) -> RoomAnswer:
    parts = parts_of(request)
    meeting = parts.meetings.get(room)
    menu = await parts.directions.menu()
    return RoomAnswer(
        room=room,
        link=link_to(parts, request, f"/r/{room}"),
        locked=meeting.locked,
        people=len(meeting.members(at_s=parts.clock())),
        most_people=meeting.most_members,
        interpreted=parts.watch.is_interpreted(room),
        practice=parts.practise is not None,
        speaks=write_options(menu.speaks()),
        reads=write_options(menu.reads()),
        listens=write_options(menu.listens()),
        voices=write_voices(menu.voices()),
        directions=[DirectionAnswer(source=it.source, target=it.target, voice=it.voice) for it in menu.directions],
    )


@router.patch("/{room}", status_code=204)
async def change_room(room: RoomId, body: RoomChange, request: Request) -> None:
    """Lock or unlock; by the host."""
    parts_of(request).meetings.check_host(room, bearer(request)).locked = body.locked


@router.delete("/{room}", status_code=204)
async def end_room(room: RoomId, request: Request) -> None:
    """End the call for all; by the host. The link is worth nothing from now on."""
    parts = parts_of(request)
    parts.meetings.check_host(room, bearer(request))
    # Forgotten first: if the media server is away now, the watch deletes the room when it is back.
    parts.meetings.end(room)
    parts.watch.ended(room)
    await parts.calls.end_room(room)
