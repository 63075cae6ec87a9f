"""``/rooms/{room}/practice-speaker``: somebody to listen to for who is alone."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from dragoman.ground.errors import EngineUnavailable, TooManyRequests
from dragoman.ground.languages import Language
from dragoman.meetings.errors import NotAllowed, RoomFull, RoomFullByPlan, RoomNotFound
from dragoman.services.api.answers import Body, LanguageText, RoomId
from dragoman.services.api.openapi import BY_ROOM_SECRET, problems
from dragoman.services.api.parts import bearer, count_against, parts_of

router = APIRouter(
    prefix="/rooms/{room}/practice-speaker",
    tags=["practice"],
    dependencies=[BY_ROOM_SECRET],
    responses=problems(RoomNotFound, NotAllowed, RoomFull, RoomFullByPlan, TooManyRequests, EngineUnavailable),
)


class Practice(Body):
    speaks: LanguageText = "en"


class PracticeAnswer(BaseModel):
    speaks: str


@router.post("", status_code=202)
async def add_practice_speaker(room: RoomId, body: Practice, request: Request) -> PracticeAnswer:
    """Let a recording speak in the room, locked or not, if there is a place. By anybody who is in it."""
    parts = parts_of(request)
    count_against(parts, request)
    parts.meetings.check_participant(room, bearer(request))
    parts.meetings.get(room).check_place(at_s=parts.clock())
    if parts.practise is None:
        raise EngineUnavailable("this server has no practice speaker; start it with: dragoman up")
    menu = await parts.directions.menu()
    language = menu.choose(speaks=body.speaks, reads=None, listens=None, consents=True).speaks or Language("en")
    await parts.practise(room, language)
    return PracticeAnswer(speaks=language)
