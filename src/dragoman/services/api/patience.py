"""How long the server in front waits for a request's head: a client that never sends one does not keep its place.

uvicorn has limits for heads that are too long (16 KiB), for connections between two requests (5 s) and for their
number, and none for a head that comes byte by byte. For ``server_options`` of app.py; guards.py watches the bodies.
"""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_WITHIN_S = 10.0


class PatientProtocol(H11Protocol):
    """One connection of uvicorn, closed if it is open for ``head_within_s`` without a whole head."""

    head_within_s = HEAD_WITHIN_S
    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._wait_for_head()
        else:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        self._stop_waiting()  # from here on the connection is another protocol's
        super().handle_websocket_upgrade(event)

    def _wait_for_head(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(self.head_within_s, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
