"""Lobbies over HTTP, and what hosts grant in a call: admission, co-hosts, who may be transcribed, interpretation."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.accounts_site import AccountsSite, accounts_site
from tests.api_house import HOME, FakeCalls, client_of, make_parts, secret
from tests.lasting import assert_problem, join, make_room, open_room, wind

from dragoman.meetings.choices import choices_of
from dragoman.meetings.lobby import ASKED_WITHIN_S
from dragoman.meetings.lobby_tickets import MAX_CHARS
from dragoman.meetings.standing import standing_of
from dragoman.rooms.livekit_participants import read_participant
from dragoman.services.api.answers import MAX_NAME_CHARS
from dragoman.services.api.app import make_app
from dragoman.services.api.live_rooms import LiveRooms
from dragoman.services.api.parts import ApiParts


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[AccountsSite]:
    async with accounts_site(tmp_path) as opened:
        yield opened


async def guarded(site: AccountsSite, **body: Any) -> tuple[str, str]:
    """Open a room with a lobby: its id and host secret."""
    an = await site.sign_up("an@example.org")
    room: str = (await make_room(an, lobby=True, **body))["id"]
    return room, await open_room(an, room)


async def ask(client: httpx2.AsyncClient, room: str, ticket: str) -> dict[str, Any]:
    answer = await client.get(f"/api/v1/rooms/{room}/lobby/{ticket}")
    assert answer.status_code == 200, answer.text
    state: dict[str, Any] = answer.json()
    return state


async def waiting(client: httpx2.AsyncClient, room: str, host: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(f"/api/v1/rooms/{room}/lobby", headers=secret(host))).json()
    return found


async def decide(client: httpx2.AsyncClient, room: str, host: str, ticket: str, *, admit: bool) -> httpx2.Response:
    return await client.post(f"/api/v1/rooms/{room}/lobby/{ticket}", json={"admit": admit}, headers=secret(host))


@pytest.mark.usefixtures("each_database")
async def test_a_guest_waits_until_a_host_lets_them_in_and_then_comes_back_without_waiting(site: AccountsSite) -> None:
    room, host = await guarded(site)
    guest = site.anonymous

    came = await join(guest, room, name="An")
    ticket = came.json()["ticket"]
    before = await ask(guest, room, ticket)
    wind(site, 4)
    (listed,) = await waiting(guest, room, host)
    await decide(guest, room, host, listed["ticket"], admit=True)
    inside = (await ask(guest, room, ticket))["joined"]
    again = await join(guest, room, inside["secret"], name="An")

    assert (came.status_code, came.json()["position"]) == (202, 1)
    assert before == {"state": "waiting", "position": 1, "joined": None}
    assert (listed["name"], listed["waiting_s"]) == ("An", 4)
    assert inside["token"] and inside["name"] == "An"
    assert (again.status_code, again.json()["identity"]) == (201, inside["identity"])
    assert await waiting(guest, room, host) == []


async def test_who_is_refused_or_leaves_does_not_come_in(site: AccountsSite) -> None:
    room, host = await guarded(site)
    refused = (await join(site.anonymous, room)).json()["ticket"]
    left = (await join(site.anonymous, room)).json()["ticket"]
    people = await waiting(site.anonymous, room, host)

    await decide(site.anonymous, room, host, people[0]["ticket"], admit=False)
    await site.anonymous.delete(f"/api/v1/rooms/{room}/lobby/{left}")
    late = await decide(site.anonymous, room, host, people[1]["ticket"], admit=True)

    assert (await ask(site.anonymous, room, refused))["state"] == "refused"
    assert (await ask(site.anonymous, room, left))["state"] == "left"
    assert_problem(late, 404, "ticket_not_found")


async def test_only_hosts_see_who_waits_and_decide(site: AccountsSite) -> None:
    room, host = await guarded(site)
    ticket = (await join(site.anonymous, room)).json()["ticket"]
    listed = (await waiting(site.anonymous, room, host))[0]["ticket"]
    inside = (await join(site.anonymous, room, host, name="Host")).json()

    for proof in ("", "nonsense", inside["secret"], site.parts.meetings.invitations.host_secret(room)):
        headers = secret(proof) if proof else {}
        assert_problem(await site.anonymous.get(f"/api/v1/rooms/{room}/lobby", headers=headers), 403, "not_allowed")
        assert_problem(await decide(site.anonymous, room, proof, listed, admit=True), 403, "not_allowed")
    assert_problem(await site.anonymous.get(f"/api/v1/rooms/{room}/lobby/{listed}"), 404, "ticket_not_found")
    assert (await ask(site.anonymous, room, ticket))["state"] == "waiting"


async def test_a_ticket_of_one_room_is_nobody_s_in_another_and_runs_out(site: AccountsSite) -> None:
    room, host = await guarded(site)
    ticket = (await join(site.anonymous, room)).json()["ticket"]
    bo = await site.sign_up("bo@example.org")
    other: str = (await make_room(bo, lobby=True))["id"]
    await open_room(bo, other)

    elsewhere = await site.anonymous.get(f"/api/v1/rooms/{other}/lobby/{ticket}")
    await join(site.anonymous, room, host)
    wind(site, ASKED_WITHIN_S + 1)

    assert_problem(elsewhere, 404, "ticket_not_found")
    assert_problem(await site.anonymous.get(f"/api/v1/rooms/{room}/lobby/{ticket}"), 404, "ticket_not_found")


async def test_a_full_room_is_told_to_the_host_and_the_guest_waits_on(site: AccountsSite) -> None:
    room, host = await guarded(site, most_people=2)
    await join(site.anonymous, room, host)
    tickets = [(await join(site.anonymous, room)).json()["ticket"] for _ in range(2)]
    people = await waiting(site.anonymous, room, host)

    first = await decide(site.anonymous, room, host, people[0]["ticket"], admit=True)
    second = await decide(site.anonymous, room, host, people[1]["ticket"], admit=True)

    assert first.status_code == 204
    assert_problem(second, 409, "room_full")
    assert [(await ask(site.anonymous, room, it))["state"] for it in tickets] == ["admitted", "waiting"]


async def test_a_locked_room_takes_nobody_into_its_lobby_but_a_host_lets_in_who_waits(site: AccountsSite) -> None:
    room, host = await guarded(site)
    ticket = (await join(site.anonymous, room)).json()["ticket"]
    await site.anonymous.patch(f"/api/v1/rooms/{room}", json={"locked": True}, headers=secret(host))

    late = await join(site.anonymous, room)
    (person,) = await waiting(site.anonymous, room, host)
    await decide(site.anonymous, room, host, person["ticket"], admit=True)

    assert_problem(late, 409, "room_locked")
    assert (await ask(site.anonymous, room, ticket))["joined"] is not None


async def test_who_was_admitted_and_then_put_out_does_not_come_back_with_the_ticket(site: AccountsSite) -> None:
    room, host = await guarded(site)
    ticket = (await join(site.anonymous, room)).json()["ticket"]
    (person,) = await waiting(site.anonymous, room, host)
    await decide(site.anonymous, room, host, person["ticket"], admit=True)
    inside = (await ask(site.anonymous, room, ticket))["joined"]

    path = f"/api/v1/rooms/{room}/participants/{inside['identity']}"
    await site.anonymous.delete(path, headers=secret(host))
    again = await site.anonymous.get(f"/api/v1/rooms/{room}/lobby/{ticket}")
    rejoined = await join(site.anonymous, room, inside["secret"])

    assert_problem(again, 403, "not_allowed")
    assert rejoined.status_code == 202


async def test_a_lobby_that_is_taken_away_holds_nobody_any_more(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room: str = (await make_room(an, lobby=True))["id"]
    host = await open_room(an, room)
    ticket = (await join(site.anonymous, room)).json()["ticket"]

    await an.client.patch(f"/api/v1/my/rooms/{room}", json={"lobby": False})
    inside = await ask(site.anonymous, room, ticket)

    assert inside["state"] == "admitted" and inside["joined"]["token"]
    assert await waiting(site.anonymous, room, host) == []


@asynccontextmanager
async def started_again(site: AccountsSite) -> AsyncIterator[tuple[httpx2.AsyncClient, ApiParts, LiveRooms]]:
    """Give the API that replaces that of ``site``: it knows the database and the media server, and nothing else."""
    wind(site, 1)
    parts = replace(make_parts(site.calls, clock=site.parts.clock), accounts=site.accounts)
    app = make_app(parts)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=HOME) as client:
        yield client, parts, app.state.live


async def host_in_call(site: AccountsSite, room: str, host: str) -> None:
    inside = (await join(site.anonymous, room, host, name="Host")).json()
    site.calls.connect(room, inside["identity"], {}, "Host")


async def test_who_waits_when_the_api_starts_again_waits_on_and_is_let_in(site: AccountsSite) -> None:
    room, host = await guarded(site)
    await host_in_call(site, room, host)
    first = (await join(site.anonymous, room, name="Ngọc", speaks="en", consent=False)).json()["ticket"]
    wind(site, 30)
    second = (await join(site.anonymous, room, name="Eva")).json()["ticket"]

    async with started_again(site) as (client, parts, live):
        unseen = await ask(client, room, second)
        await parts.watch.look()
        unsettled = await ask(client, room, second)
        await live.follow()
        asked = [await ask(client, room, it) for it in (second, first, second)]
        listed = await waiting(client, room, host)
        await decide(client, room, host, listed[0]["ticket"], admit=True)
        inside = (await ask(client, room, first))["joined"]

    assert (unseen, unsettled) == ({"state": "waiting", "position": 1, "joined": None},) * 2
    assert [it["position"] for it in asked] == [1, 1, 2]
    assert [(it["name"], it["waiting_s"]) for it in listed] == [("Ngọc", 31.0), ("Eva", 1.0)]
    assert (inside["name"], inside["choices"]["speaks"], inside["choices"]["consent"]) == ("Ngọc", "en", False)


async def test_who_waits_when_the_api_starts_again_waits_for_a_host_to_open_the_room(site: AccountsSite) -> None:
    room, host = await guarded(site)
    ticket = (await join(site.anonymous, room)).json()["ticket"]

    async with started_again(site) as (client, parts, live):
        await parts.watch.look()
        before = await ask(client, room, ticket)
        await live.open(room)
        await ask(client, room, ticket)
        (listed,) = await waiting(client, room, host)

    assert (before["state"], listed["name"]) == ("waiting", "Guest")


async def test_a_ticket_of_before_brings_nobody_into_another_room_nor_back_after_long(site: AccountsSite) -> None:
    room, host = await guarded(site)
    await host_in_call(site, room, host)
    ticket = (await join(site.anonymous, room)).json()["ticket"]
    bo = await site.sign_up("bo@example.org")
    other: str = (await make_room(bo, lobby=True))["id"]

    async with started_again(site) as (client, parts, live):
        await parts.watch.look()
        await live.follow()
        await live.open(other)
        elsewhere = await client.get(f"/api/v1/rooms/{other}/lobby/{ticket}")
        forged = await client.get(f"/api/v1/rooms/{room}/lobby/{ticket[:-4]}AAAA")
        wind(site, ASKED_WITHIN_S)
        late = await client.get(f"/api/v1/rooms/{room}/lobby/{ticket}")

    for answer in (elsewhere, forged, late):
        assert_problem(answer, 404, "ticket_not_found")


async def test_nobody_reads_in_a_ticket_who_waits(site: AccountsSite) -> None:
    room, _ = await guarded(site)
    ticket = (await join(site.anonymous, room, name="Kanarienvogel")).json()["ticket"]
    longest = (await join(site.anonymous, room, name="🦜" * MAX_NAME_CHARS)).json()["ticket"]

    assert b"Kanarienvogel" not in base64.urlsafe_b64decode(ticket + "=" * (-len(ticket) % 4))
    assert len(longest) <= MAX_CHARS
    assert (await ask(site.anonymous, room, longest))["state"] == "waiting"


async def in_call(client: httpx2.AsyncClient, calls: FakeCalls) -> tuple[str, str, list[dict[str, Any]]]:
    """Make a private room with two people in it: its id, host secret, and who joined."""
    made = (await client.post("/api/v1/rooms", json={})).json()
    people = [(await join(client, made["room"], name=name)).json() for name in ("An", "Eva")]
    for person in people:
        calls.connect(made["room"], person["identity"], {})
    return made["room"], made["host_secret"], people


async def test_who_may_not_be_transcribed_counts_as_not_having_consented_whatever_they_choose() -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    async with client_of(parts) as client:
        room, host, (an, _) = await in_call(client, calls)
        path = f"/api/v1/rooms/{room}/participants/{an['identity']}"

        refused = await client.patch(f"{path}/transcribed", json={"allowed": False}, headers=secret(an["secret"]))
        await client.patch(f"{path}/transcribed", json={"allowed": False}, headers=secret(host))
        off = calls.present[room][an["identity"]].attributes
        await client.patch(path, json={"consent": True, "speaks": "en"}, headers=secret(an["secret"]))
        still = calls.present[room][an["identity"]].attributes
        rejoined = await join(client, room, an["secret"])
        await client.patch(f"{path}/transcribed", json={"allowed": True}, headers=secret(host))
        on = calls.present[room][an["identity"]].attributes

    assert_problem(refused, 403, "not_allowed")
    for attributes in (off, still):
        assert not read_participant("an", "An", attributes).consents
        assert choices_of(attributes).consents, "their own choice is theirs"
    assert rejoined.status_code == 201 and parts.meetings.get(room).member(an["identity"]).choices.consents
    assert read_participant("an", "An", on).consents


async def test_what_a_host_granted_outlives_an_api_that_is_replaced_in_the_call() -> None:
    calls = FakeCalls()
    async with client_of(make_parts(calls)) as client:
        room, host, (an, eva) = await in_call(client, calls)
        path = f"/api/v1/rooms/{room}/participants"
        await client.patch(f"{path}/{an['identity']}/transcribed", json={"allowed": False}, headers=secret(host))
        await client.post(f"{path}/{eva['identity']}/cohost", headers=secret(host))
        await client.patch(f"/api/v1/rooms/{room}", json={"interpretation": False}, headers=secret(host))

    parts = make_parts(calls)
    async with client_of(parts) as client:
        await parts.watch.look()
        seen = (await client.get(f"/api/v1/rooms/{room}")).json()
        muted = await client.post(f"{path}/{an['identity']}/mute", headers=secret(eva["secret"]))

    assert not parts.meetings.get(room).member(an["identity"]).standing.transcribed
    assert seen["interpretation"] is False and calls.metadata[room] == '{"interpretation": false}'
    assert muted.status_code == 204


async def test_a_co_host_hosts_with_their_own_secret_until_it_is_taken_back() -> None:
    calls = FakeCalls()
    async with client_of(make_parts(calls)) as client:
        room, host, (an, eva) = await in_call(client, calls)
        path, mine = f"/api/v1/rooms/{room}/participants", secret(an["secret"])

        before = await client.delete(f"{path}/{eva['identity']}", headers=mine)
        await client.post(f"{path}/{an['identity']}/cohost", headers=secret(host))
        shown = standing_of(calls.present[room][an["identity"]].attributes)
        muted = await client.post(f"{path}/{eva['identity']}/mute", headers=mine)
        locked = await client.patch(f"/api/v1/rooms/{room}", json={"locked": True}, headers=mine)
        await client.delete(f"{path}/{an['identity']}/cohost", headers=secret(host))
        after = await client.delete(f"{path}/{eva['identity']}", headers=mine)

    assert shown.cohost and (muted.status_code, locked.status_code) == (204, 204)
    assert_problem(before, 403, "not_allowed")
    assert_problem(after, 403, "not_allowed")


async def test_a_host_switches_interpretation_off_for_all_and_the_call_is_told() -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    async with client_of(parts) as client:
        room, host, (an, _) = await in_call(client, calls)
        path = f"/api/v1/rooms/{room}"

        guest = await client.patch(path, json={"interpretation": False}, headers=secret(an["secret"]))
        nothing = await client.patch(path, json={}, headers=secret(host))
        await client.patch(path, json={"interpretation": False}, headers=secret(host))
        off = calls.metadata[room]
        calls.metadata[room] = ""  # a media server that was replaced
        await parts.watch.look()

    assert_problem(guest, 403, "not_allowed")
    assert_problem(nothing, 422, "request_invalid")
    assert off == calls.metadata[room] == '{"interpretation": false}'


async def test_what_the_media_server_did_not_hear_does_not_count() -> None:
    calls = FakeCalls()
    parts = make_parts(calls)
    async with client_of(parts) as client:
        room, host, (an, _) = await in_call(client, calls)
        path = f"/api/v1/rooms/{room}/participants/{an['identity']}"
        calls.away = True

        refused = await client.post(f"{path}/cohost", headers=secret(host))

    assert refused.status_code == 503
    assert not parts.meetings.get(room).member(an["identity"]).standing.cohost
