"""Idempotency keys: a request that is sent again is not done again."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from tests.accounts_site import AccountsSite, Person, accounts_site
from tests.integration.test_api_rooms import assert_problem

from dragoman.accounts.rate_limits import USER_RATES, RouteClass
from dragoman.services.api.idempotency import KEY_HEADER, REPLAYED_HEADER, has_secret
from dragoman.store import answered_requests

pytestmark = pytest.mark.usefixtures("each_database")
TEAMS = "/api/v1/teams"
KEYS = "/api/v1/me/api-keys"


async def send(who: Person, key: str, name: str = "Nachtigall", path: str = TEAMS) -> httpx2.Response:
    return await who.client.post(path, json={"name": name}, headers={KEY_HEADER: key})


async def teams_of(who: Person) -> int:
    return len((await who.client.get(TEAMS)).json()["items"])


async def begin_by_hand(site: AccountsSite, who: Person, key: str) -> None:
    """Enter a request whose first sender is still waiting, or has died."""
    request_hash = await hash_of(site, who)
    async with site.database.writing() as session:
        await answered_requests.begin(session, who.user_id, key, request_hash=request_hash, at=site.clock())


async def hash_of(site: AccountsSite, who: Person) -> str:
    """Give the hash of the request that ``send`` sends."""
    await send(who, "its-hash")
    async with site.database.writing() as session:  # it locks what it finds
        row = await answered_requests.find(session, who.user_id, "its-hash")
    assert row is not None
    return row.request_hash


async def test_the_same_request_again_gets_the_same_answer_and_is_not_done_again(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")

        first, second = await send(an, "one"), await send(an, "one")

        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json() == second.json()
        assert (REPLAYED_HEADER in first.headers, second.headers[REPLAYED_HEADER]) == (False, "true")
        assert second.headers["content-type"] == first.headers["content-type"]
        assert await teams_of(an) == 1


async def test_a_key_that_comes_with_another_request_is_refused(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        await send(an, "one")

        assert_problem(await send(an, "one", "Lerche"), 422, "idempotency_key_reused")
        assert_problem(await send(an, "one", path=f"{TEAMS}?again"), 422, "idempotency_key_reused")
        assert await teams_of(an) == 1


async def test_two_people_may_use_one_key(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, binh = await site.sign_up("an@example.org"), await site.sign_up("binh@example.org")

        assert (await send(an, "one")).json()["id"] != (await send(binh, "one")).json()["id"]


async def test_of_many_at_once_one_is_done(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")

        answers = await asyncio.gather(*(send(an, "one") for _ in range(20)))

        made = [it for it in answers if it.status_code == 201]
        assert len({it.json()["id"] for it in made}) == 1
        for refused in (it for it in answers if it.status_code != 201):
            assert_problem(refused, 409, "request_under_way")
        assert await teams_of(an) == 1


async def test_while_the_first_is_under_way_the_second_is_told_when_to_come_again(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        await begin_by_hand(site, an, "one")

        answer = await send(an, "one")

        assert_problem(answer, 409, "request_under_way")
        assert answer.headers["retry-after"] == "1"


async def test_a_request_whose_server_died_is_done_by_who_sends_it_a_minute_later(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        await begin_by_hand(site, an, "one")
        site.clock.wind(seconds=61)

        assert (await send(an, "one")).status_code == 201
        assert await teams_of(an) == 2


async def test_a_request_that_failed_frees_its_key(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")

        assert_problem(await send(an, "one", ""), 422, "request_invalid")
        assert (await send(an, "one")).status_code == 201


async def test_after_a_day_a_key_is_free_again(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        key = (await an.client.post(KEYS, json={"name": "lasts"})).json()["key"]
        an = Person(user_id=an.user_id, email=an.email, client=site.client(key))
        first = await send(an, "one")

        site.clock.wind(hours=23)
        assert (await send(an, "one")).json() == first.json()
        site.clock.wind(hours=1)
        assert (await send(an, "one")).json() != first.json()


async def test_an_answer_with_a_secret_is_not_kept_and_the_second_is_told_so(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")

        made = await send(an, "one", path=KEYS)
        again = await send(an, "one", path=KEYS)

        assert made.status_code == 201
        assert_problem(again, 409, "answer_not_kept")
        assert len((await an.client.get(KEYS)).json()["items"]) == 1
        async with site.database.reading() as session:
            (row,) = await session.execute(text("select * from answered_requests"))
        assert made.json()["key"] not in str(row)


async def test_what_is_sent_again_counts_as_asking_again(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        first, second = await send(an, "one"), await send(an, "one")

        for _ in range(USER_RATES[RouteClass.WRITE].most - 2):
            await send(an, "one")
        refused = await send(an, "one")

        assert (_left(first) - _left(second), second.headers[REPLAYED_HEADER]) == (1, "true")
        assert_problem(refused, 429, "too_many_requests")


async def test_what_the_limits_refuse_asks_the_database_nothing(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        for _ in range(USER_RATES[RouteClass.WRITE].most):
            await an.client.post("/api/v1/no-such-thing")

        assert_problem(await send(an, "one"), 429, "too_many_requests")

        async with site.database.writing() as session:  # it locks what it finds
            assert await answered_requests.find(session, an.user_id, "one") is None


@pytest.mark.parametrize("key", ["", "a" * 121, "two words", "ümlaut"])
async def test_a_key_that_is_none_is_refused_with_what_would_work(tmp_path: Path, key: str) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")

        answer = await an.client.post(TEAMS, json={"name": "A"}, headers=[(KEY_HEADER.encode(), key.encode())])

        assert_problem(answer, 422, "request_invalid")
        assert "UUID" in answer.json()["detail"]


async def test_a_guest_is_answered_as_without_a_key(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        answer = await site.anonymous.post(TEAMS, json={"name": "A"}, headers={KEY_HEADER: "one"})

        assert_problem(answer, 401, "not_signed_in")


async def test_every_answer_with_a_secret_is_among_those_that_are_not_kept(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        document = site.app.openapi()

    for path, operations in document["paths"].items():
        fields = {name for answer in _good_answers(operations.get("post", {})) for name in _fields(document, answer)}
        secrets = {it for it in fields if re.search(r"secret|token|(?<!has_)password|^key$|link$", it)}
        concrete = re.sub(r"\{[^}]*\}", "an-id", path)
        if secrets:
            assert has_secret(concrete) or path in SHOWN_ANYWAY, f"POST {path} answers {secrets}"


SHOWN_ANYWAY = {"/api/v1/my/rooms"}
"""The link of a room stands in every list of it."""


def _left(answer: httpx2.Response) -> int:
    """Read how many requests are left."""
    found = re.search(r"r=([0-9]+)", answer.headers["RateLimit"])
    assert found is not None
    return int(found[1])


def _good_answers(operation: dict[str, Any]) -> list[dict[str, Any]]:
    good = [answer for status, answer in operation.get("responses", {}).items() if status.startswith("2")]
    return [it["schema"] for answer in good for it in answer.get("content", {}).values() if "schema" in it]


def _fields(document: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    if "$ref" in schema:
        return _fields(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    found = set(schema.get("properties", {}))
    for below in [*schema.get("properties", {}).values(), *schema.get("anyOf", []), schema.get("items", {})]:
        found |= _fields(document, below) if below else set()
    return found
