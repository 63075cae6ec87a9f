"""Plans in calls: who may open another one, how many come in, when people are warned and when it ends."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.accounts_site import AccountsSite, Person, accounts_site
from tests.api_house import make_parts, secret
from tests.lasting import assert_problem, join, live, make_room, open_room, wind

from dragoman.services.api.app import make_app
from dragoman.services.api.live_rooms import EMPTY_S

MINUTE = 60.0


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[AccountsSite]:
    """Plans are on, and everybody has the free one: 60 minutes, 2 rooms at once."""
    async with accounts_site(tmp_path) as opened:
        boss = await opened.sign_up("boss@example.org", admin=True)
        switched = await boss.client.put("/api/v1/admin/plans", json={"on": True})
        assert switched.status_code == 200, switched.text
        opened.parts.meetings._most_members = 20
        yield opened


async def held_rooms(site: AccountsSite, person: Person, number: int) -> list[str]:
    rooms = []
    for _ in range(number):
        room: str = (await make_room(person))["id"]
        await open_room(person, room)
        rooms.append(room)
    return rooms


async def test_a_third_room_at_once_is_refused_in_whatever_way_it_is_opened(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    await held_rooms(site, an, 2)
    third: str = (await make_room(an))["id"]

    by_host = await an.client.post(f"/api/v1/my/rooms/{third}/open")
    by_guest = await join(site.anonymous, third)
    instant = await an.client.post("/api/v1/rooms", json={})

    for refused in (by_host, by_guest, instant):
        assert_problem(refused, 403, "limit_reached")
    assert len(site.parts.meetings.all()) == 2, "what was refused leaves nothing open"


async def test_a_call_that_ended_makes_place_for_another(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    first, _ = await held_rooms(site, an, 2)
    third: str = (await make_room(an))["id"]
    host = await open_room(an, first)

    await site.anonymous.delete(f"/api/v1/rooms/{first}", headers=secret(host))

    assert (await join(site.anonymous, third)).status_code == 201


async def test_many_who_come_at_once_begin_one_call(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room: str = (await make_room(an))["id"]

    answers = await asyncio.gather(*(join(site.anonymous, room) for _ in range(6)))

    assert [answer.status_code for answer in answers] == [201] * 6
    assert len({answer.json()["identity"] for answer in answers}) == 6
    assert_problem(await join(site.anonymous, room), 409, "room_full_by_plan")


async def test_people_are_warned_and_then_the_plan_ends_the_call(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room: str = (await make_room(an))["id"]
    guest = (await join(site.anonymous, room)).json()
    await site.parts.watch.decide()
    site.calls.connect(room, guest["identity"], {})

    async def after(minutes: float) -> str | None:
        wind(site, minutes * MINUTE)
        await site.parts.watch.look()
        await live(site).keep_time()
        return site.calls.metadata.get(room)

    seen = (await site.anonymous.get(f"/api/v1/rooms/{room}")).json()
    early, warned, over = await after(54), await after(1.5), await after(5)

    assert seen["ends_at"] == "2026-11-22T13:00:00Z"
    assert early == '{"interpretation": true}'
    assert warned == '{"interpretation": true, "ends_at": "2026-11-22T13:00:00Z"}'
    assert over is None and site.parts.meetings.find(room) is None
    assert (await join(site.anonymous, room)).status_code == 201, "the room lasts"


async def test_a_clock_that_jumps_ends_no_call(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room: str = (await make_room(an))["id"]
    await join(site.anonymous, room)

    site.clock.wind(hours=2)
    await live(site).keep_time()
    forward = site.parts.meetings.find(room)
    site.clock.wind(hours=-4)
    await live(site).keep_time()

    assert forward is not None and site.parts.meetings.find(room) is forward


async def test_a_guest_room_of_a_signed_in_person_counts_and_its_link_outlives_an_empty_hour(
    site: AccountsSite,
) -> None:
    an = await site.sign_up("an@example.org")
    made = (await an.client.post("/api/v1/rooms", json={})).json()
    counted = await site.accounts.limits.call_in(made["room"])

    wind(site, EMPTY_S + MINUTE)
    await live(site).keep_time()
    between = await site.accounts.limits.call_in(made["room"])
    again = await join(site.anonymous, made["room"])

    assert counted is not None and between is None and again.status_code == 201
    assert await site.accounts.limits.call_in(made["room"]) is not None
    assert_problem(await site.anonymous.post("/api/v1/rooms", json={}), 401, "not_signed_in")


async def test_an_api_that_is_replaced_in_a_call_goes_on_with_its_room_its_plan_and_its_lobby(
    site: AccountsSite,
) -> None:
    an = await site.sign_up("an@example.org")
    room: str = (await make_room(an, lobby=True))["id"]
    host = await open_room(an, room)
    inside = (await join(site.anonymous, room, host)).json()
    await site.parts.watch.decide()
    site.calls.connect(room, inside["identity"], {})
    wind(site, 10 * MINUTE)

    fresh = make_parts(site.calls)
    object.__setattr__(fresh, "accounts", site.accounts)
    app = make_app(fresh)
    await fresh.watch.look()
    before = fresh.meetings.get(room)
    unsettled = (before.has_lobby, before.ends_at)
    await app.state.live.keep_time()

    assert unsettled == (False, None)
    assert before.has_lobby and before.ends_at is not None and before.ends_at.hour == 13
    assert fresh.meetings.check_host(room, host) is before
    assert before.knows(inside["identity"])


async def test_calls_that_a_killed_process_left_open_are_given_back(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    (known,) = await held_rooms(site, an, 1)
    await site.accounts.limits.open_call("left-open", an.user_id)
    wind(site, 3 * MINUTE)

    await live(site).forget_others()

    assert await site.accounts.limits.call_in("left-open") is None
    assert await site.accounts.limits.call_in(known) is not None
