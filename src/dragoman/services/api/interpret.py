"""``WS /api/v1/interpret``: the interpreter without LiveKit. Messages in docs/howto/interpret-over-a-websocket.md.

Moves messages between the socket and ``rooms/socket_room.py``; one client a socket.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

import structlog
from fastapi import APIRouter, WebSocket
from starlette.websockets import WebSocketDisconnect

from dragoman.accounts.errors import AccountError, NotSignedIn
from dragoman.ground.audio import to_pcm16
from dragoman.ground.captions import Caption
from dragoman.ground.errors import CapacityExhausted, DragomanError, StoreError, TooManyRequests, WireError
from dragoman.ground.facts import Bound, Facts, Help
from dragoman.ground.rooms import Notice
from dragoman.meetings.caption_message import write_caption
from dragoman.meetings.continued_room import ContinuedRoom
from dragoman.meetings.errors import NotAllowed
from dragoman.meetings.finals import Final, FinalsMemory
from dragoman.rooms.socket_room import DUB_RATE, DubPiece, RoomOutput, SocketRoom, Unvoiced
from dragoman.services.api.callers import SIGN_IN
from dragoman.services.api.host_access import check_password
from dragoman.services.api.interpret_messages import CloseCode, Opening, SessionOver, read_opening, read_wishes
from dragoman.services.api.interpret_sessions import Running, Sessions
from dragoman.services.api.parts import ApiParts, bearer, count_against, parts_of
from dragoman.services.api.problems import problem_of
from dragoman.services.api.signalling import MESSAGE_BYTES
from dragoman.wire.frames import Header, pack_frame

if TYPE_CHECKING:
    from dragoman.services.api.socket_account import SocketAccount

log = structlog.get_logger()

router = APIRouter()

OPEN_WITHIN_S = 10.0
IDLE_S = 60.0
"""Without any message, or without any sound being taken, a session is over."""
FINISH_WITHIN_S = 120.0
"""From ``finish`` to the last word."""
SEND_WITHIN_S = 20.0
CLOSE_WITHIN_S = 2.0


@router.websocket("/interpret")
async def interpret(websocket: WebSocket) -> None:
    parts, sessions = parts_of(websocket), sessions_of(websocket)
    try:
        count_against(parts, websocket)
    except TooManyRequests as error:
        await websocket.send_denial_response(problem_of(error))
        return
    if parts.interpret is None:
        await websocket.send_denial_response(problem_of(CapacityExhausted("no interpreter runs on this server")))
        return
    if sessions.open >= parts.max_sessions:
        full = CapacityExhausted(
            f"{sessions.open} sessions run here, and no more fit; try again when one has ended",
            facts=Facts(limit=Bound.SESSIONS, allowed=parts.max_sessions, helps=(Help.WAIT,)),
        )
        await websocket.send_denial_response(problem_of(full))
        return
    sessions.open += 1
    try:
        await websocket.accept()
        over = await _until_over(websocket, _Session(websocket, parts, sessions))
        if over is not None:
            await _say_over(websocket, over)
    finally:
        sessions.open -= 1


def sessions_of(websocket: WebSocket) -> Sessions:
    sessions: Sessions = websocket.app.state.sessions
    return sessions


async def _until_over(websocket: WebSocket, session: "_Session") -> SessionOver | None:
    """Run a session; say how it ended, or None if the client just left."""
    over: SessionOver | None = None
    try:
        await session.run()
    except* (WebSocketDisconnect, ConnectionError):
        pass
    except* SessionOver as endings:
        over = _first(endings)
    except* Exception:  # the top of a task: the client is told, the log has the trace
        log.exception("interpret_session_failed")
        over = SessionOver(CloseCode.DEFECT, "internal_error", "something went wrong here; open a new session")
    return over


async def _say_over(websocket: WebSocket, over: SessionOver) -> None:
    # Whoever reads nothing is not waited for.
    with suppress(WebSocketDisconnect, RuntimeError, OSError, TimeoutError):
        async with asyncio.timeout(CLOSE_WITHIN_S):
            if over.close_code != CloseCode.DONE:
                message = {"type": "error", "code": over.code, "message": str(over), "resume": over.resume}
                await websocket.send_text(json.dumps(message, ensure_ascii=False))
            # A close reason has 123 bytes at most.
            await websocket.close(over.close_code, over.code)


class _Session:
    """One socket from its first message to its last."""

    def __init__(self, websocket: WebSocket, parts: ApiParts, sessions: Sessions) -> None:
        self._websocket = websocket
        self._parts = parts
        self._sessions = sessions
        self._code = secrets.token_urlsafe(16)
        self._finals = FinalsMemory()
        self._epoch = 1
        self._finished = False
        self._account: SocketAccount | None = None
        """Whose it is, where there are accounts."""

    async def run(self) -> None:
        """Raises ``SessionOver`` at every end but the client's leaving."""
        opening = await self._open()
        room = SocketRoom(name="socket", wishes=opening.wishes)
        running = self._sessions.begin(self._code, known_as=opening.resume)
        try:
            async with self._held():
                # Every voice that comes is synthetic, and bare PCM has no room to say so.
                opened: Header = {"type": "opened", "resume": self._code, "dub_sample_rate": DUB_RATE}
                await self._send_json(opened | {"ai_generated": True})
                for final in self._finals.after(opening.after_seq, language=None, limit=len(self._finals)):
                    await self._send(final.caption)
                await self._until_interpreted(room, running)
        finally:
            self._sessions.keep(running, self._finals, self._epoch)
        await self._send_json({"type": "end", "last_seq": self._finals.last_seq})
        raise SessionOver(CloseCode.DONE, "done", "everything was interpreted")

    async def _until_interpreted(self, room: SocketRoom, running: Running) -> None:
        continued = ContinuedRoom(room, epoch=self._epoch, last_seq=self._finals.last_seq, keep=self._keep)
        if self._account is not None:
            continued.priority = self._account.priority
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._interpret(continued, room), name="interpret: interpreter")
            beside = [
                tasks.create_task(self._listen(room), name="interpret: listen"),
                tasks.create_task(self._until_replaced(running), name="interpret: until replaced"),
            ]
            if self._account is not None:
                beside.append(tasks.create_task(self._until_refused(self._account), name="interpret: until refused"))
            await self._speak(room)
            for task in beside:
                task.cancel()

    async def _open(self) -> Opening:
        try:
            async with asyncio.timeout(OPEN_WITHIN_S):
                message = await self._receive()
        except TimeoutError as error:
            raise SessionOver(CloseCode.IDLE, "idle", f"nothing came within {OPEN_WITHIN_S:g} s") from error
        if not isinstance(message, dict):
            raise SessionOver(
                CloseCode.WRONG_KIND, "out_of_order", "the first message is JSON: what you speak and read"
            )
        menu = await self._parts.directions.menu()
        with _refused():
            opening = read_opening(message, menu)
            await self._check_who_asks(opening)
        if opening.resume:
            kept = await self._sessions.take_up(opening.resume)
            if kept is None:
                raise SessionOver(CloseCode.POLICY, "room_not_found", "that session is too old; open a new one")
            self._finals, self._epoch = kept.finals, kept.epoch + 1
        return opening

    async def _check_who_asks(self, opening: Opening) -> None:
        """Let in who knows the host password; with accounts, whoever has one whose plan has the API."""
        if self._parts.accounts is None:
            check_password(self._parts, self._websocket, opening.password)
            return
        secret = bearer(self._websocket) or opening.password
        if not secret:
            raise NotSignedIn(f'{SIGN_IN}, or as "password"')
        from dragoman.services.api.socket_account import SocketAccount

        self._account = await SocketAccount.of(self._websocket, secret)

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[None]:
        """Be counted among the calls of whose it is."""
        if self._account is None:
            yield
            return
        with _refused():
            await self._account.begin()
        try:
            yield
        finally:
            await self._account.end()

    async def _until_refused(self, account: "SocketAccount") -> None:
        with _refused():
            await account.until_refused()

    async def _until_replaced(self, running: Running) -> None:
        """A broken connection can be noticed late: behind sound that waits to be taken, or never."""
        await running.replaced.wait()
        raise SessionOver(CloseCode.POLICY, "replaced", "this session was taken up by another connection")

    async def _interpret(self, continued: ContinuedRoom, room: SocketRoom) -> None:
        if self._parts.interpret is not None:
            await self._parts.interpret(continued)
        room.outbox.close()

    async def _listen(self, room: SocketRoom) -> None:
        """Take what the client sends, also after ``finish``, when only its leaving is of interest."""
        while True:
            try:
                async with asyncio.timeout(FINISH_WITHIN_S if self._finished else IDLE_S):
                    await self._take(await self._receive(), room)
            except TimeoutError as error:
                raise SessionOver(CloseCode.IDLE, "idle", f"nothing came for {IDLE_S:g} s") from error

    async def _take(self, message: Header | bytes, room: SocketRoom) -> None:
        if self._finished:
            raise SessionOver(CloseCode.WRONG_KIND, "out_of_order", "nothing follows 'finish'")
        if isinstance(message, bytes):
            if len(message) % 2:
                raise SessionOver(CloseCode.GARBAGE, "wire_error", "16-bit samples make an even number of bytes")
            await room.hear(message)
            return
        kind = message.get("type")
        if kind == "finish":
            self._finished = True
            room.finish()
        elif kind == "languages":
            if not room.has_place:
                raise SessionOver(CloseCode.POLICY, "too_many_requests", "languages were changed too often at once")
            menu = await self._parts.directions.menu()
            with _refused():
                room.choose(read_wishes(message, menu))
        else:
            raise SessionOver(CloseCode.GARBAGE, "wire_error", "a message is of type 'languages' or 'finish'")

    async def _speak(self, room: SocketRoom) -> None:
        while (output := await room.outbox.next()) is not None:
            await self._send(output)
        if room.outbox.overflowed:
            raise self._too_slow()

    async def _keep(self, final: Caption) -> None:
        self._finals.add(Final(caption=final, epoch=self._epoch))

    async def _send(self, output: RoomOutput) -> None:
        match output:
            case Caption():
                await self._send_json({"type": "caption", **write_caption(output)})
            case DubPiece():
                header: Header = {"type": "dub", "language": output.language, "sample_rate": DUB_RATE}
                frame = pack_frame({**header, "at_s": round(output.at_s, 3)}, to_pcm16(output.samples))
                await self._within(lambda: self._websocket.send_bytes(frame))
            case Unvoiced():
                await self._send_json({"type": "unvoiced", **asdict(output)})
            case Notice():
                await self._send_json({"type": "notice", **asdict(output)})

    async def _send_json(self, message: Header) -> None:
        text = json.dumps(message, ensure_ascii=False)
        await self._within(lambda: self._websocket.send_text(text))

    async def _within(self, send: Callable[[], Awaitable[None]]) -> None:
        try:
            async with asyncio.timeout(SEND_WITHIN_S):
                await send()
        except TimeoutError as error:
            raise self._too_slow() from error

    def _too_slow(self) -> SessionOver:
        message = "you read too slowly; open again with 'resume' and 'after_seq' to get every final caption"
        return SessionOver(CloseCode.SLOW_READER, "slow_reader", message, resume=self._code)

    async def _receive(self) -> Header | bytes:
        """Give the next message: an object, or sound. Raises ``SessionOver`` for garbage."""
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1006))
        if self._account is not None and not self._account.takes_message():
            raise SessionOver(CloseCode.POLICY, "too_many_requests", "your sockets send too many messages together")
        data: str | bytes = message["text"] if message.get("bytes") is None else message["bytes"]
        if len(data) > MESSAGE_BYTES:
            raise SessionOver(CloseCode.TOO_BIG, "too_large", f"a message has at most {MESSAGE_BYTES} bytes")
        if isinstance(data, bytes):
            return data
        try:
            value = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise SessionOver(CloseCode.GARBAGE, "wire_error", "a text message is JSON") from error
        if not isinstance(value, dict):
            raise SessionOver(CloseCode.GARBAGE, "wire_error", "a text message is a JSON object")
        return value


class _refused:  # noqa: N801  # a context manager reads as a word
    """Turn our errors about a message into the session's end."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, WireError):
            raise SessionOver(CloseCode.GARBAGE, error.code, str(error)) from error
        if isinstance(error, NotAllowed | AccountError | TooManyRequests):
            raise SessionOver(CloseCode.POLICY, error.code, str(error)) from error
        if isinstance(error, StoreError):
            raise SessionOver(CloseCode.LATER, error.code, str(error)) from error
        if isinstance(error, DragomanError):
            raise SessionOver(CloseCode.LANGUAGE, error.code, str(error)) from error


def _first(errors: BaseExceptionGroup[SessionOver]) -> SessionOver:
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
