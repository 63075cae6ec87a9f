"""``/rooms/{room}/join`` and ``/rooms/{room}/participants``: come in, choose languages, be muted or put out."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from dragoman.ground.errors import DragomanError
from dragoman.ground.voices import VoiceWish
from dragoman.meetings.choices import Choices
from dragoman.meetings.errors import NotAllowed, ParticipantNotFound
from dragoman.meetings.invitations import new_identity
from dragoman.meetings.meeting import Meeting, Member
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
from dragoman.services.api.parts import ApiParts, bearer, count_against, parts_of

router = APIRouter(prefix="/rooms/{room}", tags=["participants"])


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


class Joined(BaseModel):
    room: str
    identity: str
    """Made here."""
    name: str
    """As the others see it: a second An is "An (2)"."""
    secret: str
    """Proves that changes and questions come from this participant; keep it for reloading the page."""
    token: str
    """Opens LiveKit's room; for ten minutes, joining only."""
    server_path: str
    """Where LiveKit's signalling is, below this origin."""
    choices: ChoicesAnswer


class Change(Body):
    """What is left out stays as it is."""

    speaks: LanguageText | None = None
    reads: LanguageText | None = None
    listens: LanguageText | None = None
    voice: VoiceText | None = None
    consent: bool | None = None


@router.post("/join", status_code=201)
async def join(room: RoomId, body: Joining, request: Request) -> Joined:
    """Come in, or come back: with the secret of before, the identity of before, locked or not.

    A secret that is nobody's is no secret: who has it comes in as somebody new, if anybody may.
    """
    parts = parts_of(request)
    count_against(parts, request)
    meeting = parts.meetings.get(room)
    menu = await parts.directions.menu()
    choices = menu.choose(
        speaks=body.speaks, reads=body.reads, listens=body.listens, consents=body.consent, voice=body.voice
    )
    now = parts.clock()
    known = parts.meetings.invitations.identify(room, bearer(request)) if bearer(request) else None
    identity = known or new_identity()
    name = _own_name(body.name, meeting, identity, at_s=now)
    member = Member(identity=identity, name=name, choices=choices, admitted_at_s=now)
    meeting.admit(member, came_back=known is not None)
    parts.watch.joined(meeting)
    return Joined(
        room=room,
        identity=identity,
        name=name,
        secret=parts.meetings.invitations.participant_secret(room, identity),
        token=parts.human_token(room=room, identity=identity, name=name, attributes=choices.attributes()),
        server_path="/",
        choices=write_choices(choices),
    )


@router.patch("/participants/{identity}")
async def change_choices(room: RoomId, identity: Identity, body: Change, request: Request) -> ChoicesAnswer:
    """Change languages or consent; by the participant alone. It takes effect in the call before this is answered."""
    parts = parts_of(request)
    member = _themselves(parts, room, identity, request)
    menu = await parts.directions.menu()
    sent = body.model_fields_set
    before = member.choices
    choices = menu.choose(
        speaks=body.speaks if "speaks" in sent else before.speaks,
        reads=body.reads if "reads" in sent else before.reads,
        listens=body.listens if "listens" in sent else before.listens or ORIGINAL,
        consents=before.consents if body.consent is None else body.consent,
        voice=body.voice or before.voice,
    )
    await _apply(parts, room, identity, before, choices)
    return write_choices(choices)


@router.post("/participants/{identity}/mute", status_code=204)
async def mute(room: RoomId, identity: Identity, request: Request) -> None:
    """Mute somebody's microphone; by the host. Only they can open it again."""
    parts = parts_of(request)
    parts.meetings.check_host(room, bearer(request)).member(identity)
    await parts.calls.mute(room, identity)


@router.delete("/participants/{identity}", status_code=204)
async def remove(room: RoomId, identity: Identity, request: Request) -> None:
    """Put somebody out; by the host. Their secret is worth nothing from now on."""
    parts = parts_of(request)
    parts.meetings.check_host(room, bearer(request)).remove(identity)
    await parts.calls.remove(room, identity)


def _themselves(parts: ApiParts, room: str, identity: str, request: Request) -> Member:
    member = parts.meetings.check_participant(room, bearer(request))
    if member.identity != identity:
        raise NotAllowed("everybody changes their own choices only")
    return member


async def _apply(parts: ApiParts, room: str, identity: str, before: Choices, choices: Choices) -> None:
    """Let the call know. Somebody between joining and connecting has a token of before, and is told by the watch."""
    meeting = parts.meetings.get(room)
    meeting.choose(identity, choices)
    try:
        await parts.calls.change_attributes(room, identity, choices.attributes())
    except ParticipantNotFound:
        parts.watch.look_again()
    except DragomanError:
        meeting.choose(identity, before)
        raise


def _own_name(name: str, meeting: Meeting, identity: str, *, at_s: float) -> str:
    """Tell two people of one name apart."""
    taken = {it.name.casefold() for it in meeting.members(at_s=at_s) if it.identity != identity}
    own, number = name, 2
    while own.casefold() in taken:
        own, number = f"{name} ({number})", number + 1
    return own
