"""The API with accounts in it, as ``dragoman up`` runs it, and requests at a steady rate. To ``api.py``.

Requests are sent when their moment comes, whether or not those before have been answered, and are timed from that
moment: a server that stalls makes all of them late, as people would find it.
"""

import asyncio
import os
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

# Called by its path Python knows this folder and not the one above it.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx2
from tests.site import running_site

from dragoman.ground.accounts import COMMAND, Actor
from dragoman.services.api.accounts_parts import AccountsParts
from dragoman.services.user_commands import with_accounts
from dragoman.settings import Settings
from dragoman.store.backup import upgrade_safely
from dragoman.store.database import utc_now

PEOPLE, ROOMS_EACH = 10, 20
LATE_S = 10.0
"""A request that has no answer by then counts as failed."""


class ApiFailed(Exception):
    """The server answered what it should not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request."""

    kind: str
    status: int
    """0 for none in time."""
    seconds: float
    """From the moment when it was due to the end of its answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who asks, with rooms."""

    key: str = field(repr=False)
    rooms: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of request, and how often it comes among a hundred."""

    name: str
    share: int
    method: str
    path: Callable[[Account, Random], str]
    body: Callable[[Random], dict[str, str | int | bool]] | None = None


def _room(account: Account, chance: Random) -> str:
    return chance.choice(account.rooms)


MIX: Sequence[Kind] = (
    Kind(name="list my rooms", share=25, method="GET", path=lambda a, c: "my/rooms"),
    Kind(name="see my room", share=20, method="GET", path=lambda a, c: f"my/rooms/{_room(a, c)}"),
    Kind(name="see a room before joining", share=15, method="GET", path=lambda a, c: f"rooms/{_room(a, c)}"),
    Kind(name="see me", share=10, method="GET", path=lambda a, c: "me"),
    Kind(name="list my teams", share=10, method="GET", path=lambda a, c: "teams"),
    Kind(name="list meetings", share=5, method="GET", path=lambda a, c: f"my/rooms/{_room(a, c)}/meetings"),
    Kind(
        name="rename a room",
        share=7,
        method="PATCH",
        path=lambda a, c: f"my/rooms/{_room(a, c)}",
        body=lambda c: {"title": f"Monday {c.randrange(1000)}"},
    ),
    Kind(
        name="make a room",
        share=8,
        method="POST",
        path=lambda a, c: "my/rooms",
        body=lambda c: {"title": f"Tuesday {c.randrange(1000)}"},
    ),
)


@contextmanager
def running_api(folder: Path) -> Iterator[tuple[str, int, list[str]]]:
    """Run ``dragoman up`` over a new database in ``folder``; gives the API's origin and process, and API keys."""
    os.environ["DRAGOMAN_DATA_DIR"] = str(folder)
    keys = with_accounts(Settings(), fill, make=True)
    with running_site(folder, DRAGOMAN_DATA_DIR=str(folder)) as site:
        yield f"http://{site.address}", site.process_id("api"), keys


async def make_rooms(origin: str, keys: Sequence[str]) -> list[Account]:
    """Give everybody rooms, through the API."""
    accounts = []
    async with httpx2.AsyncClient(base_url=f"{origin}/api/v1/", timeout=LATE_S) as client:
        for key in keys:
            headers = {"Authorization": f"Bearer {key}"}
            answers = [
                await client.post("my/rooms", json={"title": f"Room {number}"}, headers=headers)
                for number in range(ROOMS_EACH)
            ]
            if not all(it.is_success for it in answers):
                raise ApiFailed(answers[-1].text)
            accounts.append(Account(key=key, rooms=[it.json()["id"] for it in answers]))
    return accounts


async def ask_steadily(origin: str, accounts: Sequence[Account], *, per_second: float, seconds: float) -> list[Asked]:
    """Send the mix at a steady rate; gives every request in the order in which they were due."""
    chance = Random(1)
    kinds = chance.choices(MIX, weights=[it.share for it in MIX], k=round(per_second * seconds))
    limits = httpx2.Limits(max_connections=200, max_keepalive_connections=50)
    async with (
        httpx2.AsyncClient(base_url=f"{origin}/api/v1/", timeout=LATE_S, limits=limits) as client,
        asyncio.TaskGroup() as tasks,
    ):
        began_s = time.perf_counter()
        asking = []
        for number, kind in enumerate(kinds):
            due_s = began_s + number / per_second
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            account = accounts[number % len(accounts)]
            asking.append(tasks.create_task(_ask(client, kind, account, chance, due_s=due_s)))
    return [task.result() for task in asking]


async def _ask(client: httpx2.AsyncClient, kind: Kind, account: Account, chance: Random, *, due_s: float) -> Asked:
    headers = {"Authorization": f"Bearer {account.key}"}
    if kind.method == "POST":
        headers["Idempotency-Key"] = secrets.token_urlsafe(12)
    body = kind.body(chance) if kind.body else None
    try:
        answer = await client.request(kind.method, kind.path(account, chance), json=body, headers=headers)
        status = answer.status_code
    except httpx2.TransportError:
        status = 0
    return Asked(kind=kind.name, status=status, seconds=time.perf_counter() - due_s)


async def fill(accounts: AccountsParts) -> list[str]:
    """Make people with a team and an API key each; signing in is no part of what is measured."""
    await upgrade_safely(accounts.database, at=utc_now())
    keys = []
    for number in range(PEOPLE):
        user = await accounts.sign_up.add_by_hand(
            email=f"person{number}@example.org", name="Person", password=secrets.token_urlsafe(16), is_admin=number == 0
        )
        await accounts.teams.make(f"Team {number}", actor=Actor(kind="user", id=user.id))
        made = await accounts.api_keys.make(user.id, name="benchmark", lifetime=None, actor=COMMAND)
        keys.append(made.key)
    return keys
