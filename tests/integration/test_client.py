"""The Python client against the real app, over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import httpx2
import pytest
from tests.accounts_site import AccountsSite, Person, accounts_site
from tests.api_house import listening, running
from tests.integration.test_admin import parked_job

from dragoman.accounts.administration import AccountChange
from dragoman.client import ApiProblem, DragomanClient, NoAnswer
from dragoman.client.connection import TRIES, Connection
from dragoman.ground.accounts import COMMAND
from dragoman.ground.webhooks import TeamEvent

Result = TypeVar("Result")
KEY = "dgm_" + "a" * 43


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[AccountsSite, Person, DragomanClient]]:
    """Serve an API with accounts on loopback; gives it with somebody in it, and a client with their key."""
    with listening() as listener:
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with accounts_site(folder, origins=frozenset({origin, "http://127.0.0.1:8000"})) as site:
            an = await site.sign_up("an@example.org")
            key = (await an.client.post("/api/v1/me/api-keys", json={"name": "client"})).json()["key"]
            async with running(site.app, listener):
                with DragomanClient(origin, key=key) as client:
                    yield site, an, client


async def call(ask: Callable[[], Result]) -> Result:
    """Call the client, which waits, beside the server."""
    return await asyncio.to_thread(ask)


async def test_the_client_does_what_a_program_needs(tmp_path: Path) -> None:
    async with served(tmp_path) as (site, an, client):
        assert (await call(client.me)).email == "an@example.org"

        team = await call(lambda: client.make_team("Nachtigall"))
        assert [it.id for it in await call(lambda: list(client.teams()))] == [team.id]
        assert (await call(lambda: client.rename_team(team.id, "Lerche"))).name == "Lerche"
        (member,) = await call(lambda: list(client.members(team.id)))
        assert (member.user_id, member.role) == (an.user_id, "owner")

        await site.accounts.limits.open_call("room-of-today", an.user_id, team.id)
        (today,) = await call(lambda: client.figures(team.id, days=1))
        assert (today.calls, today.most_people) == (1, 0)

        events = [TeamEvent.ROOM_OPENED]
        hook = await call(lambda: client.make_webhook(team.id, "https://hooks.invalid/", events))
        assert hook.secret not in repr(hook)
        delivery = await call(lambda: client.test_webhook(team.id, hook.id))
        assert [it.id for it in await call(lambda: list(client.deliveries(team.id, hook.id)))] == [delivery.id]
        assert (await call(lambda: list(client.webhooks(team.id))))[0].url == "https://hooks.invalid/"
        await call(lambda: client.delete_webhook(team.id, hook.id))

        await call(lambda: client.delete_team(team.id))
        assert await call(lambda: list(client.teams())) == []


async def test_lists_are_fetched_to_their_end_page_by_page(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        made = [(await an.client.post("/api/v1/teams", json={"name": f"Team {n}"})).json()["id"] for n in range(5)]

        found: list[str] = []
        cursor = ""
        for _ in range(10):
            query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
            page = (await an.client.get("/api/v1/teams", params=query)).json()
            found += [it["id"] for it in page["items"]]
            assert len(page["items"]) <= 2
            cursor = page["next"]
            if cursor is None:
                break

        assert sorted(found) == sorted(made)
        assert len(set(found)) == 5


async def test_what_the_server_refuses_is_an_error_with_its_code(tmp_path: Path) -> None:
    async with served(tmp_path) as (_, __, client):
        with pytest.raises(ApiProblem, match="404 team_not_found") as problem:
            await call(lambda: client.delete_team("none"))
        assert (problem.value.status, problem.value.code) == (404, "team_not_found")
        with pytest.raises(ApiProblem, match="request_invalid"):
            await call(lambda: client.make_team(""))


async def test_an_admin_begins_again_what_was_given_up(tmp_path: Path) -> None:
    async with served(tmp_path) as (site, an, client):
        await site.accounts.administration.change(an.user_id, AccountChange(is_admin=True), actor=COMMAND)
        parked = await parked_job(site)
        assert parked in [it.id for it in await call(lambda: list(client.jobs())) if it.state == "parked"]

        assert (await call(lambda: client.release_job(parked))).state == "queued"
        assert (await call(lambda: client.job(parked))).state == "queued"
        with pytest.raises(ApiProblem, match="409 job_not_parked"):
            await call(lambda: client.release_job(parked))


async def test_one_idempotency_key_makes_one_thing(tmp_path: Path) -> None:
    async with served(tmp_path) as (_, __, client):
        first, second = [await call(lambda: client.make_team("One", idempotency_key="k")) for _ in range(2)]

        assert first == second


def test_a_lost_answer_is_asked_for_again_with_the_same_key() -> None:
    keys: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        keys.append(request.headers["Idempotency-Key"])
        if len(keys) == 1:
            raise httpx2.ReadError("gone")
        if len(keys) == 2:
            body = {"code": "request_under_way", "detail": "wait"}
            return httpx2.Response(409, json=body, headers={"Retry-After": "1"})
        return httpx2.Response(201, json={"id": "t"})

    slept: list[float] = []
    transport = httpx2.MockTransport(answer)
    connection = Connection("http://host", key=KEY, timeout_s=1, transport=transport, sleep=slept.append)

    assert connection.post("teams", {"name": "A"}) == {"id": "t"}
    assert len(set(keys)) == 1
    assert slept == [0.5, 1.0]


class LostAnswer(httpx2.BaseTransport):
    """Loses the first answer to a path, which the server gave."""

    def __init__(self, path: str) -> None:
        self._inner = httpx2.HTTPTransport()
        self._path = path
        self.tries = 0

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = self._inner.handle_request(request)
        if not request.url.path.endswith(self._path):
            return answer
        self.tries += 1
        if self.tries > 1:
            return answer
        answer.read()
        raise httpx2.ReadError("gone")

    def close(self) -> None:
        self._inner.close()


async def test_a_room_is_opened_also_where_the_first_answer_got_lost(tmp_path: Path) -> None:
    async with served(tmp_path) as (_, an, client):
        room = await call(lambda: client.make_room("Standup"))
        wanted = (await an.client.post(f"/api/v1/my/rooms/{room.id}/open")).json()
        key = (await an.client.post("/api/v1/me/api-keys", json={"name": "bad line"})).json()["key"]
        lossy = LostAnswer("/open")
        origin = room.link.removesuffix(f"/r/{room.id}")

        with DragomanClient(origin, key=key, transport=lossy) as again:
            opened = await call(lambda: again.open_room(room.id))

        assert lossy.tries == 2
        assert opened.host_secret == wanted["host_secret"]


def test_what_was_deleted_though_the_answer_was_lost_is_deleted() -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        if len(asked) == 1:
            raise httpx2.ReadError("gone")
        return httpx2.Response(404, json={"code": "room_not_found", "detail": "there is no such room"})

    transport = httpx2.MockTransport(answer)
    connection = Connection("http://host", key=KEY, timeout_s=1, transport=transport, sleep=lambda _: None)

    connection.delete("my/rooms/r")
    with pytest.raises(ApiProblem, match="404 room_not_found"):
        connection.delete("my/rooms/never")
    with pytest.raises(ApiProblem, match="404 room_not_found"):
        connection.get("my/rooms/r")

    assert asked == ["/api/v1/my/rooms/r"] * 2 + ["/api/v1/my/rooms/never", "/api/v1/my/rooms/r"]


def test_what_was_never_there_is_not_deleted_though_the_server_was_away_first() -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.path)
        if len(asked) == 1:
            raise httpx2.ConnectError("refused")
        return httpx2.Response(404, json={"code": "room_not_found", "detail": "there is no such room"})

    transport = httpx2.MockTransport(answer)
    connection = Connection("http://host", key=KEY, timeout_s=1, transport=transport, sleep=lambda _: None)

    with pytest.raises(ApiProblem, match="404 room_not_found"):
        connection.delete("my/rooms/never")


def test_a_server_that_is_away_is_no_answer_after_three_tries() -> None:
    tries = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        tries.append(request.url)
        raise httpx2.ConnectError("refused")

    connection = Connection(
        "http://host", key=KEY, timeout_s=1, transport=httpx2.MockTransport(answer), sleep=lambda _: None
    )

    with pytest.raises(NoAnswer, match="host does not answer"):
        connection.get("me")
    assert len(tries) == TRIES


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(200, text="<html>"),
        httpx2.Response(302, headers={"Location": "http://elsewhere/"}),
        httpx2.Response(500, json=["no problem"]),
        httpx2.Response(200, json={"id": "only"}),
    ],
)
def test_an_answer_of_something_else_is_said_to_be_none(answer: httpx2.Response) -> None:
    client = DragomanClient("http://host", key=KEY, transport=httpx2.MockTransport(lambda _: answer))

    with pytest.raises(NoAnswer):
        client.me()


@pytest.mark.parametrize(("url", "key"), [("http://host", "password"), ("host", KEY), ("ftp://host", KEY)])
def test_what_cannot_be_a_key_or_an_address_is_refused_at_once(url: str, key: str) -> None:
    with pytest.raises(ValueError, match=r"dgm_|https://") as error:
        DragomanClient(url, key=key)
    assert "password" not in str(error.value)


def test_ids_cannot_lead_out_of_their_path() -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.raw_path.decode())
        return httpx2.Response(204)

    client = DragomanClient("http://host", key=KEY, transport=httpx2.MockTransport(answer))
    client.delete_team("../me?x=1#y")

    assert asked == ["/api/v1/teams/..%2Fme%3Fx%3D1%23y"]
