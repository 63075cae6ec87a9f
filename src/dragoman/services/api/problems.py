"""Errors as ``application/problem+json`` (RFC 9457) with the stable codes of our error tree. For all of the API.

What pages say in their own words stands in members of its own (problem_members.py), from the facts of the error.
"""

from collections.abc import Mapping
from http import HTTPStatus
from math import ceil

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dragoman.accounts.errors import (
    AccountError,
    AccountNotFound,
    AlreadyMember,
    AnswerNotKept,
    EmailTaken,
    Forbidden,
    JobNotParked,
    LastAdmin,
    LastOwner,
    NotSignedIn,
    OidcUnavailable,
    RequestUnderWay,
    TooMany,
)
from dragoman.ground.errors import (
    CapacityExhausted,
    DragomanError,
    EngineError,
    InputError,
    LicenceNotAccepted,
    ModelNotFound,
    PullUnderWay,
    RoomError,
    StoreError,
    StoreFull,
    TooManyRequests,
    UnknownLanguage,
    WireError,
)
from dragoman.ground.facts import NO_FACTS, Facts
from dragoman.meetings.errors import (
    ChoiceNotPossible,
    GlossaryChanged,
    LobbyFull,
    NotAllowed,
    ParticipantNotFound,
    PersonUnknown,
    RequestInvalid,
    RoomFull,
    RoomLocked,
    RoomNotFound,
    RoomNotOpen,
    ScheduleNotFound,
    SlotsTaken,
    TeamUnknown,
    TicketNotFound,
    TooManyHosts,
    TooManyMeetings,
    TooManyRooms,
)
from dragoman.services.api.field_faults import facts_of_field
from dragoman.services.api.problem_members import write_members

log = structlog.get_logger()

PROBLEM_TYPE = "application/problem+json"
RETRY_AFTER_S = 2.0
"""Where nobody knows better."""

_STATUSES: dict[type[DragomanError], int] = {
    NotSignedIn: 401,
    Forbidden: 403,
    AccountNotFound: 404,
    EmailTaken: 409,
    RequestUnderWay: 409,
    AnswerNotKept: 409,
    AlreadyMember: 409,
    LastOwner: 409,
    LastAdmin: 409,
    JobNotParked: 409,
    TooMany: 409,
    OidcUnavailable: 503,
    AccountError: 422,
    RoomNotFound: 404,
    ParticipantNotFound: 404,
    NotAllowed: 403,
    RoomFull: 409,
    RoomLocked: 409,
    RoomNotOpen: 409,
    LobbyFull: 409,
    TicketNotFound: 404,
    TeamUnknown: 404,
    PersonUnknown: 404,
    TooManyRooms: 409,
    TooManyHosts: 409,
    ScheduleNotFound: 404,
    TooManyMeetings: 409,
    SlotsTaken: 409,
    GlossaryChanged: 409,
    TooManyRequests: 429,
    UnknownLanguage: 422,
    ChoiceNotPossible: 422,
    RequestInvalid: 422,
    InputError: 422,
    WireError: 400,
    CapacityExhausted: 503,
    ModelNotFound: 404,
    PullUnderWay: 409,
    LicenceNotAccepted: 409,
    RoomError: 503,
    StoreFull: 507,
    StoreError: 503,
    EngineError: 503,
    DragomanError: 500,
}


def problem(
    status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, *, facts: Facts = NO_FACTS
) -> Response:
    """Write one problem. ``code`` is the stable word, ``detail`` a sentence that says what would work."""
    headers = dict(headers or {})
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": code}
    members = write_members(facts, retry_after=headers.get("Retry-After"))
    return JSONResponse(
        {**content, "detail": detail, **members}, status_code=status, media_type=PROBLEM_TYPE, headers=headers
    )


def status_of(kind: type[DragomanError]) -> int:
    """Give the status of an error's nearest ancestor in the tree."""
    return next(_STATUSES[it] for it in kind.__mro__ if it in _STATUSES)


def problem_of(error: DragomanError) -> Response:
    """Answer with the status of the error's nearest ancestor in the tree."""
    status = status_of(type(error))
    headers = {}
    if isinstance(error, TooManyRequests):
        headers["Retry-After"] = str(error.retry_after_s)
    elif status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    elif status == 503:
        known_s = error.retry_after_s if isinstance(error, CapacityExhausted) else None
        headers["Retry-After"] = str(ceil(known_s or RETRY_AFTER_S))
    return problem(status, error.code, str(error), headers, facts=error.facts)


def answer_with_problems(app: FastAPI) -> None:
    """Let every error of ``app`` be answered as a problem."""
    app.add_exception_handler(DragomanError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _defect)


async def _ours(_: Request, error: Exception) -> Response:
    if not isinstance(error, DragomanError):
        raise error
    return problem_of(error)


async def _invalid(_: Request, error: Exception) -> Response:
    """Name the first field that does not fit; what was sent is not repeated."""
    if not isinstance(error, RequestValidationError):
        raise error
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "body") or "body"
    facts = facts_of_field(place, first["type"], first.get("ctx", {}))
    return problem(422, RequestInvalid.code, f"{place[:80]}: {str(first['msg'])[:300]}", facts=facts)


async def _http(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_").replace("-", "_")
    return problem(error.status_code, code, str(error.detail), error.headers)


async def _defect(request: Request, error: Exception) -> Response:
    log.error("request_failed", method=request.method, kind=type(error).__name__)
    return problem(500, "internal_error", "something went wrong here; the server's log has the trace")
