"""What every request passes before a resource sees it: size, time, Host, Origin; and headers on every answer.

Plain ASGI, so that no body is buffered twice; app.py puts it around everything.
"""

import asyncio
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dragoman.services.api.problems import problem

MAX_BODY_BYTES = 16 << 10
"""Of a request from outside: names and languages."""
MAX_INNER_BODY_BYTES = 1 << 20
"""Of one from our own processes: a delivery of finals."""
INNER_PREFIX = "/internal/"
INNER_PATHS = (INNER_PREFIX, "/livekit/webhook", "/health")
"""Asked by our own processes, which prove who they are by a token or a signature; health says nothing of anybody."""
BODY_WITHIN_S = 10.0
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def content_security_policy(origins: Collection[str]) -> str:
    """Write the policy: everything from here alone, in no frame, with no inline script.

    The sockets are named besides ``'self'``, which older Safaris do not take for them.
    """
    sockets = " ".join(sorted({_socket_origin(origin) for origin in origins}))
    return "; ".join(
        [
            "default-src 'self'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob: mediastream:",
            "worker-src 'self' blob:",
            f"connect-src 'self' {sockets}".rstrip(),
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


class Guards:
    """``origins`` are the addresses people open the page at, such as ``http://127.0.0.1:8000``."""

    def __init__(self, app: ASGIApp, *, origins: Collection[str]) -> None:
        self._app = app
        self._origins = {origin.lower() for origin in origins}
        self._hosts = {urlsplit(origin).netloc for origin in self._origins}
        secure = all(origin.startswith("https:") for origin in self._origins)
        self._headers = {
            "Content-Security-Policy": content_security_policy(origins),
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            # Room ids are secrets, and stand in addresses.
            "Referrer-Policy": "no-referrer",
            "Permissions-Policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=()",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if secure and self._origins:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

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
        limit = MAX_INNER_BODY_BYTES if scope["path"].startswith(INNER_PATHS) else MAX_BODY_BYTES
        try:
            async with asyncio.timeout(BODY_WITHIN_S):
                body = await _read_body(receive, limit)
        except TimeoutError:
            await problem(408, "too_slow", f"a request is sent within {BODY_WITHIN_S:g} s")(scope, receive, send)
            return
        if body is None:
            await problem(413, "too_large", f"a request has at most {limit} bytes")(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    def _refusal(self, scope: Scope) -> str | None:
        """Say why a request may not come from where it comes from; None if it may."""
        headers = Headers(scope=scope)
        if scope["path"].startswith(INNER_PATHS):
            return None  # our own processes and the media server come by whatever address they were given
        host = headers.get("host", "").lower()
        if host not in self._hosts:
            return f"this server is not called {host[:80]!r}; add that address to its origins in the settings"
        origin = headers.get("origin")
        changes = scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
        if changes and origin is not None and origin.lower() not in self._origins:
            return f"a page of {origin[:80]!r} may not use this server; add it to the origins in the settings"
        return None

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        api = scope["path"].startswith(("/api/", INNER_PREFIX, "/rtc"))

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                if api:
                    headers["Cache-Control"] = "no-store"
            await send(message)

        return send_with_headers


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


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _socket_origin(origin: str) -> str:
    scheme, _, rest = origin.partition("://")
    return f"{'wss' if scheme == 'https' else 'ws'}://{rest}"
