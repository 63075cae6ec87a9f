"""The text-to-speech service: text in, pieces of sound out while they are made.

Its client is ``engines/text_to_speech/remote.py``; what it shares with the other services is in ``web.py``.
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
from dragoman.ground.events import Stage
from dragoman.ground.languages import parse_language
from dragoman.observe.metrics import Metrics
from dragoman.services.web import FRAME_TYPE, choose_engine, deadline_of, read_request, service_app, within
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
) -> Starlette:
    """Serve ``engines`` at ``POST /speak`` and ``GET /voices?language=...&engine=...``.

    The answer of ``/speak`` is a frame for each piece, then ``end`` or an error. The deadline holds for the first
    piece, and as long again for each that follows. The caller keeps ownership of engines and pool.
    """

    async def speak(request: Request) -> Response:
        deadline = deadline_of(request)
        asked = read_speak(*await read_request(request))
        engine = choose_engine(engines, asked.engine)
        pieces = pool.iterate(
            Stage.VOICE,
            engine,
            lambda: engine.speak(asked.text, language=asked.language, voice=asked.voice, speed=asked.speed),
        )
        # The first piece is awaited here, so that what fails at once gets a status of its own.
        first = await within(deadline.left_s(), _next(pieces))
        return StreamingResponse(_frames(first, pieces, deadline.duration_s), media_type=FRAME_TYPE)

    def voices(request: Request) -> Response:
        engine = choose_engine(engines, request.query_params.get("engine", ""))
        language = parse_language(request.query_params.get("language", ""))
        return JSONResponse(write_voices(engine.voices(language)))

    routes = [Route("/speak", speak, methods=["POST"]), Route("/voices", voices)]
    return service_app(
        name="text-to-speech",
        engines=engines,
        routes=routes,
        token=token,
        is_ready=is_ready,
        metrics=metrics,
        costs=costs,
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
