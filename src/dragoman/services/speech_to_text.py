"""The speech-to-text service: utterances and recordings by HTTP, live microphones by WebSocket.

Its clients are ``engines/speech_to_text/remote.py`` and ``engines/remote_session.py``, and whoever speaks HTTP: the
routes for recordings are in ``transcribing/``. What it shares with the other services is in ``web.py``.
"""

from collections.abc import Callable, Mapping, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from dragoman.engines.broker import Job, Urgency
from dragoman.engines.pool import EnginePool
from dragoman.ground.engines import Recognizer, SpeechToText
from dragoman.ground.events import Stage
from dragoman.ground.precedence import priority_now
from dragoman.observe.metrics import Metrics
from dragoman.services.transcribing.listings import list_languages, list_models
from dragoman.services.transcribing.live_socket import LiveDesk
from dragoman.services.transcribing.openai_http import prepare_openai_answer
from dragoman.services.transcribing.problems import answering, as_openai_error, as_problem
from dragoman.services.transcribing.recordings_http import RecordingsDesk, prepare_answer
from dragoman.services.transcribing.uploads import UploadDesk, UploadLimits
from dragoman.services.web import (
    FRAME_TYPE,
    choose_engine,
    deadline_of,
    frame_response,
    read_request,
    service_app,
    within,
)
from dragoman.wire.messages import write_transcript
from dragoman.wire.requests import read_transcribe


def speech_to_text_app(
    engines: Sequence[SpeechToText],
    recognizer: Recognizer,
    *,
    pool: EnginePool,
    token: str | None = None,
    is_ready: Callable[[], bool] = lambda: True,
    metrics: Metrics | None = None,
    limits: UploadLimits | None = None,
    costs: Mapping[str, float] | None = None,
) -> Starlette:
    """Serve ``engines`` at ``POST /transcribe`` and OpenAI's address, ``recognizer`` at the WebSocket ``/recognize``.

    The caller keeps ownership of engines and pool.
    """
    uploads = UploadDesk(limits or UploadLimits(), observer=pool.observer)
    desk = RecordingsDesk(engines=engines, pool=pool, uploads=uploads)
    live = LiveDesk(recognizer=recognizer, pool=pool)

    async def recording(request: Request) -> Response:
        return await desk.transcribe(request, prepare_answer)

    async def openai_recording(request: Request) -> Response:
        return await desk.transcribe(request, prepare_openai_answer)

    answer_recording = answering(recording, as_problem)

    async def transcribe(request: Request) -> Response:
        # Our own processes send an utterance as one frame, and may leave out its type.
        if request.headers.get("content-type", FRAME_TYPE) == FRAME_TYPE:
            return await _transcribe_utterance(request, engines, pool)
        return await answer_recording(request)

    async def recognize(websocket: WebSocket) -> None:
        await live.serve(websocket)

    routes: list[BaseRoute] = [
        Route("/transcribe", transcribe, methods=["POST"]),
        Route("/v1/audio/transcriptions", answering(openai_recording, as_openai_error), methods=["POST"]),
        *_listing_routes(engines),
        WebSocketRoute("/recognize", recognize),
    ]
    return service_app(
        name="speech-to-text",
        engines=engines,
        routes=routes,
        token=token,
        is_ready=is_ready,
        metrics=metrics,
        costs=costs,
    )


async def _transcribe_utterance(request: Request, engines: Sequence[SpeechToText], pool: EnginePool) -> Response:
    """Answer one frame with one frame: the remote side of ``SpeechToText.transcribe``."""
    deadline = deadline_of(request)
    asked = read_transcribe(*await read_request(request))
    engine = choose_engine(engines, asked.engine)
    transcript = await within(
        deadline.left_s(),
        pool.run(
            Stage.RECOGNITION,
            engine,
            lambda: engine.transcribe(asked.audio, language=asked.language, context=asked.context),
            job=Job(
                urgency=Urgency.FINAL,
                engine=engine.info.label,
                owner=request,
                waits_s=deadline.left_s(),
                priority=priority_now(),
            ),
        ),
    )
    return frame_response(write_transcript(transcript))


def _listing_routes(engines: Sequence[SpeechToText]) -> list[Route]:
    def models(_: Request) -> Response:
        return JSONResponse(list_models([engine.info for engine in engines]))

    def languages(_: Request) -> Response:
        return JSONResponse(list_languages([engine.info for engine in engines]))

    return [Route("/models", models), Route("/v1/models", models), Route("/languages", languages)]
