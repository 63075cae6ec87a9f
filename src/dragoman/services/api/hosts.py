"""What a host grants somebody in the call: to host beside them, and to be transcribed. From app.py."""

from collections.abc import Callable
from dataclasses import replace

from fastapi import APIRouter, Request

from dragoman.ground.errors import RoomError
from dragoman.meetings.errors import NotAllowed, ParticipantNotFound, RoomNotFound
from dragoman.meetings.standing import Standing
from dragoman.services.api.answers import Body, Identity, RoomId
from dragoman.services.api.entering import tell_call
from dragoman.services.api.openapi import BY_ROOM_SECRET, problems
from dragoman.services.api.parts import bearer, parts_of

router = APIRouter(
    prefix="/rooms/{room}/participants/{identity}",
    tags=["hosts"],
    dependencies=[BY_ROOM_SECRET],
    responses=problems(RoomNotFound, ParticipantNotFound, NotAllowed, RoomError),
)


class Transcribing(Body):
    allowed: bool


@router.patch("/transcribed", status_code=204)
async def let_transcribe(room: RoomId, identity: Identity, body: Transcribing, request: Request) -> None:
    """Say whether somebody may be transcribed. By the host.

    Who may not is heard by no engine from now on, whatever they consent to; the others hear their own voice.
    """
    await _grant(room, identity, request, lambda standing: replace(standing, transcribed=body.allowed))


@router.post("/cohost", status_code=204)
async def promote(room: RoomId, identity: Identity, request: Request) -> None:
    """Let somebody host the call too, with their own secret, until it ends. By the host."""
    await _grant(room, identity, request, lambda standing: replace(standing, cohost=True))


@router.delete("/cohost", status_code=204)
async def demote(room: RoomId, identity: Identity, request: Request) -> None:
    """Take it back. By the host."""
    await _grant(room, identity, request, lambda standing: replace(standing, cohost=False))


async def _grant(room: str, identity: str, request: Request, change: Callable[[Standing], Standing]) -> None:
    parts = parts_of(request)
    meeting = parts.meetings.check_host(room, bearer(request))
    member = meeting.member(identity)
    await tell_call(parts, meeting, member, replace(member, standing=change(member.standing)))
