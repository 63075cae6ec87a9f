"""The audit log over HTTP: a team's for those who run it, the server's for its admins, and nothing of any content."""

import json
from pathlib import Path

from sqlalchemy import select
from tests.accounts_site import AccountsSite, Person, accounts_site
from tests.integration.test_api_rooms import assert_problem
from tests.integration.test_teams import TEAMS, bring_in, list_of, make_team, two

from dragoman.ground.accounts import SYSTEM
from dragoman.store import audit
from dragoman.store.tables import AuditEntry

CANARY = "Kanarienvogel"


async def all_entries(site: AccountsSite) -> list[AuditEntry]:
    async with site.database.reading() as session:
        return list((await session.scalars(select(AuditEntry))).all())


def words_of(entry: AuditEntry) -> str:
    fields = (entry.action, entry.target_kind, entry.target_id, entry.actor_kind, entry.address, entry.facts)
    return json.dumps(fields, ensure_ascii=False).lower()


async def test_a_team_log_tells_its_admins_who_did_what_newest_first(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, binh, team = await two(site)
        site.clock.wind(minutes=1)
        await an.client.patch(f"{TEAMS}/{team}/members/{binh.user_id}", json={"role": "admin"})

        entries = await list_of(binh, f"{TEAMS}/{team}/audit")

        assert entries[0]["action"] == "team.role_changed"
        assert {it["action"] for it in entries} == {
            "team.created",
            "invitation.made",
            "invitation.taken",
            "team.role_changed",
        }
        newest = entries[0]
        assert newest["actor"] == {"kind": "user", "id": an.user_id, "name": "An"}
        assert newest["target"] == {"kind": "user", "id": binh.user_id}
        assert newest["facts"] == {"role": "admin", "before": "member"}
        assert "address" not in newest


async def test_a_team_log_has_nothing_of_other_teams_and_members_do_not_read_it(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, binh, team = await two(site)
        other = await make_team(binh, "other")

        mine = await list_of(an, f"{TEAMS}/{team}/audit")

        assert other not in json.dumps(mine)
        assert_problem(await binh.client.get(f"{TEAMS}/{team}/audit"), 403, "forbidden")
        assert_problem(await an.client.get(f"{TEAMS}/{other}/audit"), 404, "team_not_found")


async def test_the_server_log_comes_in_pages_without_a_gap(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        root = await site.sign_up("root@example.org", admin=True)
        for number in range(5):
            site.clock.wind(minutes=1)
            await make_team(root, f"team {number}")

        seen: list[str] = []
        query: dict[str, str] = {"limit": "2"}
        while True:
            page = (await root.client.get("/api/v1/admin/audit", params=query)).json()
            seen += [it["id"] for it in page["items"]]
            if page["next"] is None:
                break
            query = {"limit": "2", "cursor": page["next"]}

        assert len(seen) == len(set(seen)) == len(await all_entries(site))


async def fill_every_text(site: AccountsSite, an: Person) -> None:
    """Put the canary into every field that takes text, and let what is refused be refused."""
    api = an.client
    team = await make_team(an, CANARY)
    await api.patch(f"{TEAMS}/{team}", json={"name": f"{CANARY} 2"})
    made = await api.post(f"{TEAMS}/{team}/invitations", json={"email": f"{CANARY}@example.org"})
    await api.delete(f"{TEAMS}/{team}/invitations/{made.json()['id']}")
    await api.patch("/api/v1/me", json={"name": CANARY})
    await api.post("/api/v1/me/api-keys", json={"name": CANARY})
    room = (await api.post("/api/v1/my/rooms", json={"title": CANARY, "team_id": team})).json()["id"]
    await api.patch(f"/api/v1/my/rooms/{room}", json={"title": f"{CANARY} 2"})
    hook = {"url": f"https://example.org/{CANARY}", "events": ["room.ended"]}
    await api.post(f"{TEAMS}/{team}/webhooks", json=hook)
    await site.anonymous.post("/api/v1/session", json={"email": f"{CANARY}@example.org", "password": CANARY})
    new = {"email": f"{CANARY}@example.com", "name": CANARY, "password": f"{CANARY} in a cage"}
    await site.anonymous.post("/api/v1/users", json=new, headers={"User-Agent": CANARY})
    await api.delete(f"/api/v1/my/rooms/{room}")
    await api.delete(f"{TEAMS}/{team}")


async def test_nothing_that_anybody_wrote_gets_into_the_log(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org", name=CANARY)
        await fill_every_text(site, an)

        entries = await all_entries(site)

        assert len(entries) >= 12
        assert [words_of(it) for it in entries if CANARY.lower() in words_of(it) or "example" in words_of(it)] == []


async def test_what_was_begun_and_not_kept_is_not_in_the_log(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        async with site.database.writing() as session:
            audit.record(session, at=site.clock(), actor=SYSTEM, action="team.created")
            await session.rollback()

        assert await all_entries(site) == []


async def test_a_person_who_is_gone_has_no_name_in_the_log(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, binh, team = await two(site)
        await bring_in(team, an, await site.sign_up("chi@example.org"))
        async with site.database.writing() as session:
            await session.delete(await site.accounts.people.get(binh.user_id))

        entries = await list_of(an, f"{TEAMS}/{team}/audit")

        assert [it["actor"]["name"] for it in entries if it["actor"]["id"] == binh.user_id] == [None]
