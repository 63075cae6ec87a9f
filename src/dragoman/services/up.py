"""Bring everything up and keep it so: ``dragoman up``. From processes.py; by supervisor.py."""

import asyncio
import http.client
import json
import secrets
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from dragoman.rooms.livekit_server import check_livekit_server, find_livekit_server
from dragoman.services.addresses import local_addresses
from dragoman.services.api.inner_client import ApiAway, InnerClient, Replaced, worker_name
from dragoman.services.call_secrets import derive_secrets
from dragoman.services.doors import api_for_processes, reached_at
from dragoman.services.front import Front, check_front, open_front
from dragoman.services.host_password import make_host_password
from dragoman.services.probe import probe
from dragoman.services.processes import INTERPRETER, ProcessPlan, check_plans, plan_processes, plan_services
from dragoman.services.supervisor import OnEnd, Supervisor
from dragoman.services.welcome import Welcome, describe_works_now
from dragoman.settings import Settings

TOKEN_BYTES = 32
BUILT_LIVEKIT = Path(__file__).parents[3] / ".cache" / "livekit" / "livekit-server"
"""Of a checkout, where ``scripts/install_livekit.sh`` puts it."""
TELL_EVERY_S = 3.0
"""How often a start says what it waits for."""
ANSWER_WITHIN_S = 5.0
NO_NETWORK = (
    "no network interface but loopback has an address here, and without one neither browsers nor the interpreter send "
    'sound, not even to this machine: docs/howto/when-something-is-missing.md, "No network at all"'
)


def make_token() -> str:
    """Make what the services of one start know each other by."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class Telling(Protocol):
    """Where a start is told of."""

    def line(self, name: str, text: str) -> None:
        """Take a line that a process wrote, or what there is to say under the name ``dragoman``."""

    def ready(self, welcome: Welcome | None) -> None:
        """Everything is ready; None without calls."""


def bring_up(settings: Settings, *, services_only: bool, telling: Telling) -> None:
    """Run all processes until SIGINT or SIGTERM; none is left afterwards. A second signal kills instead of waiting.

    ``services_only`` leaves out what a call needs besides the engines. Before anything is started it raises
    ``SettingsInvalid`` for a port that is taken, a page that is not built or a certificate that cannot be used, and
    ``LiveKitMissing`` without the media server; then ``EngineUnavailable`` for a process that cannot be brought up.
    """
    token = settings.token or make_token()
    with TemporaryDirectory(prefix="dragoman-run-") as run_folder:
        if services_only:
            plans = plan_services(settings, token=token)
            greet: Callable[[], Welcome | None] = lambda: None  # noqa: E731
        else:
            named = settings.livekit_server
            livekit = check_livekit_server(named) if named else find_livekit_server(BUILT_LIVEKIT)
            front = open_front(settings)
            check_front(settings, front)
            if not local_addresses():
                telling.line("dragoman", NO_NETWORK)
            password = (settings.password or make_host_password()) if front.doors.open_to_others else None
            plans = plan_processes(
                settings,
                token=token,
                livekit=livekit,
                run_folder=Path(run_folder),
                doors=front.doors,
                host_password=password,
            )
            # With accounts people sign in, and the password opens nothing to them.
            shown = None if _people_sign_in(settings) else password
            greet = _Greeting(settings=settings, front=front, password=shown).make
        check_plans(plans)
        asyncio.run(_run(plans, telling, greet, _teller(settings, token)))


def _people_sign_in(settings: Settings) -> bool:
    if not settings.has_database:
        return False
    # The database costs 50 MB, which a private machine does not spend here.
    from dragoman.services.open_accounts import has_accounts

    return asyncio.run(has_accounts(settings))


def _teller(settings: Settings, token: str) -> OnEnd:
    """Tell the API that an interpreter died, so that its rooms get another at once."""

    async def tell(name: str, process_id: int) -> None:
        if name == INTERPRETER:
            async with InnerClient.connect(api_for_processes(settings), derive_secrets(token).inner_token) as client:
                # An API that is away sees it when the leases run out.
                with suppress(ApiAway, Replaced):
                    await InnerClient(client).died(worker_name(process_id))

    return tell


async def _run(
    plans: Sequence[ProcessPlan], telling: Telling, greet: Callable[[], Welcome | None], on_end: OnEnd
) -> None:
    supervisor = Supervisor(plans, on_line=telling.line, on_end=on_end)
    all_ready = asyncio.Event()
    watching = asyncio.create_task(_tell_of_the_start(plans, telling, all_ready, greet), name="tell of the start")

    def stop() -> None:
        watching.cancel()
        supervisor.stop()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    try:
        await supervisor.run(all_ready.set)
    finally:
        watching.cancel()
        await asyncio.wait([watching])
        if not watching.cancelled():
            watching.result()


async def _tell_of_the_start(
    plans: Sequence[ProcessPlan], telling: Telling, all_ready: asyncio.Event, greet: Callable[[], Welcome | None]
) -> None:
    """Say every few seconds which processes are waited for; when there are none any more, where to go."""
    began_s = time.monotonic()
    telling.line("dragoman", f"starting {', '.join(plan.name for plan in plans)}")
    while True:
        try:
            async with asyncio.timeout(TELL_EVERY_S):
                await all_ready.wait()
            break
        except TimeoutError:
            answers = await asyncio.gather(
                *(probe(plan.host, plan.port, plan.ready_path, within_s=ANSWER_WITHIN_S) for plan in plans)
            )
            waiting = [plan.name for plan, ready in zip(plans, answers, strict=True) if not ready]
            if waiting:
                seconds = time.monotonic() - began_s
                telling.line("dragoman", f"waiting for {', '.join(waiting)} ({seconds:.0f} s so far)")
    telling.ready(await asyncio.to_thread(greet))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Greeting:
    """Makes the welcome of a start."""

    settings: Settings
    front: Front
    password: str | None

    def make(self) -> Welcome:
        certificate = self.front.certificate
        made_here = certificate is not None and self.settings.tls_certificate is None
        return Welcome(
            doors=self.front.doors,
            host_password=self.password,
            fingerprint=certificate.fingerprint if certificate is not None and made_here else "",
            works_now=describe_works_now(_directions(self.settings)),
        )


def _directions(settings: Settings) -> list[tuple[str, str, bool]]:
    """Ask the API what its diagnosis is, as the page does; nothing if it does not say. Blocks."""
    connection = http.client.HTTPConnection(reached_at(settings.api_host), settings.api_port, timeout=ANSWER_WITHIN_S)
    try:
        connection.request("GET", "/api/v1/capabilities")
        told = json.loads(connection.getresponse().read())
        return [(it["source"], it["target"], it["voice"]) for it in told["directions"]]
    except (OSError, http.client.HTTPException, ValueError, KeyError):
        return []
    finally:
        connection.close()
