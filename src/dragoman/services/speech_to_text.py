"""The speech-to-text service: whole utterances by HTTP, live microphones by WebSocket.

Its clients are ``engines/speech_to_text/remote.py`` and ``engines/remote_session.py``; what it shares with the other
services is in ``web.py``.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.ground.engines import RecognitionSession, Recognizer, SpeechToText
from dragoman.ground.errors import DragomanError, WireError
from dragoman.ground.events import Stage
from dragoman.observe.metrics import Metrics
from dragoman.services.web import choose_engine, deadline_of, frame_response, read_request, service_app, within
from dragoman.wire.frames import Header, pack_frame, unpack_frame
from dragoman.wire.messages import (
    message_type,
    read_audio,
    read_signal,
    write_error,
    write_event,
    write_taken,
    write_transcript,
)
from dragoman.wire.requests import read_open, read_transcribe

OPEN_WITHIN_S = 10.0
"""For the first message of a live session, and for opening it."""

TAKEN_EVERY_S = 1.0
"""Audio between two acknowledgements: often enough for 30 s of back-pressure, rare enough to cost nothing."""


def speech_to_text_app(
    engines: Sequence[SpeechToText],
    recognizer: Recognizer,
    *,
    pool: EnginePool,
    token: str | None = None,
    is_ready: Callable[[], bool] = lambda: True,
    metrics: Metrics | None = None,
    costs: Mapping[str, float] | None = None,
) -> Starlette:
    """Serve ``engines`` at ``POST /transcribe`` and ``recognizer`` at the WebSocket ``/recognize``.

    The caller keeps ownership of engines and pool.
    """

    async def transcribe(request: Request) -> Response:
        deadline = deadline_of(request)
        asked = read_transcribe(*await read_request(request))
        engine = choose_engine(engines, asked.engine)
        transcript = await within(
            deadline.left_s(),
            pool.run(
                Stage.RECOGNITION,
                engine,
                lambda: engine.transcribe(asked.audio, language=asked.language, context=asked.context),
            ),
        )
        return frame_response(write_transcript(transcript))

    async def recognize(websocket: WebSocket) -> None:
        await websocket.accept()
        with suppress(WebSocketDisconnect):
            error = await _serve_session(websocket, recognizer)
            if error is not None:
                await _send(websocket, write_error(error))
            await websocket.close()

    routes = [Route("/transcribe", transcribe, methods=["POST"]), WebSocketRoute("/recognize", recognize)]
    return service_app(
        name="speech-to-text",
        engines=engines,
        routes=routes,
        token=token,
        is_ready=is_ready,
        metrics=metrics,
        costs=costs,
    )


async def _serve_session(websocket: WebSocket, recognizer: Recognizer) -> DragomanError | None:
    """Serve one microphone to its end; gives the error that broke it off. Raises ``WebSocketDisconnect``."""
    failure: DragomanError | None = None
    left = False
    try:
        await _run_session(websocket, recognizer)
    except* WebSocketDisconnect:
        left = True
    except* DragomanError as errors:
        failure = _first(errors)
    if left:
        raise WebSocketDisconnect
    return failure


async def _run_session(websocket: WebSocket, recognizer: Recognizer) -> None:
    opening = await within(OPEN_WITHIN_S, _receive(websocket))
    asked = read_open(*opening)
    session = await within(OPEN_WITHIN_S, recognizer.open(language=asked.language, context=asked.context))
    try:
        await _send(websocket, {"type": "opened"})
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(_listen(websocket, session), name="recognize: listen")
            async for event in session:
                await _send(websocket, write_event(event))
            listening.cancel()
        await _send(websocket, {"type": "end"})
    finally:
        await session.close()


async def _listen(websocket: WebSocket, session: RecognitionSession) -> None:
    """Pass audio on until the client finishes, then watch for its leaving."""
    taken_s = told_s = 0.0
    finished = False
    while True:
        header, payload = await _receive(websocket)
        if finished:
            raise WireError("nothing follows 'finish' in a session")
        if message_type(header) == "finish":
            read_signal(header, "finish")
            finished = True
            await session.finish()
            continue
        audio = read_audio(header, payload)
        if audio.sample_rate != RECOGNITION_RATE:
            raise WireError(f"a session takes {RECOGNITION_RATE} Hz, not {audio.sample_rate}")
        await session.push(audio)
        taken_s += audio.duration_s
        if taken_s - told_s >= TAKEN_EVERY_S:
            told_s = taken_s
            await _send(websocket, write_taken(taken_s))


async def _receive(websocket: WebSocket) -> tuple[Header, bytes]:
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    data = message.get("bytes")
    if data is None:
        raise WireError("a session's messages are binary frames, not text")
    return unpack_frame(data)


async def _send(websocket: WebSocket, header: Header) -> None:
    await websocket.send_bytes(pack_frame(header))


def _first(errors: BaseExceptionGroup[DragomanError]) -> DragomanError:
    """Give one of the errors: they are all of one cause, the session's end."""
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
