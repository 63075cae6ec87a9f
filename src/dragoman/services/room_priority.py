"""With which priority a service works for who asks: a header of our own processes. Around every service, by web.py.

Counts only behind the check of the services' token; a service without a token serves all alike.
"""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from dragoman.ground.precedence import HIGHEST, ORDINARY, working_for
from dragoman.wire.requests import PRIORITY_HEADER


class RoomPriority:
    """Lets requests and WebSockets be served with the priority that they name, if it ``believes`` who asks."""

    def __init__(self, app: ASGIApp, *, believes: bool) -> None:
        self._app = app
        self._believes = believes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        named = Headers(scope=scope).get(PRIORITY_HEADER, "")
        priority = read_priority(named) if self._believes else ORDINARY
        with working_for(lambda: priority):
            await self._app(scope, receive, send)


def read_priority(text: str) -> int:
    """Read a header; what is no whole number from 0 to 100 is as no header, since nothing is refused for it."""
    is_priority = text.isascii() and text.isdigit() and len(text) <= len(str(HIGHEST)) and int(text) <= HIGHEST
    return int(text) if is_priority else ORDINARY
