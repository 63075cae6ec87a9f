"""What every request passes before a resource sees it: size, time, Host, Origin; and headers on every answer.

Plain ASGI, so that no body is buffered twice; app.py puts it around everything.
"""

import asyncio
import re
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dragoman.services.api.problems import problem

MAX_BODY_BYTES = 16 << 10
"""Of a request from outside: names and languages."""
MAX_INNER_BODY_BYTES = 1 << 20
"""Of one from our own processes: a delivery of finals."""
MAX_GLOSSARY_BODY_BYTES = 2 << 20
"""Of one with the terms of a room: a thousand of them, in any script."""
INNER_PREFIX = "/internal/"
OWN_PATHS = (INNER_PREFIX, "/livekit/webhook")
"""For our own processes alone, which prove who they are by a token or a signature. Nobody gets there from outside."""
INNER_PATHS = (*OWN_PATHS, "/health")
"""Asked on this machine under any name; health says nothing of anybody."""
BODY_WITHIN_S = 10.0
_GLOSSARY_PATH = re.compile(r"(?:/api/v1|/internal)/rooms/[^/]{1,64}/glossary(?:/import)?")
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def content_security_policy(origin: str) -> str:
    """Write the policy of a page at ``origin``: everything from there alone, in no frame, with no inline script.

    The socket is named besides ``'self'``, which older Safaris do not take for it.
    """
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob: mediastream:",
            "worker-src 'self' blob:",
            f"connect-src 'self' {_socket_origin(origin)}".rstrip(),
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Room ids are secrets, and stand in addresses.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_FOR_A_YEAR = "max-age=31536000"


class Guards:
    """Lets in what is sent to one of ``origins``, such as ``http://127.0.0.1:8000``, by the scheme named there.

    ``public`` is the one of them that a proxy or a tunnel brings by plain http. With ``own_certificate`` browsers are
    told to come by https from then on; an exception for one that was made here would become a locked door.
    """

    def __init__(
        self, app: ASGIApp, *, origins: Collection[str], public: str = "", own_certificate: bool = False
    ) -> None:
        self._app = app
        self._origins = {origin.lower() for origin in origins}
        self._public = public.lower()
        self._own_certificate = own_certificate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            if self._refusal(scope) is None:
                await self._app(scope, receive, send)
            else:
                # Closing before accepting is how ASGI refuses a handshake; servers answer 403.
                await receive()
                await send({"type": "websocket.close", "code": 1008})
        else:
            await self._http(scope, receive, self._with_headers(scope, send))

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = self._refusal(scope)
        if refusal is not None:
            await problem(403, "origin_not_allowed", refusal)(scope, receive, send)
            return
        limit = _most_bytes(scope["path"])
        try:
            async with asyncio.timeout(BODY_WITHIN_S):
                body = await _read_body(receive, limit)
        except TimeoutError:
            await problem(408, "too_slow", f"a request is sent within {BODY_WITHIN_S:g} s")(scope, receive, send)
            return
        if body is None:
            await problem(413, "too_large", f"a request has at most {limit} bytes")(scope, receive, send)
            return
        await self._app(scope, replay(body, receive), send)

    def _refusal(self, scope: Scope) -> str | None:
        """Say why a request may not come from where it comes from; None if it may."""
        headers = Headers(scope=scope)
        own = self._own_origin(scope, headers)
        if scope["path"].startswith(INNER_PATHS) and not own.startswith("https:"):
            return None  # our own processes and the media server come by whatever address they were given
        if own not in self._origins:
            host = headers.get("host", "")[:80]
            return f"this server is not called {host!r} here; open it at the address that dragoman up printed"
        if scope["path"].startswith(OWN_PATHS):
            return "this is for the server's own processes"
        origin = headers.get("origin")
        changes = scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
        if changes and origin is not None and origin.lower() not in self._origins:
            return f"a page of {origin[:80]!r} may not use this server; open the page at this server itself"
        return None

    def _own_origin(self, scope: Scope, headers: Headers) -> str:
        """Give the origin that a request was sent to, in the eyes of the browser."""
        host = headers.get("host", "").lower()
        if self._public and host == urlsplit(self._public).netloc:
            return self._public
        return f"{'https' if scope['scheme'] in ('https', 'wss') else 'http'}://{host}"

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        api = scope["path"].startswith(("/api/", INNER_PREFIX, "/rtc"))
        own = self._own_origin(scope, Headers(scope=scope))
        # Whatever else stands in Host does not get into a header of ours.
        policy = content_security_policy(own if own in self._origins else "")

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy
                for name, value in _HEADERS.items():
                    headers[name] = value
                if self._own_certificate and scope["scheme"] == "https":
                    headers["Strict-Transport-Security"] = _FOR_A_YEAR
                if api:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        return send_with_headers


def _most_bytes(path: str) -> int:
    if _GLOSSARY_PATH.fullmatch(path):
        return MAX_GLOSSARY_BODY_BYTES
    return MAX_INNER_BODY_BYTES if path.startswith(INNER_PATHS) else MAX_BODY_BYTES


async def _read_body(receive: Receive, limit: int) -> bytes | None:
    """Read a whole body; None as soon as it is longer than ``limit``."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def replay(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read already; what comes behind it comes from ``receive``."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _socket_origin(origin: str) -> str:
    return origin.replace("http", "ws", 1)
