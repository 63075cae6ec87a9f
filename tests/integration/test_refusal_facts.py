"""What a program needs to say a refusal in its own words comes with it over HTTP, and to the Python client."""

from pathlib import Path
from typing import Any

import pytest
from tests.accounts_site import accounts_site
from tests.api_house import FakeCalls, client_of, make_parts, secret
from tests.integration.test_client import call, served
from tests.lasting import ROOMS, assert_problem, join, make_room

from dragoman.client import ApiProblem
from dragoman.services.api.machine import Machine
from dragoman.store.tables import User

MONDAY: dict[str, Any] = {"starts_local": "2026-11-23T09:30", "time_zone": "Europe/Berlin", "minutes": 45}


async def test_a_limit_of_a_plan_is_told_with_the_plan_that_would_help(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        admin, an = await site.sign_up("admin@example.org", admin=True), await site.sign_up("an@example.org")
        await admin.client.put("/api/v1/admin/plans", json={"on": True})

        *_, rooms = [await an.client.post("/api/v1/rooms", json={}) for _ in range(3)]
        teams = await an.client.post("/api/v1/teams", json={"name": "Nachtigall"})

    assert_problem(rooms, 403, "limit_reached")
    said = rooms.json()
    assert (said["limit"], said["allowed"], said["plan"]) == ("rooms_at_once", 2, "free")
    assert (said["larger_plan"], said["helps"]) == (
        {"name": "premium", "allowed": 5},
        ["end_other_call", "ask_admin"],
    )
    assert_problem(teams, 403, "limit_reached")
    assert (teams.json()["limit"], teams.json()["larger_plan"]["name"]) == ("teams", "pro")


async def test_a_room_that_is_full_by_a_plan_says_how_many_it_holds(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        admin, an = await site.sign_up("admin@example.org", admin=True), await site.sign_up("an@example.org")
        await admin.client.put("/api/v1/admin/plans", json={"on": True})
        async with site.database.writing() as session:
            user = await session.get_one(User, an.user_id)
            user.plan, user.plan_limits = "enterprise", {"people": 2}
        site.accounts.limits.forget(an.user_id)
        of_plan, of_room = await make_room(an), await make_room(an, most_people=2)

        *_, by_plan = [await join(site.anonymous, of_plan["id"]) for _ in range(3)]
        *_, by_room = [await join(site.anonymous, of_room["id"]) for _ in range(3)]

    assert_problem(by_plan, 409, "room_full_by_plan")
    said = by_plan.json()
    assert (said["limit"], said["allowed"], said["plan"]) == ("people", 2, "enterprise")
    assert said["helps"] == ["somebody_leaves", "ask_admin"]
    assert_problem(by_room, 409, "room_full")
    assert (by_room.json()["limit"], by_room.json()["allowed"]) == ("people_in_room", 2)


async def test_a_meeting_that_cannot_be_planned_says_which_rule_and_which_range(tmp_path: Path) -> None:
    machine = Machine(cores=2, speakers_at_once=4, engines=lambda: [])
    async with accounts_site(tmp_path, machine=machine) as site:
        an, eva = await site.sign_up("an@example.org"), await site.sign_up("eva@example.org")
        mine, hers = (await make_room(an))["id"], (await make_room(eva))["id"]
        await an.client.post(f"{ROOMS}/{mine}/meetings", json={**MONDAY, "slots": 3})

        taken = await eva.client.post(f"{ROOMS}/{hers}/meetings", json={**MONDAY, "slots": 2})
        over = await eva.client.post(f"{ROOMS}/{hers}/meetings", json={**MONDAY, "starts_local": "2020-01-01T09:30"})
        long = await eva.client.post(f"{ROOMS}/{hers}/meetings", json={**MONDAY, "time_zone": "Moon"})

    assert_problem(taken, 409, "slots_taken")
    assert {**taken.json(), "limit": "speakers", "allowed": 4, "free": 1} == taken.json()
    assert taken.json()["starts_at"] == "2026-11-23T08:30:00Z"
    assert_problem(over, 422, "schedule_invalid")
    assert over.json()["reason"] == "over_already"
    assert (long.json()["reason"], long.json()["field"]) == ("time_zone_unknown", "time_zone")


async def test_a_field_that_does_not_fit_is_named_with_its_range(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")

        long = await an.client.post("/api/v1/my/rooms", json={"title": "x" * 999})
        few = await an.client.post("/api/v1/my/rooms", json={"title": "Monday", "most_people": 1})
        none = await an.client.post("/api/v1/my/rooms", json={})

    for answer in (long, few, none):
        assert_problem(answer, 422, "request_invalid")
    assert (long.json()["reason"], long.json()["field"]) == ("too_long", "title") and long.json()["allowed"] > 1
    assert (few.json()["reason"], few.json()["field"], few.json()["least"]) == ("too_small", "most_people", 2)
    assert (none.json()["reason"], none.json()["field"]) == ("missing", "title")


async def test_a_term_that_cannot_be_used_is_named_by_its_place() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        made = (await client.post("/api/v1/rooms", json={})).json()
        path, host = f"/api/v1/rooms/{made['room']}/glossary", secret(made["host_secret"])
        terms = [
            {"source": "Dragoman", "state": "do-not-translate"},
            {"source": "report", "source_language": "en", "target_language": "vi"},
        ]

        put = await client.put(path, json={"terms": terms}, headers=host)
        file = await client.post(f"{path}/import", content=b"ok\nreport,x\n", headers=host)

    assert {**put.json(), "reason": "term_without_translation", "field": "terms.1", "term": "report"} == put.json()
    assert {**file.json(), "reason": "term_without_language", "line": 2, "term": "report"} == file.json()


async def test_what_holds_on_every_plan_says_how_many_there_may_be(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        for number in range(50):
            await an.client.post("/api/v1/me/api-keys", json={"name": f"key {number}"})

        refused = await an.client.post("/api/v1/me/api-keys", json={"name": "one more"})

    assert_problem(refused, 409, "too_many_api_keys")
    assert (refused.json()["limit"], refused.json()["allowed"]) == ("api_keys", 50)
    assert refused.json()["helps"] == ["delete_some"]


async def test_the_python_client_gives_the_facts_with_the_problem(tmp_path: Path) -> None:
    async with served(tmp_path) as (_, __, client):
        with pytest.raises(ApiProblem) as caught:
            await call(lambda: client.make_team("x" * 999))

    assert caught.value.code == "request_invalid"
    assert caught.value.facts["field"] == "name" and caught.value.facts["reason"] == "too_long"
    assert not caught.value.facts.keys() & {"type", "title", "status", "code", "detail", "retry_after_s"}
