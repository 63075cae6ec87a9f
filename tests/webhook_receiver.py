"""A receiver of webhooks on loopback, which answers as it is told, for the tests of deliveries."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, str]:
        told: dict[str, str] = json.loads(self.body)
        return told


@dataclass(slots=True)
class Receiver:
    """What came, and what is answered."""

    port: int = 0
    answer: bytes = b"HTTP/1.1 204 No Content\r\n\r\n"
    """Every byte of it, or nothing for ever if it is empty."""
    received: list[Received] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def refuse(self, status: int = 500) -> None:
        self.answer = f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode()

    def accept(self) -> None:
        self.answer = b"HTTP/1.1 204 No Content\r\n\r\n"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value for name, _, value in (it.partition(": ") for it in lines)}
            body = await reader.readexactly(int(headers["content-length"]))
            self.received.append(Received(line=line, headers=headers, body=body))
            writer.write(self.answer)
            await writer.drain()
            if not self.answer:
                await reader.read()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """Listen on a free port of loopback."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        await server.wait_closed()
