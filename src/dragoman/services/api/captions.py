"""``/rooms/{room}/captions``: the last finals for who comes late or comes back. From memory, while the room lives."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from dragoman.ground.languages import parse_language
from dragoman.meetings.caption_message import write_caption
from dragoman.meetings.errors import NotAllowed, RoomNotFound
from dragoman.services.api.answers import LanguageText, RoomId
from dragoman.services.api.openapi import BY_ROOM_SECRET, problems
from dragoman.services.api.parts import bearer, parts_of
from dragoman.wire.frames import Header

router = APIRouter(
    prefix="/rooms/{room}/captions",
    tags=["captions"],
    dependencies=[BY_ROOM_SECRET],
    responses=problems(RoomNotFound, NotAllowed),
)

MOST_CAPTIONS = 500


@router.get("")
async def captions(
    room: RoomId,
    request: Request,
    language: Annotated[LanguageText | None, Query()] = None,
    after_seq: Annotated[int, Query(ge=0, lt=1 << 53)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST_CAPTIONS)] = 200,
) -> Response:
    """Give the next finals after ``after_seq``, in order.

    By anybody who is in the room. With ``language`` those that its readers see; what nobody had translated then comes
    in the speaker's own words, ``untranslated``.

    An ``epoch`` higher than that of the caption before says that an interpreter was replaced between the two: what
    was being said at that moment may be missing.
    """
    parts = parts_of(request)
    parts.meetings.check_participant(room, bearer(request))
    wanted = None if language is None else parse_language(language)
    memory = parts.meetings.get(room).finals
    if wanted is None:
        found = memory.after(after_seq, language=None, limit=limit)
    else:
        found = memory.readable(after_seq, language=wanted, at_s=parts.clock(), limit=limit)
    written: list[Header] = [{**write_caption(final.caption), "epoch": final.epoch} for final in found]
    return JSONResponse({"captions": written, "last_seq": memory.last_seq, "epoch": parts.watch.epoch(room)})
