"""LiveKit's signalling passed through, so that page, API and calls have one address and one certificate.

Only joining is passed (``/rtc``, ``/rtc/v1`` and their ``validate``); LiveKit's own API stays inside.
"""

import asyncio
from contextlib import AsyncExitStack, suppress

import httpx2
from fastapi import APIRouter, Request, WebSocket
from starlette.responses import PlainTextResponse, Response
from starlette.websockets import WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

MESSAGE_BYTES = 1 << 20
"""Longest message either way. The server in front of the app is to have the same limit (``ws_max_size``)."""
QUEUED_MESSAGES = 16
"""Of one direction; then the sender waits."""
CONNECT_WITHIN_S = 5.0
SEND_WITHIN_S = 20.0
"""A side that does not take a message for this long is gone."""
CLOSE_WITHIN_S = 2.0
_PASSED_HEADERS = ("authorization", "user-agent")
PATHS = ("/rtc", "/rtc/v1")


def signalling_routes(livekit_url: str) -> APIRouter:
    """Pass to ``livekit_url``, such as ``http://127.0.0.1:7880``."""
    router = APIRouter()
    http_url = livekit_url.rstrip("/")
    socket_url = http_url.replace("http", "ws", 1)

    async def validate(request: Request) -> Response:
        headers = _passed(request)
        try:
            async with httpx2.AsyncClient(timeout=CONNECT_WITHIN_S, trust_env=False) as client:
                answer = await client.get(f"{http_url}{request.url.path}?{request.url.query}", headers=headers)
        except httpx2.RequestError:
            return PlainTextResponse("the media server does not answer", status_code=503)
        return PlainTextResponse(answer.text, status_code=answer.status_code)

    async def join(websocket: WebSocket) -> None:
        url = f"{socket_url}{websocket.url.path}?{websocket.url.query}"
        try:
            upstream = await connect(
                url,
                additional_headers=_passed(websocket),
                user_agent_header=None,
                compression=None,
                max_size=MESSAGE_BYTES,
                max_queue=QUEUED_MESSAGES,
                open_timeout=CONNECT_WITHIN_S,
                close_timeout=CLOSE_WITHIN_S,
                proxy=None,
            )
        except InvalidStatus as error:
            body = (error.response.body or b"").decode("utf-8", "replace")
            await websocket.send_denial_response(PlainTextResponse(body, status_code=error.response.status_code))
            return
        except (OSError, TimeoutError, InvalidHandshake):
            gone = PlainTextResponse("the media server does not answer", status_code=503)
            await websocket.send_denial_response(gone)
            return
        async with AsyncExitStack() as stack:
            stack.push_async_callback(upstream.close)
            await websocket.accept()
            await _pass_both_ways(websocket, upstream)

    for path in PATHS:
        router.add_api_websocket_route(path, join)
        router.add_api_route(f"{path}/validate", validate, methods=["GET"], include_in_schema=False)
    return router


async def _pass_both_ways(websocket: WebSocket, upstream: ClientConnection) -> None:
    """Move messages until one side ends; the other is then closed with the same code."""
    up = asyncio.create_task(_pass_up(websocket, upstream), name="signalling up")
    down = asyncio.create_task(_pass_down(websocket, upstream), name="signalling down")
    try:
        await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (up, down):
            task.cancel()
        await asyncio.gather(up, down, return_exceptions=True)


async def _pass_up(websocket: WebSocket, upstream: ClientConnection) -> None:
    try:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                await upstream.close(_sendable(message.get("code", 1006), broken=1001))
                return
            data: str | bytes = message["text"] if message.get("bytes") is None else message["bytes"]
            if len(data) > MESSAGE_BYTES:
                await upstream.close(1009)
                await _close(websocket, 1009, f"a message has at most {MESSAGE_BYTES} bytes")
                return
            async with asyncio.timeout(SEND_WITHIN_S):
                await upstream.send(data)
    except (ConnectionClosed, TimeoutError, WebSocketDisconnect):
        await _close(websocket, _sendable(upstream.close_code or 1006, broken=1011), upstream.close_reason or "")


async def _pass_down(websocket: WebSocket, upstream: ClientConnection) -> None:
    with suppress(ConnectionClosed, WebSocketDisconnect, TimeoutError, OSError):
        async for message in upstream:
            async with asyncio.timeout(SEND_WITHIN_S):
                await (websocket.send_text(message) if isinstance(message, str) else websocket.send_bytes(message))
    await _close(websocket, _sendable(upstream.close_code or 1006, broken=1011), upstream.close_reason or "")


async def _close(websocket: WebSocket, code: int, reason: str) -> None:
    # Whoever is gone already need not be told.
    with suppress(RuntimeError, OSError):
        await websocket.close(code, reason)


def _sendable(code: int, *, broken: int) -> int:
    """Give a code that may stand on the wire: 1005 is "none was given", 1006 and 1015 are "it broke"."""
    if code == 1005:
        return 1000
    return broken if code in (1006, 1015) else code


def _passed(request: Request | WebSocket) -> dict[str, str]:
    return {name: request.headers[name] for name in _PASSED_HEADERS if name in request.headers}
