"""Meetings planned over HTTP: who plans them, what they reserve, and the calendar files that people take away."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
from tests.accounts_site import AccountsSite, Person, accounts_site
from tests.api_house import INNER, secret
from tests.databases import Kind, both, new_url
from tests.lasting import ROOMS, assert_problem, join, live, make_room, make_team

from dragoman.meetings.planned_meetings import MOST_MEETINGS
from dragoman.services.api.machine import Machine
from dragoman.store.tables import Schedule

BERLIN = "Europe/Berlin"
MONDAY: dict[str, Any] = {"starts_local": "2026-11-23T09:30", "time_zone": BERLIN, "minutes": 45}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[AccountsSite]:
    """A machine that carries four speakers."""
    machine = Machine(cores=2, speakers_at_once=4, engines=lambda: [])
    async with accounts_site(tmp_path, machine=machine) as opened:
        yield opened


async def plan(person: Person, room: str, **changes: Any) -> Any:
    return await person.client.post(f"{ROOMS}/{room}/meetings", json={**MONDAY, **changes})


@pytest.mark.usefixtures("each_database")
async def test_a_meeting_is_planned_seen_changed_and_cancelled(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    path = f"{ROOMS}/{room}/meetings"

    made = (await plan(an, room, weekly_until="2026-12-14", slots=2)).json()
    listed = (await an.client.get(path)).json()["items"]
    coming = (await an.client.get(f"{ROOMS}/{room}")).json()["next_meeting"]
    changed = (await an.client.patch(f"{path}/{made['id']}", json={"starts_local": "2026-11-24T10:00"})).json()
    once = (await an.client.patch(f"{path}/{made['id']}", json={"weekly_until": None, "slots": 0})).json()
    gone = await an.client.delete(f"{path}/{made['id']}")

    assert (
        made
        == listed[0]
        == {
            **MONDAY,
            "id": made["id"],
            "starts_at": "2026-11-23T08:30:00Z",
            "weekly_until": "2026-12-14",
            "slots": 2,
            "next_at": "2026-11-23T08:30:00Z",
        }
    )
    assert coming == {"starts_at": "2026-11-23T08:30:00Z", "minutes": 45}
    assert (changed["starts_at"], changed["weekly_until"]) == ("2026-11-24T09:00:00Z", "2026-12-14")
    assert (once["weekly_until"], once["slots"], once["minutes"]) == (None, 0, 45)
    assert gone.status_code == 204 and (await an.client.get(f"{ROOMS}/{room}")).json()["next_meeting"] is None


@both
async def test_of_changes_of_different_parts_at_once_none_is_lost(kind: Kind, tmp_path: Path) -> None:
    machine = Machine(cores=2, speakers_at_once=4, engines=lambda: [])
    async with accounts_site(tmp_path, url=new_url(kind, tmp_path), machine=machine) as site:
        an = await site.sign_up("an@example.org")
        room = (await make_room(an))["id"]
        path = f"{ROOMS}/{room}/meetings/{(await plan(an, room)).json()['id']}"
        for minutes in range(50, 55):
            parts = {"starts_local": f"2026-11-24T10:{minutes}", "minutes": minutes, "slots": minutes % 4}

            answers = await asyncio.gather(
                *(an.client.patch(path, json={name: value}) for name, value in parts.items())
            )

            (kept,) = (await an.client.get(f"{ROOMS}/{room}/meetings")).json()["items"]
            assert [it.status_code for it in answers] == [200] * 3
            assert {name: kept[name] for name in parts} == parts


async def test_a_meeting_that_cannot_be_is_refused(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    changes: list[tuple[dict[str, Any], str]] = [
        ({"time_zone": "Mars/Olympus"}, "schedule_invalid"),
        ({"starts_local": "2026-11-21T09:30"}, "schedule_invalid"),
        ({"weekly_until": "2026-11-01"}, "schedule_invalid"),
        ({"minutes": 0}, "request_invalid"),
        ({"slots": -1}, "request_invalid"),
        ({"starts_local": "x" * 99}, "request_invalid"),
    ]

    for change, code in changes:
        assert_problem(await plan(an, room, **change), 422, code)


async def test_the_machine_is_not_promised_twice(site: AccountsSite) -> None:
    an, eva = await site.sign_up("an@example.org"), await site.sign_up("eva@example.org")
    mine, hers = (await make_room(an))["id"], (await make_room(eva))["id"]
    await plan(an, mine, slots=3, weekly_until="2026-12-21")

    too_many = await plan(eva, hers, starts_local="2026-12-07T10:00", slots=2)
    fits = await plan(eva, hers, starts_local="2026-12-07T10:00", slots=1)
    later = await plan(eva, hers, starts_local="2026-12-07T11:00", slots=4)
    grown = await eva.client.patch(f"{ROOMS}/{hers}/meetings/{fits.json()['id']}", json={"slots": 2})
    more_than_there_is = await plan(eva, hers, starts_local="2026-12-08T10:00", slots=5)

    for refused in (too_many, grown):
        assert_problem(refused, 409, "slots_taken")
        assert "take 1 slots" in refused.json()["detail"]
    assert (fits.status_code, later.status_code) == (201, 201)
    assert_problem(more_than_there_is, 409, "slots_taken")


@pytest.mark.usefixtures("each_database")
async def test_many_who_plan_at_once_get_no_more_than_there_is(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    rooms = [(await make_room(an))["id"] for _ in range(8)]

    answers = await asyncio.gather(*(plan(an, room, slots=1) for room in rooms))

    assert sorted(answer.status_code for answer in answers) == [201] * 4 + [409] * 4


async def test_what_is_reserved_is_kept_from_the_rooms_of_others_while_the_meeting_lasts(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    await plan(an, room, slots=3)
    starts = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    await live(site).follow()
    told_days_before = live(site).speakers_for("another")
    await join(site.anonymous, room)

    left = {}
    for minutes in (-10, -5, 0, 44, 45):
        site.clock.now = starts + timedelta(minutes=minutes)
        await live(site).follow()
        left[minutes] = (live(site).speakers_for("another"), live(site).speakers_for(room))

    assert told_days_before is None
    assert left == {-10: (None, None), -5: (1, 4), 0: (1, 4), 44: (1, 4), 45: (None, None)}


async def test_an_interpreter_is_told_how_many_speakers_its_room_may_have(site: AccountsSite) -> None:
    an, eva = await site.sign_up("an@example.org"), await site.sign_up("eva@example.org")
    await plan(an, (await make_room(an))["id"], slots=3)
    room = (await make_room(eva))["id"]
    await join(site.anonymous, room)
    await site.parts.watch.decide()
    lease = f"/internal/leases/{room}"
    renewal = {"epoch": site.parts.watch.epoch(room), "worker": "one", "microphones": 1}

    before = (await site.anonymous.put(lease, json=renewal, headers=secret(INNER))).json()
    site.clock.now = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    await live(site).follow()
    during = (await site.anonymous.put(lease, json=renewal, headers=secret(INNER))).json()

    assert (before["speakers"], during["speakers"]) == (None, 1)


async def test_a_meeting_to_which_nobody_comes_leaves_its_speakers_to_others(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    reserved = (await make_room(an))["id"]
    await plan(an, reserved, slots=4)
    site.clock.now = datetime(2026, 11, 23, 8, 44, 59, tzinfo=UTC)
    await live(site).follow()
    waited_for = live(site).speakers_for("other")

    site.clock.wind(seconds=1)
    await live(site).follow()
    given_up = live(site).speakers_for("other")
    joined = await join(site.anonymous, reserved)
    await live(site).follow()
    kept_again = live(site).speakers_for("other")

    assert joined.status_code == 201
    assert (waited_for, given_up, kept_again) == (1, None, 1)


async def test_a_room_tells_who_plans_in_it_how_many_speakers_there_are(site: AccountsSite) -> None:
    an, eva = await site.sign_up("an@example.org"), await site.sign_up("eva@example.org")
    room = (await make_room(an, team_id=await make_team(site, an, eva)))["id"]

    told = [(await person.client.get(f"{ROOMS}/{room}")).json()["most_slots"] for person in (an, eva)]

    assert told == [4, None]


@pytest.mark.usefixtures("each_database")
async def test_meetings_of_others_are_not_there_and_a_team_only_looks(site: AccountsSite) -> None:
    an, eva, bo = [await site.sign_up(f"{name}@example.org") for name in ("an", "eva", "bo")]
    team = await make_team(site, an, eva)
    room = (await make_room(an, team_id=team))["id"]
    meeting = (await plan(an, room)).json()["id"]
    other = (await make_room(bo))["id"]
    path = f"{ROOMS}/{room}/meetings"

    for foreign in (
        await bo.client.get(path),
        await plan(bo, room),
        await bo.client.patch(f"{path}/{meeting}", json={"minutes": 30}),
        await bo.client.delete(f"{path}/{meeting}"),
        await bo.client.get(f"{path}/{meeting}.ics"),
    ):
        assert_problem(foreign, 404, "room_not_found")
    assert_problem(await bo.client.delete(f"{ROOMS}/{other}/meetings/{meeting}"), 404, "schedule_not_found")
    assert (await eva.client.get(path)).json()["items"][0]["id"] == meeting
    assert_problem(await plan(eva, room), 403, "not_allowed")


async def test_a_calendar_is_bounded(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    async with site.database.writing() as session:
        for _ in range(MOST_MEETINGS - 1):
            session.add(Schedule(**MONDAY, room_id=room, created_at=site.clock()))
    assert (await plan(an, room)).status_code == 201

    assert_problem(await plan(an, room), 409, "too_many_meetings")


@pytest.mark.usefixtures("each_database")
async def test_who_has_the_link_takes_the_calendar_away_and_sees_it_change(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an, title="Budget; <b>plan</b>,\\ 2027"))["id"]
    meeting = (await plan(an, room, weekly_until="2027-04-05")).json()["id"]
    path = f"/api/v1/rooms/{room}/calendar.ics"

    answer = await site.anonymous.get(path)
    single = await an.client.get(f"{ROOMS}/{room}/meetings/{meeting}.ics")
    await an.client.patch(f"{ROOMS}/{room}/meetings/{meeting}", json={"minutes": 60})
    (event,) = icalendar.Calendar.from_ical((await site.anonymous.get(path)).text).walk("VEVENT")

    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="meeting.ics"'
    assert single.text == answer.text
    assert (event["SUMMARY"], event["SEQUENCE"]) == ("Budget; <b>plan</b>,\\ 2027", 1)
    assert str(event["URL"]).endswith(f"/r/{room}") and event.decoded("DURATION") == timedelta(minutes=60)


async def test_a_link_that_is_none_and_a_room_without_plans_have_no_calendar(site: AccountsSite) -> None:
    an = await site.sign_up("an@example.org")
    room = (await make_room(an))["id"]
    unknown = site.parts.meetings.invitations.new_room_id()

    assert_problem(await site.anonymous.get("/api/v1/rooms/forged/calendar.ics"), 404, "room_not_found")
    for nothing in (room, unknown):
        assert_problem(await site.anonymous.get(f"/api/v1/rooms/{nothing}/calendar.ics"), 404, "schedule_not_found")
