"""``/rooms/{room}/glossary``: the terms of a room. The host sets them, everybody in the room may read them.

The interpreter waits for a change (inner.py), and has it within two and a half round trips.
"""

import asyncio
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field
from starlette.responses import Response

from dragoman.accounts.errors import LimitReached
from dragoman.accounts.granted import Granted
from dragoman.ground.errors import InputError
from dragoman.ground.facts import Facts, Reason
from dragoman.ground.glossary import MAX_TERMS, GlossaryInvalid, Term, TermBase, TermState, make_term, make_term_base
from dragoman.ground.languages import Language, parse_language
from dragoman.meetings.errors import GlossaryChanged, NotAllowed, RoomNotFound
from dragoman.meetings.meeting import Meeting
from dragoman.services.api.answers import Body, LanguageText, RoomId
from dragoman.services.api.openapi import BY_ROOM_SECRET, Schema, problems
from dragoman.services.api.parts import bearer, parts_of
from dragoman.translating.glossary.fields import Direction, facts_of_term
from dragoman.translating.glossary.files import FileFormat, read_glossary_file, write_glossary_file
from dragoman.wire.terms import write_term_base

router = APIRouter(
    prefix="/rooms/{room}/glossary",
    tags=["glossary"],
    dependencies=[BY_ROOM_SECRET],
    responses=problems(RoomNotFound, NotAllowed),
)

MAX_FIELD_CHARS = 2_000
"""Far more than a term may have, which has the better message."""

_MEDIA_TYPES = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.TSV: "text/tab-separated-values; charset=utf-8",
    FileFormat.TBX: "application/x-tbx+xml",
}
_FILE: Schema = {
    "description": "A CSV, TSV or TBX file; which of them is seen in it, whatever its `Content-Type` says.",
    "required": True,
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}


class TermBody(Body):
    source: Annotated[str, Field(max_length=MAX_FIELD_CHARS)]
    target: Annotated[str, Field(max_length=MAX_FIELD_CHARS)] = ""
    """Left out, or empty, of what is not translated."""
    source_language: LanguageText | None = None
    target_language: LanguageText | None = None
    state: Annotated[str, Field(max_length=40)] = TermState.FORCED.value
    match_case: bool = False


class GlossaryBody(Body):
    terms: Annotated[list[TermBody], Field(max_length=2 * MAX_TERMS)]
    version: Annotated[str, Field(max_length=64)] | None = None
    """Of the glossary that was changed: if the room has another by now, nothing is done. Left out, it is replaced."""


@router.get("")
async def see_glossary(room: RoomId, request: Request) -> Response:
    """Give all terms with their version. By anybody in the room."""
    return _answer(_readable(room, request).terms)


@router.put("", responses=problems(GlossaryChanged, LimitReached))
async def set_glossary(room: RoomId, body: GlossaryBody, request: Request) -> Response:
    """Replace all terms. By the host."""
    meeting = parts_of(request).meetings.check_host(room, bearer(request))
    granted = await _granted_to_owner(meeting, request)
    if body.version is not None and body.version != meeting.terms.version:
        raise GlossaryChanged("somebody else has changed the glossary meanwhile; load it again")
    terms = make_term_base(_read(number, term) for number, term in enumerate(body.terms, 1))
    _set_terms(meeting, terms, granted, request)
    return _answer(meeting.terms)


@router.post("/import", responses=problems(LimitReached), openapi_extra={"requestBody": _FILE})
async def import_glossary(
    room: RoomId,
    request: Request,
    source: Annotated[LanguageText | None, Query()] = None,
    target: Annotated[LanguageText | None, Query()] = None,
) -> Response:
    """Add the terms of a CSV, TSV or TBX file, which is the body. By the host. What is there already is not repeated.

    ``source`` and ``target`` are the languages of a file that names none.
    """
    meeting = parts_of(request).meetings.check_host(room, bearer(request))
    direction = _direction(source, target)
    imported = await asyncio.to_thread(read_glossary_file, await request.body(), direction=direction)
    granted = await _granted_to_owner(meeting, request)
    before = meeting.terms
    _set_terms(meeting, make_term_base((*before.terms, *imported.terms)), granted, request)
    return _answer(meeting.terms, added=len(meeting.terms.terms) - len(before.terms))


@router.get(
    "/export",
    response_class=Response,
    responses={200: {"description": "The file.", "content": {kind: {} for kind in _MEDIA_TYPES.values()}}},
)
async def export_glossary(
    room: RoomId, request: Request, file_format: Annotated[FileFormat, Query(alias="format")] = FileFormat.CSV
) -> Response:
    """Give the terms as a file. By anybody in the room."""
    content = write_glossary_file(_readable(room, request).terms, file_format)
    headers = {"Content-Disposition": f'attachment; filename="glossary.{file_format.value}"'}
    return Response(content, media_type=_MEDIA_TYPES[file_format], headers=headers)


async def _granted_to_owner(meeting: Meeting, request: Request) -> Granted | None:
    """Say what the plan of the room's owner allows; None where nobody's counts."""
    accounts = parts_of(request).accounts
    if accounts is None or meeting.owner_id is None:
        return None
    return await accounts.limits.granted(meeting.owner_id)


def _set_terms(meeting: Meeting, terms: TermBase, granted: Granted | None, request: Request) -> None:
    """Raises ``LimitReached``; taking terms away is always possible."""
    if granted is not None and len(terms.terms) > len(meeting.terms.terms):
        granted.check("vocabulary_terms", len(terms.terms))
    meeting.set_terms(terms)
    parts_of(request).glossary_bell.ring(meeting.id)


def _readable(room: str, request: Request) -> Meeting:
    """Raises ``NotAllowed`` for whoever is neither the host nor in the room."""
    meetings = parts_of(request).meetings
    meeting = meetings.get(room)
    if not meetings.is_host(room, bearer(request)):
        meetings.check_participant(room, bearer(request))
    return meeting


def _read(number: int, body: TermBody) -> Term:
    try:
        if body.state not in set(TermState):
            raise GlossaryInvalid(
                f"no state {body.state!r}; there are: {', '.join(TermState)}",
                facts=Facts(reason=Reason.STATE_UNKNOWN),
            )
        return make_term(
            source=body.source,
            target=body.target,
            source_language=_language(body.source_language),
            target_language=_language(body.target_language),
            state=TermState(body.state),
            match_case=body.match_case,
        )
    except InputError as error:
        facts = replace(facts_of_term(error), field=f"terms.{number - 1}")
        raise GlossaryInvalid(f"term {number}: {error}", facts=facts) from error


def _language(text: str | None) -> Language | None:
    return None if text is None else parse_language(text)


def _direction(source: str | None, target: str | None) -> Direction | None:
    if source is None or target is None:
        return None
    return Direction(source=parse_language(source), target=parse_language(target))


def _answer(base: TermBase, *, added: int | None = None) -> Response:
    written = write_term_base(base)
    return JSONResponse(written if added is None else {**written, "added": added})
