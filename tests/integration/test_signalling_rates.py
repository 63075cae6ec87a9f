"""The signalling of a team's calls is counted for the team, by its room; who is quiet never pays for who is not."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt
import pytest
from fastapi import FastAPI
from tests.accounts_site import AccountsSite, Person, accounts_site
from tests.api_house import HOME, listening, running
from tests.lasting import make_room, make_team, open_room
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from dragoman.accounts import team_sockets
from dragoman.accounts.rate_limits import Rate
from dragoman.observe.metrics import Metrics
from dragoman.rooms.key_pair import KeyPair
from dragoman.rooms.tokens import human_token
from dragoman.services.api.app import make_app

KEYS = KeyPair(key="devkey", secret="-".join(["a", "shared", "secret", "of", "32", "characters", "and", "more"]))
ALONE, SHARE = 30, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    site: AccountsSite
    address: str
    metrics: Metrics
    an: Person
    team: str

    async def room(self, team: str | None) -> str:
        """Give a room in which a call goes on."""
        room: str = (await make_room(self.an, team_id=team, lobby=False))["id"]
        await open_room(self.an, room)
        return room

    def join(self, token: str = "", *, query: str = "", **headers: str) -> connect:
        query = query or f"access_token={token}"
        return connect(f"ws://{self.address}/rtc/v1?{query}", proxy=None, additional_headers=headers)

    def closed_for(self, limit: str) -> float:
        return self.metrics.registry.get_sample_value("dragoman_sockets_over_rate_total", {"limit": limit}) or 0


def token_for(room: str, keys: KeyPair = KEYS) -> str:
    return human_token(keys, room=room, identity="guest", name="Guest", attributes={})


async def echo(connection: ServerConnection) -> None:
    """Answer whoever comes: whether their token is good is not asked here."""
    with suppress(ConnectionClosed):
        async for message in connection:
            await connection.send(message)


@asynccontextmanager
async def house(folder: Path) -> AsyncIterator[House]:
    async with serve(echo, "127.0.0.1", 0) as livekit:
        with listening() as listener:
            metrics = Metrics()
            origins = frozenset({HOME, f"http://127.0.0.1:{listener.getsockname()[1]}"})
            livekit_url = f"http://127.0.0.1:{livekit.sockets[0].getsockname()[1]}"
            async with accounts_site(folder, origins=origins, livekit_url=livekit_url, metrics=metrics) as site:
                app: FastAPI = make_app(site.parts, webhook_key=KEYS.key, webhook_secret=KEYS.secret)
                async with asyncio.timeout(60), running(app, listener, lifespan="off") as address:
                    an = await site.sign_up("an@example.org")
                    team = await make_team(site, an)
                    yield House(site=site, address=address, metrics=metrics, an=an, team=team)


async def send(socket: ClientConnection, messages: int) -> None:
    """Send, and wait until each has come back."""
    for _ in range(messages):
        await socket.send(b"x")
        await socket.recv()


async def end_of(socket: ClientConnection) -> tuple[int | None, str | None]:
    with pytest.raises(ConnectionClosed):
        await send(socket, 1)
    return socket.close_code, socket.close_reason


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team_sockets, "SOCKET_RATE", Rate(ALONE, 10))
    monkeypatch.setattr(team_sockets, "TEAM_SHARE", Rate(SHARE, 10))


async def test_of_the_calls_of_a_team_that_send_too_much_together_the_loudest_socket_is_closed(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        rooms = [await it.room(it.team) for _ in range(2)]
        async with it.join(token_for(rooms[0])) as guest, it.join(token_for(rooms[1])) as member:
            await send(member, 5)
            await send(guest, 35)
            await send(member, 1)

            ended = await end_of(guest)
            await send(member, 14)

    assert ended == (1008, "too many messages of one team")
    assert it.closed_for("team") == 1


async def test_who_comes_again_and_again_with_the_link_closes_nobody_else(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        room = await it.room(it.team)
        async with it.join(token_for(room)) as member:
            await send(member, 10)
            for _ in range(5):
                async with it.join(token_for(room)) as guest:
                    with suppress(ConnectionClosed):
                        await send(guest, 100)

            await send(member, 10)

    assert it.closed_for("team") >= 1


async def test_thirty_rooms_of_a_team_at_once_stay_open(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        rooms = [await it.room(it.team) for _ in range(30)]
        sockets = [await it.join(token_for(room)) for room in rooms]
        try:
            for socket in sockets:
                await send(socket, SHARE)
            for socket in sockets:
                await socket.ping()
        finally:
            for socket in sockets:
                await socket.close()

    assert [it.closed_for(limit) for limit in ("socket", "address", "team")] == [0, 0, 0]


async def test_a_room_of_no_team_uses_up_no_teams_share(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        teams_room, own = await it.room(it.team), await it.room(None)
        async with it.join(token_for(own)) as elsewhere, it.join(token_for(teams_room)) as member:
            await send(elsewhere, 100)
            await send(member, ALONE)
            await send(elsewhere, 1)


@pytest.mark.parametrize("keys", [KeyPair(key=KEYS.key, secret="x" * 40), KeyPair(key="other", secret=KEYS.secret)])
async def test_a_token_that_we_have_not_signed_is_counted_for_no_team(tmp_path: Path, keys: KeyPair) -> None:
    async with house(tmp_path) as it:
        room = await it.room(it.team)
        async with it.join(token_for(room, keys)) as forged, it.join(token_for(room)) as member:
            await send(member, 1)
            await send(forged, 100)
            await send(member, ALONE - 1)
            await send(forged, 1)


async def test_a_call_whose_room_is_known_only_later_is_counted_from_then_on(tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        room: str = (await make_room(it.an, team_id=it.team, lobby=False))["id"]
        async with it.join(token_for(room)) as early, it.join(token_for(room)) as quiet:
            await send(early, 40)
            await open_room(it.an, room)
            await send(quiet, 5)

            ended = await end_of(early)
            await send(quiet, 5)

    assert ended[0] == 1008


def other_ways(token: str) -> list[dict[str, Any]]:
    old = jwt.encode({"iss": KEYS.key, "exp": int(time.time()) - 60, "video": {"room": "x"}}, KEYS.secret)
    return [
        {"query": "sdk=js", "Authorization": f"Bearer {token}"},
        {"query": f"access_token={token}", "Authorization": ""},
        {"query": f"access_token=%zz&access_token={token}"},
        {"query": f"access_token={token}&access_token={old}"},
    ]


@pytest.mark.parametrize("way", range(4))
async def test_a_room_is_known_however_its_token_comes(tmp_path: Path, way: int) -> None:
    async with house(tmp_path) as it:
        room = await it.room(it.team)
        async with it.join(token_for(room)) as quiet, it.join(**other_ways(token_for(room))[way]) as loud:
            await send(quiet, 1)
            with pytest.raises(ConnectionClosed):
                await send(loud, 100)
            await send(quiet, SHARE - 1)

    assert it.closed_for("team") == 1
