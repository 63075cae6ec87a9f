"""Refusals of uploads as ``application/problem+json`` (RFC 9457), or as OpenAI's clients know them. For the routes.

The statuses are those of every service (``web.py``); added are what only uploads meet.
"""

import math
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from dragoman.ground.errors import CapacityExhausted, DragomanError, InputError
from dragoman.services.web import RETRY_AFTER_S, status_of

PROBLEM_TYPE: Final = "application/problem+json"

Route = Callable[[Request], Awaitable[Response]]
Refusal = Callable[[DragomanError], Response]


class MediaTypeUnknown(InputError):
    """The body is not of a type, or not a recording of a kind, that is read here."""

    code = "media_type_unknown"


class FieldInvalid(InputError):
    """A field of the form has a value that cannot be used."""

    code = "field_invalid"


def status_for(error: DragomanError) -> int:
    return 415 if isinstance(error, MediaTypeUnknown) else status_of(error)


def as_problem(error: DragomanError) -> Response:
    """Write a problem: the stable ``code``, and in ``detail`` what would work."""
    status = status_for(error)
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "code": error.code}
    return JSONResponse(
        {**content, "detail": str(error)}, status_code=status, media_type=PROBLEM_TYPE, headers=_headers(error, status)
    )


def as_openai_error(error: DragomanError) -> Response:
    """Write the object that OpenAI's clients show to their users."""
    status = status_for(error)
    kind = "invalid_request_error" if status < 500 else "server_error"
    content = {"message": str(error), "type": kind, "param": None, "code": error.code}
    return JSONResponse({"error": content}, status_code=status, headers=_headers(error, status))


def answering(route: Route, refusal: Refusal) -> Route:
    """Answer our errors inside ``route`` by ``refusal``; whoever has left gets no answer."""

    async def answered(request: Request) -> Response:
        try:
            return await route(request)
        except DragomanError as error:
            return refusal(error)
        except ClientDisconnect:
            return Response(status_code=HTTPStatus.BAD_REQUEST)

    return answered


def _headers(error: DragomanError, status: int) -> dict[str, str]:
    if status != HTTPStatus.SERVICE_UNAVAILABLE:
        return {}
    known_s = error.retry_after_s if isinstance(error, CapacityExhausted) else None
    return {"Retry-After": str(math.ceil(known_s or RETRY_AFTER_S))}
