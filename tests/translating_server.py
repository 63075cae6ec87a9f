"""A translation service of ours on a port of loopback, and servers that only pretend to be one."""

import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp

from dragoman.engines.pool import EnginePool
from dragoman.ground.engines import Translator
from dragoman.services.translation import translation_app
from dragoman.testing.observers import RecordingObserver


@contextmanager
def serve_translators(*engines: Translator, token: str | None = None) -> Iterator[str]:
    """Serve ``engines``, which stay the caller's; give the address."""
    with (
        EnginePool(workers=4, observer=RecordingObserver()) as pool,
        serve_app(translation_app(engines, pool=pool, token=token)) as address,
    ):
        yield address


@contextmanager
def serve_app(app: ASGIApp) -> Iterator[str]:
    """Serve ``app`` from a thread on a port that the system chooses."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, name="translating-server")
    thread.start()
    try:
        until_s = time.monotonic() + 20
        while not server.started:
            assert time.monotonic() < until_s, "the server did not start"
            time.sleep(0.005)
        (listener,) = server.servers[0].sockets
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)


Answer = Callable[[socketserver.StreamRequestHandler, str], None]
"""Answers one request, given the handler and the request's first line."""


@contextmanager
def serve_badly(answer: Answer) -> Iterator[str]:
    """Serve whatever ``answer`` writes, a connection for each request."""

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            first = self.rfile.readline().decode()
            length = 0
            while (line := self.rfile.readline().strip()) != b"":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            self.rfile.read(length)
            with suppress(OSError):  # the client has left
                answer(self, first)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join(timeout=20)


def write_json(handler: socketserver.StreamRequestHandler, body: bytes, *, status: int = 200) -> None:
    head = (
        f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
    )
    handler.wfile.write(head.encode() + b"\r\n" + body)
