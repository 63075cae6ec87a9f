"""The text-to-speech service: text in, pieces of sound out while they are made.

Its client is ``engines/text_to_speech/remote.py``, and whoever speaks HTTP: the routes for texts are in ``saying/``.
What it shares with the other services is in ``web.py``.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import Audio
from dragoman.ground.engines import TextToSpeech
from dragoman.ground.errors import DragomanError
from dragoman.ground.events import Observers, Stage
from dragoman.ground.languages import parse_language
from dragoman.observe.metrics import Metrics, MetricsObserver
from dragoman.services.saying.backroom import IDLE_S, Backroom
from dragoman.services.saying.cache import SpeechCache
from dragoman.services.saying.desk import SayingLimits, SpeechDesk
from dragoman.services.saying.later_http import later_speech
from dragoman.services.saying.listings import list_languages, list_voices
from dragoman.services.saying.openai_http import speech
from dragoman.services.saying.synthesize_http import synthesize
from dragoman.services.saying.wishes import refuse_at_once
from dragoman.services.transcribing.problems import answering, as_openai_error, as_problem
from dragoman.services.web import FRAME_TYPE, choose_engine, deadline_of, read_request, service_app, within
from dragoman.voicing.router import VoiceRouter
from dragoman.voicing.watermark import UnusableWatermark, Watermark
from dragoman.wire.frames import pack_frame
from dragoman.wire.messages import write_audio, write_error, write_voices
from dragoman.wire.requests import read_speak


def text_to_speech_app(
    engines: Sequence[TextToSpeech],
    *,
    pool: EnginePool,
    token: str | None = None,
    is_ready: Callable[[], bool] = lambda: True,
    metrics: Metrics | None = None,
    costs: Mapping[str, float] | None = None,
    limits: SayingLimits | None = None,
    watermark: Watermark | None = None,
    idle_s: float = IDLE_S,
) -> Starlette:
    """Serve ``engines`` to our own processes at ``POST /speak`` and ``GET /voices?language=...&engine=...``.

    The answer of ``/speak`` is a frame for each piece, then ``end`` or an error. The deadline holds for the first
    piece, and as long again for each that follows. Everybody else has ``POST /synthesize`` and OpenAI's address. The
    caller keeps ownership of engines and pool, and runs ``state.work_aside`` as a task beside the app: better voices
    that were asked for later, and after ``idle_s`` without a request phrases that people say often.
    """
    desk = _desk(engines, pool, limits or SayingLimits(), metrics, watermark)
    backroom = Backroom(desk, costs=costs, idle_s=idle_s)

    async def speak(request: Request) -> Response:
        deadline = deadline_of(request)
        desk.touch()
        asked = read_speak(*await read_request(request))
        engine = choose_engine(engines, asked.engine)
        refuse_at_once(asked.language, [engine])
        pieces = pool.iterate(
            Stage.VOICE,
            engine,
            lambda: engine.speak(asked.text, language=asked.language, voice=asked.voice, speed=asked.speed),
        )
        # The first piece is awaited here, so that what fails at once gets a status of its own.
        first = await within(deadline.left_s(), _next(pieces))
        return StreamingResponse(_frames(first, pieces, deadline.duration_s), media_type=FRAME_TYPE)

    async def voices(request: Request) -> Response:
        # Our own processes name an engine, if only with an empty name.
        if "engine" not in request.query_params:
            return await answering(listed_voices, as_problem)(request)
        engine = choose_engine(engines, request.query_params.get("engine", ""))
        language = parse_language(request.query_params.get("language", ""))
        return JSONResponse(write_voices(engine.voices(language)))

    async def listed_voices(request: Request) -> Response:
        language = request.query_params.get("language")
        return JSONResponse(list_voices(engines, None if language is None else parse_language(language[:40])))

    async def languages(_: Request) -> Response:
        return JSONResponse(list_languages(engines))

    async def synthesized(request: Request) -> Response:
        return await synthesize(request, desk, backroom)

    async def later(request: Request) -> Response:
        return await later_speech(request, backroom)

    async def openai_speech(request: Request) -> Response:
        return await speech(request, desk)

    async def clear_cache(_: Request) -> Response:
        held_bytes = desk.cache.held_bytes
        backroom.queue.forget()
        return JSONResponse({"cleared": desk.cache.clear(), "freed_bytes": held_bytes})

    routes = [
        Route("/speak", speak, methods=["POST"]),
        Route("/synthesize", answering(synthesized, as_problem), methods=["POST"]),
        Route("/synthesize/{request_id}", answering(later, as_problem)),
        Route("/v1/audio/speech", answering(openai_speech, as_openai_error), methods=["POST"]),
        Route("/voices", voices),
        Route("/languages", languages),
        Route("/clear_cache", clear_cache, methods=["DELETE"]),
    ]
    app = service_app(
        name="text-to-speech",
        engines=engines,
        routes=routes,
        token=token,
        is_ready=is_ready,
        metrics=metrics,
        costs=costs,
        also={"watermark": watermark is not None and not isinstance(watermark, UnusableWatermark)},
    )
    app.state.work_aside = backroom.run
    return app


def _desk(
    engines: Sequence[TextToSpeech],
    pool: EnginePool,
    limits: SayingLimits,
    metrics: Metrics | None,
    watermark: Watermark | None,
) -> SpeechDesk:
    observer = Observers(observers=() if metrics is None else (MetricsObserver(metrics),))
    on_change = metrics.voice_cache_changed if metrics is not None else lambda what, held_bytes: None
    return SpeechDesk(
        engines=engines,
        router=VoiceRouter(engines=engines, pool=pool, observer=observer, watermark=watermark),
        cache=SpeechCache(max_bytes=limits.cache_bytes, max_age_s=limits.cache_s, on_change=on_change),
        limits=limits,
    )


async def _frames(first: Audio | None, pieces: AsyncIterator[Audio], piece_within_s: float) -> AsyncIterator[bytes]:
    piece = first
    try:
        while piece is not None:
            yield pack_frame(*write_audio(piece))
            piece = await within(piece_within_s, _next(pieces))
    except DragomanError as error:
        yield pack_frame(write_error(error))
    else:
        yield pack_frame({"type": "end"})


async def _next(pieces: AsyncIterator[Audio]) -> Audio | None:
    return await anext(pieces, None)
