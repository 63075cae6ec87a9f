"""A WebSocket without a network: an ASGI app served in this event loop, at the end of two bounded queues."""

import asyncio
from collections.abc import Mapping
from typing import Self

from starlette.types import ASGIApp, Message, Scope

MAX_MESSAGES = 256
"""On their way in either direction; then the sender waits."""

CLOSE_WITHIN_S = 1.0
"""What the app has to end in by itself, before it is cancelled."""


class AsgiWebSocket:
    """The client's end of a WebSocket to ``app``; keeps the ``FrameSocket`` protocol of ``engines/remote_session.py``.

    Whoever opens it closes it: the app runs as a task of this object.
    """

    def __init__(self, app: ASGIApp, path: str, headers: Mapping[str, str]) -> None:
        self._to_app: asyncio.Queue[Message] = asyncio.Queue(MAX_MESSAGES)
        self._from_app: asyncio.Queue[Message] = asyncio.Queue(MAX_MESSAGES)
        self._broken = False
        scope: Scope = {
            "type": "websocket",
            "asgi": {"version": "3.0"},
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "scheme": "ws",
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
            "subprotocols": [],
            "state": {},
        }
        self._serving = asyncio.create_task(self._serve(app, scope), name=f"websocket {path}")

    @classmethod
    async def connect(cls, app: ASGIApp, path: str, *, headers: Mapping[str, str] | None = None) -> Self:
        """Open a WebSocket. Raises ``ConnectionRefusedError`` if the app does not accept it."""
        socket = cls(app, path, headers or {})
        await socket._to_app.put({"type": "websocket.connect"})
        answer = await socket._from_app.get()
        if answer["type"] != "websocket.accept":
            await socket.close()
            raise ConnectionRefusedError(f"{path} does not accept the connection")
        return socket

    async def send_bytes(self, data: bytes) -> None:
        self._check()
        await self._to_app.put({"type": "websocket.receive", "bytes": data})
        self._check()

    async def receive_bytes(self) -> bytes:
        message = await self._from_app.get()
        if message["type"] != "websocket.send":
            # Left where it was, for whoever asks again.
            self._broken = True
            self._from_app.put_nowait(message)
            self._check()
        data: bytes = message["bytes"]
        return data

    def drop(self) -> None:
        """Break the connection as a cable does: both sides learn of it, what is on its way is lost."""
        self._broken = True
        for queue in (self._to_app, self._from_app):
            while not queue.empty():
                queue.get_nowait()
        self._to_app.put_nowait({"type": "websocket.disconnect", "code": 1006})
        self._from_app.put_nowait({"type": "websocket.close", "code": 1006})

    async def close(self) -> None:
        """Leave, and wait for the app to end. Raises what the app raised: a mistake in it."""
        if not self._broken:
            self.drop()
        _, late = await asyncio.wait([self._serving], timeout=CLOSE_WITHIN_S)
        for serving in late:
            serving.cancel()
            await asyncio.wait([serving])
        if not self._serving.cancelled():
            self._serving.result()

    async def _serve(self, app: ASGIApp, scope: Scope) -> None:
        try:
            await app(scope, self._to_app.get, self._send)
        finally:
            # Waits behind what the client has not read yet; ``close`` makes room.
            await self._from_app.put({"type": "websocket.close", "code": 1006})

    async def _send(self, message: Message) -> None:
        if self._broken:
            raise OSError("the client has left")
        await self._from_app.put(message)

    def _check(self) -> None:
        if self._broken:
            raise ConnectionError("the connection is closed")
