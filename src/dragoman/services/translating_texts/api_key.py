"""Let LibreTranslate's clients in, which send their key as the field ``api_key``. Around the app of ``translation.py``.

The key is the service's token. A request that names one, and no ``Authorization``, is passed on as if it had; whether
the token is right is decided behind this door (``TokenCheck`` in ``web.py``).
"""

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dragoman.ground.errors import DragomanError
from dragoman.services.translating_texts.bodies import FORM_TYPE, JSON_TYPE, media_type, parse_fields, receive_body
from dragoman.services.translating_texts.problems import as_text_problem
from dragoman.wire.frames import JsonValue

_FIELD: Final = "api_key"


class ApiKeyDoor:
    """Turns the field ``api_key`` into the header that everybody else sends."""

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "authorization" in Headers(scope=scope):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        kind = media_type(request)
        if kind not in (JSON_TYPE, FORM_TYPE):
            await self._app(scope, receive, send)
            return
        try:
            body = await receive_body(request, max_bytes=self._max_bytes)
        except DragomanError as error:
            await as_text_problem(error)(scope, receive, send)
            return
        except ClientDisconnect:
            return
        key = _key_in(body, kind)
        if key:
            scope = {**scope, "headers": list(scope["headers"])}
            MutableHeaders(scope=scope)["authorization"] = f"Bearer {key}"
        await self._app(scope, _replayed(body, receive), send)


def _key_in(body: bytes, kind: str) -> str:
    """Give the key, empty if there is none that a header could carry."""
    try:
        fields: Mapping[str, JsonValue] = parse_fields(body, kind)
    except DragomanError:
        return ""  # The route behind says what is wrong with it, once somebody who may ask does.
    key = fields.get(_FIELD, "")
    return key if isinstance(key, str) and key.isascii() and key.isprintable() else ""


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Give the body again, and then what comes after it."""
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return first.pop() if first else await receive()

    return again
