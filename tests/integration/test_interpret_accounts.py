"""``WS /api/v1/interpret`` on a server with accounts: a session is a request and a call of whose it is."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.accounts_site import AccountsSite, Person, accounts_site
from tests.api_house import HOME, listening, running
from tests.integration import test_api_interpret
from tests.integration.test_api_interpret import OPENING, be_deaf
from tests.lasting import live, make_team, wind
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from dragoman.accounts import rate_limits, team_sockets
from dragoman.accounts.errors import NotSignedIn
from dragoman.accounts.rate_limits import Rate
from dragoman.ground.accounts import Actor
from dragoman.ground.errors import StoreUnavailable
from dragoman.meetings.continued_room import ContinuedRoom
from dragoman.services.api import socket_account
from dragoman.store import calls
from dragoman.store.tables import CallRun, User

WITHIN_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A site behind a real server, with plans on; and somebody with an API key."""

    site: AccountsSite
    url: str
    an: Person
    key: str
    key_id: str

    async def give(self, plan: str, **limits: Any) -> None:
        async with self.site.database.writing() as session:
            user = await session.get_one(User, self.an.user_id)
            user.plan, user.plan_limits = plan, limits or None
        self.site.accounts.limits.forget(self.an.user_id)

    async def calls_now(self) -> int:
        async with self.site.database.reading() as session:
            return await calls.count_open(session, self.an.user_id)

    @asynccontextmanager
    async def socket(self, secret: str = "", **opening: Any) -> AsyncIterator[ClientConnection]:
        """Open a session, which answers by ``opened`` or by its end."""
        async with connect(self.url, proxy=None) as socket:
            await socket.send(json.dumps({**OPENING, "password": secret or self.key, **opening}))
            yield socket


@asynccontextmanager
async def house(folder: Path, plan: str = "pro", **limits: Any) -> AsyncIterator[House]:
    with listening() as listener:
        origins = frozenset({HOME, f"http://127.0.0.1:{listener.getsockname()[1]}"})
        async with (
            accounts_site(folder, interpret=be_deaf, origins=origins) as site,
            asyncio.timeout(60),
            running(site.app, listener) as address,
        ):
            an = await site.sign_up("an@example.org")
            actor = Actor(kind="user", id=an.user_id, address="")
            made = await site.accounts.api_keys.make(an.user_id, name="k", lifetime=None, actor=actor)
            await site.accounts.limits.switch_plans(True, actor=actor)
            url = f"ws://{address}/api/v1/interpret"
            found = House(site=site, url=url, an=an, key=made.key, key_id=made.row.id)
            await found.give(plan, **limits)
            yield found


async def opened(socket: ClientConnection) -> str:
    """Wait until a session runs; give its code."""
    message = json.loads(await socket.recv())
    assert message["type"] == "opened", message
    code: str = message["resume"]
    return code


async def refusal(socket: ClientConnection) -> tuple[int | None, str, str]:
    """Wait for the end of a session: close code, our code and the message."""
    error = {"code": "", "message": ""}
    with pytest.raises(ConnectionClosed):
        async with asyncio.timeout(WITHIN_S):
            while True:
                message = json.loads(await socket.recv())
                error = message if message["type"] == "error" else error
    return socket.close_code, error["code"], error["message"]


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_account, "CHECK_EVERY_S", 0.02)


async def test_a_plan_without_the_api_opens_no_session(tmp_path: Path) -> None:
    async with house(tmp_path, "free") as it, it.socket() as socket:
        code, reason, message = await refusal(socket)

        assert (code, reason) == (1008, "limit_reached")
        assert "pro plan" in message
        assert await it.calls_now() == 0


async def test_a_session_is_worked_for_by_the_plan_of_whose_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    async def look(room: ContinuedRoom) -> None:
        seen.append(room.priority)
        await test_api_interpret.be_deaf(room)

    monkeypatch.setattr("tests.integration.test_interpret_accounts.be_deaf", look)
    async with house(tmp_path, "enterprise", rooms_at_once=None) as it, it.socket() as socket:
        await opened(socket)
        await socket.send(json.dumps({"type": "finish"}))
        await refusal(socket)

    assert seen == [30]


async def test_a_session_is_one_of_the_rooms_at_once_and_gives_it_back(tmp_path: Path) -> None:
    async with house(tmp_path, "enterprise", rooms_at_once=1) as it:
        async with it.socket() as first:
            await opened(first)
            async with it.socket() as second:
                refused = await refusal(second)
            await first.send(json.dumps({"type": "finish"}))
            ended = await refusal(first)
        after = await it.calls_now()
        async with it.socket() as third:
            await opened(third)

    assert (refused[:2], ended[:2], after) == ((1008, "limit_reached"), (1000, ""), 0)


async def test_a_session_that_is_taken_up_is_one_call_and_not_two(tmp_path: Path) -> None:
    async with house(tmp_path, "enterprise", rooms_at_once=1) as it, it.socket() as first:
        code = await opened(first)

        async with it.socket(resume=code) as second:
            await opened(second)

            assert await it.calls_now() == 1


async def test_a_session_lasts_as_long_as_a_call_of_its_plan(tmp_path: Path) -> None:
    async with house(tmp_path, "enterprise", room_minutes=60) as it, it.socket() as socket:
        await opened(socket)
        wind(it.site, seconds=3599)
        async with it.socket() as other:
            await opened(other)  # the first goes on beside it
            open_before = await it.calls_now()
        wind(it.site, seconds=2)

        code, reason, message = await refusal(socket)

    assert open_before == 2
    assert (code, reason) == (1008, "limit_reached")
    assert "60 minutes" in message


async def test_sessions_count_among_the_requests_of_an_hour(tmp_path: Path) -> None:
    async with house(tmp_path, "enterprise", requests_per_hour=2) as it:
        for _ in range(2):
            async with it.socket() as socket:
                await opened(socket)
        async with it.socket() as socket:
            refused = await refusal(socket)
        listed = await it.site.client(it.key).get("/api/v1/me")

    assert refused[:2] == (1008, "too_many_requests")
    assert "requests-per-hour" in refused[2]
    assert listed.status_code == 429  # one count for both


@pytest.mark.parametrize("what", ["account closed", "key deleted", "plan taken away", "signed out"])
async def test_a_session_ends_when_its_user_may_no_longer(what: str, tmp_path: Path) -> None:
    async with house(tmp_path) as it:
        admin = await it.site.sign_up("admin@example.org", admin=True)
        token = it.an.client.headers["Authorization"].removeprefix("Bearer ")
        actor = Actor(kind="user", id=it.an.user_id, address="")
        async with it.socket(token if what == "signed out" else it.key) as socket:
            await opened(socket)
            match what:
                case "account closed":
                    changed = await admin.client.patch(f"/api/v1/admin/users/{it.an.user_id}", json={"disabled": True})
                    assert changed.status_code == 200, changed.text
                case "key deleted":
                    await it.site.accounts.api_keys.delete(it.an.user_id, it.key_id, actor=actor)
                case "plan taken away":
                    await it.give("free")
                case "signed out":
                    await it.site.accounts.sessions.end(it.an.user_id, it.an.session_id, actor=actor)

            ended = await refusal(socket)

        assert ended[0] == 1008
        assert ended[1] in {"account_disabled", "not_signed_in", "limit_reached"}
        assert await it.calls_now() == 0


async def test_a_session_outlives_the_access_token_that_opened_it(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        await site.sign_up("an@example.org")
        token = (await site.sign_in("an@example.org")).access_token
        known = await site.accounts.standing.of(token)
        site.clock.wind(hours=2)

        with pytest.raises(NotSignedIn):
            await site.accounts.standing.of(token)
        assert (await site.accounts.standing.still(known, token)).user_id == known.user_id


async def test_a_session_goes_on_while_the_database_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with house(tmp_path) as it, it.socket() as socket:
        await opened(socket)
        asked = asyncio.Event()

        async def away(*_: object) -> None:
            asked.set()
            raise StoreUnavailable("away")

        with monkeypatch.context() as broken:
            broken.setattr(it.site.accounts.standing, "still", away)
            await asked.wait()
        await socket.send(json.dumps({"type": "finish"}))

        assert (await refusal(socket))[0] == 1000


async def test_a_session_is_not_taken_for_a_forgotten_call(tmp_path: Path) -> None:
    async with house(tmp_path) as it, it.socket() as socket:
        await opened(socket)
        it.site.clock.wind(seconds=timedelta(minutes=10).total_seconds())

        await live(it.site).forget_others()

        assert await it.calls_now() == 1


async def test_a_session_that_begins_is_not_taken_for_a_forgotten_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path) as it:
        open_call = it.site.accounts.limits.open_call
        monkeypatch.setattr(socket_account, "CHECK_EVERY_S", WITHIN_S)  # it would begin once more

        async def slow(room_id: str, owner_id: str) -> CallRun:
            run = await open_call(room_id, owner_id)
            it.site.clock.wind(minutes=10)
            await live(it.site).forget_others()
            return run

        monkeypatch.setattr(it.site.accounts.limits, "open_call", slow)
        async with it.socket() as socket:
            await opened(socket)

            assert await it.calls_now() == 1


async def test_a_session_that_was_written_down_without_an_answer_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(tmp_path) as it:
        open_call = it.site.accounts.limits.open_call

        async def away(room_id: str, owner_id: str) -> CallRun:
            await open_call(room_id, owner_id)
            raise StoreUnavailable("away")

        monkeypatch.setattr(it.site.accounts.limits, "open_call", away)
        async with it.socket() as socket:
            _, reason, _ = await refusal(socket)

            assert reason == "store_unavailable"
            assert await it.calls_now() == 0
            assert live(it.site).sockets == set()


async def test_the_messages_of_all_sockets_of_a_user_are_counted_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "USER_SOCKETS_RATE", Rate(20, 10))
    async with house(tmp_path) as it, it.socket() as first, it.socket() as second:
        await opened(first)
        await opened(second)
        for _ in range(11):
            await first.send(bytes(64))
        for _ in range(11):
            await second.send(bytes(64))

        refused = await refusal(second)

    assert refused[:2] == (1008, "too_many_requests")


async def test_sockets_of_two_people_of_a_team_are_counted_together_and_the_quiet_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team_sockets, "SOCKET_RATE", Rate(30, 10))
    monkeypatch.setattr(team_sockets, "TEAM_SHARE", Rate(20, 10))
    async with house(tmp_path) as it:
        binh = await it.site.sign_up("binh@example.org")
        async with it.site.database.writing() as session:
            (await session.get_one(User, binh.user_id)).plan = "pro"
        it.site.accounts.limits.forget(binh.user_id)
        await make_team(it.site, it.an, binh)
        actor = Actor(kind="user", id=binh.user_id, address="")
        made = await it.site.accounts.api_keys.make(binh.user_id, name="k", lifetime=None, actor=actor)
        async with it.socket() as quiet, it.socket(made.key) as loud:
            await opened(quiet)
            await opened(loud)
            await quiet.send(bytes(64))
            for _ in range(60):
                await loud.send(bytes(64))
            with pytest.raises(ConnectionClosed):
                async with asyncio.timeout(WITHIN_S):
                    while True:
                        await loud.recv()
            for _ in range(10):
                await quiet.send(bytes(64))
            await quiet.send(json.dumps({"type": "finish"}))

            ended = await refusal(quiet)

    assert (loud.close_code, loud.close_reason) == (1008, "too many messages of one team")
    assert ended[0] == 1000


async def test_somebody_in_no_team_is_counted_by_user_and_address_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(team_sockets, "SOCKET_RATE", Rate(1, 10))
    monkeypatch.setattr(team_sockets, "TEAM_SHARE", Rate(1, 10))
    async with house(tmp_path) as it, it.socket() as socket:
        await opened(socket)
        for _ in range(20):
            await socket.send(bytes(64))
        await socket.send(json.dumps({"type": "finish"}))

        assert (await refusal(socket))[0] == 1000
