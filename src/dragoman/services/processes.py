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
from dragoman.services.doors import Doors, api_for_processes
from dragoman.services.ports import check_free, check_free_udp
from dragoman.services.probe import LIVE_PATH, READY_PATH
from dragoman.settings import Settings

LIVEKIT = "livekit-server"
INTERPRETER = "interpreter"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PortPlan:
    """A port that must be free."""

    host: str
    port: int
    setting: str
    udp: bool = False


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
    more_ports: tuple[PortPlan, ...] = ()
    """Where it listens besides."""
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
    hands_over: bool = False
    """It ends before the others, which take what it leaves."""
    beat_every_s: float = 1.0
    beat_within_s: float = 1.0
    """On a busy machine an answer takes its time; who misses three in a row is replaced, 4 s after it stopped."""


def leashed(command: Sequence[str]) -> tuple[str, ...]:
    """Put a program that is not ours on the leash of ``leash.py``."""
    return (sys.executable, "-m", "dragoman.services.leash", "{supervisor}", *command)


def ours(name: str) -> tuple[str, ...]:
    """Give the command that starts a process of ours, under the supervisor."""
    return (sys.executable, "-m", "dragoman.services.child", "serve", name, "--supervisor", "{supervisor}")


def engine_service(kind: EngineKind, settings: Settings, *, token: str) -> ProcessPlan:
    """Plan the service of one kind of engine."""
    service = settings.service_of(kind)
    return ProcessPlan(
        name=kind.value,
        command=ours(kind.value),
        host=settings.services_host,
        port=service.port,
        port_setting=service.port_setting,
        environment={"DRAGOMAN_SERVICE_TOKEN": token},
    )


def plan_services(settings: Settings, *, token: str) -> tuple[ProcessPlan, ...]:
    """Plan the engine services. One whose address is set runs elsewhere and is left out."""
    kinds = (EngineKind.SPEECH_TO_TEXT, EngineKind.TRANSLATION, EngineKind.TEXT_TO_SPEECH)
    return tuple(engine_service(kind, settings, token=token) for kind in kinds if not settings.service_of(kind).url)


def plan_processes(
    settings: Settings, *, token: str, livekit: Path, run_folder: Path, doors: Doors, host_password: str | None
) -> tuple[ProcessPlan, ...]:
    """Plan everything. What needs others is started with them, loads, and waits for them itself (``child.py``).

    ``livekit`` is the program livekit-server; its configuration is written into ``run_folder``. ``host_password`` is
    what making rooms takes from other machines.
    """
    return (
        *plan_services(settings, token=token),
        _livekit(settings, livekit, run_folder, doors, derive_secrets(token)),
        _api(settings, doors, token=token, host_password=host_password),
        ProcessPlan(
            name=INTERPRETER,
            command=ours(INTERPRETER),
            hands_over=True,
            host=LOOPBACK,
            port=settings.interpreter_port,
            port_setting="interpreter_port",
            environment={"DRAGOMAN_SERVICE_TOKEN": token},
            # No engine runs in it, so it answers at once; whoever is silent for 2 s holds up everybody's captions.
            beat_every_s=0.25,
            beat_within_s=0.4,
        ),
    )


def _api(settings: Settings, doors: Doors, *, token: str, host_password: str | None) -> ProcessPlan:
    environment = {"DRAGOMAN_SERVICE_TOKEN": token, "DRAGOMAN_LAN": str(settings.lan).lower()}
    if host_password is not None:
        environment["DRAGOMAN_HOST_PASSWORD"] = host_password
    return ProcessPlan(
        name="api",
        command=ours("api"),
        host=settings.api_host,
        port=settings.api_port,
        port_setting="api_port",
        more_ports=tuple(PortPlan(host=host, port=settings.https_port, setting="https_port") for host in doors.listen),
        environment=environment,
    )


def _livekit(settings: Settings, program: Path, run_folder: Path, doors: Doors, secrets: CallSecrets) -> ProcessPlan:
    config = LiveKitConfig(
        keys=secrets.livekit,
        ports=LiveKitPorts(
            signalling=settings.livekit_port,
            media_tcp=settings.livekit_tcp_port,
            media_udp=settings.livekit_udp_port,
        ),
        media_address=doors.media,
        interfaces=doors.media_interfaces,
        webhook_urls=(f"{api_for_processes(settings)}/livekit/webhook",),
    )
    media_hosts = [LOOPBACK, *map(str, doors.media_interfaces)]
    return ProcessPlan(
        name=LIVEKIT,
        command=leashed(server_command(program, write_config(config, run_folder))),
        host=LOOPBACK,
        port=settings.livekit_port,
        port_setting="livekit_port",
        more_ports=tuple(
            port
            for host in media_hosts
            for port in (
                PortPlan(host=host, port=settings.livekit_tcp_port, setting="livekit_tcp_port"),
                PortPlan(host=host, port=settings.livekit_udp_port, setting="livekit_udp_port", udp=True),
            )
        ),
        live_path="/",
        ready_path="/",
        # Asked to end it waits until everybody has left, which is not for us to wait for; it keeps nothing.
        stop_within_s=1.0,
    )


def check_plans(plans: Sequence[ProcessPlan]) -> None:
    """Raise ``SettingsInvalid`` for the first of ``port_faults``."""
    for fault in port_faults(plans):
        raise SettingsInvalid(fault)


def port_faults(plans: Sequence[ProcessPlan]) -> list[str]:
    """Say which ports are taken, or wanted by two processes, a sentence for each setting."""
    faults: dict[str, str] = {}
    owners: dict[tuple[int, bool], tuple[ProcessPlan, PortPlan]] = {}
    for plan in plans:
        first = PortPlan(host=plan.host, port=plan.port, setting=plan.port_setting)
        for wanted in (first, *plan.more_ports):
            other, others = owners.setdefault((wanted.port, wanted.udp), (plan, wanted))
            if others.setting != wanted.setting:
                faults.setdefault(
                    wanted.setting,
                    f"{other.name} and {plan.name} both have port {wanted.port}; "
                    f"change {others.setting} or {wanted.setting} in dragoman.toml",
                )
                continue
            check = check_free_udp if wanted.udp else check_free
            try:
                check(wanted.host, wanted.port, setting=wanted.setting)
            except SettingsInvalid as error:
                faults.setdefault(wanted.setting, str(error))
    return list(faults.values())
