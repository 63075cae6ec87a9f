"""Plans and rates as the API keeps them, over a real database."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.types import Message, Receive, Scope, Send
from tests.accounts_site import KEY, AccountsSite, Person, accounts_site
from tests.api_house import HOME, FakeCalls, client_of, make_parts, secret
from tests.lasting import join, make_room, make_team

from dragoman.accounts.passwords import Passwords
from dragoman.accounts.rate_limits import (
    ADDRESS_RATES,
    SOCKET_RATE,
    TEAM_RATES,
    USER_RATES,
    Rate,
    RateLimits,
    RouteClass,
)
from dragoman.accounts.team_shares import Subject
from dragoman.services.api.request_limits import RequestLimits, class_of, subject_of
from dragoman.services.open_accounts import make_accounts
from dragoman.settings import Settings
from dragoman.store.database import Database
from dragoman.store.tables import User

pytestmark = pytest.mark.usefixtures("each_database")

WRITES = USER_RATES[RouteClass.WRITE].most
PUBLIC = "https://calls.example.org"


async def turn_plans_on(site: AccountsSite, admin: Person) -> None:
    answer = await admin.client.put("/api/v1/admin/plans", json={"on": True})
    assert answer.status_code == 200


async def give_plan(site: AccountsSite, person: Person, plan: str, **limits: Any) -> None:
    async with site.database.writing() as session:
        user = await session.get_one(User, person.user_id)
        user.plan, user.plan_limits = plan, limits or None
    site.accounts.limits.forget(person.user_id)


async def count_ok(client: httpx2.AsyncClient, path: str, *, tries: int, **sent: Any) -> int:
    return sum([(await client.get(path, **sent)).status_code != 429 for _ in range(tries)])


async def test_plans_are_off_until_an_admin_turns_them_on(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        admin = await site.sign_up("admin@example.org", admin=True)

        before = (await admin.client.get("/api/v1/admin/plans")).json()
        after = (await admin.client.put("/api/v1/admin/plans", json={"on": True})).json()

        assert (before["on"], after["on"]) == (False, True)
        assert [it["name"] for it in after["plans"]] == ["free", "premium", "pro", "enterprise"]
        assert after["plans"][0]["limits"]["rooms_at_once"] == 2
        assert after["plans"][2]["limits"]["room_minutes"] is None
        assert (await admin.client.get("/api/v1/admin/plans")).json() == after


async def test_only_admins_see_and_switch_plans(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")

        assert (await site.anonymous.get("/api/v1/admin/plans")).status_code == 401
        assert (await an.client.get("/api/v1/admin/plans")).status_code == 403
        assert (await an.client.put("/api/v1/admin/plans", json={"on": True})).status_code == 403
        assert not await site.accounts.limits.plans_on()


@pytest.mark.parametrize("body", [{}, {"on": 1}, {"on": "yes"}, {"on": None}, {"on": True, "more": 1}, []])
async def test_a_switch_that_is_none_is_refused(body: object, tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        admin = await site.sign_up("admin@example.org", admin=True)

        assert (await admin.client.put("/api/v1/admin/plans", json=body)).status_code == 422


async def test_every_answer_says_how_much_is_left_and_a_refusal_when_to_come_again(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")

        first = await an.client.post("/api/v1/no-such-thing")
        burst = await asyncio.gather(*(an.client.post("/api/v1/no-such-thing") for _ in range(WRITES + 30)))
        answers, refused = [first, *burst], await an.client.post("/api/v1/no-such-thing")

        assert first.headers["RateLimit-Policy"] == f'"write-user";q={WRITES};w=60'
        assert first.headers["RateLimit"].startswith(f'"write-user";r={WRITES - 1};t=')
        assert sum(it.status_code != 429 for it in answers) == WRITES
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
        assert 1 <= int(refused.headers["Retry-After"]) <= 61


async def test_tricks_with_case_slashes_and_forwarded_addresses_get_nobody_past_a_limit(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        most = ADDRESS_RATES[RouteClass.SIGN_IN].most
        tricks = [
            "/api/v1/session",
            "/api/v1//session",
            "/api/v1/Session",
            "/API/V1/SESSION/",
            "/api/v1/session/",
            "/api/v1/%73ession",
            "/api/v1/session?a=1",
        ]

        answers = [
            await site.anonymous.post(
                tricks[number % len(tricks)], json={}, headers={"X-Forwarded-For": f"198.51.100.{number % 250}"}
            )
            for number in range(2 * most)
        ]

        assert sum(it.status_code != 429 for it in answers) == most


async def test_what_the_proxy_in_front_wrote_down_counts_and_what_was_sent_to_it_does_not(tmp_path: Path) -> None:
    origins = frozenset({HOME, PUBLIC})
    async with accounts_site(tmp_path, origins=origins, public_origin=PUBLIC) as site:
        most = ADDRESS_RATES[RouteClass.SIGN_IN].most
        client = site.client(host="calls.example.org")

        async def sign_in(forwarded: str) -> int:
            sent = {"X-Forwarded-For": forwarded}
            return (await client.post("/api/v1/session", json={}, headers=sent)).status_code

        forged = [await sign_in(f"203.0.113.{number % 250}, 198.51.100.7") for number in range(most + 20)]
        other = await sign_in("198.51.100.8")

        assert forged.count(429) == 20
        assert other != 429


async def test_a_plan_limits_what_is_changed_in_an_hour_and_not_what_a_page_reads(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        admin = await site.sign_up("admin@example.org", admin=True)
        an = await site.sign_up("an@example.org")
        await turn_plans_on(site, admin)
        await give_plan(site, an, "enterprise", requests_per_hour=3)

        changes = [(await an.client.patch("/api/v1/me", json={"name": "An"})).status_code for _ in range(5)]
        reads = await count_ok(an.client, "/api/v1/me", tries=10)
        refused = await an.client.patch("/api/v1/me", json={"name": "An"})

        assert changes == [200, 200, 200, 429, 429]
        assert reads == 10
        assert refused.headers["RateLimit-Policy"] == '"requests-per-hour";q=3;w=3600'


async def test_a_refusal_by_the_plan_says_which_it_is_and_what_would_help(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        admin = await site.sign_up("admin@example.org", admin=True)
        an = await site.sign_up("an@example.org")
        await turn_plans_on(site, admin)
        for _ in range(100):
            await an.client.patch("/api/v1/me", json={"name": "An"})

        refused = await an.client.patch("/api/v1/me", json={"name": "An"})

        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
        assert refused.json()["detail"].startswith(
            "the free plan allows 100 requests per hour: try again later, or ask the admin of this server for the "
            "premium plan, which allows 500; too many requests: 100 in 3600 s"
        )


async def test_an_api_key_works_on_a_plan_that_has_them_and_all_it_asks_counts(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        admin = await site.sign_up("admin@example.org", admin=True)
        an = await site.sign_up("an@example.org")
        key = (await an.client.post("/api/v1/me/api-keys", json={"name": "script"})).json()["key"]
        script = site.client(key)
        await turn_plans_on(site, admin)

        free = await script.get("/api/v1/me")
        await give_plan(site, an, "enterprise", requests_per_hour=2)
        paid = [(await script.get("/api/v1/me")).status_code for _ in range(3)]

        assert (free.status_code, free.json()["code"]) == (403, "limit_reached")
        assert "ask the admin of this server for the pro plan" in free.json()["detail"]
        assert paid == [200, 200, 429]


async def test_the_glossary_of_a_room_holds_what_its_owners_plan_allows(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        admin = await site.sign_up("admin@example.org", admin=True)
        an = await site.sign_up("an@example.org")
        await turn_plans_on(site, admin)
        await give_plan(site, an, "enterprise", vocabulary_terms=2)
        made = (await an.client.post("/api/v1/rooms", json={})).json()
        host = site.client(made["host_secret"])
        path = f"/api/v1/rooms/{made['room']}/glossary"

        async def put(terms: int) -> httpx2.Response:
            languages = {"source_language": "en", "target_language": "vi"}
            sent = [{"source": f"word {it}", "target": f"chữ {it}", **languages} for it in range(terms)]
            return await host.put(path, json={"terms": sent})

        kept, refused = await put(2), await put(3)
        imported = await host.post(f"{path}/import?source=en&target=vi", content=b"one,two\n")
        await give_plan(site, an, "free")
        fewer, more = await put(1), await put(2)

        assert (kept.status_code, refused.status_code, imported.status_code) == (200, 403, 403)
        assert (
            "the enterprise plan allows 2 terms in the glossary of a room: leave some out" in refused.json()["detail"]
        )
        assert (fewer.status_code, more.status_code) == (200, 403)


async def test_rooms_at_once_are_refused_with_what_would_help(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        admin = await site.sign_up("admin@example.org", admin=True)
        an = await site.sign_up("an@example.org")
        await turn_plans_on(site, admin)

        answers = [await an.client.post("/api/v1/rooms", json={}) for _ in range(3)]

        assert [it.status_code for it in answers] == [201, 201, 403]
        assert answers[2].json()["code"] == "limit_reached"
        assert "2 rooms at once: end the call in another room of yours" in answers[2].json()["detail"]


async def test_a_room_that_is_full_by_a_plan_says_which_limit_and_what_would_help(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        admin, an = await site.sign_up("admin@example.org", admin=True), await site.sign_up("an@example.org")
        await turn_plans_on(site, admin)
        await give_plan(site, an, "enterprise", people=2)
        of_plan, of_room = await make_room(an), await make_room(an, most_people=2)

        by_plan = [await join(site.anonymous, of_plan["id"]) for _ in range(3)]
        by_room = [await join(site.anonymous, of_room["id"]) for _ in range(3)]

    assert [it.status_code for it in by_plan] == [201, 201, 409]
    assert by_plan[-1].json()["code"] == "room_full_by_plan"
    assert by_plan[-1].json()["detail"] == (
        "the room is full by its owner's plan: the enterprise plan allows 2 people in one room: ask the admin of this"
        " server for more, or try again when somebody has left"
    )
    assert (by_room[-1].status_code, by_room[-1].json()["code"]) == (409, "room_full")


async def test_of_a_thousand_who_come_at_once_not_one_is_over_the_people_of_the_plan(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        admin, an = await site.sign_up("admin@example.org", admin=True), await site.sign_up("an@example.org")
        await turn_plans_on(site, admin)
        await give_plan(site, an, "enterprise", people=2, rooms_at_once=1)
        room = (await an.client.post("/api/v1/rooms", json={})).json()["room"]

        async with crowd(site) as client:
            answers = await asyncio.gather(*(join(client, room) for _ in range(1000)))

        codes = Counter(it.json().get("code", "in") for it in answers)
        people = site.parts.meetings.get(room).members(at_s=site.parts.clock())

    assert codes == {"in": 2, "room_full_by_plan": 998}
    assert len(people) == 2


async def test_of_a_thousand_terms_at_once_not_one_is_over_the_vocabulary_of_the_plan(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        admin, an = await site.sign_up("admin@example.org", admin=True), await site.sign_up("an@example.org")
        await turn_plans_on(site, admin)
        await give_plan(site, an, "enterprise", vocabulary_terms=20, rooms_at_once=1)
        made = (await an.client.post("/api/v1/rooms", json={})).json()
        path = f"/api/v1/rooms/{made['room']}/glossary"
        site.accounts.limits.forget(an.user_id)  # the first of them wait for the store

        async with crowd(site) as client:
            answers = await asyncio.gather(
                *(
                    client.post(
                        f"{path}/import?source=en&target=vi",
                        content=f"word {it},chữ {it}\n".encode(),
                        headers=secret(made["host_secret"]),
                    )
                    for it in range(1000)
                )
            )

        terms = site.parts.meetings.get(made["room"]).terms.terms

    assert Counter(it.status_code for it in answers) == {200: 20, 403: 980}
    assert len(terms) == 20


@asynccontextmanager
async def crowd(site: AccountsSite) -> AsyncIterator[httpx2.AsyncClient]:
    """Ask from another address each time."""
    numbers = itertools.count(1)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        number = next(numbers)
        await site.app({**scope, "client": (f"10.0.{number >> 8}.{number & 255}", 5000)}, receive, send)

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=HOME) as client:
        yield client


async def test_a_call_that_goes_on_is_not_counted_and_coming_in_is(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        captions = await count_ok(site.anonymous, "/api/v1/rooms/some-room/captions", tries=5)
        answer = await site.anonymous.get("/api/v1/rooms/some-room/captions")

        assert captions == 5
        assert "RateLimit" not in answer.headers
        joining = await site.anonymous.post("/api/v1/rooms/some-room/join", json={})
        assert joining.headers["RateLimit-Policy"].startswith('"join-address"')


async def test_while_the_database_is_away_addresses_are_still_counted(tmp_path: Path) -> None:
    database, passwords = Database("postgresql://nobody@127.0.0.1:9/nothing"), Passwords()
    accounts = make_accounts(database, settings=Settings(data_dir=tmp_path), key=KEY, passwords=passwords)
    most = ADDRESS_RATES[RouteClass.SIGN_IN].most
    key = {"Authorization": f"Bearer dgm_{'k' * 43}"}

    async with client_of(replace(make_parts(FakeCalls()), accounts=accounts)) as client:
        answer = await client.get("/api/v1/me", headers=key)
        tries = [await client.post("/api/v1/session", json={}, headers=key) for _ in range(most + 5)]

    passwords.close()
    await database.close()
    assert answer.status_code == 503
    assert answer.headers["RateLimit-Policy"].startswith('"read-address"')
    assert [it.status_code for it in tries].count(429) == 5


async def test_without_accounts_nothing_is_counted() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        answer = await client.get("/api/v1/site")

        assert answer.status_code == 200
        assert "RateLimit" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", "/api/v1/site", RouteClass.READ),
        ("HEAD", "/api/v1/me", RouteClass.READ),
        ("PATCH", "/api/v1/me", RouteClass.WRITE),
        ("POST", "/api/v1/rooms", RouteClass.WRITE),
        ("POST", "/api/v1/session", RouteClass.SIGN_IN),
        ("POST", "/api/v1/session/refresh", RouteClass.WRITE),
        ("DELETE", "/api/v1/session", RouteClass.WRITE),
        ("GET", "/api/v1/session/oidc", RouteClass.SIGN_IN),
        ("GET", "/api/v1/session/oidc/callback", RouteClass.SIGN_IN),
        ("POST", "/api/v1/users", RouteClass.SIGN_IN),
        ("GET", "/api/v1/invitations/abc", RouteClass.SIGN_IN),
        ("POST", "/api/v1/rooms/r/join", RouteClass.JOIN),
        ("POST", "/api/v1/rooms/r/lobby/t", RouteClass.JOIN),
        ("GET", "/api/v1/rooms/r/lobby/t", RouteClass.READ),
        ("GET", "/api/v1/rooms/r/calendar.ics", RouteClass.READ),
        ("GET", "/api/v1/rooms/r/captions", None),
        ("PATCH", "/api/v1/rooms/r/participants/p", None),
        ("GET", "/api/v1/rooms/r", None),
        ("GET", "/api/v1/rooms/r/glossary", None),
        ("PUT", "/api/v1/rooms/r/glossary", RouteClass.WRITE),
        ("POST", "/api/v1/rooms/r/glossary/import", RouteClass.WRITE),
        ("PATCH", "/api/v1/rooms/r", RouteClass.WRITE),
        ("DELETE", "/api/v1/rooms/r", RouteClass.WRITE),
        ("DELETE", "/api/v1/rooms/r/participants/p", RouteClass.WRITE),
        ("POST", "/api/v1/rooms/r/participants/p/mute", RouteClass.WRITE),
        ("PATCH", "/api/v1/rooms/r/participants/p/transcribed", RouteClass.WRITE),
        ("POST", "/api/v1/rooms/r/practice", RouteClass.WRITE),
        ("GET", "/api/v1/no/such/thing", RouteClass.READ),
        ("GET", "/", None),
        ("POST", "/internal/rooms/r/finals", None),
    ],
)
def test_every_request_has_its_class(method: str, path: str, route: RouteClass | None) -> None:
    assert class_of(method, path) is route
    assert class_of(method, path.upper().replace("/", "//")) is route


def test_what_a_request_is_about_stands_in_its_path() -> None:
    assert subject_of("/api/v1/teams/aBc/members") == Subject("team", "aBc")
    assert subject_of("/api/v1/my/rooms/rOom/meetings") == Subject("room", "rOom")
    assert subject_of("/api/v1/my/rooms") is None
    assert subject_of("/api/v1/me") is None


async def test_a_teams_share_is_used_up_by_its_people_alone_and_by_its_rooms_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with accounts_site(tmp_path) as site:
        monkeypatch.setattr(site.app.state.rate_limits, "_teams", {**TEAM_RATES, RouteClass.READ: Rate(6, 60)})
        an, binh, eva = [await site.sign_up(f"{name}@example.org") for name in ("an", "binh", "eva")]
        team = await make_team(site, an, binh)
        room = (await make_room(an, team_id=team))["id"]
        of_team, of_room = f"/api/v1/teams/{team}", f"/api/v1/my/rooms/{room}"

        strangers = [(await eva.client.get(path)).status_code for path in (of_team, of_room) for _ in range(5)]
        people = [
            (await person.client.get(path)).status_code
            for person, path in ((an, of_room), (binh, of_room), (an, of_team))
            for _ in range(3)
        ]
        elsewhere = await an.client.get("/api/v1/me")

    assert set(strangers) == {404}
    assert people == [200] * 6 + [429] * 3
    assert elsewhere.status_code == 200


async def test_what_a_host_does_and_the_glossary_of_a_call_count_by_address(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        made = (await an.client.post("/api/v1/rooms", json={})).json()
        host, path = site.client(made["host_secret"]), f"/api/v1/rooms/{made['room']}"

        locked = await host.patch(path, json={"locked": True})
        terms = await host.put(f"{path}/glossary", json={"terms": []})

    assert (locked.status_code, terms.status_code) == (204, 200)
    assert {it.headers["RateLimit-Policy"].partition(";")[0] for it in (locked, terms)} == {'"write-address"'}


async def test_a_socket_that_floods_is_closed_and_its_app_sees_it_go(tmp_path: Path) -> None:
    heard: list[str] = []
    sent: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive())["type"] != "websocket.disconnect":
            heard.append(message["type"])

    async def receive() -> Message:
        return {"type": "websocket.receive", "bytes": b"sound"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/api/v1/interpret", "headers": [], "client": ("192.0.2.1", 5000)}

    parts = make_parts(FakeCalls())

    await RequestLimits(app, parts=parts, limits=RateLimits(parts.clock))(scope, receive, send)

    assert len(heard) == SOCKET_RATE.most
    assert sent == [{"type": "websocket.close", "code": 1008, "reason": "too many messages of one socket"}]
