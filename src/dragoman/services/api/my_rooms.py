"""``/my/rooms``: the lasting rooms of whoever asks, their co-hosts, and opening one. To meetings/lasting_rooms.py."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import AfterValidator, BaseModel, Field

from dragoman.accounts.errors import LimitReached
from dragoman.ground.errors import CapacityExhausted, RoomError, StoreError
from dragoman.meetings.errors import (
    NotAllowed,
    PersonUnknown,
    RoomNotFound,
    TeamUnknown,
    TooManyHosts,
    TooManyRooms,
)
from dragoman.meetings.lasting_rooms import LastingRooms, RoomView, RoomWishes
from dragoman.meetings.schedule import Occurrence
from dragoman.services.api.answers import Body, RoomId, clean_name
from dragoman.services.api.callers import accounts_of, caller_of
from dragoman.services.api.host_access import link_to
from dragoman.services.api.live_rooms import the_live_of
from dragoman.services.api.openapi import SIGNED_IN, problems
from dragoman.services.api.paging import Page, Paged, Place, page_of
from dragoman.services.api.parts import parts_of

router = APIRouter(prefix="/my/rooms", tags=["my_rooms"], dependencies=[SIGNED_IN])

MAX_TITLE_CHARS = 120
MOST_PEOPLE = 1_000

Title = Annotated[str, Field(min_length=1, max_length=MAX_TITLE_CHARS), AfterValidator(clean_name)]
Id = Annotated[str, Field(min_length=1, max_length=24)]
UserId = Annotated[str, Path(max_length=24)]
"""What nobody has is not found."""

_OF_ROOM = problems(RoomNotFound)
_OF_MANAGER = problems(RoomNotFound, NotAllowed)


class NewRoom(Body):
    title: Title
    team_id: Id | None = None
    """A team of the caller's, whose members then see the room."""
    lobby: bool = False
    """A host lets everybody in by hand."""
    interpretation: bool = True
    most_people: Annotated[int, Field(ge=2, le=MOST_PEOPLE)] | None = None
    """Null for what the plan and the machine carry."""


class RoomChange(Body):
    """What is left out stays as it is. What is said of interpretation counts from the next call on."""

    title: Title | None = None
    team_id: Id | None = None
    lobby: bool | None = None
    interpretation: bool | None = None
    most_people: Annotated[int, Field(ge=2, le=MOST_PEOPLE)] | None = None


class PersonAnswer(BaseModel):
    id: str
    name: str


class LiveAnswer(BaseModel):
    """Of the call that goes on."""

    people: int


class NextMeeting(BaseModel):
    starts_at: datetime
    minutes: int


class MyRoom(BaseModel):
    id: str
    title: str
    link: str
    """The address that other people can open."""
    team_id: str | None
    owner: PersonAnswer
    lobby: bool
    interpretation: bool
    most_people: int | None
    hosts: list[PersonAnswer]
    """Co-hosts."""
    created_at: datetime
    used_at: datetime | None
    live: LiveAnswer | None
    """Null while no call is held."""
    next_meeting: NextMeeting | None
    mine: bool
    may_manage: bool
    """You may change and delete it, name co-hosts and plan meetings."""
    most_slots: int | None
    """Speakers that the machine can keep free for a meeting in it; null where you plan none, or nobody measured it."""


class OpenedRoom(BaseModel):
    host_secret: str
    """Proves the host in the call, until they are one no more or have another password."""
    path: str
    """Of the page that joins it."""
    link: str


@router.get("")
async def my_rooms(request: Request, wish: Paged) -> Page[MyRoom]:
    """List the rooms that you own, host, or see by a team."""
    caller = await caller_of(request)
    found = await _rooms(request).of_person(caller.user_id, before=wish.before, limit=wish.fetch)
    coming = await accounts_of(request).planned.next_of([view.room.id for view in found])
    return page_of(found, wish, lambda view: write_room(view, request, coming.get(view.room.id)), place=_place)


@router.post("", status_code=201, responses=problems(TeamUnknown, TooManyRooms))
async def make_room(body: NewRoom, request: Request) -> MyRoom:
    """Make a room whose link stays good."""
    caller, parts = await caller_of(request), parts_of(request)
    wishes = RoomWishes(
        title=body.title,
        team_id=body.team_id,
        lobby=body.lobby,
        interpretation=body.interpretation,
        most_people=body.most_people,
    )
    view = await _rooms(request).make(parts.meetings.invitations.new_room_id(), wishes, actor=caller.actor)
    return await _written(view, request)


@router.get("/{room}", responses=_OF_ROOM)
async def see_room(room: RoomId, request: Request) -> MyRoom:
    """Show one room. By its owner, co-hosts, and members of its team."""
    caller = await caller_of(request)
    return await _written(await _rooms(request).see(room, caller.user_id), request)


@router.patch("/{room}", responses=_OF_MANAGER | problems(RoomNotFound, TeamUnknown))
async def change_room(room: RoomId, body: RoomChange, request: Request) -> MyRoom:
    """Change a room. By its owner and admins of its team."""
    caller = await caller_of(request)
    can_be_none = {"team_id", "most_people"}
    changes = {
        name: value
        for name, value in body.model_dump(exclude_unset=True).items()
        if value is not None or name in can_be_none
    }
    view = await _rooms(request).change(room, changes, actor=caller.actor)
    await _let_follow(request)
    return await _written(view, request)


@router.delete("/{room}", status_code=204, responses=_OF_MANAGER)
async def delete_room(room: RoomId, request: Request) -> None:
    """Delete a room and its calendar; a call in it ends. By its owner and admins of its team."""
    caller = await caller_of(request)
    await _rooms(request).delete(room, actor=caller.actor)
    await the_live_of(request).end(room)


@router.post("/{room}/open", responses=_OF_MANAGER | problems(CapacityExhausted, RoomError, LimitReached, NotAllowed))
async def open_room(room: RoomId, request: Request) -> OpenedRoom:
    """Open the call, or come to the one that goes on, as its host. By the owner and co-hosts."""
    caller, parts = await caller_of(request), parts_of(request)
    await _rooms(request).see(room, caller.user_id)
    host = await _rooms(request).host_name(room, caller.user_id)
    await parts.watch.recall(room)  # a call that goes on since before this process is not begun anew
    meeting = await the_live_of(request).open(room)
    if meeting.card is not None and host not in meeting.card.hosts.values():
        await _let_follow(request)  # a co-host, or a password, that is newer than the call
    path = f"/r/{room}"
    return OpenedRoom(
        host_secret=parts.meetings.invitations.host_secret_of(room, host),
        path=path,
        link=link_to(parts, request, path),
    )


@router.put("/{room}/hosts/{user}", responses=_OF_MANAGER | problems(RoomNotFound, PersonUnknown, TooManyHosts))
async def add_host(room: RoomId, user: UserId, request: Request) -> MyRoom:
    """Make somebody a co-host who is in a team with the owner. By the owner and admins of the team."""
    caller = await caller_of(request)
    view = await _rooms(request).add_host(room, user, actor=caller.actor)
    await _let_follow(request)
    return await _written(view, request)


@router.delete("/{room}/hosts/{user}", status_code=204, responses=_OF_MANAGER)
async def remove_host(room: RoomId, user: UserId, request: Request) -> None:
    """Take the hosting from somebody, in a call that goes on too. By the owner, admins of the team, and themselves."""
    caller = await caller_of(request)
    await _rooms(request).remove_host(room, user, actor=caller.actor)
    await _let_follow(request)


async def _written(view: RoomView, request: Request) -> MyRoom:
    coming = await accounts_of(request).planned.next_of([view.room.id])
    return write_room(view, request, coming.get(view.room.id))


def write_room(view: RoomView, request: Request, coming: Occurrence | None) -> MyRoom:
    parts, room = parts_of(request), view.room
    meeting = parts.meetings.find(room.id)
    return MyRoom(
        id=room.id,
        title=room.title,
        link=link_to(parts, request, f"/r/{room.id}"),
        team_id=room.team_id,
        owner=PersonAnswer(id=view.owner.id, name=view.owner.name),
        lobby=room.lobby,
        interpretation=room.interpretation,
        most_people=room.most_people,
        hosts=[PersonAnswer(id=host.id, name=host.name) for host in view.hosts],
        created_at=room.created_at,
        used_at=room.used_at,
        live=None if meeting is None else LiveAnswer(people=len(meeting.members(at_s=parts.clock()))),
        next_meeting=None if coming is None else _next_meeting(coming),
        mine=view.is_mine,
        may_manage=view.may_manage,
        most_slots=None if parts.machine is None or not view.may_manage else parts.machine.speakers_at_once,
    )


def _next_meeting(coming: Occurrence) -> NextMeeting:
    minutes = round((coming.ends_at - coming.starts_at).total_seconds() / 60)
    return NextMeeting(starts_at=coming.starts_at, minutes=minutes)


def _rooms(request: Request) -> LastingRooms:
    return accounts_of(request).rooms


async def _let_follow(request: Request) -> None:
    """Let a call that goes on know at once; where the store is away now, it knows a few seconds later."""
    with suppress(StoreError):
        await the_live_of(request).follow()


def _place(view: RoomView) -> Place:
    return view.room.created_at, view.room.id
