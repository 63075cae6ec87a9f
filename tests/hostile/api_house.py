"""An API with accounts, a team and a room, served over HTTP by a thread of its own; for test_openapi.py."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.accounts_site import AccountsSite, Person, accounts_site
from tests.api_house import listening, running

from dragoman.meetings.allowance import Allowance

UNCOUNTED = 1_000_000
READY_WITHIN_S = 60.0
JOINING = {"name": "Guest", "speaks": "en", "reads": "en", "listens": None, "consent": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class HostileHouse:
    """Where it is, who may ask, and ids that are there."""

    origin: str
    document: dict[str, Any]
    """The OpenAPI."""
    tokens: dict[str, str] = field(repr=False)
    """By role; nobody's is empty."""
    known: dict[str, str]
    """Ids by the name of their parameter."""


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
    with listening() as listener:
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        often = Allowance(burst=UNCOUNTED, per_minute=UNCOUNTED)
        origins = frozenset({origin, "http://127.0.0.1:8000"})
        async with accounts_site(folder, origins=origins, allowance=often) as site:
            house = await _furnish(site, origin)
            async with running(site.app, listener):
                ready.set_result(house)
                await over.wait()


async def _furnish(site: AccountsSite, origin: str) -> HostileHouse:
    owner, member, admin, foreigner = [
        await site.sign_up(f"{name}@example.org", admin=name == "admin")
        for name in ("owner", "member", "admin", "foreigner")
    ]
    people = {"owner": owner, "member": member, "admin": admin, "foreigner": foreigner}
    team = (await _make(owner, "teams", {"name": "Nachtigall"}))["id"]
    link = (await _make(owner, f"teams/{team}/invitations", {"role": "member"}))["link"]
    answer = await member.client.post(f"/api/v1/invitations/{link.rpartition('#')[2]}/accept")
    assert answer.status_code == 200, answer.text
    invitation = await _make(owner, f"teams/{team}/invitations", {"role": "member"})
    hook = await _make(owner, f"teams/{team}/webhooks", {"url": "https://hooks.invalid/", "events": ["room.opened"]})
    room = await _make(owner, "my/rooms", {"title": "Monday", "team_id": team})
    meeting = await _make(
        owner,
        f"my/rooms/{room['id']}/meetings",
        {"starts_local": "2026-12-01T09:30", "time_zone": "Europe/Madrid", "minutes": 60},
    )
    opened = await owner.client.post(f"/api/v1/my/rooms/{room['id']}/open")
    assert opened.is_success, opened.text
    guest = await _make(member, f"rooms/{room['id']}/join", JOINING)
    site.calls.connect(room["id"], guest["identity"], {})
    known = {
        "room": room["id"],
        "meeting": meeting["id"],
        "identity": guest["identity"],
        "team": team,
        "webhook": hook["id"],
        "invitation": invitation["id"],
        "token": invitation["link"].rpartition("#")[2],
        "user": foreigner.user_id,
        "session_id": foreigner.session_id,
    }
    tokens = {name: it.client.headers["Authorization"].removeprefix("Bearer ") for name, it in people.items()}
    tokens |= {"nobody": "", "guest": guest["secret"], "host": opened.json()["host_secret"]}
    return HostileHouse(origin=origin, document=site.app.openapi(), tokens=tokens, known=known)


async def _make(who: Person, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await who.client.post(f"/api/v1/{path}", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made
