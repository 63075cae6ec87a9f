"""What admins of the server see and change, and what nobody else does."""

from asyncio import Event
from pathlib import Path
from typing import Any

import pytest
from tests.accounts_site import PASSWORD, AccountsSite, Person, accounts_site
from tests.api_house import EN
from tests.integration.test_api_rooms import assert_problem
from tests.integration.test_teams import list_of, token_of

from dragoman.accounts import invitations as rules_of_invitations
from dragoman.ground.engines import EngineInfo, EngineKind
from dragoman.ground.jobs import MAX_ATTEMPTS
from dragoman.meetings.ladder_view import Served
from dragoman.meetings.warden import Lease
from dragoman.services.api.machine import Machine

USERS = "/api/v1/admin/users"
INVITATIONS = "/api/v1/admin/invitations"


async def change(admin: Person, who: Person, **fields: Any) -> dict[str, Any]:
    answer = await admin.client.patch(f"{USERS}/{who.user_id}", json=fields)
    assert answer.status_code == 200, answer.text
    changed: dict[str, Any] = answer.json()
    return changed


async def two(site: AccountsSite) -> tuple[Person, Person]:
    """Give an admin and somebody who is none."""
    return await site.sign_up("root@example.org", admin=True), await site.sign_up("an@example.org")


@pytest.mark.usefixtures("each_database")
async def test_an_admin_finds_accounts_by_name_or_address_page_by_page(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        root = await site.sign_up("root@example.org", admin=True)
        for number in range(3):
            site.clock.wind(minutes=1)
            await site.sign_up(f"an{number}@example.org")

        first = (await root.client.get(USERS, params={"query": "AN", "limit": 2})).json()
        second = (await root.client.get(USERS, params={"query": "AN", "limit": 2, "cursor": first["next"]})).json()

        assert [it["email"] for it in first["items"]] == ["an2@example.org", "an1@example.org"]
        assert ([it["email"] for it in second["items"]], second["next"]) == (["an0@example.org"], None)


@pytest.mark.usefixtures("each_database")
async def test_signs_of_a_pattern_are_letters_in_a_search(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        root, _ = await two(site)

        assert await list_of(root, f"{USERS}?query=%25") == []


async def test_an_account_that_an_admin_closed_is_signed_out_and_stays_out(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        root, an = await two(site)
        assert (await an.client.get("/api/v1/me")).status_code == 200

        changed = await change(root, an, disabled=True)

        assert changed["disabled"] is True
        assert (await an.client.get("/api/v1/me")).status_code in (401, 403)
        tried = await site.anonymous.post("/api/v1/session", json={"email": an.email, "password": PASSWORD})
        assert tried.status_code in (401, 403)


async def test_an_admin_gives_plans_and_limits_and_takes_the_limits_back(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        root, an = await two(site)
        await root.client.put("/api/v1/admin/plans", json={"on": True})

        given = await change(root, an, plan="enterprise", plan_limits={"people": 40})
        taken = await change(root, an, plan_limits=None)

        assert (given["plan"], given["limits"]["people"]) == ("enterprise", 40)
        assert taken["limits"]["people"] != 40


@pytest.mark.usefixtures("each_database")
async def test_limits_of_an_account_are_told_and_set_while_plans_are_off(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        root, an = await two(site)

        given = await change(root, an, plan="enterprise", plan_limits={"people": 40, "cloning": False})
        found = (await list_of(root, f"{USERS}?query=an@"))[0]
        taken = await change(root, an, plan_limits=None)

        assert given["plan_limits"] == found["plan_limits"] == {"people": 40, "cloning": False}
        assert found["limits"]["people"] is None, "plans are off"
        assert taken["plan_limits"] is None


@pytest.mark.parametrize(
    "fields", [{"plan": "gold"}, {"plan_limits": {"peple": 4}}, {"plan_limits": {"people": -1}}, {"role": "x"}]
)
async def test_a_plan_or_limit_that_is_none_is_refused(tmp_path: Path, fields: dict[str, Any]) -> None:
    async with accounts_site(tmp_path) as site:
        root, an = await two(site)

        answer = await root.client.patch(f"{USERS}/{an.user_id}", json=fields)

        assert answer.status_code == 422, answer.text


@pytest.mark.parametrize("fields", [{"is_admin": False}, {"disabled": True}])
async def test_the_last_admin_stays(tmp_path: Path, fields: dict[str, bool]) -> None:
    async with accounts_site(tmp_path) as site:
        root, _ = await two(site)

        answer = await root.client.patch(f"{USERS}/{root.user_id}", json=fields)

        assert_problem(answer, 409, "last_admin")
        assert (await root.client.get(USERS)).status_code == 200


async def test_who_is_made_admin_may_and_who_is_not_any_more_may_not(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        root, an = await two(site)

        await change(root, an, is_admin=True)
        assert (await an.client.get(USERS)).status_code == 200
        await change(an, root, is_admin=False)

        assert_problem(await root.client.get(USERS), 403, "forbidden")


@pytest.mark.usefixtures("each_database")
async def test_an_admin_sees_who_is_invited_to_the_server_and_takes_a_link_back(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        root, an = await two(site)
        other = await site.sign_up("other@example.org", admin=True)
        team = (await an.client.post("/api/v1/teams", json={"name": "Amsel"})).json()["id"]
        into_team = (await an.client.post(f"/api/v1/teams/{team}/invitations", json={})).json()
        made = []
        for number in range(3):
            site.clock.wind(minutes=1)
            made.append(await root.client.post(INVITATIONS, json={"email": f"dung{number}@example.org"}))

        first = (await other.client.get(INVITATIONS, params={"limit": 2})).json()
        rest = (await other.client.get(INVITATIONS, params={"limit": 2, "cursor": first["next"]})).json()
        emails = [it["email"] for it in first["items"] + rest["items"]]
        assert (emails, rest["next"]) == ([f"dung{number}@example.org" for number in (2, 1, 0)], None)
        assert "link" not in first["items"][0]

        site.clock.wind(minutes=1)
        one = f"{INVITATIONS}/{made[0].json()['id']}"
        assert (await other.client.delete(one)).status_code == 204
        seen = await site.anonymous.get(f"/api/v1/invitations/{token_of(made[0])}")
        assert_problem(seen, 404, "invitation_not_found")
        assert [it["email"] for it in await list_of(root, INVITATIONS)] == ["dung2@example.org", "dung1@example.org"]
        assert_problem(await root.client.delete(one), 404, "invitation_not_found")
        done = (await root.client.get("/api/v1/admin/audit")).json()["items"][0]
        assert (done["action"], done["target"]["id"]) == ("invitation.revoked", made[0].json()["id"])

        assert_problem(await root.client.delete(f"{INVITATIONS}/{into_team['id']}"), 404, "invitation_not_found")
        assert [it["id"] for it in await list_of(an, f"/api/v1/teams/{team}/invitations")] == [into_team["id"]]


async def test_links_to_the_server_are_bounded_and_one_taken_back_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules_of_invitations, "MOST_OPEN", 1)
    async with accounts_site(tmp_path) as site:
        root, an = await two(site)
        made = (await root.client.post(INVITATIONS, json={})).json()

        refused = await root.client.post(INVITATIONS, json={})
        assert_problem(refused, 409, "too_many_invitations")
        assert "take one back" in refused.json()["detail"]
        assert_problem(await an.client.delete(f"{INVITATIONS}/{made['id']}"), 403, "forbidden")
        await root.client.delete(f"{INVITATIONS}/{made['id']}")

        assert (await root.client.post(INVITATIONS, json={})).status_code == 201


async def test_an_admin_invites_to_the_server(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        root, _ = await two(site)

        made = await root.client.post("/api/v1/admin/invitations", json={"email": "Dung@example.org"})

        assert made.status_code == 201, made.text
        seen = (await site.anonymous.get(f"/api/v1/invitations/{token_of(made)}")).json()
        assert (seen["team"], seen["email"]) == (None, "dung@example.org")
        new = {"email": "dung@example.org", "name": "Dung", "password": PASSWORD, "invitation": token_of(made)}
        assert (await site.anonymous.post("/api/v1/users", json=new)).status_code == 201


async def test_capacity_tells_what_the_machine_carries_and_which_rooms_get_less(tmp_path: Path) -> None:
    engine = EngineInfo(name="tones", kind=EngineKind.TEXT_TO_SPEECH, languages=(EN,), licence="MIT", commercial=True)
    machine = Machine(cores=2, speakers_at_once=3, engines=lambda: [engine])
    async with accounts_site(tmp_path, machine=machine) as site:
        root, _ = await two(site)
        room = (await root.client.post("/api/v1/rooms", json={})).json()["room"]
        join = {"name": "An", "speaks": "vi", "reads": "en", "listens": "en", "consent": True}
        assert (await site.anonymous.post(f"/api/v1/rooms/{room}/join", json=join)).status_code == 201
        poor = Served(level=4, reason="translation_gone")
        assert site.parts.watch.renew(Lease(room=room, epoch=10**9, worker="w", served=poor, microphones=2))

        seen = (await root.client.get("/api/v1/admin/capacity")).json()

        assert (seen["cores"], seen["speakers"]) == (2, {"now": 2, "most": 3})
        assert (seen["rooms"], seen["people"]) == (1, 1)
        assert [(it["room"], it["level"], it["reason"]) for it in seen["ladder"]] == [(room, 4, "translation_gone")]
        assert [(it["name"], it["languages"]) for it in seen["engines"]] == [("tones", ["en"])]


async def test_capacity_is_told_where_nobody_measured_the_machine(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        root, _ = await two(site)
        assert site.parts.machine is None

        seen = (await root.client.get("/api/v1/admin/capacity")).json()

        assert seen == {
            "cores": None,
            "speakers": {"now": 0, "most": None},
            "rooms": 0,
            "people": 0,
            "ladder": [],
            "engines": [],
        }


async def test_an_admin_sees_the_jobs_of_everybody(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        root, an = await two(site)
        ordered = await an.client.post("/api/v1/me/export")
        assert ordered.status_code == 202, ordered.text

        jobs = await list_of(root, "/api/v1/admin/jobs")

        assert ordered.json()["id"] in [it["id"] for it in jobs]


async def parked_job(site: AccountsSite) -> str:
    """Queue work that fails until it is given up."""
    queue = site.accounts.jobs.queue
    queued = await queue.enqueue("tones", {})
    for _ in range(MAX_ATTEMPTS):
        claimed = await queue.claim("runner", kinds=["tones"])
        assert claimed is not None
        await queue.fail(claimed, "the disk is full", again=True)
        site.clock.wind(minutes=10)
    return queued.id


@pytest.mark.usefixtures("each_database")
async def test_an_admin_has_work_begun_again_that_was_given_up(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        parked, woken = await parked_job(site), Event()
        root, an = await two(site)
        site.accounts.jobs.queue.listen(woken.set)
        before = (await root.client.get(f"/api/v1/jobs/{parked}")).json()

        refused = await an.client.post(f"/api/v1/jobs/{parked}/release")
        released = await root.client.post(f"/api/v1/jobs/{parked}/release")

        assert (before["state"], before["error"]) == ("parked", "the disk is full")
        assert_problem(refused, 403, "forbidden")
        assert released.status_code == 200, released.text
        assert (released.json()["state"], released.json()["error"]) == ("queued", None)
        assert woken.is_set(), "runners look at once"
        begun = await site.accounts.jobs.queue.claim("another", kinds=["tones"])
        assert begun is not None and (begun.id, begun.attempts) == (parked, 1)
        entries = await list_of(root, "/api/v1/admin/audit")
        (entry,) = [it for it in entries if it["action"] == "job.released"]
        assert (entry["actor"]["id"], entry["target"]) == (root.user_id, {"kind": "job", "id": parked})


async def test_only_work_that_was_given_up_is_begun_again(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        root, _ = await two(site)
        queued = await site.accounts.jobs.queue.enqueue("tones", {})

        waiting = await root.client.post(f"/api/v1/jobs/{queued.id}/release")
        nothing = await root.client.post("/api/v1/jobs/none/release")

        assert_problem(waiting, 409, "job_not_parked")
        assert_problem(nothing, 404, "job_not_found")
        assert [it for it in await list_of(root, "/api/v1/admin/audit") if it["action"] == "job.released"] == []
