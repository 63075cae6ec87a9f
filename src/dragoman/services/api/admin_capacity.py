"""``/admin/capacity``: what the machine carries, and how well the calls on it are served. For admins of the server."""

from datetime import timedelta

from fastapi import APIRouter, Request
from pydantic import BaseModel

from dragoman.accounts.errors import Forbidden
from dragoman.ground.engines import EngineInfo
from dragoman.services.api.account_answers import Time
from dragoman.services.api.callers import accounts_of, admin_of
from dragoman.services.api.openapi import SIGNED_IN, problems
from dragoman.services.api.parts import ApiParts, parts_of

router = APIRouter(prefix="/admin/capacity", tags=["admin"], dependencies=[SIGNED_IN])


class SpeakersAnswer(BaseModel):
    now: int
    """Microphones that are open and interpreted."""
    most: int | None
    """That the machine was measured to carry; null where nobody measured it."""


class LadderAnswer(BaseModel):
    """A room that is served with less than everything."""

    room: str
    level: int
    """1 to 5, the worst in the room."""
    reason: str
    """Stable word, such as ``translation_gone``."""
    since: Time


class EngineAnswer(BaseModel):
    name: str
    model: str
    """Id or folder; empty for an engine that brings its own."""
    kind: str
    languages: list[str]
    """Recognised or spoken."""
    pairs: int
    """Pairs of languages it translates."""
    licence: str


class CapacityAnswer(BaseModel):
    cores: int | None
    speakers: SpeakersAnswer
    rooms: int
    """In which somebody is."""
    people: int
    ladder: list[LadderAnswer]
    engines: list[EngineAnswer]


@router.get("", responses=problems(Forbidden))
async def see_capacity(request: Request) -> CapacityAnswer:
    """Say what the machine carries, what it carries now, and which rooms get less than everything."""
    await admin_of(request)
    parts = parts_of(request)
    machine = parts.machine
    people = [len(meeting.members(at_s=parts.clock())) for meeting in parts.meetings.all()]
    return CapacityAnswer(
        cores=None if machine is None else machine.cores,
        speakers=SpeakersAnswer(now=parts.watch.speakers(), most=None if machine is None else machine.speakers_at_once),
        rooms=sum(count > 0 for count in people),
        people=sum(people),
        ladder=_write_ladder(parts, request),
        engines=[] if machine is None else [_write_engine(info) for info in machine.engines()],
    )


def _write_ladder(parts: ApiParts, request: Request) -> list[LadderAnswer]:
    """Turn the seconds of our clock, which only grows, into times that people read; who waits longest comes first."""
    now, now_s = accounts_of(request).clock(), parts.clock()
    return [
        LadderAnswer(
            room=it.room,
            level=it.served.level,
            reason=it.served.reason,
            since=now - timedelta(seconds=max(0.0, now_s - it.since_s)),
        )
        for it in sorted(parts.watch.below(), key=lambda it: it.since_s)
    ]


def _write_engine(info: EngineInfo) -> EngineAnswer:
    return EngineAnswer(
        name=info.name,
        model=info.model,
        kind=info.kind.value,
        languages=sorted(info.languages),
        pairs=len(info.pairs),
        licence=info.licence,
    )
