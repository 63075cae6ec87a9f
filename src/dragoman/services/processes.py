"""Which processes ``dragoman up`` keeps running: one line each, with what it needs before it. To supervisor.py."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dragoman.ground.engines import EngineKind
from dragoman.ground.errors import SettingsInvalid
from dragoman.rooms.livekit_config import LiveKitConfig, LiveKitPorts, write_config
from dragoman.rooms.livekit_server import server_command
from dragoman.services.call_secrets import CallSecrets, derive_secrets
from dragoman.services.health import LIVE_PATH, READY_PATH
from dragoman.services.ports import check_free
from dragoman.settings import Settings

LIVEKIT = "livekit-server"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessPlan:
    """One process: how to start it, and how to see that it is well."""

    name: str
    command: tuple[str, ...]
    """The program and its arguments; ``{supervisor}`` in one becomes the process id of the supervisor."""
    host: str
    port: int
    """Where it answers ``live_path`` and ``ready_path`` with 200, by plain HTTP."""
    port_setting: str
    """The setting that moves it to another port."""
    needs: tuple[str, ...] = ()
    """Names of the processes that must be ready before it starts."""
    environment: dict[str, str] = field(default_factory=dict)
    """Variables besides the supervisor's own."""
    live_path: str = LIVE_PATH
    ready_path: str = READY_PATH
    start_within_s: float = 120.0
    """For loading models, on a slow disk too."""
    stop_within_s: float = 8.0
    """For finishing what runs, before it is killed."""


def leashed(command: Sequence[str]) -> tuple[str, ...]:
    """Put a program that is not ours on the leash of ``leash.py``."""
    return (sys.executable, "-m", "dragoman.services.leash", "{supervisor}", *command)


def engine_service(kind: EngineKind, settings: Settings, *, token: str) -> ProcessPlan:
    """Plan the service of one kind of engine."""
    service = settings.service_of(kind)
    return ProcessPlan(
        name=kind.value,
        command=(sys.executable, "-m", "dragoman", "serve", kind.value, "--supervisor", "{supervisor}"),
        host=settings.services_host,
        port=service.port,
        port_setting=service.port_setting,
        environment={"DRAGOMAN_SERVICE_TOKEN": token},
    )


def plan_services(settings: Settings, *, token: str) -> tuple[ProcessPlan, ...]:
    """Plan the engine services. One whose address is set runs elsewhere and is left out."""
    kinds = (EngineKind.SPEECH_TO_TEXT, EngineKind.TRANSLATION, EngineKind.TEXT_TO_SPEECH)
    return tuple(engine_service(kind, settings, token=token) for kind in kinds if not settings.service_of(kind).url)


def plan_processes(settings: Settings, *, token: str, livekit: Path, run_folder: Path) -> tuple[ProcessPlan, ...]:
    """Plan everything, each after what it needs: engines and media server, then the interpreter and the API.

    ``livekit`` is the program livekit-server; its configuration is written into ``run_folder``.
    """
    services = plan_services(settings, token=token)
    needs = (*(plan.name for plan in services), LIVEKIT)
    return (
        *services,
        _livekit(settings, livekit, run_folder, derive_secrets(token)),
        _ours("api", settings.api_host, settings.api_port, "api_port", token=token, needs=needs),
        _ours(
            "interpreter", LOOPBACK, settings.interpreter_port, "interpreter_port", token=token, needs=(*needs, "api")
        ),
    )


def _livekit(settings: Settings, program: Path, run_folder: Path, secrets: CallSecrets) -> ProcessPlan:
    config = LiveKitConfig(
        keys=secrets.livekit,
        ports=LiveKitPorts(
            signalling=settings.livekit_port,
            media_tcp=settings.livekit_tcp_port,
            media_udp=settings.livekit_udp_port,
        ),
        webhook_urls=(f"http://{LOOPBACK}:{settings.api_port}/livekit/webhook",),
    )
    return ProcessPlan(
        name=LIVEKIT,
        command=leashed(server_command(program, write_config(config, run_folder))),
        host=LOOPBACK,
        port=settings.livekit_port,
        port_setting="livekit_port",
        live_path="/",
        ready_path="/",
    )


def _ours(name: str, host: str, port: int, port_setting: str, *, token: str, needs: tuple[str, ...]) -> ProcessPlan:
    return ProcessPlan(
        name=name,
        command=(sys.executable, "-m", "dragoman", "serve", name, "--supervisor", "{supervisor}"),
        host=host,
        port=port,
        port_setting=port_setting,
        needs=needs,
        environment={"DRAGOMAN_SERVICE_TOKEN": token},
    )


def check_plans(plans: Sequence[ProcessPlan]) -> None:
    """Raise ``SettingsInvalid`` if a port is taken, or wanted by two processes."""
    owners: dict[int, ProcessPlan] = {}
    for plan in plans:
        other = owners.setdefault(plan.port, plan)
        if other is not plan:
            raise SettingsInvalid(
                f"{other.name} and {plan.name} both have port {plan.port}; "
                f"change {other.port_setting} or {plan.port_setting} in dragoman.toml"
            )
        check_free(plan.host, plan.port, setting=plan.port_setting)
