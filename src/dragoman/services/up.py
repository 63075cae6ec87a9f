"""Bring everything up and keep it so: ``dragoman up``. From processes.py; by supervisor.py."""

import asyncio
import secrets
import signal
from collections.abc import Callable

from dragoman.services.processes import check_plans, plan_processes
from dragoman.services.supervisor import Supervisor
from dragoman.settings import Settings

TOKEN_BYTES = 32


def make_token() -> str:
    """Make what the services of one start know each other by."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def bring_up(settings: Settings, *, on_line: Callable[[str, str], None], on_ready: Callable[[], None]) -> None:
    """Run all processes until SIGINT or SIGTERM; none is left afterwards. A second signal kills instead of waiting.

    Raises ``SettingsInvalid`` for a port that is taken, before anything is started, and ``EngineUnavailable`` for a
    process that cannot be brought up.
    """
    plans = plan_processes(settings, token=settings.token or make_token())
    check_plans(plans)

    async def run() -> None:
        supervisor = Supervisor(plans, on_line=on_line)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, supervisor.stop)
        await supervisor.run(on_ready)

    asyncio.run(run())
