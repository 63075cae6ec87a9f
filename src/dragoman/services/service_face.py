"""What every service says at ``/`` and ``/metrics``, where ``/`` is the page: the API's own face for our processes.

Around the app of serve_api.py; the engine services and the interpreter have theirs by web.py.
"""

import secrets
from collections.abc import Collection

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dragoman import __version__
from dragoman.observe.metrics import Metrics

ABOUT_PATH, METRICS_PATH = "/", "/metrics"


class ServiceFace:
    """Answers those two to who knows ``token`` and comes by plain http, and passes all else to ``app``.

    ``endpoints`` are the paths of ``app``.
    """

    def __init__(self, app: ASGIApp, *, name: str, endpoints: Collection[str], token: str, metrics: Metrics) -> None:
        self._app = app
        self._about = {
            "name": name,
            "version": __version__,
            "endpoints": sorted({ABOUT_PATH, METRICS_PATH, *endpoints}),
        }
        self._expected = f"Bearer {token}".encode()
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._answer(scope) if scope["type"] == "http" and scope["scheme"] == "http" else None
        await (answer or self._app)(scope, receive, send)

    def _answer(self, scope: Scope) -> Response | None:
        """None for what is the app's to answer: the page itself, for one."""
        path = scope["path"]
        if scope["method"] not in ("GET", "HEAD") or path not in (ABOUT_PATH, METRICS_PATH):
            return None
        given = Headers(scope=scope).get("authorization", "").encode("latin-1")
        if secrets.compare_digest(given, self._expected):
            if path == ABOUT_PATH:
                return JSONResponse(self._about)
            return Response(generate_latest(self._metrics.registry), media_type=CONTENT_TYPE_LATEST)
        return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"}) if path == METRICS_PATH else None
