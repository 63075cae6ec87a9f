"""Somebody is erased while a call goes on: theirs ends, of somebody else's they are a guest like any other."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from tests.accounts_site import AccountsSite, Person, accounts_site
from tests.api_house import secret
from tests.integration.test_my_data import _delete, _work
from tests.lasting import assert_problem, join, live, make_room, make_team, open_room

from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.meetings.finals import Final

LOCK = {"locked": True}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[AccountsSite]:
    async with accounts_site(tmp_path) as site:
        await site.sign_up("root@example.org", admin=True)
        yield site


async def begin(site: AccountsSite, room: str) -> httpx2.Headers:
    """Let a guest come in and somebody say something; give what shows that they are in the room."""
    guest = (await join(site.anonymous, room)).json()
    site.calls.present.setdefault(room, {})
    said = Caption(
        speaker=guest["identity"],
        segment="1.p-1.1",
        seq=1,
        text="xin chao",
        language=Language("vi"),
        source_language=Language("vi"),
        final=True,
        start_s=0.0,
        end_s=1.0,
    )
    site.parts.meetings.get(room).finals.add(Final(caption=said, epoch=1))
    return httpx2.Headers(secret(guest["secret"]))


async def erase(site: AccountsSite, person: Person) -> None:
    assert (await _delete(person)).status_code == 202
    await _work(site)
    await live(site).follow()
    await live(site).keep_time()


@pytest.mark.usefixtures("each_database")
@pytest.mark.parametrize("lasts", [True, False], ids=["lasting", "instant"])
async def test_their_call_ends_with_its_link_its_rights_and_its_captions(site: AccountsSite, lasts: bool) -> None:
    an = await site.sign_up("an@example.org")
    if lasts:
        room = (await make_room(an))["id"]
        host = await open_room(an, room)
    else:
        made = (await an.client.post("/api/v1/rooms", json={})).json()
        room, host = made["room"], made["host_secret"]
    guest = await begin(site, room)
    captions = f"/api/v1/rooms/{room}/captions"
    before = await site.anonymous.get(captions, headers=guest)

    await erase(site, an)

    assert [it["text"] for it in before.json()["captions"]] == ["xin chao"]
    assert site.parts.meetings.find(room) is None
    assert room not in site.calls.present
    assert await site.accounts.limits.call_in(room) is None
    assert_problem(await site.anonymous.get(captions, headers=guest), 404, "room_not_found")
    assert_problem(await join(site.anonymous, room), 404, "room_not_found")
    refused = await site.anonymous.patch(f"/api/v1/rooms/{room}", json=LOCK, headers=secret(host))
    assert_problem(refused, 404, "room_not_found")


async def test_a_co_host_does_not_keep_the_room_of_who_is_erased(site: AccountsSite) -> None:
    an, eva = await site.sign_up("an@example.org"), await site.sign_up("eva@example.org")
    team = await make_team(site, an, eva)
    room = (await make_room(an, team_id=team))["id"]
    await an.client.put(f"/api/v1/my/rooms/{room}/hosts/{eva.user_id}")
    hers = await open_room(eva, room)

    await erase(site, an)

    assert site.parts.meetings.find(room) is None
    refused = await site.anonymous.patch(f"/api/v1/rooms/{room}", json=LOCK, headers=secret(hers))
    assert_problem(refused, 404, "room_not_found")


@pytest.mark.usefixtures("each_database")
async def test_the_call_of_somebody_else_goes_on_and_they_host_it_no_more(site: AccountsSite) -> None:
    an, eva = await site.sign_up("an@example.org"), await site.sign_up("eva@example.org")
    team = await make_team(site, an, eva)
    room = (await make_room(an, team_id=team))["id"]
    await an.client.put(f"/api/v1/my/rooms/{room}/hosts/{eva.user_id}")
    hers = await open_room(eva, room)
    guest = await begin(site, room)

    await erase(site, eva)

    assert site.parts.meetings.find(room) is not None
    assert (await site.anonymous.get(f"/api/v1/rooms/{room}/captions", headers=guest)).status_code == 200
    refused = await site.anonymous.patch(f"/api/v1/rooms/{room}", json=LOCK, headers=secret(hers))
    assert_problem(refused, 403, "not_allowed")


async def test_who_asked_to_be_erased_hosts_nothing_from_that_moment(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    host = await open_room(an, room)

    await _delete(an)
    await live(site).follow()

    refused = await site.anonymous.patch(f"/api/v1/rooms/{room}", json=LOCK, headers=secret(host))
    assert_problem(refused, 403, "not_allowed")
