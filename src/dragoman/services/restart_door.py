"""``POST /restart``: a process of ``dragoman up`` ends in order, and its supervisor starts it again.

For processes that are to open their engines anew, after a model has come. Around the apps of serve.py and
serve_interpreter.py; asked by ``api/models_restart.py``.
"""

import os
import secrets
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

RESTART_PATH = "/restart"
PROCESS_ID = "process_id"


class RestartDoor:
    """Takes that one request from who knows ``token``, and passes all others to ``app``.

    ``end`` asks the server to end; without a supervisor nobody would start it again, and the request is refused (409).
    """

    def __init__(self, app: ASGIApp, *, token: str, supervised: bool, end: Callable[[], None]) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()
        self._supervised = supervised
        self._end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == RESTART_PATH:
            await self._answer(scope)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _answer(self, scope: Scope) -> Response:
        given = Headers(scope=scope).get("authorization", "").encode("latin-1")
        if not secrets.compare_digest(given, self._expected):
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        if scope["method"] != "POST":
            return Response(status_code=405, headers={"Allow": "POST"})
        if not self._supervised:
            return Response(status_code=409)
        self._end()
        return JSONResponse({PROCESS_ID: os.getpid()}, status_code=202)
