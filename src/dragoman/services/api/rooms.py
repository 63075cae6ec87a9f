"""``/rooms``: make a room, see what works in it, lock it, end it."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, model_validator

from dragoman.accounts.errors import LimitReached
from dragoman.ground.errors import CapacityExhausted, RoomError, StoreUnavailable, TooManyRequests
from dragoman.meetings.errors import NotAllowed, RoomNotFound, RoomNotOpen
from dragoman.services.api.answers import Body, LanguageAnswer, RoomId, VoiceAnswer, write_options, write_voices
from dragoman.services.api.callers import caller_of
from dragoman.services.api.entering import tell_decided
from dragoman.services.api.host_access import check_password, link_to
from dragoman.services.api.live_rooms import live_of
from dragoman.services.api.openapi import BY_ROOM_SECRET, MAYBE_SIGNED_IN, problems
from dragoman.services.api.parts import bearer, count_against, parts_of

router = APIRouter(prefix="/rooms", tags=["rooms"])


class NewRoom(Body):
    password: Annotated[str, Field(max_length=200)] = ""
    """The host password, where the server asks for one; with accounts, who makes a room is signed in instead."""


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
    title: str
    """Of a lasting room."""
    open: bool
    """A call can be, or is, held. A lasting room without a lobby is opened by joining."""
    lobby: bool
    """A host lets everybody in by hand."""
    interpretation: bool
    """A host has not switched it off."""
    ends_at: datetime | None
    """When the plan of its owner ends the call."""
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
    """What is left out stays as it is; something is there."""

    locked: bool = False
    interpretation: bool = True

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("say locked, interpretation, or both")
        return self


@router.post(
    "",
    status_code=201,
    openapi_extra=MAYBE_SIGNED_IN,
    responses=problems(NotAllowed, TooManyRequests, LimitReached, CapacityExhausted),
)
async def make_room(body: NewRoom, request: Request) -> MadeRoom:
    """Open a room. Who has the ``link`` can join it; the ``host_secret`` is for who opened it."""
    parts, live = parts_of(request), live_of(request)
    count_against(parts, request)
    if live is None:
        check_password(parts, request, body.password)
        meeting = parts.meetings.open(at_s=parts.clock())
    else:
        meeting = await live.make_instant((await caller_of(request)).user_id)
    secret = parts.meetings.invitations.host_secret(meeting.id)
    path = f"/r/{meeting.id}"
    return MadeRoom(room=meeting.id, host_secret=secret, path=path, link=link_to(parts, request, path))


@router.get("/{room}", responses=problems(RoomNotFound, RoomNotOpen, StoreUnavailable))
async def see_room(room: RoomId, request: Request) -> RoomAnswer:
    """Say what there is to know before joining."""
    parts, live = parts_of(request), live_of(request)
    meeting = parts.meetings.get(room) if live is None else await live.look_at(room)
    menu = await parts.directions.menu()
    return RoomAnswer(
        room=room,
        link=link_to(parts, request, f"/r/{room}"),
        title="" if meeting.card is None else meeting.card.title,
        open=parts.meetings.find(room) is not None,
        lobby=meeting.has_lobby,
        interpretation=meeting.decided.interpretation,
        ends_at=meeting.ends_at,
        locked=meeting.decided.locked,
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


@router.patch(
    "/{room}", status_code=204, dependencies=[BY_ROOM_SECRET], responses=problems(RoomNotFound, NotAllowed, RoomError)
)
async def change_room(room: RoomId, body: RoomChange, request: Request) -> None:
    """Lock or unlock; switch interpretation off or on for all. By the host."""
    parts = parts_of(request)
    meeting = parts.meetings.check_host(room, bearer(request))
    if "locked" in body.model_fields_set:
        meeting.decided.locked = body.locked
    if "interpretation" in body.model_fields_set:
        meeting.decided.interpretation = body.interpretation
    await tell_decided(parts, meeting)


@router.delete(
    "/{room}", status_code=204, dependencies=[BY_ROOM_SECRET], responses=problems(RoomNotFound, NotAllowed, RoomError)
)
async def end_room(room: RoomId, request: Request) -> None:
    """End the call for all. By the host.

    The link is worth nothing from now on, but that of a lasting room, which can be opened again.
    """
    parts, live = parts_of(request), live_of(request)
    parts.meetings.check_host(room, bearer(request))
    # Forgotten first: if the media server is away now, the watch deletes the room when it is back.
    parts.meetings.end(room)
    parts.watch.ended(room)
    try:
        await parts.calls.end_room(room)
    finally:
        if live is not None:
            await live.give_back()
