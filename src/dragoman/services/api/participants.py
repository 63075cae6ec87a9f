"""``/rooms/{room}/join`` and ``/rooms/{room}/participants``: come in, choose languages, be muted or put out."""

from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.responses import Response

from dragoman.accounts.errors import LimitReached
from dragoman.ground.errors import CapacityExhausted, RoomError, TooManyRequests, UnknownLanguage
from dragoman.ground.voices import VoiceWish
from dragoman.meetings.errors import (
    ChoiceNotPossible,
    LobbyFull,
    NotAllowed,
    ParticipantNotFound,
    RoomFull,
    RoomFullByPlan,
    RoomLocked,
    RoomNotFound,
    RoomNotOpen,
)
from dragoman.meetings.lobby_tickets import Waiter
from dragoman.meetings.meeting import Member
from dragoman.rooms.livekit_participants import ORIGINAL
from dragoman.services.api.answers import (
    Body,
    ChoicesAnswer,
    Identity,
    LanguageText,
    Name,
    RoomId,
    VoiceText,
    write_choices,
)
from dragoman.services.api.callers import accounts_of
from dragoman.services.api.entering import Joined, find_entrance, let_in, tell_call, tell_decided
from dragoman.services.api.live_rooms import the_live_of
from dragoman.services.api.openapi import BY_ROOM_SECRET, problems
from dragoman.services.api.parts import ApiParts, bearer, count_against, parts_of

router = APIRouter(prefix="/rooms/{room}", tags=["participants"])

_BY_HOST = problems(RoomNotFound, ParticipantNotFound, NotAllowed, RoomError)


class Joining(Body):
    name: Name
    speaks: LanguageText | None
    """None for who only listens."""
    reads: LanguageText | None
    """None for no captions."""
    listens: LanguageText | None
    """None or ``original`` for no dub."""
    voice: VoiceText = VoiceWish.NATURAL
    """Of the dubs: ``natural``, ``fast`` or ``own``, as the room offers them."""
    consent: bool
    """Agrees to be interpreted."""
    again: bool = False
    """Back into the call that the secret was good for, and into no other: for a page that comes back by itself."""


class Waits(BaseModel):
    """A host lets people in by hand: ask ``/rooms/{room}/lobby/{ticket}`` every few seconds."""

    ticket: str
    position: int
    """1 for who is next."""


class Change(Body):
    """What is left out stays as it is."""

    speaks: LanguageText | None = None
    reads: LanguageText | None = None
    listens: LanguageText | None = None
    voice: VoiceText | None = None
    consent: bool | None = None


@router.post(
    "/join",
    status_code=201,
    response_model=Joined,
    responses=problems(
        RoomNotFound,
        NotAllowed,
        RoomFull,
        RoomFullByPlan,
        RoomLocked,
        RoomNotOpen,
        LobbyFull,
        UnknownLanguage,
        ChoiceNotPossible,
        TooManyRequests,
        LimitReached,
        CapacityExhausted,
        RoomError,
    )
    | {202: {"model": Waits, "description": "The room has a lobby: wait to be let in."}},
)
async def join(room: RoomId, body: Joining, request: Request) -> Joined | Response:
    """Come in, or come back.

    With the secret of before it is the identity of before, locked or not. A host who sends the host secret passes too.
    A lasting room has one call after the other: with ``again`` a secret of an earlier one is answered 404.

    A secret that is nobody's is no secret: who has it comes in as somebody new, if anybody may.
    """
    parts = parts_of(request)
    count_against(parts, request)
    menu = await parts.directions.menu()
    entrance = await find_entrance(room, request, again=body.again)
    choices = menu.choose(
        speaks=body.speaks, reads=body.reads, listens=body.listens, consents=body.consent, voice=body.voice
    )
    now, meeting = parts.clock(), entrance.meeting
    if meeting.has_lobby and not entrance.passes:
        parts.meetings.check_goes_on(meeting)
        meeting.check_door()
        identity, name = entrance.identity, body.name
        waiter = Waiter(identity=identity, name=name, choices=choices, since=accounts_of(request).clock())
        ticket = the_live_of(request).tickets.seal(room, waiter)
        waiting = meeting.lobby.enter(identity=identity, name=name, choices=choices, at_s=now, ticket=ticket)
        waits = Waits(ticket=waiting.ticket, position=meeting.lobby.position(waiting.ticket, at_s=now))
        return JSONResponse(waits.model_dump(), status_code=202)
    member = Member(identity=entrance.identity, name=body.name, choices=choices, admitted_at_s=now)
    return let_in(parts, meeting, member, passes=entrance.passes)


@router.patch(
    "/participants/{identity}",
    dependencies=[BY_ROOM_SECRET],
    responses=problems(RoomNotFound, NotAllowed, UnknownLanguage, ChoiceNotPossible, RoomError),
)
async def change_choices(room: RoomId, identity: Identity, body: Change, request: Request) -> ChoicesAnswer:
    """Change languages or consent. By the participant alone; it takes effect in the call before this is answered.

    Consent that is withdrawn stays withdrawn also where the answer is that the call could not be told yet (503): then
    the call is told as soon as the media server answers. Ask again to know when it was.
    """
    parts = parts_of(request)
    member = _themselves(parts, room, identity, request)
    sent = body.model_fields_set
    if sent <= {"consent"}:
        # Whether the languages still work does not matter to it, and it waits for nobody who finds out.
        choices = replace(member.choices, consents=_consent(body, member))
    else:
        menu = await parts.directions.menu()
        member = _themselves(parts, room, identity, request)  # what was changed meanwhile, consent too, stays so
        before = member.choices
        choices = menu.choose(
            speaks=body.speaks if "speaks" in sent else before.speaks,
            reads=body.reads if "reads" in sent else before.reads,
            listens=body.listens if "listens" in sent else before.listens or ORIGINAL,
            consents=_consent(body, member),
            voice=body.voice or before.voice,
        )
    await tell_call(parts, parts.meetings.get(room), member, replace(member, choices=choices))
    return write_choices(choices)


@router.post("/participants/{identity}/mute", status_code=204, dependencies=[BY_ROOM_SECRET], responses=_BY_HOST)
async def mute(room: RoomId, identity: Identity, request: Request) -> None:
    """Mute somebody's microphone. By the host; only they can open it again."""
    parts = parts_of(request)
    parts.meetings.check_host(room, bearer(request)).member(identity)
    await parts.calls.mute(room, identity)


@router.delete("/participants/{identity}", status_code=204, dependencies=[BY_ROOM_SECRET], responses=_BY_HOST)
async def remove(room: RoomId, identity: Identity, request: Request) -> None:
    """Put somebody out. By the host; their secret is worth nothing from now on."""
    parts = parts_of(request)
    meeting = parts.meetings.check_host(room, bearer(request))
    meeting.remove(identity)
    await parts.calls.remove(room, identity)
    await tell_decided(parts, meeting)


def _themselves(parts: ApiParts, room: str, identity: str, request: Request) -> Member:
    member = parts.meetings.check_participant(room, bearer(request))
    if member.identity != identity:
        raise NotAllowed("everybody changes their own choices only")
    return member


def _consent(change: Change, member: Member) -> bool:
    return member.choices.consents if change.consent is None else change.consent
