"""``/internal``: what our own processes tell the API. Interpreters: leases and finals; the supervisor: who died.

All of it takes the token that ``dragoman up`` makes; its client is ``services/interpreter.py``.
"""

import hmac
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from starlette.responses import Response

from dragoman.ground.errors import WireError
from dragoman.meetings.caption_message import read_caption, read_unfinished, write_caption, write_unfinished
from dragoman.meetings.errors import NotAllowed, RoomNotFound
from dragoman.meetings.finals import Final, FinalsMemory
from dragoman.meetings.journal import AT_ONCE
from dragoman.meetings.ladder_view import Served
from dragoman.meetings.meeting import Meeting
from dragoman.meetings.warden import Lease
from dragoman.services.api.answers import Body, RoomId
from dragoman.services.api.live_rooms import live_of
from dragoman.services.api.parts import bearer, parts_of
from dragoman.wire.frames import JsonValue
from dragoman.wire.terms import read_term_base, write_term_base


async def _ours(request: Request) -> None:
    if not hmac.compare_digest(bearer(request).encode(), parts_of(request).inner_token.encode()):
        raise NotAllowed("this is for processes of this server")


router = APIRouter(prefix="/internal", dependencies=[Depends(_ours)], include_in_schema=False)


GLOSSARY_WAITS_S = 0.5
"""How long a question after a change is kept open; short, because a server that stops waits for its answers."""

FINALS_CHARS = 100_000
"""Of the finals in one answer: what writes them keeps everybody else waiting for a few milliseconds."""


class Renewal(Body):
    epoch: Annotated[int, Field(ge=0, lt=1 << 53)]
    worker: Annotated[str, Field(max_length=100)]
    load: Annotated[float, Field(ge=0, le=100)] = 0.0
    last_seq: Annotated[int, Field(ge=0, lt=1 << 53)] = 0
    level: Annotated[int, Field(ge=0, le=5)] = 0
    """Of the ladder, the worst in the room."""
    reason: Annotated[str, Field(max_length=48)] = ""
    microphones: Annotated[int, Field(ge=0, le=1000)] = 0


class Release(Renewal):
    failed: bool = False
    """The interpreter ended by an error."""


class RenewalAnswer(BaseModel):
    keep: bool
    """False: leave the room."""
    instance: str
    glossary: str
    """Version of the room's terms: another one is to be fetched, if the interpreter has not heard of it yet."""
    speakers: int | None
    """That may be interpreted at once; null for any number."""
    priority: int | None
    """Of what is asked of the engines, among work of one kind; null while it is not known."""


class GlossaryVersion(BaseModel):
    instance: str
    glossary: str


@router.put("/leases/{room}")
async def renew(room: RoomId, body: Renewal, request: Request) -> RenewalAnswer:
    parts = parts_of(request)
    keep = parts.watch.renew(_lease(room, body))
    meeting = parts.meetings.known_again(room, at_s=parts.clock()) if keep else None
    version = "" if meeting is None else meeting.terms.version
    live = live_of(request)
    speakers = None if live is None else live.speakers_for(room)
    priority = None if meeting is None else meeting.priority
    return RenewalAnswer(keep=keep, instance=parts.instance, glossary=version, speakers=speakers, priority=priority)


@router.post("/leases/{room}/release", status_code=204)
async def release(room: RoomId, body: Release, request: Request) -> None:
    parts_of(request).watch.release(_lease(room, body), failed=body.failed)


@router.post("/rooms/{room}/finals")
async def take_finals(room: RoomId, request: Request, epoch: Annotated[int, Query(ge=0)]) -> Response:
    """Take finals; what is there already is not taken twice. An interpreter that was replaced is refused."""
    finals = _finals_of(room, request, epoch)
    for caption in [read_caption(item) for item in await _list_of(request)]:
        if caption.final and caption.seq:
            finals.add(Final(caption=caption, epoch=epoch, kept_at_s=parts_of(request).clock()))
    return JSONResponse({"instance": parts_of(request).instance})


@router.get("/rooms/{room}/finals")
async def finals_before(
    room: RoomId,
    request: Request,
    epoch: Annotated[int, Query(ge=0)],
    before: Annotated[int, Query(ge=0, lt=1 << 53)],
) -> Response:
    """Give the last finals with a lower number than ``before``, for an interpreter to keep what was said before it."""
    found = _finals_of(room, request, epoch).before(before, limit=AT_ONCE, most_chars=FINALS_CHARS)
    return JSONResponse({"finals": [write_caption(it.caption) for it in found]})


@router.post("/rooms/{room}/unfinished", status_code=204)
async def take_unfinished(room: RoomId, request: Request, epoch: Annotated[int, Query(ge=0)]) -> None:
    """Remember what the interpreter is at, for the one that takes over."""
    finals = _finals_of(room, request, epoch)
    for unfinished in [read_unfinished(item) for item in await _list_of(request)]:
        finals.unfinished.keep(unfinished)


@router.get("/rooms/{room}/unfinished")
async def unfinished(room: RoomId, request: Request, epoch: Annotated[int, Query(ge=0)]) -> Response:
    """Tell an interpreter that takes over where the one before it stood."""
    meeting = _meeting_of(room, request, epoch)
    left: list[JsonValue] = [write_unfinished(it) for it in meeting.unfinished()]
    return JSONResponse({"unfinished": left, "last_seq": meeting.finals.last_seq, "priority": meeting.priority})


@router.get("/rooms/{room}/glossary")
async def glossary(room: RoomId, request: Request, epoch: Annotated[int, Query(ge=0)]) -> Response:
    """Give an interpreter the terms of its room."""
    return JSONResponse(write_term_base(_meeting_of(room, request, epoch).terms))


@router.get("/rooms/{room}/glossary/version")
async def glossary_version(
    room: RoomId,
    request: Request,
    epoch: Annotated[int, Query(ge=0)],
    known: Annotated[str, Query(max_length=64)],
) -> GlossaryVersion:
    """Tell an interpreter that has version ``known`` as soon as there is another one; after a while, what there is."""
    parts = parts_of(request)
    if _meeting_of(room, request, epoch).terms.version == known:
        await parts.glossary_bell.wait(room, within_s=GLOSSARY_WAITS_S)
    return GlossaryVersion(instance=parts.instance, glossary=_meeting_of(room, request, epoch).terms.version)


@router.put("/rooms/{room}/glossary", status_code=204)
async def recall_glossary(room: RoomId, request: Request, epoch: Annotated[int, Query(ge=0)]) -> None:
    """Take back from an interpreter the terms that this API forgot when it was replaced."""
    meeting = _meeting_of(room, request, epoch)
    meeting.recall_terms(read_term_base(await _json_of(request)))


def _finals_of(room: str, request: Request, epoch: int) -> FinalsMemory:
    """See ``_meeting_of``."""
    return _meeting_of(room, request, epoch).finals


def _meeting_of(room: str, request: Request, epoch: int) -> Meeting:
    """Raises ``RoomNotFound``, and ``NotAllowed`` for an interpreter that was replaced."""
    parts = parts_of(request)
    meeting = parts.meetings.known_again(room, at_s=parts.clock())
    if meeting is None:
        raise RoomNotFound("the room is over")
    if epoch < parts.watch.epoch(room):
        raise NotAllowed("another interpreter has the room now; leave it")
    return meeting


async def _list_of(request: Request) -> list[JsonValue]:
    body = await _json_of(request)
    if not isinstance(body, list):
        raise WireError("a delivery is a list")
    return body


async def _json_of(request: Request) -> JsonValue:
    try:
        body: JsonValue = await request.json()
    except (ValueError, RecursionError) as error:
        raise WireError("the body is not JSON") from error
    return body


@router.put("/workers/{worker}", status_code=204)
async def worker_ready(worker: str, request: Request, for_s: Annotated[float, Query(ge=0)] = 0.0) -> None:
    """An interpreter process registered with the media server ``for_s`` seconds ago."""
    parts_of(request).watch.worker_ready(for_s=for_s)


@router.delete("/workers/{worker}", status_code=204)
async def worker_died(worker: str, request: Request) -> None:
    """The supervisor saw an interpreter process end."""
    parts_of(request).watch.worker_died(worker)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    found = parts_of(request).metrics
    return Response(b"" if found is None else generate_latest(found.registry), media_type=CONTENT_TYPE_LATEST)


def _lease(room: str, body: Renewal) -> Lease:
    return Lease(
        room=room,
        epoch=body.epoch,
        worker=body.worker,
        load=body.load,
        last_seq=body.last_seq,
        served=Served(level=body.level, reason=body.reason),
        microphones=body.microphones,
    )
