"""What the engine services share: frames over HTTP, limits, deadlines, errors as statuses, and the token.

The apps are in ``speech_to_text.py``, ``translation.py`` and ``text_to_speech.py``; their clients are the ``remote.py``
of each kind of engine. How a service says that it is well is in ``health.py``.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dragoman import __version__
from dragoman.ground.engines import Engine
from dragoman.ground.errors import (
    AudioTooLong,
    CapacityExhausted,
    DragomanError,
    EngineError,
    EngineTimeout,
    EngineUnavailable,
    InputError,
    LanguageNotSupported,
    ModelError,
    SpeedOutOfRange,
    TextNotReadable,
    VoiceNotFound,
    WireError,
)
from dragoman.observe.metrics import Metrics
from dragoman.services.health import OPEN_PATHS, health_routes
from dragoman.services.room_priority import RoomPriority
from dragoman.wire.frames import Header, JsonValue, pack_frame, unpack_frame
from dragoman.wire.messages import write_error, write_infos
from dragoman.wire.requests import DEADLINE_HEADER

T = TypeVar("T")
E = TypeVar("E", bound=Engine)

FRAME_TYPE = "application/vnd.dragoman.frame"

MAX_BODY_BYTES = 64 << 20
RECEIVE_WITHIN_S = 60.0
"""From the first byte of a body to its last."""
MAX_DEADLINE_S = 600.0
"""Longest deadline, and that of a request without the header."""

RETRY_AFTER_S = 5


class ResultGone(InputError):
    """There is no such request, or what came of it is not kept any more."""

    code = "result_gone"


_STATUSES: dict[type[DragomanError], int] = {
    ResultGone: 404,
    WireError: 400,
    AudioTooLong: 413,
    InputError: 422,
    LanguageNotSupported: 422,
    VoiceNotFound: 422,
    SpeedOutOfRange: 422,
    TextNotReadable: 422,
    CapacityExhausted: 503,
    EngineUnavailable: 503,
    ModelError: 503,
    EngineTimeout: 504,
    EngineError: 502,
    DragomanError: 500,
}


def service_app(
    *,
    name: str,
    engines: Sequence[Engine],
    routes: Sequence[BaseRoute],
    token: str | None,
    is_ready: Callable[[], bool],
    metrics: Metrics | None,
    costs: Mapping[str, float] | None = None,
    also: Mapping[str, JsonValue] | None = None,
) -> Starlette:
    """Make a service of ``routes`` and what every service has: ``/``, ``/info``, ``/health`` and ``/metrics``.

    ``also`` is what ``/health`` says of this service alone.
    """

    def about(_: Request) -> Response:
        return JSONResponse({"name": name, "version": __version__, "endpoints": endpoints})

    def info(_: Request) -> Response:
        return JSONResponse(write_infos(engine.info for engine in engines))

    everything = [
        Route("/", about),
        Route("/info", info),
        *health_routes(engines, is_ready=is_ready, metrics=metrics, costs=costs, also=also),
        *routes,
    ]
    endpoints = [path for route in everything if (path := getattr(route, "path", None))]
    checks = [] if token is None else [Middleware(TokenCheck, token=token)]
    middleware = [*checks, Middleware(RoomPriority, believes=token is not None)]
    return Starlette(routes=everything, middleware=middleware, exception_handlers={DragomanError: _answer_error})


class TokenCheck:
    """Lets requests pass that carry ``Authorization: Bearer <token>``; answers 401 to the others."""

    def __init__(self, app: ASGIApp, *, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or scope["path"] in OPEN_PATHS or self._is_right(Headers(scope=scope)):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            # Closing before accepting is how ASGI refuses a handshake; servers answer 403.
            await send({"type": "websocket.close", "code": 1008})
        else:
            refusal = Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
            await refusal(scope, receive, send)

    def _is_right(self, headers: Headers) -> bool:
        given = headers.get("authorization", "")
        return secrets.compare_digest(given.encode("latin-1"), self._expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """Until when an answer is of use."""

    duration_s: float
    """What was given when it was set."""
    ends_at_s: float
    """Loop time."""
    loop: asyncio.AbstractEventLoop

    def left_s(self) -> float:
        """Say how many seconds are left, at least 0. Safe in engine threads."""
        return max(0.0, self.ends_at_s - self.loop.time())


def deadline_of(request: Request) -> Deadline:
    """Read the request's deadline. Raises ``WireError`` for one that is not a whole number from 1."""
    text = request.headers.get(DEADLINE_HEADER)
    duration_s = MAX_DEADLINE_S
    if text is not None:
        if not (text.isascii() and text.isdigit() and len(text) < 12 and int(text) > 0):
            raise WireError(f"{DEADLINE_HEADER} is a whole number of milliseconds from 1, not {text[:40]!r}")
        duration_s = min(MAX_DEADLINE_S, int(text) / 1000)
    loop = asyncio.get_running_loop()
    return Deadline(duration_s=duration_s, ends_at_s=loop.time() + duration_s, loop=loop)


async def within(limit_s: float, work: Awaitable[T]) -> T:
    """Wait for ``work``; raises ``EngineTimeout`` after ``limit_s`` seconds."""
    try:
        async with asyncio.timeout(limit_s):
            return await work
    except TimeoutError as error:
        raise EngineTimeout(f"no answer within {limit_s:.1f} s; give it longer, or another engine") from error


async def receive_body(request: Request, *, max_bytes: int, too_much: DragomanError) -> bytes:
    """Receive a body whole.

    Raises ``too_much`` as soon as ``max_bytes`` are passed, and ``EngineTimeout`` for what does not arrive in time.
    """
    body = bytearray()
    try:
        async with asyncio.timeout(RECEIVE_WITHIN_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > max_bytes:
                    raise too_much
    except TimeoutError as error:
        raise EngineTimeout(f"the request did not arrive within {RECEIVE_WITHIN_S:.0f} s; send less") from error
    return bytes(body)


async def read_request(request: Request) -> tuple[Header, bytes]:
    """Read the frame in a request's body. Raises ``WireError``, and as ``receive_body`` does: ``AudioTooLong``."""
    too_much = AudioTooLong(f"a request has at most {MAX_BODY_BYTES >> 20} MiB; send the audio in pieces")
    return unpack_frame(await receive_body(request, max_bytes=MAX_BODY_BYTES, too_much=too_much))


def frame_response(header: Header, payload: bytes = b"") -> Response:
    return Response(pack_frame(header, payload), media_type=FRAME_TYPE)


def choose_engine(engines: Sequence[E], label: str) -> E:
    """Find the engine with this label; an empty one means the first. Raises ``EngineUnavailable``."""
    for engine in engines:
        if label in ("", engine.info.label):
            return engine
    known = ", ".join(engine.info.label for engine in engines) or "none"
    raise EngineUnavailable(f"no engine {label[:80]!r} here; there are: {known}")


def status_of(error: DragomanError) -> int:
    """Give the HTTP status of an error: the one of its nearest ancestor in the tree."""
    return next(_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES)


async def _answer_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, DragomanError):
        raise error
    status = status_of(error)
    headers = {"Retry-After": str(RETRY_AFTER_S)} if status == 503 else None
    return Response(pack_frame(write_error(error)), status_code=status, media_type=FRAME_TYPE, headers=headers)
