"""Lasting rooms over HTTP: who makes, sees, changes, opens and hosts them, and the calls that are held in them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.accounts_site import PASSWORD, AccountsSite, accounts_site
from tests.api_house import secret
from tests.lasting import ROOMS, assert_problem, join, live, make_room, make_team, open_room, wind

from dragoman.ground.accounts import Actor
from dragoman.services.api.live_rooms import COMING_BACK_S, EMPTY_S
from dragoman.store import teams
from dragoman.store.tables import AuditEntry


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[AccountsSite]:
    async with accounts_site(tmp_path) as opened:
        yield opened


async def test_a_room_lasts_with_all_that_its_owner_settled(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")

    made = await make_room(an, title="  Weekly \u202eround ", lobby=True, interpretation=False, most_people=5)
    seen = (await an.client.get(f"{ROOMS}/{made['id']}")).json()

    assert made == seen
    assert made["title"] == "Weekly round" and made["link"].endswith(f"/r/{made['id']}")
    assert (made["lobby"], made["interpretation"], made["most_people"], made["mine"]) == (True, False, 5, True)
    assert made["owner"] == {"id": an.user_id, "name": "An"} and made["live"] is None


@pytest.mark.usefixtures("each_database")
async def test_rooms_are_listed_newest_first_and_in_pages(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    for number in range(3):
        await make_room(an, title=f"Room {number}")
        wind(site, 1)

    first = (await an.client.get(ROOMS, params={"limit": 2})).json()
    rest = (await an.client.get(ROOMS, params={"limit": 2, "cursor": first["next"]})).json()

    assert [it["title"] for it in first["items"] + rest["items"]] == ["Room 2", "Room 1", "Room 0"]
    assert rest["next"] is None


async def test_a_room_that_cannot_be_is_refused(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    bodies: list[dict[str, Any]] = [
        {"title": ""},
        {"title": "x" * 121},
        {"title": "\u200b"},
        {"title": "Room", "most_people": 1},
        {"title": "Room", "owner_id": "somebody"},
        {"title": "Room", "lobby": "yes"},
        {},
    ]

    for body in bodies:
        assert_problem(await an.client.post(ROOMS, json=body), 422, "request_invalid")


async def test_rooms_of_others_are_not_there(site: AccountsSite) -> None:
    an, eva = await site.sign_up("an@example.org"), await site.sign_up("eva@example.org")
    room = (await make_room(an))["id"]
    path = f"{ROOMS}/{room}"

    answers = [
        await eva.client.get(path),
        await eva.client.patch(path, json={"title": "Mine"}),
        await eva.client.delete(path),
        await eva.client.post(f"{path}/open"),
        await eva.client.put(f"{path}/hosts/{eva.user_id}"),
        await eva.client.delete(f"{path}/hosts/{eva.user_id}"),
    ]

    for answer in answers:
        assert_problem(answer, 404, "room_not_found")
    assert (await eva.client.get(ROOMS)).json()["items"] == []
    assert_problem(await site.anonymous.get(path), 401, "not_signed_in")


@pytest.mark.usefixtures("each_database")
async def test_a_team_sees_its_rooms_and_only_hosts_open_them(site: AccountsSite) -> None:
    an, eva, bo = [await site.sign_up(f"{name}@example.org") for name in ("an", "eva", "bo")]
    team = await make_team(site, an, eva, bo)
    room = (await make_room(an, team_id=team))["id"]
    path = f"{ROOMS}/{room}"

    seen = (await eva.client.get(path)).json()
    refused = await eva.client.post(f"{path}/open")
    changed = await eva.client.patch(path, json={"title": "Mine"})
    await an.client.put(f"{path}/hosts/{eva.user_id}")
    opened = await eva.client.post(f"{path}/open")

    assert seen["mine"] is False and [it["id"] for it in (await bo.client.get(ROOMS)).json()["items"]] == [room]
    assert_problem(refused, 403, "not_allowed")
    assert_problem(changed, 403, "not_allowed")
    assert opened.status_code == 200
    assert (await an.client.get(path)).json()["hosts"] == [{"id": eva.user_id, "name": "Eva"}]


async def test_an_admin_of_the_team_manages_its_rooms_and_does_not_take_them_away(site: AccountsSite) -> None:
    boss, an = await site.sign_up("boss@example.org"), await site.sign_up("an@example.org")
    team = await make_team(site, boss, an)
    other = await make_team(site, boss)
    path = f"{ROOMS}/{(await make_room(an, team_id=team))['id']}"

    renamed = await boss.client.patch(path, json={"title": "Renamed"})
    moved = await boss.client.patch(path, json={"team_id": other})
    deleted = await boss.client.delete(path)

    assert (renamed.status_code, renamed.json()["title"]) == (200, "Renamed")
    assert_problem(moved, 403, "not_allowed")
    assert deleted.status_code == 204


async def test_a_room_says_who_may_manage_it(site: AccountsSite) -> None:
    boss, an, eva, bo = [await site.sign_up(f"{name}@example.org") for name in ("boss", "an", "eva", "bo")]
    team = await make_team(site, boss, an, eva, bo)
    path = f"{ROOMS}/{(await make_room(an, team_id=team))['id']}"
    await an.client.put(f"{path}/hosts/{eva.user_id}")

    told = [(await person.client.get(path)).json()["may_manage"] for person in (an, boss, eva, bo)]
    changed = [(await person.client.patch(path, json={"lobby": True})).status_code for person in (an, boss, eva, bo)]

    assert told == [True, True, False, False], "its owner, an admin of the team, a co-host, a member"
    assert changed == [200, 200, 403, 403]


@pytest.mark.usefixtures("each_database")
async def test_a_room_goes_into_own_teams_only_and_co_hosts_come_from_them(site: AccountsSite) -> None:
    an, eva = await site.sign_up("an@example.org"), await site.sign_up("eva@example.org")
    foreign = await make_team(site, eva)
    room = (await make_room(an))["id"]

    assert_problem(await an.client.post(ROOMS, json={"title": "R", "team_id": foreign}), 404, "team_not_found")
    assert_problem(await an.client.patch(f"{ROOMS}/{room}", json={"team_id": foreign}), 404, "team_not_found")
    assert_problem(await an.client.put(f"{ROOMS}/{room}/hosts/{eva.user_id}"), 404, "person_not_found")
    assert_problem(await an.client.put(f"{ROOMS}/{room}/hosts/nobody"), 404, "person_not_found")


async def test_anybody_with_the_link_opens_a_room_without_a_lobby(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an, title="Standup", most_people=2))["id"]

    before = (await site.anonymous.get(f"/api/v1/rooms/{room}")).json()
    joined = await join(site.anonymous, room)
    after = (await an.client.get(f"{ROOMS}/{room}")).json()

    assert (before["title"], before["open"], before["people"], before["most_people"]) == ("Standup", False, 0, 2)
    assert joined.status_code == 201
    assert after["live"] == {"people": 1} and after["used_at"] is not None


async def test_a_room_with_a_lobby_waits_for_its_host(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an, lobby=True))["id"]

    seen, came = await site.anonymous.get(f"/api/v1/rooms/{room}"), await join(site.anonymous, room)
    await open_room(an, room)
    now = (await site.anonymous.get(f"/api/v1/rooms/{room}")).json()

    assert_problem(seen, 409, "room_not_open")
    assert_problem(came, 409, "room_not_open")
    assert (now["open"], now["lobby"]) == (True, True)


async def test_a_call_ends_and_the_room_opens_again(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    host = await open_room(an, room)
    guest = (await join(site.anonymous, room)).json()

    ended = await site.anonymous.delete(f"/api/v1/rooms/{room}", headers=secret(host))
    between = (await an.client.get(f"{ROOMS}/{room}")).json()
    again = await join(site.anonymous, room, guest["secret"])

    assert ended.status_code == 204 and between["live"] is None
    assert again.status_code == 201
    assert again.json()["identity"] != guest["identity"], "a secret is good for one call"


async def test_who_comes_back_by_itself_to_a_call_that_was_ended_begins_no_other(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    host = await open_room(an, room)
    guest = (await join(site.anonymous, room)).json()
    within = await join(site.anonymous, room, guest["secret"], again=True)
    await site.anonymous.delete(f"/api/v1/rooms/{room}", headers=secret(host))

    after = await join(site.anonymous, room, guest["secret"], again=True)
    between = (await an.client.get(f"{ROOMS}/{room}")).json()
    wind(site, COMING_BACK_S)
    await open_room(an, room)
    next_call = await join(site.anonymous, room, guest["secret"], again=True)
    by_hand = await join(site.anonymous, room, guest["secret"])

    assert (within.status_code, within.json()["identity"]) == (201, guest["identity"])
    assert_problem(after, 404, "room_not_found")
    assert between["live"] is None
    assert_problem(next_call, 404, "room_not_found")
    assert by_hand.status_code == 201


async def test_who_comes_back_by_itself_to_a_server_that_has_just_started_again_comes_in(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    invitations = site.parts.meetings.invitations
    of_before, late = (invitations.participant_secret(room, it) for it in ("p-before", "p-late"))

    soon = await join(site.anonymous, room, of_before, again=True)
    wind(site, COMING_BACK_S)
    hours_later = await join(site.anonymous, room, late, again=True)

    assert soon.status_code == 201
    assert_problem(hours_later, 404, "room_not_found")


async def test_a_room_that_does_not_last_takes_back_whoever_was_in_its_one_call(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    made = (await an.client.post("/api/v1/rooms", json={})).json()
    guest = (await join(site.anonymous, made["room"])).json()
    wind(site, COMING_BACK_S)

    inside = await join(site.anonymous, made["room"], guest["secret"], again=True)
    await site.anonymous.delete(f"/api/v1/rooms/{made['room']}", headers=secret(made["host_secret"]))
    after = await join(site.anonymous, made["room"], guest["secret"], again=True)

    assert (inside.status_code, inside.json()["identity"]) == (201, guest["identity"])
    assert_problem(after, 404, "room_not_found")


async def test_whom_a_host_put_out_does_not_come_back_as_somebody_new_before_the_next_call(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    host = await open_room(an, room)
    guest = (await join(site.anonymous, room)).json()

    await site.anonymous.delete(f"/api/v1/rooms/{room}/participants/{guest['identity']}", headers=secret(host))
    reloaded = await join(site.anonymous, room, guest["secret"])
    wind(site, COMING_BACK_S)
    by_itself = await join(site.anonymous, room, guest["secret"], again=True)
    people = (await an.client.get(f"{ROOMS}/{room}")).json()["live"]["people"]
    await site.anonymous.delete(f"/api/v1/rooms/{room}", headers=secret(host))
    next_call = await join(site.anonymous, room, guest["secret"])

    assert_problem(reloaded, 403, "not_allowed")
    assert_problem(by_itself, 403, "not_allowed")
    assert people == 0
    assert next_call.status_code == 201


async def test_who_was_put_out_of_one_call_or_let_into_it_has_no_way_past_the_lobby_of_the_next(
    site: AccountsSite,
) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    await open_room(an, room)
    guest = (await join(site.anonymous, room)).json()
    host = await open_room(an, room)
    await site.anonymous.delete(f"/api/v1/rooms/{room}", headers=secret(host))
    await an.client.patch(f"{ROOMS}/{room}", json={"lobby": True})
    await open_room(an, room)

    again = await join(site.anonymous, room, guest["secret"])
    site.calls.connect(room, guest["identity"], {})
    await site.parts.watch.look()

    assert again.status_code == 202
    assert guest["identity"] not in site.calls.present[room], "who comes with a token of before is put out"


async def test_the_host_secret_is_the_host_s_own_and_dies_with_the_hosting(site: AccountsSite) -> None:
    an, eva = await site.sign_up("an@example.org"), await site.sign_up("eva@example.org")
    team = await make_team(site, an, eva)
    room = (await make_room(an, team_id=team))["id"]
    await an.client.put(f"{ROOMS}/{room}/hosts/{eva.user_id}")
    mine, hers = await open_room(an, room), await open_room(eva, room)

    lock = {"locked": True}
    while_cohost = await site.anonymous.patch(f"/api/v1/rooms/{room}", json=lock, headers=secret(hers))
    await an.client.delete(f"{ROOMS}/{room}/hosts/{eva.user_id}")
    after = await site.anonymous.patch(f"/api/v1/rooms/{room}", json=lock, headers=secret(hers))
    forged = await site.anonymous.patch(
        f"/api/v1/rooms/{room}", json=lock, headers=secret(f"{an.user_id}.{hers.partition('.')[2]}")
    )
    shared = site.parts.meetings.invitations.host_secret(room)

    assert mine != hers and while_cohost.status_code == 204
    assert_problem(after, 403, "not_allowed")
    assert_problem(forged, 403, "not_allowed")
    assert_problem(
        await site.anonymous.patch(f"/api/v1/rooms/{room}", json=lock, headers=secret(shared)), 403, "not_allowed"
    )


async def test_another_password_makes_the_host_secrets_of_before_worthless(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    before = await open_room(an, room)
    guest_secret = (await join(site.anonymous, room)).json()["secret"]

    changed = await an.client.put("/api/v1/me/password", json={"current": PASSWORD, "new": PASSWORD[::-1]})
    after = await open_room(an, room)
    lock = [
        await site.anonymous.patch(f"/api/v1/rooms/{room}", json={"locked": True}, headers=secret(it))
        for it in (before, after)
    ]

    assert changed.status_code == 204
    assert_problem(lock[0], 403, "not_allowed")
    assert lock[1].status_code == 204, "who opens the room with the new password is its host at once"
    assert (await join(site.anonymous, room, guest_secret)).status_code == 201


async def test_who_leaves_the_team_hosts_its_rooms_no_more(site: AccountsSite) -> None:
    an, eva = await site.sign_up("an@example.org"), await site.sign_up("eva@example.org")
    team = await make_team(site, an, eva)
    room = (await make_room(an, team_id=team))["id"]
    await an.client.put(f"{ROOMS}/{room}/hosts/{eva.user_id}")
    hers = await open_room(eva, room)

    async with site.database.writing() as session:
        await teams.remove_member(session, team, eva.user_id)
    await live(site).follow()

    refused = await site.anonymous.delete(f"/api/v1/rooms/{room}", headers=secret(hers))
    assert_problem(refused, 403, "not_allowed")
    assert_problem(await eva.client.get(f"{ROOMS}/{room}"), 404, "room_not_found")


async def test_a_host_passes_a_lock_and_a_guest_does_not(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    host = await open_room(an, room)
    await site.anonymous.patch(f"/api/v1/rooms/{room}", json={"locked": True}, headers=secret(host))

    assert_problem(await join(site.anonymous, room), 409, "room_locked")
    assert (await join(site.anonymous, room, host)).status_code == 201


async def test_deleting_a_room_ends_its_call_and_its_link(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    await join(site.anonymous, room)
    site.calls.present[room] = {}

    deleted = await an.client.delete(f"{ROOMS}/{room}")

    assert deleted.status_code == 204 and room not in site.calls.present
    assert_problem(await join(site.anonymous, room), 404, "room_not_found")
    assert_problem(await an.client.get(f"{ROOMS}/{room}"), 404, "room_not_found")


async def test_a_room_that_goes_by_another_way_than_the_api_takes_its_call_with_it(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    await join(site.anonymous, room)
    await site.accounts.rooms.delete(room, actor=Actor(kind="user", id=an.user_id))

    await live(site).follow()

    assert site.parts.meetings.find(room) is None


async def test_an_empty_call_is_over_and_the_room_is_free_again(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    await join(site.anonymous, room)

    wind(site, EMPTY_S - 1)
    await live(site).keep_time()
    still = site.parts.meetings.find(room)
    wind(site, 2)
    await live(site).keep_time()

    assert still is not None and site.parts.meetings.find(room) is None
    assert await site.accounts.limits.call_in(room) is None


async def test_interpretation_stays_off_where_the_room_says_so_until_a_host_switches_it(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an, interpretation=False))["id"]
    host = await open_room(an, room)
    await join(site.anonymous, room)
    await site.parts.watch.decide()

    told = site.calls.metadata[room]
    await site.anonymous.patch(f"/api/v1/rooms/{room}", json={"interpretation": True}, headers=secret(host))

    assert told == '{"interpretation": false}' and site.calls.metadata[room] == '{"interpretation": true}'
    assert (await site.anonymous.get(f"/api/v1/rooms/{room}")).json()["interpretation"] is True


async def test_what_is_done_to_a_room_is_in_the_audit_log_without_its_title(site: AccountsSite) -> None:
    an, eva = await site.sign_up("an@example.org"), await site.sign_up("eva@example.org")
    team = await make_team(site, an, eva)
    room = (await make_room(an, team_id=team, title="Layoffs"))["id"]
    await an.client.patch(f"{ROOMS}/{room}", json={"title": "Secret layoffs", "lobby": True})
    await an.client.put(f"{ROOMS}/{room}/hosts/{eva.user_id}")
    await an.client.delete(f"{ROOMS}/{room}")

    async with site.database.reading() as session:
        entries = (await session.scalars(select(AuditEntry).where(AuditEntry.target_id == room))).all()

    assert {(it.action, it.team_id) for it in entries} == {
        ("room.made", team),
        ("room.changed", team),
        ("room.host_added", team),
        ("room.deleted", team),
    }
    assert "ayoffs" not in str([it.facts for it in entries])
