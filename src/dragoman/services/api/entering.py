"""How somebody gets into a call: whose secret they carry, past which doors, and what they are given inside.

From participants.py and lobby.py; to ``meetings/meeting.py``.
"""

from contextlib import suppress
from dataclasses import dataclass, replace

from fastapi import Request
from pydantic import BaseModel

from dragoman.ground.errors import DragomanError
from dragoman.meetings.errors import ParticipantNotFound, RoomNotFound
from dragoman.meetings.invitations import new_identity
from dragoman.meetings.meeting import Meeting, Member
from dragoman.meetings.meetings import NO_ROOM
from dragoman.rooms.livekit_errors import RoomUnavailable
from dragoman.services.api.answers import ChoicesAnswer, write_choices
from dragoman.services.api.live_rooms import live_of
from dragoman.services.api.parts import ApiParts, bearer, parts_of


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """Where somebody stands who wants to come in."""

    meeting: Meeting
    identity: str
    passes: bool
    """Neither a lock nor a lobby holds them: they were in this call before, or host it."""


async def find_entrance(room: str, request: Request, *, again: bool = False) -> Entrance:
    """Find the call, and begin it where whoever comes first may. Raises as ``LiveRooms.enter`` and ``Watch.recall``.

    In a lasting room only who was let into this very call came back; elsewhere the room has one call. Who wants to be
    there ``again`` and was in another call, or in one that was empty too long, begins none: ``RoomNotFound``. Whom a
    host put out does not come in as somebody new, ``NotAllowed``, but to a lobby, where a host decides once more.
    """
    parts, live, secret = parts_of(request), live_of(request), bearer(request)
    known = parts.meetings.invitations.identify(room, secret) if secret else None
    await parts.watch.recall(room)
    meeting = parts.meetings.find(room)
    if meeting is not None and known is not None and meeting.knows(known):
        if live is not None:
            if again and live.has_paused(meeting):
                raise RoomNotFound(NO_ROOM)
            await live.resume(meeting)
        return Entrance(meeting=meeting, identity=known, passes=True)
    if meeting is not None and known is not None and not meeting.unsettled and not meeting.has_lobby:
        meeting.check_welcome(known)  # before they are told that their call is over
    if again and live is not None and live.would_know(room):
        raise RoomNotFound(NO_ROOM)
    meeting = parts.meetings.get(room) if live is None else await live.enter(room)
    if known is not None and meeting.card is None:
        return Entrance(meeting=meeting, identity=known, passes=True)
    if known is not None and not meeting.has_lobby:
        meeting.check_welcome(known)
    hosts = bool(secret) and parts.meetings.proves_host(meeting, secret)
    return Entrance(meeting=meeting, identity=new_identity(), passes=hosts)


def let_in(parts: ApiParts, meeting: Meeting, member: Member, *, passes: bool) -> Joined:
    """Give somebody a seat, and what opens the media server's door.

    Raises as ``Meeting.admit``, and ``RoomNotFound`` for a call that has ended meanwhile.
    """
    parts.meetings.check_goes_on(meeting)
    name = _own_name(member.name, meeting, member.identity, at_s=member.admitted_at_s)
    meeting.admit(replace(member, name=name), came_back=passes)
    parts.watch.joined(meeting)
    seated = meeting.member(member.identity)
    return Joined(
        room=meeting.id,
        identity=seated.identity,
        name=name,
        secret=parts.meetings.invitations.participant_secret(meeting.id, seated.identity),
        token=parts.human_token(room=meeting.id, identity=seated.identity, name=name, attributes=seated.attributes()),
        server_path="/",
        choices=write_choices(seated.choices),
    )


async def tell_call(parts: ApiParts, meeting: Meeting, before: Member, now: Member) -> None:
    """Let the call know what somebody chose or was granted; what it cannot be told of does not count.

    Consent that is withdrawn counts all the same: the watch tells it as soon as the media server answers, and until
    then this raises ``RoomUnavailable``, so that whoever withdrew knows. Somebody between joining and connecting has a
    token of before, and is told by the watch too.
    """
    meeting.replace_member(now)
    try:
        await parts.calls.change_attributes(meeting.id, now.identity, now.attributes())
    except ParticipantNotFound:
        parts.watch.look_again()
    except DragomanError as error:
        if meeting.knows(now.identity):
            current = meeting.member(now.identity)
            # What was changed meanwhile, and counted, stays: consent that was withdrawn does not come back with this.
            if (current.choices, current.standing) == (now.choices, now.standing):
                kept = replace(before.choices, consents=before.choices.consents and now.choices.consents)
                meeting.replace_member(replace(current, choices=kept, standing=before.standing))
        parts.watch.look_again()
        if now.choices.consents or not before.choices.consents:
            raise
        raise RoomUnavailable(
            "the call could not be told yet; consent stays withdrawn, and the call is told as soon as it answers"
        ) from error


async def tell_decided(parts: ApiParts, meeting: Meeting) -> None:
    """Let the media server keep what a host decided for all. Raises ``RoomUnavailable``: then the watch tells it."""
    await parts.watch.recall(meeting.id)  # what is not known here yet must not be written over
    with suppress(ParticipantNotFound):  # nobody is there yet: it is told with the room
        await parts.calls.tell_room(meeting.id, meeting.metadata())


def _own_name(name: str, meeting: Meeting, identity: str, *, at_s: float) -> str:
    """Tell two people of one name apart."""
    taken = {it.name.casefold() for it in meeting.members(at_s=at_s) if it.identity != identity}
    own, number = name, 2
    while own.casefold() in taken:
        own, number = f"{name} ({number})", number + 1
    return own
