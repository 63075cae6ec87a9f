"""The API as one app, of plain parts: page, ``/api/v1``, LiveKit's signalling, and what our own processes say.

Run it with ``server_options()``: limits that only the server in front can keep. From ``assembly``; the resources are
in the files beside this one.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypedDict

from fastapi import APIRouter, FastAPI
from starlette.types import Lifespan

from dragoman import __version__
from dragoman.services.api import (
    capabilities,
    captions,
    glossary,
    hosts,
    inner,
    interpret,
    lobby,
    models,
    openapi,
    participants,
    practice,
    rooms,
    site,
)
from dragoman.services.api.guards import Guards
from dragoman.services.api.interpret_sessions import Sessions
from dragoman.services.api.live_rooms import make_live_rooms
from dragoman.services.api.page import serve_page
from dragoman.services.api.parts import ApiParts
from dragoman.services.api.patience import PatientProtocol
from dragoman.services.api.problems import answer_with_problems
from dragoman.services.api.signalling import MESSAGE_BYTES, QUEUED_MESSAGES, signalling_routes
from dragoman.services.api.webhook import webhook_route
from dragoman.services.health import health_routes

MAX_CONNECTIONS = 512


class ServerOptions(TypedDict):
    """Arguments of ``uvicorn.Config``."""

    http: type[asyncio.Protocol]
    ws_max_size: int
    ws_max_queue: int
    ws_per_message_deflate: bool
    limit_concurrency: int
    server_header: bool
    proxy_headers: bool


def server_options() -> ServerOptions:
    """Give what the server is to be run with: messages are refused before they are in memory (1009)."""
    return ServerOptions(
        http=PatientProtocol,
        ws_max_size=MESSAGE_BYTES,
        ws_max_queue=QUEUED_MESSAGES,
        ws_per_message_deflate=False,
        limit_concurrency=MAX_CONNECTIONS,
        server_header=False,
        proxy_headers=False,  # nobody in front of us is trusted to say who asks
    )


def api_routes(*, accounts: bool) -> APIRouter:
    """Give ``/api/v1``, with or without the resources of accounts."""
    v1 = APIRouter(prefix="/api/v1")
    for resource in (
        capabilities,
        rooms,
        participants,
        hosts,
        lobby,
        captions,
        glossary,
        practice,
        interpret,
        models,
        site,
    ):
        v1.include_router(resource.router)
    if accounts:
        from dragoman.services.api.account_resources import ACCOUNT_RESOURCES

        for resource in ACCOUNT_RESOURCES:
            v1.include_router(resource.router)
    return v1


def openapi_document() -> dict[str, Any]:
    """Describe the whole API, as a server with accounts does at ``/api/openapi.json``."""
    app = _bare_app()
    app.include_router(api_routes(accounts=True))
    return app.openapi()


def make_app(parts: ApiParts, *, webhook_key: str = "", webhook_secret: str = "") -> FastAPI:
    """Make the app. While it runs it watches the rooms; the caller keeps ownership of all parts.

    ``webhook_key`` and ``webhook_secret`` are the pair that the media server signs its webhooks with, and that the
    tokens of calls are signed with; without them it is asked every two seconds only, and the signalling of a call is
    counted for no team.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as tasks:
            watching = [tasks.create_task(parts.watch.run(), name="watch")]
            if parts.models is not None:
                watching.append(tasks.create_task(parts.models[0].run(), name="model desk"))
            if live is not None:
                watching.append(tasks.create_task(live.run(), name="live rooms"))
            background = {} if parts.accounts is None else parts.accounts.background
            watching += [tasks.create_task(run(), name=name) for name, run in background.items()]
            yield
            for task in watching:
                task.cancel()

    app = _bare_app(lifespan)
    app.state.parts = parts
    app.state.sessions = Sessions()
    app.state.live = live = make_live_rooms(parts)
    answer_with_problems(app)
    app.include_router(api_routes(accounts=parts.accounts is not None))
    app.include_router(inner.router)
    app.include_router(signalling_routes(parts.livekit_url))
    if webhook_secret:
        app.include_router(webhook_route(key=webhook_key, secret=webhook_secret))
    app.router.routes.extend(health_routes((), is_ready=lambda: True, metrics=None))
    serve_page(app, parts.page)
    if parts.accounts is not None:
        from dragoman.accounts.rate_limits import RateLimits
        from dragoman.services.api.idempotency import Idempotency
        from dragoman.services.api.request_limits import RequestLimits

        # The one added last is outermost: what is answered from memory is counted too, and what is refused asks nobody.
        app.add_middleware(Idempotency)
        app.state.rate_limits = RateLimits(parts.clock)
        app.add_middleware(
            RequestLimits,
            parts=parts,
            limits=app.state.rate_limits,
            media_key=webhook_key,
            media_secret=webhook_secret,
        )
    app.add_middleware(Guards, origins=parts.origins, public=parts.public_origin, own_certificate=parts.own_certificate)
    return app


def _bare_app(lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    app = FastAPI(
        title="Dragoman",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        generate_unique_id_function=openapi.operation_id,
    )
    openapi.describe(app)
    return app
