"""What happens to a call while the API waits for the store or the media server leaves it, and its plan, whole."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from pathlib import Path

import pytest
from tests.accounts_site import AccountsSite, Person, accounts_site
from tests.api_house import FakeCalls, client_of, make_parts, secret
from tests.lasting import assert_problem, join, live, make_room, make_team, open_room, wind

from dragoman.ground.accounts import COMMAND, Actor
from dragoman.ground.errors import StoreUnavailable
from dragoman.meetings.call_permits import CallPermit
from dragoman.meetings.choices import LanguageMenu
from dragoman.meetings.room_card import RoomCard
from dragoman.rooms.livekit_errors import RoomUnavailable
from dragoman.services.api.app import make_app
from dragoman.services.api.call_server import Seen
from dragoman.services.api.live_rooms import EMPTY_S
from dragoman.services.plan_permits import PlanPermits
from dragoman.store.tables import CallRun

MINUTE = 60.0
Doing = Callable[[], Awaitable[object]]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[AccountsSite]:
    async with accounts_site(tmp_path) as site:
        await site.accounts.limits.switch_plans(True, actor=COMMAND)
        yield site


async def guest_room(site: AccountsSite, an: Person | None = None) -> dict[str, str]:
    """Make a room of an account that does not last."""
    an = an or await site.sign_up("an@example.org")
    made: dict[str, str] = (await an.client.post("/api/v1/rooms", json={})).json()
    return made


async def leave_empty(site: AccountsSite) -> None:
    wind(site, EMPTY_S + MINUTE + 1)
    await live(site).keep_time()


def once_permitted(monkeypatch: pytest.MonkeyPatch, doing: Doing) -> None:
    """Do something when the next call is written down, and its permit not read yet."""
    read = PlanPermits._permit

    async def slow(self: PlanPermits, run: CallRun) -> CallPermit:
        monkeypatch.setattr(PlanPermits, "_permit", read)
        await doing()
        return await read(self, run)

    monkeypatch.setattr(PlanPermits, "_permit", slow)


async def test_who_comes_back_to_a_guest_room_that_was_empty_begins_a_call_that_counts(site: AccountsSite) -> None:
    room = (await guest_room(site))["room"]
    inside = (await join(site.anonymous, room)).json()
    await leave_empty(site)
    between = await site.accounts.limits.call_in(room)

    again = await join(site.anonymous, room, inside["secret"])
    await live(site).keep_time()

    assert between is None and (again.status_code, again.json()["identity"]) == (201, inside["identity"])
    assert site.parts.meetings.get(room).ends_at is not None
    assert await site.accounts.limits.call_in(room) is not None


async def test_a_page_that_wakes_up_begins_no_call_by_itself(site: AccountsSite) -> None:
    room = (await guest_room(site))["room"]
    inside = (await join(site.anonymous, room)).json()
    await leave_empty(site)

    woke_up = await join(site.anonymous, room, inside["secret"], again=True)
    begun = await site.accounts.limits.call_in(room)
    came = await join(site.anonymous, room, inside["secret"])

    assert_problem(woke_up, 404, "room_not_found")
    assert begun is None and came.status_code == 201


async def test_who_slips_back_without_joining_is_put_out_of_a_call_that_no_plan_counts(site: AccountsSite) -> None:
    room = (await guest_room(site))["room"]
    inside = (await join(site.anonymous, room)).json()
    await leave_empty(site)

    site.calls.connect(room, inside["identity"], {})
    await site.parts.watch.look()
    await live(site).keep_time()
    put_out = room not in site.calls.present
    came = await join(site.anonymous, room, inside["secret"])
    site.calls.connect(room, inside["identity"], {})
    await site.parts.watch.look()
    await live(site).keep_time()

    assert put_out
    assert (came.status_code, room in site.calls.present) == (201, True)


async def test_nobody_is_put_out_of_a_call_that_is_known_again_and_was_taken_for_forgotten(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    await open_room(an, room)
    inside = (await join(site.anonymous, room)).json()
    site.calls.connect(room, inside["identity"], {})
    await site.accounts.limits.close_call(room)
    fresh = make_parts(site.calls)
    object.__setattr__(fresh, "accounts", site.accounts)
    again = make_app(fresh).state.live
    await fresh.watch.look()

    await again.follow()
    await again.keep_time()

    assert fresh.meetings.get(room).members(at_s=fresh.clock())[0].present
    assert room in site.calls.present


async def test_who_comes_back_to_a_call_that_is_known_again_needs_no_store(
    site: AccountsSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = (await guest_room(site))["room"]
    inside = (await join(site.anonymous, room)).json()
    site.calls.connect(room, inside["identity"], {})
    fresh = make_parts(site.calls)
    object.__setattr__(fresh, "accounts", site.accounts)
    await fresh.watch.look()

    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(site.accounts.limits, "open_call", away)
    monkeypatch.setattr(site.accounts.limits, "call_in", away)
    async with client_of(fresh) as client:
        again = await join(client, room, inside["secret"])

    assert (again.status_code, again.json()["identity"]) == (201, inside["identity"])


async def test_a_call_that_has_just_begun_again_is_not_taken_for_empty(site: AccountsSite) -> None:
    room = (await guest_room(site))["room"]
    await leave_empty(site)

    meeting = await live(site).enter(room)
    await live(site).keep_time()

    assert meeting.permit is not None
    assert await site.accounts.limits.call_in(room) is not None


@pytest.mark.parametrize("lobby", [False, True], ids=["open", "lobby"])
async def test_nobody_comes_into_a_call_that_ends_while_its_permit_is_read(
    site: AccountsSite, lobby: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an, lobby=lobby))["id"]
    await open_room(an, room)
    site.parts.meetings.get(room).drop_permit()
    once_permitted(monkeypatch, lambda: live(site).end(room))

    refused = await join(site.anonymous, room)
    await live(site).keep_time()

    assert_problem(refused, 404, "room_not_found")
    assert site.parts.watch.below() == []
    assert await site.accounts.limits.call_in(room) is None


async def test_nobody_comes_into_a_lasting_room_that_is_ended_while_it_is_written_down_as_used(
    site: AccountsSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    monkeypatch.setattr(site.accounts.rooms, "used", live(site).end)

    refused = await join(site.anonymous, room)

    assert_problem(refused, 404, "room_not_found")
    assert site.parts.watch.below() == []


async def test_nobody_comes_into_a_call_that_ends_while_the_languages_are_looked_up(
    site: AccountsSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await guest_room(site)
    menu = site.parts.directions.menu

    async def slow() -> LanguageMenu:
        await site.anonymous.delete(f"/api/v1/rooms/{made['room']}", headers=secret(made["host_secret"]))
        return await menu()

    monkeypatch.setattr(site.parts.directions, "menu", slow)
    refused = await join(site.anonymous, made["room"])

    assert_problem(refused, 404, "room_not_found")
    assert site.parts.watch.below() == []


async def test_a_look_brings_nothing_back_of_a_call_that_ends_meanwhile(
    site: AccountsSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await guest_room(site)
    room = made["room"]
    inside = (await join(site.anonymous, room)).json()
    await site.parts.watch.decide()
    site.calls.connect(room, inside["identity"], {})
    await site.parts.watch.look()
    listed = FakeCalls.people

    async def slow(calls: FakeCalls, name: str) -> list[Seen]:
        people = await listed(calls, name)
        await site.anonymous.delete(f"/api/v1/rooms/{room}", headers=secret(made["host_secret"]))
        return people

    with monkeypatch.context() as slowly:
        slowly.setattr(FakeCalls, "people", slow)
        await site.parts.watch.look()
    await site.parts.watch.decide()

    assert site.parts.watch.below() == []
    assert len(site.calls.sent) == 1


async def test_a_look_at_a_call_that_ended_puts_nobody_out_of_the_next(
    site: AccountsSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    host = await open_room(an, room)
    await site.parts.watch.decide()
    inside = (await join(site.anonymous, room)).json()
    site.calls.connect(room, inside["identity"], {})
    site.parts.meetings.get(room).remove(inside["identity"])
    listed = FakeCalls.people

    async def slow(calls: FakeCalls, name: str) -> list[Seen]:
        people = await listed(calls, name)
        await site.anonymous.delete(f"/api/v1/rooms/{room}", headers=secret(host))
        await open_room(an, room)
        site.calls.connect(room, inside["identity"], {})
        return people

    with monkeypatch.context() as slowly:
        slowly.setattr(FakeCalls, "people", slow)
        await site.parts.watch.look()

    assert inside["identity"] in site.calls.present[room]


async def test_an_interpreter_is_sent_into_no_call_that_is_over_and_none_is_missed_there(site: AccountsSite) -> None:
    room = (await guest_room(site))["room"]
    await join(site.anonymous, room)
    site.parts.meetings.end(room)

    await site.parts.watch.decide()

    assert site.calls.sent == [] and site.parts.watch.below() == []


async def test_who_leaves_once_more_during_a_look_has_left_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    async with client_of(parts) as client:
        room = (await client.post("/api/v1/rooms", json={})).json()["room"]
        identity = (await join(client, room)).json()["identity"]
    calls.connect(room, identity, {})
    await parts.watch.look()
    parts.watch.left(room, identity)
    listed = FakeCalls.people

    async def slow(calls: FakeCalls, name: str) -> list[Seen]:
        people = await listed(calls, name)
        parts.watch.left(room, identity)
        return people

    with monkeypatch.context() as slowly:
        slowly.setattr(FakeCalls, "people", slow)
        await parts.watch.look()
    del calls.present[room][identity]
    await parts.watch.look()

    assert parts.meetings.get(room).member(identity).left


async def test_who_left_before_a_look_that_fails_has_left_by_the_next() -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    async with client_of(parts) as client:
        room = (await client.post("/api/v1/rooms", json={})).json()["room"]
        identity = (await join(client, room)).json()["identity"]
    calls.connect(room, identity, {})
    await parts.watch.look()
    parts.watch.left(room, identity)
    del calls.present[room][identity]

    calls.away = True
    with pytest.raises(RoomUnavailable):
        await parts.watch.look()
    calls.away = False
    await parts.watch.look()

    assert parts.meetings.get(room).member(identity).left


async def test_what_was_read_of_a_room_first_never_overwrites_what_was_read_later(
    site: AccountsSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    an, bo = await site.sign_up("an@example.org"), await site.sign_up("bo@example.org")
    await site.accounts.limits.switch_plans(False, actor=COMMAND)
    await make_team(site, an, bo)
    gone, room = (await make_room(an))["id"], (await make_room(an))["id"]
    assert (await an.client.put(f"/api/v1/my/rooms/{room}/hosts/{bo.user_id}")).status_code == 200
    await open_room(an, gone)
    host = await open_room(bo, room)
    stored = await site.accounts.rooms.cards([room])
    ending, let = asyncio.Event(), asyncio.Event()
    end = FakeCalls.end_room

    async def cards(ids: Collection[str]) -> dict[str, RoomCard]:
        return {name: stored[name] for name in ids if name in stored}

    async def slow(calls: FakeCalls, name: str) -> None:
        ending.set()
        await let.wait()
        await end(calls, name)

    with monkeypatch.context() as slowly:
        slowly.setattr(site.accounts.rooms, "cards", cards)
        slowly.setattr(FakeCalls, "end_room", slow)
        async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
            tasks.create_task(live(site).follow())  # reads that bo is a host, and ends the other room's call
            await ending.wait()
            await site.accounts.rooms.remove_host(room, bo.user_id, actor=Actor(kind="user", id=an.user_id))
            slowly.undo()
            stored |= await site.accounts.rooms.cards([room])
            slowly.setattr(site.accounts.rooms, "cards", cards)
            second = tasks.create_task(live(site).follow())
            await asyncio.wait({second}, timeout=0)
            let.set()

    assert not site.parts.meetings.is_host(room, host)


async def test_only_the_call_that_is_over_ends_and_not_the_next_in_its_room(
    site: AccountsSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    an = await site.sign_up("an@example.org")
    first, second = (await make_room(an))["id"], (await make_room(an))["id"]
    await open_room(an, first)
    await open_room(an, second)
    wind(site, 61 * MINUTE)
    end = FakeCalls.end_room

    async def slow(calls: FakeCalls, name: str) -> None:
        monkeypatch.setattr(FakeCalls, "end_room", end)
        await live(site).end(second)
        await live(site).give_back()
        await live(site).open(second)
        await end(calls, name)

    monkeypatch.setattr(FakeCalls, "end_room", slow)
    await live(site).keep_time()

    assert site.parts.meetings.find(first) is None
    assert site.parts.meetings.get(second).permit is not None


async def test_a_call_that_is_about_to_go_on_is_not_taken_for_forgotten(
    site: AccountsSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    await site.accounts.limits.open_call(room, an.user_id)  # a process that was killed left it open
    wind(site, 200)
    once_permitted(monkeypatch, live(site).forget_others)

    joined = await join(site.anonymous, room)

    assert joined.status_code == 201
    assert await site.accounts.limits.call_in(room) is not None


@pytest.mark.parametrize("lasts", [True, False], ids=["lasting", "instant"])
async def test_a_call_that_was_written_down_without_an_answer_is_given_back_soon(
    site: AccountsSite, lasts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"] if lasts else (await guest_room(site, an))["room"]
    if not lasts:
        await leave_empty(site)

    async def away() -> None:
        raise StoreUnavailable("away")

    once_permitted(monkeypatch, away)
    refused = await join(site.anonymous, room)
    between = await site.accounts.limits.call_in(room)
    await live(site).keep_time()

    assert_problem(refused, 503, "store_unavailable")
    assert between is not None and await site.accounts.limits.call_in(room) is None


async def test_what_was_given_back_too_late_takes_nothing_from_a_call_that_is_known_again(
    site: AccountsSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = (await guest_room(site))["room"]
    fresh = make_parts(site.calls)
    object.__setattr__(fresh, "accounts", site.accounts)
    app = make_app(fresh)
    again = app.state.live
    fresh.meetings.known_again(room, at_s=fresh.clock())
    again._held[room] = 0  # asked for before it was known that a call goes on

    await again.give_back()

    assert await site.accounts.limits.call_in(room) is not None
