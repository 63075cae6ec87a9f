"""One microphone over the WebSocket ``/recognize``: sound in, words out. For ``speech_to_text.py``.

Its client is ``engines/remote_session.py``; the messages are described in docs/howto/transcribe-over-http.md.
"""

import asyncio
from contextlib import suppress
from typing import Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from dragoman.engines.overload import Degree
from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.ground.engines import RecognitionSession, Recognizer
from dragoman.ground.errors import CapacityExhausted, DragomanError, WireError
from dragoman.services.web import within
from dragoman.wire.frames import Header, pack_frame, unpack_frame
from dragoman.wire.messages import message_type, read_audio, read_signal, write_error, write_event, write_taken
from dragoman.wire.requests import read_context_change, read_open

OPEN_WITHIN_S: Final = 10.0
"""For the first message of a live session, and for opening it."""

TAKEN_EVERY_S: Final = 1.0
"""Audio between two acknowledgements: often enough for 30 s of back-pressure, rare enough to cost nothing."""


class LiveDesk:
    """Lets microphones in while there is room. Whoever would be alone is never refused."""

    def __init__(self, *, recognizer: Recognizer, pool: EnginePool) -> None:
        self._recognizer = recognizer
        self._pool = pool
        self._open = 0

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one microphone from the handshake to the end."""
        await websocket.accept()
        with suppress(WebSocketDisconnect):
            error = await self._serve_admitted(websocket)
            if error is not None:
                await _send(websocket, write_error(error))
            await websocket.close()

    async def _serve_admitted(self, websocket: WebSocket) -> DragomanError | None:
        if self._open:
            try:
                self._pool.turns.refuse_beyond(Degree.LARGER_MODEL, "speaker")
            except CapacityExhausted as error:
                return error
        self._open += 1
        try:
            return await _serve_session(websocket, self._recognizer)
        finally:
            self._open -= 1


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
    """Pass on audio, and what helps to hear it, until the client finishes; then watch for its leaving."""
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
        if message_type(header) == "context":
            await session.change_context(read_context_change(header, payload))
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
