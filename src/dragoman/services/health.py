"""How a service is: the routes that tell it (``/health``, ``/metrics``), in every service by web.py. To probe.py."""

from collections.abc import Callable, Mapping, Sequence

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dragoman.ground.engines import Engine
from dragoman.observe.metrics import Metrics
from dragoman.services.probe import LIVE_PATH, READY_PATH
from dragoman.wire.frames import JsonValue
from dragoman.wire.messages import write_info

OPEN_PATHS = frozenset({LIVE_PATH, READY_PATH})
"""What supervisors ask without a token."""


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
