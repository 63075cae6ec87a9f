"""Run one engine service: it answers at once that it lives, loads and warms its engines, and then says it is ready.

For ``dragoman serve``; the apps are in speech_to_text.py, translation.py and text_to_speech.py.
"""

import asyncio
import socket
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeVar

import structlog
import uvicorn
from prometheus_client import ProcessCollector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dragoman.ground.engines import Engine, EngineChoice, EngineKind
from dragoman.ground.errors import DragomanError, EngineError, EngineUnavailable, SettingsInvalid
from dragoman.ground.events import Observers
from dragoman.observe.log import LogObserver
from dragoman.observe.metrics import Metrics, MetricsObserver
from dragoman.services.assembly import EngineWishes, Parts, assemble, open_engines
from dragoman.services.calibration import measure_service, measure_voices
from dragoman.services.leash import die_with
from dragoman.services.leashed_server import LeashedServer, quiet_signals
from dragoman.services.ports import listen
from dragoman.services.restart_door import RestartDoor
from dragoman.services.saying.desk import SayingLimits
from dragoman.services.speech_to_text import speech_to_text_app
from dragoman.services.text_to_speech import text_to_speech_app
from dragoman.services.transcribing.uploads import UploadLimits
from dragoman.services.translating_texts.fields import TextLimits
from dragoman.services.translation import translation_app
from dragoman.services.web import service_app
from dragoman.settings import Settings, forget_secrets
from dragoman.wire.frames import MAX_HEADER_BYTES

log = structlog.get_logger()

E = TypeVar("E", bound=Engine)

GRACE_S = 5
"""For requests that run when the service is asked to end; sessions are broken off after it."""
MAX_CONNECTIONS = 256
"""Beyond it a request is answered with 503."""
MAX_MESSAGE_BYTES = 4 << 20
"""Of a WebSocket: half a minute of audio in one message is a mistake."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceRequest:
    """What is to be served."""

    kind: EngineKind
    wishes: tuple[EngineChoice, ...] = ()
    """The engines, in order; none for those of the settings, or the best of what is here."""
    port: int | None = None
    """None for the port of the settings."""
    supervisor: int | None = None
    """Process id of the supervisor that this process must not outlive, and whose pipe is standard input."""


def serve(request: ServiceRequest, settings: Settings) -> None:
    """Serve until SIGINT or SIGTERM, or until the supervisor has ended.

    Raises ``SettingsInvalid`` for a port that is taken or a missing token, and an ``EngineError`` or ``ModelError`` for
    engines that cannot be opened.
    """
    if request.supervisor is not None:
        die_with(request.supervisor)
    if settings.token is None:
        raise SettingsInvalid(
            "services answer only those who know their token: set DRAGOMAN_SERVICE_TOKEN for all of them, or start "
            "them with: dragoman up"
        )
    forget_secrets()
    service = settings.service_of(request.kind)
    port = request.port or service.port
    with listen(settings.services_host, port, setting=service.port_setting) as listener, ExitStack() as stack:
        running = _Running(request, settings, settings.token, stack)
        running.run(listener)


class _Running:
    """The service from its start to its end."""

    def __init__(self, request: ServiceRequest, settings: Settings, token: str, stack: ExitStack) -> None:
        self._request = request
        # A service is the end of the way: it never asks another service for its engines.
        self._settings = settings.model_copy(
            update={"speech_to_text_url": "", "translation_url": "", "text_to_speech_url": ""}
        )
        self._token = token
        self._stack = stack
        self._metrics = Metrics()
        ProcessCollector(registry=self._metrics.registry)
        self._door = _Door(self._loading_app())
        self._failure: DragomanError | None = None
        self._server = LeashedServer(
            uvicorn.Config(
                RestartDoor(self._door, token=token, supervised=request.supervisor is not None, end=self._end_in_order),
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                limit_concurrency=MAX_CONNECTIONS,
                timeout_graceful_shutdown=GRACE_S,
                ws_max_size=max(MAX_MESSAGE_BYTES, 2 * MAX_HEADER_BYTES),
                ws_per_message_deflate=False,
            ),
            supervised=request.supervisor is not None,
        )

    def run(self, listener: socket.socket) -> None:
        with quiet_signals():
            asyncio.run(self._run(listener))
        if self._failure is not None:
            raise self._failure

    async def _run(self, listener: socket.socket) -> None:
        async with asyncio.TaskGroup() as tasks:
            loading = tasks.create_task(self._load(), name="load the engines")
            aside = tasks.create_task(self._work_aside(loading), name="work aside")
            await self._server.serve_leashed(listener)
            aside.cancel()

    async def _load(self) -> None:
        try:
            # In a thread, so that the service answers meanwhile. It is waited for, also when we are asked to end.
            self._door.app = await asyncio.to_thread(self._open)
        except DragomanError as error:
            self._failure = error
            self._server.should_exit = True

    async def _work_aside(self, loading: asyncio.Task[None]) -> None:
        """Let the service work when nobody waits, if it has something to do then."""
        await asyncio.wait([loading])
        state = getattr(self._door.app, "state", None)
        if state is not None and hasattr(state, "work_aside"):
            await state.work_aside()

    def _open(self) -> Starlette:
        kind, wishes = self._request.kind, self._request.wishes
        engines = self._stack.enter_context(
            open_engines(
                self._settings,
                EngineWishes(
                    speech_to_text=wishes if kind is EngineKind.SPEECH_TO_TEXT else (),
                    translation=wishes if kind is EngineKind.TRANSLATION else (),
                    text_to_speech=wishes if kind is EngineKind.TEXT_TO_SPEECH else (),
                ),
                kinds={kind},
            )
        )
        asked = bool(wishes or self._settings.service_of(kind).engines)
        _warm_up(engines.speech_to_text, asked=asked)
        _warm_up(engines.translation, asked=asked)
        _warm_up(engines.text_to_speech, asked=asked)
        measure_voices(engines.text_to_speech, self._settings.cache_dir, threads=self._settings.threads_per_model)
        costs = measure_service(
            speech_to_text=engines.speech_to_text,
            translation=engines.translation,
            text_to_speech=engines.text_to_speech,
            cache=self._settings.cache_dir,
        )
        observers = Observers(observers=(LogObserver(kind.value), MetricsObserver(self._metrics)))
        parts = self._stack.enter_context(assemble(self._settings, engines, observers, captions_without_voice=True))
        return self._app(parts, costs)

    def _app(self, parts: Parts, costs: Mapping[str, float]) -> Starlette:
        engines, pool, token, metrics = parts.engines, parts.pool, self._token, self._metrics
        match self._request.kind:
            case EngineKind.SPEECH_TO_TEXT:
                _refuse_nothing(engines.speech_to_text, "recognises speech")
                if engines.voice_activity is not None:
                    engines.voice_activity.warm_up()
                return speech_to_text_app(
                    engines.speech_to_text,
                    parts.recognizer,
                    pool=pool,
                    token=token,
                    is_ready=self._is_ready,
                    metrics=metrics,
                    limits=UploadLimits(
                        max_bytes=self._settings.max_upload_mb << 20,
                        max_s=self._settings.max_upload_hours * 3600,
                        at_once=self._settings.uploads_at_once,
                    ),
                    costs=costs,
                )
            case EngineKind.TRANSLATION:
                _refuse_nothing(engines.translation, "translates")
                return translation_app(
                    engines.translation,
                    pool=pool,
                    token=token,
                    is_ready=self._is_ready,
                    metrics=metrics,
                    limits=TextLimits(
                        max_characters=self._settings.max_text_characters,
                        max_texts=self._settings.max_batch_texts,
                        at_once=self._settings.translations_at_once,
                    ),
                    costs=costs,
                    shared_cache=parts.shared_translations,
                )
            case _:
                _refuse_nothing(engines.text_to_speech, "speaks")
                return text_to_speech_app(
                    engines.text_to_speech,
                    pool=pool,
                    token=token,
                    is_ready=self._is_ready,
                    metrics=metrics,
                    costs=costs,
                    watermark=parts.watermark,
                    limits=SayingLimits(
                        most_characters=self._settings.max_say_characters,
                        at_once=self._settings.spoken_texts_at_once,
                        cache_bytes=self._settings.speech_cache_mb << 20,
                        cache_s=self._settings.speech_cache_hours * 3600,
                    ),
                )

    def _end_in_order(self) -> None:
        self._server.should_exit = True

    def _is_ready(self) -> bool:
        """Said once the engines are warm; no longer said to who asks while the service ends."""
        return not self._server.should_exit

    def _loading_app(self) -> Starlette:
        name = self._request.kind.value

        def refuse(_: Request) -> Response:
            raise EngineUnavailable(f"{name} is loading its engines; ask again in a moment")

        routes = [Route("/{path:path}", refuse, methods=["GET", "POST"])]
        return service_app(
            name=name, engines=(), routes=routes, token=self._token, is_ready=lambda: False, metrics=self._metrics
        )


class _Door:
    """Passes every request to the app of the moment: first the one that says that it is loading, then the service."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


def _warm_up(engines: list[E], *, asked: bool) -> None:
    """Make the first call as quick as the others; an engine that was not asked for may fail, and is left out."""
    for engine in list(engines):
        try:
            engine.warm_up()
        except EngineError as error:
            if asked:
                raise
            log.warning("engine_left_out", engine=engine.info.label, code=error.code, detail=str(error))
            engines.remove(engine)


def _refuse_nothing(engines: Sequence[Engine], what: str) -> None:
    if not engines:
        raise EngineUnavailable(f"nothing here {what}; dragoman doctor says what is missing and how to get it")
