"""Who may come in by which name, and who may make rooms: this machine, its network, a proxy in front, a stranger."""

import dataclasses

import httpx2
import pytest
from tests.api_house import HOME, FakeCalls, make_parts

from dragoman.services.api.app import make_app
from dragoman.services.api.parts import ApiParts

LAN, PUBLIC = "https://192.168.1.5:8443", "https://calls.example.org"
PASSWORD = "-".join(["lusab", "babad", "gutih"])
THIS_MACHINE, ELSEWHERE = "127.0.0.1", "192.168.1.20"


def open_house(*, own_certificate: bool = False) -> ApiParts:
    return dataclasses.replace(
        make_parts(FakeCalls(), origins=frozenset({HOME, LAN, PUBLIC}), host_password=PASSWORD),
        local_origins=frozenset({HOME}),
        link_origin=PUBLIC,
        public_origin=PUBLIC,
        own_certificate=own_certificate,
    )


def client(parts: ApiParts, address: str, *, who: str) -> httpx2.AsyncClient:
    """Ask at ``address`` from the machine ``who``; what a proxy brings comes by plain http."""
    transport = httpx2.ASGITransport(app=make_app(parts), client=(who, 40_000))
    return httpx2.AsyncClient(transport=transport, base_url=address)


async def test_this_machine_makes_rooms_without_the_password_and_the_others_with_it() -> None:
    parts = open_house()
    async with client(parts, HOME, who=THIS_MACHINE) as here, client(parts, LAN, who=ELSEWHERE) as there:
        at_home = await here.post("/api/v1/rooms", json={})
        uninvited = await there.post("/api/v1/rooms", json={})
        invited = await there.post("/api/v1/rooms", json={"password": PASSWORD})
        told = [(await it.get("/api/v1/capabilities")).json()["host_password"] for it in (here, there)]

    assert (at_home.status_code, uninvited.status_code, invited.status_code) == (201, 403, 201)
    assert uninvited.json()["code"] == "not_allowed"
    assert told == [False, True]


async def test_links_lead_to_where_others_come_in() -> None:
    parts = open_house()
    async with client(parts, HOME, who=THIS_MACHINE) as here, client(parts, LAN, who=ELSEWHERE) as there:
        made = (await here.post("/api/v1/rooms", json={})).json()
        seen = (await there.get(f"/api/v1/rooms/{made['room']}")).json()

    assert made["link"] == f"{PUBLIC}/r/{made['room']}"
    assert seen["link"] == f"{LAN}/r/{made['room']}"


@pytest.mark.parametrize(
    ("address", "who", "headers"),
    [
        ("http://calls.example.org", THIS_MACHINE, {}),
        ("http://calls.example.org", THIS_MACHINE, {"X-Forwarded-For": THIS_MACHINE}),
        (HOME, THIS_MACHINE, {"X-Forwarded-For": "203.0.113.9"}),
        (HOME, THIS_MACHINE, {"Forwarded": "for=203.0.113.9"}),
        (HOME, ELSEWHERE, {}),
        (LAN, THIS_MACHINE, {}),
    ],
)
async def test_what_was_passed_on_takes_the_password_wherever_it_arrives(
    address: str, who: str, headers: dict[str, str]
) -> None:
    async with client(open_house(), address, who=who) as asking:
        without = await asking.post("/api/v1/rooms", json={}, headers=headers)
        with_it = await asking.post("/api/v1/rooms", json={"password": PASSWORD}, headers=headers)

    assert (without.status_code, with_it.status_code) == (403, 201)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "https://192.168.1.5",
        "https://192.168.1.5:8444",
        "http://192.168.1.5:8443",
        "https://127.0.0.1:8000",
        "https://calls.example.org.evil.example",
        "http://calls.example.org:8000",
    ],
)
async def test_no_other_name_is_answered_to(address: str) -> None:
    async with client(open_house(), address, who=ELSEWHERE) as asking:
        answers = [await asking.get("/"), await asking.get("/api/v1/capabilities")]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert all("evil" not in answer.headers["content-security-policy"] for answer in answers)


@pytest.mark.parametrize("address", [LAN, "http://calls.example.org"])
async def test_the_doors_of_our_own_processes_are_shut_from_outside(address: str) -> None:
    async with client(open_house(), address, who=THIS_MACHINE) as asking:
        answers = [await asking.post(path, json={}) for path in ("/internal/v1/leases", "/livekit/webhook")]

    assert [answer.status_code for answer in answers] == [403, 403]


async def test_guessing_the_password_is_held_up_and_the_right_one_with_it() -> None:
    parts = open_house()
    async with client(parts, LAN, who=ELSEWHERE) as guessing, client(parts, LAN, who="192.168.1.21") as other:
        wrong = [await guessing.post("/api/v1/rooms", json={"password": f"guess {n}"}) for n in range(11)]
        right = await guessing.post("/api/v1/rooms", json={"password": PASSWORD})
        elsewhere = await other.post("/api/v1/rooms", json={"password": PASSWORD})

    assert [answer.status_code for answer in wrong] == [403] * 10 + [429]
    assert int(wrong[-1].headers["retry-after"]) <= 11
    assert (right.status_code, elsewhere.status_code) == (429, 201)


async def test_guesses_through_a_proxy_count_for_who_makes_them() -> None:
    async with client(open_house(), "http://calls.example.org", who=THIS_MACHINE) as passed_on:

        async def guess(address: str) -> int:
            headers = {"X-Forwarded-For": f"10.9.9.9, {address}"}
            return (await passed_on.post("/api/v1/rooms", json={"password": "a guess"}, headers=headers)).status_code

        first = [await guess("203.0.113.9") for _ in range(11)]
        second = await guess("203.0.113.10")

    assert (first[-1], second) == (429, 403)


async def test_browsers_are_told_to_stay_with_https_for_an_own_certificate_alone() -> None:
    async with client(open_house(), LAN, who=ELSEWHERE) as made_here:
        without = await made_here.get("/api/v1/capabilities")
    parts = open_house(own_certificate=True)
    async with client(parts, LAN, who=ELSEWHERE) as own, client(parts, HOME, who=THIS_MACHINE) as plain:
        with_it = await own.get("/api/v1/capabilities")
        not_there = await plain.get("/api/v1/capabilities")

    assert "strict-transport-security" not in without.headers
    assert with_it.headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" not in not_there.headers


async def test_a_page_may_open_sockets_to_where_it_came_from_alone() -> None:
    async with client(open_house(), LAN, who=ELSEWHERE) as asking:
        answer = await asking.get("/api/v1/capabilities")

    assert "connect-src 'self' wss://192.168.1.5:8443;" in answer.headers["content-security-policy"]
