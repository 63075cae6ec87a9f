"""The world of the authorization matrix, served over HTTP by a thread of its own; for test_openapi.py.

What limits how often somebody may ask is lifted: otherwise most of what is asked there would be refused before anybody
looked at it. It has tests of its own, tests/integration/test_plan_limits_api.py. What runs in the background does not.
"""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.accounts_site import AccountsSite
from tests.api_house import HOME, listening, running
from tests.hostile.authorization_world import Ask, Caller, World, nobody_is_full, open_world
from tests.hostile.openapi_examples import fitting

from dragoman.accounts.rate_limits import Rate, RouteClass
from dragoman.accounts.sign_in_tries import SignInTries
from dragoman.ground.languages import Language

UNCOUNTED = 1_000_000
READY_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HostileHouse:
    """Where it is, and who may ask."""

    origin: str
    document: dict[str, Any]
    """The OpenAPI."""
    tokens: dict[Caller, str] = field(repr=False)
    """What everybody sends; empty for who has none."""
    world: World
    loop: asyncio.AbstractEventLoop
    """In which everything happens."""

    def fitting(self, name: str) -> tuple[Caller, Ask]:
        """Make what fits an operation, ``GET /api/v1/me``, and say who gets it. What it is about is new each time."""
        making = asyncio.run_coroutine_threadsafe(fitting(self.world, name), self.loop)
        return making.result(READY_WITHIN_S)


@contextmanager
def hostile_house(folder: Path) -> Iterator[HostileHouse]:
    ready: Future[HostileHouse] = Future()
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    def serve() -> None:
        try:
            loop.run_until_complete(_serve(folder, ready, over))
        except BaseException as error:  # the top of a thread: whoever waits for it is told
            if ready.done():
                raise
            ready.set_exception(error)
        finally:
            loop.close()

    thread = threading.Thread(target=serve, name="hostile house", daemon=True)
    thread.start()
    try:
        yield ready.result(READY_WITHIN_S)
    finally:
        if not loop.is_closed():
            loop.call_soon_threadsafe(over.set)
        thread.join(READY_WITHIN_S)


async def _serve(folder: Path, ready: "Future[HostileHouse]", over: asyncio.Event) -> None:
    with listening() as listener, nobody_is_full():
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        open_here = open_world(
            folder,
            origins=frozenset({origin, HOME}),
            local_origins=frozenset({origin}),
            practise=_practise_nothing,
        )
        async with open_here as world:
            ask_as_often_as_you_like(world.site)
            tokens = {
                caller: _token_of(client.headers.get("authorization", "")) for caller, client in world.clients.items()
            }
            house = HostileHouse(
                origin=origin,
                document=world.site.app.openapi(),
                tokens=tokens,
                world=world,
                loop=asyncio.get_running_loop(),
            )
            async with running(world.site.app, listener, lifespan="off"):
                ready.set_result(house)
                await over.wait()


def ask_as_often_as_you_like(site: AccountsSite) -> None:
    rates = dict.fromkeys(RouteClass, Rate(UNCOUNTED, 60))
    for name in ("_addresses", "_users", "_teams"):
        setattr(site.app.state.rate_limits, name, rates)
    tries = SignInTries(of_account=UNCOUNTED, of_network=UNCOUNTED)
    site.accounts.sign_in._tries = tries
    site.accounts.sign_up._tries.most = UNCOUNTED


def _token_of(header: str) -> str:
    return header.removeprefix("Bearer ")


async def _practise_nothing(room: str, language: Language) -> None:
    """Let a practice speaker in who says nothing."""
