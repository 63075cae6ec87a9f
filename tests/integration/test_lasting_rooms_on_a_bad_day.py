"""The database goes in the middle of a call: whoever is in it notices nothing, and what needs it says so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from tests.accounts_site import AccountsSite, accounts_site
from tests.api_house import INNER, secret
from tests.lasting import assert_problem, join, live, make_room, open_room, wind

from dragoman.ground.captions import Caption
from dragoman.ground.errors import StoreUnavailable
from dragoman.ground.languages import Language
from dragoman.meetings.caption_message import write_caption


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[AccountsSite]:
    async with accounts_site(tmp_path) as opened:
        yield opened


@asynccontextmanager
async def gone() -> AsyncIterator[NoReturn]:
    raise StoreUnavailable("the database does not answer")
    yield


def take_away(site: AccountsSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(site.database, "reading", gone)
    monkeypatch.setattr(site.database, "writing", gone)


def final(seq: int) -> Caption:
    vi = Language("vi")
    return Caption(
        segment=f"s{seq}",
        speaker="an",
        language=vi,
        source_language=vi,
        text="xin chào",
        start_s=1.0,
        end_s=2.0,
        final=True,
        seq=seq,
    )


async def deliver(site: AccountsSite, room: str, *seqs: int) -> None:
    answer = await site.anonymous.post(
        f"/internal/rooms/{room}/finals?epoch={site.parts.watch.epoch(room)}",
        json=[write_caption(final(seq)) for seq in seqs],
        headers=secret(INNER),
    )
    assert answer.status_code == 200, answer.text


async def captions(site: AccountsSite, room: str, proof: str, after_seq: int) -> list[int]:
    answer = await site.anonymous.get(
        f"/api/v1/rooms/{room}/captions", params={"after_seq": after_seq}, headers=secret(proof)
    )
    assert answer.status_code == 200, answer.text
    return [it["seq"] for it in answer.json()["captions"]]


async def test_captions_and_who_is_in_the_call_go_on_without_a_database(
    site: AccountsSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    an = await site.sign_up("an@example.org")
    room: str = (await make_room(an, lobby=True))["id"]
    host = await open_room(an, room)
    inside = (await join(site.anonymous, room, host)).json()
    await deliver(site, room, 1, 2)
    take_away(site, monkeypatch)

    again = await join(site.anonymous, room, inside["secret"])
    await deliver(site, room, 3, 4)
    guest = await join(site.anonymous, room)
    locked = await site.anonymous.patch(f"/api/v1/rooms/{room}", json={"locked": True}, headers=secret(host))
    await site.parts.watch.look()

    assert (again.status_code, again.json()["identity"]) == (201, inside["identity"])
    assert await captions(site, room, inside["secret"], after_seq=2) == [3, 4]
    assert (guest.status_code, locked.status_code) == (202, 204)
    assert site.parts.meetings.find(room) is not None


async def test_what_needs_the_database_is_answered_with_503_and_works_when_it_is_back(
    site: AccountsSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    an = await site.sign_up("an@example.org")
    room: str = (await make_room(an))["id"]
    await an.client.get("/api/v1/me")
    with monkeypatch.context() as away:
        take_away(site, away)
        refused = [
            await an.client.post("/api/v1/my/rooms", json={"title": "New"}),
            await an.client.get("/api/v1/my/rooms"),
            await an.client.post(f"/api/v1/my/rooms/{room}/open"),
            await join(site.anonymous, room),
            await site.anonymous.get(f"/api/v1/rooms/{room}"),
        ]

    for answer in refused:
        assert_problem(answer, 503, "store_unavailable")
        assert answer.headers["retry-after"]
    assert site.parts.meetings.all() == []
    assert (await join(site.anonymous, room)).status_code == 201


async def test_a_call_that_ends_without_a_database_is_written_down_when_it_is_back(
    site: AccountsSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    an = await site.sign_up("an@example.org")
    room: str = (await make_room(an))["id"]
    host = await open_room(an, room)
    with monkeypatch.context() as away:
        take_away(site, away)
        ended = await site.anonymous.delete(f"/api/v1/rooms/{room}", headers=secret(host))
        with pytest.raises(StoreUnavailable):
            await live(site).keep_time()
    still = await site.accounts.limits.call_in(room)

    await live(site).keep_time()

    assert ended.status_code == 204 and still is not None
    assert await site.accounts.limits.call_in(room) is None


async def test_two_that_give_back_what_a_call_took_do_not_meet(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room: str = (await make_room(an))["id"]
    await open_room(an, room)
    site.parts.meetings.end(room)

    await asyncio.gather(live(site).keep_time(), live(site).keep_time(), live(site).keep_time())

    assert await site.accounts.limits.call_in(room) is None


async def test_who_comes_back_to_a_call_resumes_its_captions_where_they_stopped_reading(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room: str = (await make_room(an, lobby=True))["id"]
    host = await open_room(an, room)
    ticket = (await join(site.anonymous, room)).json()["ticket"]
    (person,) = (await site.anonymous.get(f"/api/v1/rooms/{room}/lobby", headers=secret(host))).json()
    path = f"/api/v1/rooms/{room}/lobby"
    await site.anonymous.post(f"{path}/{person['ticket']}", json={"admit": True}, headers=secret(host))
    inside = (await site.anonymous.get(f"{path}/{ticket}")).json()["joined"]
    await deliver(site, room, 1, 2, 3)
    wind(site, 90)

    again = (await join(site.anonymous, room, inside["secret"])).json()
    waits = await site.anonymous.get(f"/api/v1/rooms/{room}/captions", headers=secret(ticket))

    assert await captions(site, room, again["secret"], after_seq=1) == [2, 3]
    assert_problem(waits, 403, "not_allowed")


async def test_the_next_call_of_a_room_says_nothing_of_the_one_before(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room: str = (await make_room(an))["id"]
    host = await open_room(an, room)
    first = (await join(site.anonymous, room)).json()
    await deliver(site, room, 1, 2)

    await site.anonymous.delete(f"/api/v1/rooms/{room}", headers=secret(host))
    second = (await join(site.anonymous, room)).json()
    by_first = await site.anonymous.get(f"/api/v1/rooms/{room}/captions", headers=secret(first["secret"]))

    assert await captions(site, room, second["secret"], after_seq=0) == []
    assert_problem(by_first, 404, "participant_not_found")
