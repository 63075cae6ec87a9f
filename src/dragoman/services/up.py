"""Bring everything up and keep it so: ``dragoman up``. From processes.py; by supervisor.py."""

import asyncio
import secrets
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from dragoman.rooms.livekit_server import find_livekit_server
from dragoman.services.processes import ProcessPlan, check_plans, plan_processes, plan_services
from dragoman.services.supervisor import Supervisor
from dragoman.settings import Settings

TOKEN_BYTES = 32
BUILT_LIVEKIT = Path(__file__).parents[3] / ".cache" / "livekit" / "livekit-server"
"""Of a checkout, where ``scripts/install_livekit.sh`` puts it."""


def make_token() -> str:
    """Make what the services of one start know each other by."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def bring_up(
    settings: Settings,
    *,
    services_only: bool,
    on_line: Callable[[str, str], None],
    on_ready: Callable[[], None],
) -> None:
    """Run all processes until SIGINT or SIGTERM; none is left afterwards. A second signal kills instead of waiting.

    ``services_only`` leaves out what a call needs besides the engines. Raises ``SettingsInvalid`` for a port that is
    taken, before anything is started, ``LiveKitMissing`` without the media server, and ``EngineUnavailable`` for a
    process that cannot be brought up.
    """
    token = settings.token or make_token()
    with TemporaryDirectory(prefix="dragoman-run-") as run_folder:
        if services_only:
            plans = plan_services(settings, token=token)
        else:
            livekit = find_livekit_server(
                *([settings.livekit_server] if settings.livekit_server else []), BUILT_LIVEKIT
            )
            plans = plan_processes(settings, token=token, livekit=livekit, run_folder=Path(run_folder))
        _run(plans, on_line=on_line, on_ready=on_ready)


def _run(plans: Sequence[ProcessPlan], *, on_line: Callable[[str, str], None], on_ready: Callable[[], None]) -> None:
    check_plans(plans)

    async def run() -> None:
        supervisor = Supervisor(plans, on_line=on_line)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, supervisor.stop)
        await supervisor.run(on_ready)

    asyncio.run(run())
