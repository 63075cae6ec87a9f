"""Refusals of texts as ``application/problem+json`` (RFC 9457), with the ``error`` that LibreTranslate's clients show.

For the routes in ``texts_http.py``. Statuses are those of every service (``web.py``); added are what only texts meet.
"""

from http import HTTPStatus
from typing import Final

from starlette.responses import JSONResponse, Response

from dragoman.ground.errors import DragomanError, InputError
from dragoman.services.transcribing.problems import PROBLEM_TYPE, status_for
from dragoman.services.web import RETRY_AFTER_S


class TextTooLong(InputError):
    """More text than the service takes in one request."""

    code = "text_too_long"


class LanguageUndetected(InputError):
    """Nothing in the text says which language it is in."""

    code = "language_undetected"


_TOO_LARGE: Final = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def text_status(error: DragomanError) -> int:
    return _TOO_LARGE.value if isinstance(error, TextTooLong) else status_for(error)


def as_text_problem(error: DragomanError) -> Response:
    """Write a problem: the stable ``code``, and in ``detail`` and ``error`` what would work."""
    status = text_status(error)
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": error.code,
        "detail": str(error),
        "error": str(error),
    }
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return JSONResponse(content, status_code=status, media_type=PROBLEM_TYPE, headers=headers)
