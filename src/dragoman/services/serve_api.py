"""The API as a process: ``dragoman serve api``. One origin for the page, the API and LiveKit's signalling.

Plain http on this machine; the same app by https for other machines, where ``front.py`` says so.
"""

import asyncio
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import structlog
import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from dragoman.ground.errors import SettingsInvalid
from dragoman.ground.languages import Language
from dragoman.meetings.meetings import Meetings
from dragoman.meetings.warden import Warden
from dragoman.observe.metrics import Metrics
from dragoman.rooms.tokens import human_token
from dragoman.services.api.app import make_app, server_options
from dragoman.services.api.call_server import LiveKitCalls
from dragoman.services.api.directions import Directions
from dragoman.services.api.machine import Machine
from dragoman.services.api.models_desk import ModelDesk
from dragoman.services.api.models_infos import EngineInfos
from dragoman.services.api.models_restart import RunningProcess, ServiceRestarts
from dragoman.services.api.models_take_up import TakeUp
from dragoman.services.api.parts import MAX_SESSIONS, ApiParts
from dragoman.services.api.watch import Watch
from dragoman.services.call_secrets import CallSecrets, derive_secrets, make_invitations
from dragoman.services.certificate import Certificate
from dragoman.services.doctor import diagnose_engines
from dragoman.services.doors import Doors
from dragoman.services.first_account import first_account
from dragoman.services.front import built_page, open_front
from dragoman.services.leash import die_with
from dragoman.services.leashed_server import LeashedServer, ServerBeside, quiet_signals
from dragoman.services.ports import listen
from dragoman.services.practice import PracticeSpeakers
from dragoman.services.processes import INTERPRETER
from dragoman.services.room_interpreting import KINDS, RoomInterpreting, open_room_interpreting, with_services
from dragoman.services.serve_interpreter import AGENT, LOOPBACK
from dragoman.services.service_face import ServiceFace
from dragoman.settings import Settings, forget_secrets

if TYPE_CHECKING:
    from dragoman.services.api.accounts_parts import AccountsParts

log = structlog.get_logger()

SWITCH_S = 0.0005
"""For which a thread keeps Python's lock while another one waits for it; Python's own default is ten times as long."""
GRACE_S = 3
"""For requests that run when the API is asked to end."""


def serve_api(settings: Settings, *, supervisor: int | None) -> None:
    """Serve until SIGINT or SIGTERM, or until the supervisor has ended. Raises as ``serve`` does."""
    if supervisor is not None:
        die_with(supervisor)
    if settings.token is None:
        raise SettingsInvalid("the API needs the token of the others; start everything with: dragoman up")
    forget_secrets()
    token = settings.token
    metrics = Metrics()
    with ExitStack() as stack:
        listener = stack.enter_context(listen(settings.api_host, settings.api_port, setting="api_port"))
        front = open_front(settings)
        secure = [
            stack.enter_context(listen(host, settings.https_port, setting="https_port")) for host in front.doors.listen
        ]
        rooms = stack.enter_context(open_room_interpreting(settings, metrics))
        secrets = derive_secrets(settings.token)

        async def run() -> None:
            calls = LiveKitCalls(
                url=livekit_http(settings), key=secrets.livekit.key, secret=secrets.livekit.secret, agent_name=AGENT
            )
            async with (
                PracticeSpeakers(url=f"ws://{LOOPBACK}:{settings.livekit_port}", keys=secrets.livekit) as practice,
                _open_accounts(settings) as accounts,
            ):
                parts = _parts(settings, front.doors, secrets, calls, rooms, practice, metrics, accounts)
                app = make_app(parts, webhook_key=secrets.livekit.key, webhook_secret=secrets.livekit.secret)
                beside = _https_server(app, front.certificate, secure) if front.certificate and secure else None
                face = ServiceFace(app, name="api", endpoints=_paths(app), token=token, metrics=metrics)
                server = LeashedServer(_config(face), supervised=supervisor is not None)
                async with _watching_for_accounts(settings, server, on=supervisor is not None and accounts is None):
                    await server.serve_leashed(listener, beside=beside)
            await calls.close()

        # The loop wants the interpreter back from the database's threads, and they from it, many times in a request.
        sys.setswitchinterval(SWITCH_S)
        with quiet_signals():
            asyncio.run(run())


@asynccontextmanager
async def _open_accounts(settings: Settings) -> AsyncIterator["AccountsParts | None"]:
    """Open the accounts; a private machine does not even import them."""
    if not settings.has_database:
        yield None
        return
    from dragoman.services.open_accounts import open_accounts

    async with open_accounts(settings) as accounts:
        yield accounts


@asynccontextmanager
async def _watching_for_accounts(settings: Settings, server: LeashedServer, *, on: bool) -> AsyncIterator[None]:
    """End ``server`` in order when the first account is made: its supervisor starts one that has accounts."""

    async def watch() -> None:
        await first_account(settings)
        log.info("accounts_are_on", next="the API starts again, with them; calls go on")
        server.should_exit = True

    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(watch(), name="first account") if on else None
        yield
        if watching is not None:
            watching.cancel()


def _paths(app: FastAPI) -> list[str]:
    return [path for route in app.routes if (path := getattr(route, "path", None))]


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_S, **server_options())


def _https_server(app: FastAPI, certificate: Certificate, listeners: Sequence[socket.socket]) -> ServerBeside:
    """Serve the same app, which the first server starts and ends, to other machines."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=certificate.chain,
        ssl_keyfile=certificate.key,
        **server_options(),
    )
    return ServerBeside(config, listeners=listeners)


def _take_up(settings: Settings, on_changed: Callable[[], None]) -> TakeUp:
    """Know which processes of this machine are started again when a model has come."""
    engines = {
        kind.value: RunningProcess(host=settings.services_host, port=settings.service_of(kind).port) for kind in KINDS
    }
    interpreter = {INTERPRETER: RunningProcess(host=LOOPBACK, port=settings.interpreter_port)}
    restarts = ServiceRestarts(processes=engines | interpreter, token=settings.token or "")
    return TakeUp(settings=settings, restarts=restarts, on_changed=on_changed)


def livekit_http(settings: Settings) -> str:
    return f"http://{LOOPBACK}:{settings.livekit_port}"


def _parts(
    settings: Settings,
    doors: Doors,
    secrets: CallSecrets,
    calls: LiveKitCalls,
    rooms: RoomInterpreting,
    practice: PracticeSpeakers,
    metrics: Metrics,
    accounts: "AccountsParts | None",
) -> ApiParts:
    invitations = make_invitations(secrets, room_links=None if accounts is None else accounts.room_links)
    meetings = Meetings(invitations, most_members=settings.people_per_room)
    # A restarted API must give higher epochs than the one before, or its interpreters would be taken for ghosts.
    # In milliseconds, for no API sends a thousand interpreters a second.
    warden = Warden(first_epoch=time.time_ns() // 1_000_000)

    def token(*, room: str, identity: str, name: str, attributes: Mapping[str, str]) -> str:
        return human_token(secrets.livekit, room=room, identity=identity, name=name, attributes=attributes)

    async def practise(room: str, language: Language) -> None:
        await practice.add(room, language)

    infos = EngineInfos(with_services(settings), rooms.engine_infos)
    directions = Directions(lambda: diagnose_engines(settings, infos.now()))

    def engines_changed() -> None:
        infos.ask_again()
        directions.forget()

    return ApiParts(
        meetings=meetings,
        calls=calls,
        watch=Watch(meetings=meetings, calls=calls, warden=warden, clock=time.monotonic),
        directions=directions,
        models=(ModelDesk(_take_up(settings, engines_changed)), settings),
        human_token=token,
        origins=doors.origins,
        local_origins=frozenset(doors.local),
        link_origin=doors.link_origin,
        public_origin=doors.public,
        own_certificate=settings.tls_certificate is not None,
        host_password=settings.password,
        inner_token=secrets.inner_token,
        livekit_url=livekit_http(settings),
        page=built_page(settings),
        interpret=lambda room: rooms.interpret(room, priority=lambda: room.priority),
        practise=practise,
        max_sessions=min(MAX_SESSIONS, rooms.speakers.machine.speakers_at_once),
        metrics=metrics,
        machine=Machine(cores=settings.cores, speakers_at_once=rooms.speakers.capacity, engines=infos.now),
        accounts=accounts,
    )
