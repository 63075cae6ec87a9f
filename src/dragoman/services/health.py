"""How a service is: the routes that tell it (``/health``, ``/metrics``), and the question that a supervisor asks.

The routes are in every service by web.py; ``probe`` is for supervisor.py.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dragoman.ground.engines import Engine
from dragoman.observe.metrics import Metrics
from dragoman.wire.frames import JsonValue
from dragoman.wire.messages import write_info

LIVE_PATH, READY_PATH = "/health/live", "/health/ready"

OPEN_PATHS = frozenset({LIVE_PATH, READY_PATH})
"""What supervisors ask without a token."""

MAX_STATUS_LINE_BYTES = 4096


def health_routes(
    engines: Sequence[Engine],
    *,
    is_ready: Callable[[], bool],
    metrics: Metrics | None,
    costs: Mapping[str, float] | None = None,
    also: Mapping[str, JsonValue] | None = None,
) -> list[Route]:
    """Make the routes. Live means that the process answers, ready that its models are loaded and warm.

    ``costs`` are CPU seconds per second of speech by engine label, as measured on this machine;
    ``also`` stands in ``/health`` beside what every service says.
    """

    def health(_: Request) -> Response:
        ready = is_ready()
        return JSONResponse(
            {
                "status": "ok" if ready else "starting",
                "model_loaded": ready and bool(engines),
                "model_info": [
                    {**write_info(engine.info), "cost": (costs or {}).get(engine.info.label)} for engine in engines
                ],
                **(also or {}),
            }
        )

    async def live(_: Request) -> Response:
        return JSONResponse({"live": True})

    async def ready(_: Request) -> Response:
        return JSONResponse({"ready": is_ready()}, status_code=200 if is_ready() else 503)

    routes = [Route("/health", health), Route(LIVE_PATH, live), Route(READY_PATH, ready)]
    if metrics is not None:
        registry = metrics.registry

        def scrape(_: Request) -> Response:
            return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

        routes.append(Route("/metrics", scrape))
    return routes


async def probe(host: str, port: int, path: str, *, within_s: float) -> bool:
    """Say whether ``GET path`` is answered with 200 in time.

    By hand, because it is asked every second of every process: a client library costs ten times as much.
    """
    try:
        async with asyncio.timeout(within_s):
            reader, writer = await asyncio.open_connection(host, port, limit=MAX_STATUS_LINE_BYTES)
            try:
                name = f"[{host}]" if ":" in host else host
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {name}:{port}\r\nConnection: close\r\n\r\n".encode())
                status_line = await reader.readline()
            finally:
                writer.close()
    except (OSError, TimeoutError, ValueError):
        return False
    return status_line.split(b" ")[1:2] == [str(HTTPStatus.OK.value).encode()]
