"""Live recognition over a WebSocket: the client of ``/recognize`` in ``services/speech_to_text.py``.

The socket is a small protocol, so that tests bring one without a network (``testing/asgi.py``); ``connect_websocket``
opens the real one.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from dragoman.ground.audio import RECOGNITION_RATE, Audio
from dragoman.ground.engines import RecognitionContext
from dragoman.ground.errors import DragomanError, EngineCrashed, EngineTimeout, EngineUnavailable, WireError
from dragoman.ground.languages import Language
from dragoman.ground.precedence import priority_now
from dragoman.ground.speech import RecognitionEvent, WordState
from dragoman.ground.virtual_time import hold_virtual_time
from dragoman.wire.frames import MAX_HEADER_BYTES, Header, pack_frame, unpack_frame
from dragoman.wire.messages import (
    message_type,
    read_error,
    read_event,
    read_signal,
    read_taken,
    write_audio,
)
from dragoman.wire.requests import PRIORITY_HEADER, OpenRequest, write_context_change, write_open

BUFFER_S = 30.0
"""Audio sent and not yet taken by the service; beyond it ``push`` waits."""

OPEN_WITHIN_S = 5.0
"""For connecting, and again for the service's word that the session is open."""

STALLED_AFTER_S = 3.0
"""A service that answers nothing for so long, though it was sent audio, hangs: it acknowledges every second of it."""

UNANSWERED_S = 2.0
"""So much audio without an answer is noticed; less may just be on its way."""

BUSY_AFTER_S = 10.0
"""A service that was further behind than this when it last gave words is slow, and may answer late."""

SLOW_AFTER_S = 30.0
"""How long a slow service may take nothing, and the last words may take after ``finish``."""

CLOSE_WITHIN_S = 1.0


class FrameSocket(Protocol):
    """A connection that carries whole binary messages. Send and receive raise ``ConnectionError`` once it is gone."""

    async def send_bytes(self, data: bytes) -> None:
        """Send a message; waits while too many are on their way."""
        ...

    async def receive_bytes(self) -> bytes: ...

    async def close(self) -> None:
        """Leave. May be called twice; a ``receive_bytes`` that waits ends with ``ConnectionError``."""
        ...


class RemoteRecognizer:
    """The ``Recognizer`` of another process. ``connect`` opens a socket, or raises ``ConnectionError``."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[FrameSocket]],
        *,
        stalled_after_s: float = STALLED_AFTER_S,
        slow_after_s: float = SLOW_AFTER_S,
    ) -> None:
        self._connect = connect
        self._stalled_after_s = stalled_after_s
        self._slow_after_s = slow_after_s

    async def open(self, *, language: Language, context: RecognitionContext) -> "RemoteSession":
        """Open a session. Raises what the service refuses with, or an ``EngineError`` if it does not answer well."""
        try:
            async with asyncio.timeout(OPEN_WITHIN_S):
                socket = await self._connect()
        except TimeoutError as error:
            raise EngineTimeout(f"the recognizer could not be reached within {OPEN_WITHIN_S} s") from error
        except ConnectionError as error:
            raise EngineUnavailable(f"the recognizer cannot be reached: {error}") from error
        session = RemoteSession(
            socket, language=language, stalled_after_s=self._stalled_after_s, slow_after_s=self._slow_after_s
        )
        try:
            await session.begin(context)
        except BaseException:
            await session.close()
            raise
        return session


class RemoteSession:
    """One microphone, recognised elsewhere. It has no task of its own: whoever iterates also receives.

    So one reader must iterate while another task pushes, as the seam says; acknowledgements come in with the events.
    If the connection breaks or the service fails, the iteration does not raise: it gives one final event without words,
    with the error's code as ``failure``, for the utterance that was open or else the next one, and ends.
    """

    def __init__(self, socket: FrameSocket, *, language: Language, stalled_after_s: float, slow_after_s: float) -> None:
        self._socket = socket
        self._language = language
        self._stalled_after_s = stalled_after_s
        self._slow_after_s = slow_after_s
        self._sent_s = 0.0
        self._taken_s = 0.0
        self._changed = asyncio.Condition()
        self._finished = False
        self._over = False
        self._receiving: asyncio.Timeout | None = None
        self._unanswered_since_s: float | None = None
        """Loop time of the last answer, or since when there is enough audio to expect one; None while there is not."""
        self._behind_s = 0.0
        """How far behind the service was when it last gave words."""
        self._last_utterance = 0
        self._utterance_open = False
        self._speech_end_s = 0.0

    async def begin(self, context: RecognitionContext) -> None:
        """Ask for the session and wait for the answer. Raises as ``RemoteRecognizer.open``."""
        try:
            async with asyncio.timeout(OPEN_WITHIN_S):
                await self._send(write_open(OpenRequest(language=self._language, context=context)))
                header, _ = await self._receive()
            if message_type(header) == "error":
                raise read_error(header)
            read_signal(header, "opened")
        except TimeoutError as error:
            raise EngineTimeout(f"the recognizer did not open a session within {OPEN_WITHIN_S} s") from error
        except WireError as error:
            raise EngineCrashed(f"the recognizer answered out of step: {error}") from error
        except ConnectionError as error:
            raise EngineCrashed(f"the recognizer left while a session was opened: {error}") from error

    async def push(self, audio: Audio) -> None:
        """See ``RecognitionSession``; silently drops audio once the session has broken off, which its reader sees.

        Raises ``RuntimeError`` after ``finish`` or ``close``, ``EngineTimeout`` if no audio is taken for too long.
        """
        self._refuse_if_finished()
        if audio.sample_rate != RECOGNITION_RATE:
            raise ValueError(f"a session takes {RECOGNITION_RATE} Hz, not {audio.sample_rate}")
        try:
            async with asyncio.timeout(self._slow_after_s):
                async with self._changed:
                    await self._changed.wait_for(lambda: self._over or self._sent_s - self._taken_s < BUFFER_S)
                    self._sent_s += audio.duration_s
                self._expect_answer(anew=False)
                if not self._over:
                    await self._send(*write_audio(audio))
        except TimeoutError as error:
            raise EngineTimeout(f"the recognizer took no audio for {self._slow_after_s} s") from error
        except ConnectionError:
            # The reader receives the same broken connection and reports it, once.
            return

    async def change_context(self, context: RecognitionContext) -> None:
        if self._finished or self._over:
            return
        try:
            async with asyncio.timeout(self._slow_after_s):
                await self._send(write_context_change(context))
        except (TimeoutError, ConnectionError):
            # As in push: the reader sees it.
            return

    async def finish(self) -> None:
        if self._finished:
            return
        self._finished = True
        self._limit_receiving()
        try:
            async with asyncio.timeout(self._slow_after_s):
                await self._send({"type": "finish"})
        except (TimeoutError, ConnectionError):
            # As in push: the reader sees it, at the latest when the last words do not come.
            return

    async def close(self) -> None:
        self._finished = True
        await self._end()
        try:
            async with asyncio.timeout(CLOSE_WITHIN_S):
                await self._socket.close()
        except (TimeoutError, ConnectionError):
            return

    async def __aiter__(self) -> AsyncIterator[RecognitionEvent]:
        while not self._over:
            try:
                event = await self._next()
            except DragomanError as error:
                if self._over:
                    return
                event = self._failure(error)
                await self._end()
            if event is not None:
                yield event

    async def _next(self) -> RecognitionEvent | None:
        """Receive one message; None for one that is no event. Raises the ``DragomanError`` that ends the session."""
        try:
            header, _ = await self._receive_in_time()
            event = await self._read(header)
        except TimeoutError as error:
            what = "the last words did not come" if self._finished else "the recognizer answered nothing"
            raise EngineTimeout(f"{what} for {self._patience_s():g} s") from error
        except ConnectionError as error:
            raise EngineCrashed(f"the recognizer left: {error}") from error
        except WireError as error:
            raise EngineCrashed(f"the recognizer sent a message out of step: {error}") from error
        self._expect_answer(anew=True)
        return event

    async def _receive_in_time(self) -> tuple[Header, bytes]:
        """Raises ``TimeoutError`` if no message comes though one is due; ``push`` and ``finish`` say when."""
        async with asyncio.timeout(None) as receiving:
            self._receiving = receiving
            self._limit_receiving()
            try:
                return await self._receive()
            finally:
                self._receiving = None

    async def _read(self, header: Header) -> RecognitionEvent | None:
        match message_type(header):
            case "event":
                event = read_event(header)
                self._last_utterance = event.utterance
                self._utterance_open = event.state is not WordState.FINAL
                self._speech_end_s = event.speech_end_s
                self._behind_s = self._sent_s - event.audio_time_s
                return event
            case "taken":
                await self._take(read_taken(header))
            case "error":
                raise read_error(header)
            case _:
                read_signal(header, "end")
                await self._end()
        return None

    async def _take(self, taken_s: float) -> None:
        async with self._changed:
            self._taken_s = taken_s
            self._changed.notify_all()

    async def _end(self) -> None:
        async with self._changed:
            self._over = True
            self._changed.notify_all()

    def _failure(self, error: DragomanError) -> RecognitionEvent:
        return RecognitionEvent(
            utterance=self._last_utterance if self._utterance_open else self._last_utterance + 1,
            state=WordState.FINAL,
            words=(),
            language=self._language,
            audio_time_s=self._sent_s,
            speech_end_s=self._speech_end_s,
            failure=error.code,
        )

    def _expect_answer(self, *, anew: bool) -> None:
        """Note since when an answer is due: audio was sent, or (``anew``) an answer came."""
        if self._sent_s - self._taken_s < UNANSWERED_S:
            self._unanswered_since_s = None
        elif anew or self._unanswered_since_s is None:
            self._unanswered_since_s = asyncio.get_running_loop().time()
        self._limit_receiving()

    def _limit_receiving(self) -> None:
        """Wait no longer than an answer may take: also for a reader that waits already."""
        if self._receiving is None or self._receiving.expired():
            return
        if self._finished:
            self._receiving.reschedule(asyncio.get_running_loop().time() + self._patience_s())
        elif self._unanswered_since_s is None:
            self._receiving.reschedule(None)
        else:
            self._receiving.reschedule(self._unanswered_since_s + self._patience_s())

    def _patience_s(self) -> float:
        # A service that is far behind takes audio in large pieces, and must not be taken for one that hangs.
        slow = self._finished or self._behind_s > BUSY_AFTER_S
        return self._slow_after_s if slow else self._stalled_after_s

    def _refuse_if_finished(self) -> None:
        if self._finished:
            raise RuntimeError("push after finish")

    async def _send(self, header: Header, payload: bytes = b"") -> None:
        await self._socket.send_bytes(pack_frame(header, payload))

    async def _receive(self) -> tuple[Header, bytes]:
        return unpack_frame(await self._socket.receive_bytes())


class WebSocketConnection:
    """A ``FrameSocket`` over the network.

    The other side lives in real time, so a clock that leaps runs as clocks do while anybody waits for it.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send_bytes(self, data: bytes) -> None:
        try:
            with hold_virtual_time():
                await self._connection.send(data)
        except ConnectionClosed as error:
            raise ConnectionError(str(error)) from error

    async def receive_bytes(self) -> bytes:
        try:
            with hold_virtual_time():
                return await self._connection.recv(decode=False)
        except ConnectionClosed as error:
            raise ConnectionError(str(error)) from error

    async def close(self) -> None:
        with hold_virtual_time():
            await self._connection.close()


async def connect_websocket(url: str, *, token: str | None = None) -> WebSocketConnection:
    """Open a WebSocket to ``ws://host:port/recognize``. Raises ``EngineUnavailable``."""
    headers = {PRIORITY_HEADER: str(priority_now())}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    try:
        # No compression: PCM hardly shrinks, and 50 ms frames would each pay for the attempt. No proxy: the services
        # of one installation talk directly.
        with hold_virtual_time():
            connection = await connect(
                url,
                additional_headers=headers,
                compression=None,
                proxy=None,
                open_timeout=OPEN_WITHIN_S,
                close_timeout=CLOSE_WITHIN_S,
                max_size=2 * MAX_HEADER_BYTES,
            )
    except (OSError, TimeoutError, InvalidHandshake) as error:
        raise EngineUnavailable(f"the recognizer at {url} cannot be reached: {error}") from error
    return WebSocketConnection(connection)
