"""What somebody sees and changes of their own account, keys for programs included; and the site without accounts."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from tests.accounts_site import PASSWORD, accounts_site
from tests.api_house import FakeCalls, client_of, make_parts

from dragoman.accounts.api_keys import MOST_KEYS
from dragoman.ground.accounts import Actor
from dragoman.store.tables import ApiKey

ROUTES_OF_ACCOUNTS = [
    ("POST", "/session"),
    ("POST", "/session/refresh"),
    ("DELETE", "/session"),
    ("POST", "/users"),
    ("GET", "/me"),
    ("PATCH", "/me"),
    ("PUT", "/me/password"),
    ("GET", "/me/sessions"),
    ("DELETE", "/me/sessions"),
    ("GET", "/me/api-keys"),
    ("POST", "/me/api-keys"),
]


async def test_without_accounts_there_are_none_of_their_routes() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        answers = [await client.request(method, f"/api/v1{path}") for method, path in ROUTES_OF_ACCOUNTS]

    assert {it.status_code for it in answers} == {404}


async def test_without_accounts_the_site_says_so_and_rooms_are_made_as_ever() -> None:
    async with client_of(make_parts(FakeCalls())) as client:
        told = await client.get("/api/v1/site")
        made = await client.post("/api/v1/rooms", json={})

    assert told.json()["accounts"] is False and told.json()["oidc"] is None
    assert made.status_code == 201


async def test_with_accounts_a_room_is_made_by_who_is_signed_in_and_joined_by_link(tmp_path: Path) -> None:
    async with accounts_site(tmp_path, host_password=PASSWORD) as site:
        an = await site.sign_up("an@example.org")

        nobody = await site.anonymous.post("/api/v1/rooms", json={"password": PASSWORD})
        made = await an.client.post("/api/v1/rooms", json={})
        body = {"name": "Guest", "speaks": "vi", "reads": "vi", "listens": "vi", "consent": True}
        joined = await site.anonymous.post(f"/api/v1/rooms/{made.json()['room']}/join", json=body)

    assert (nobody.status_code, nobody.json()["code"]) == (401, "not_signed_in")
    assert nobody.headers["www-authenticate"] == "Bearer"
    assert (made.status_code, joined.status_code) == (201, 201)


async def test_a_name_can_be_changed_and_nothing_else(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")

        renamed = await an.client.patch("/api/v1/me", json={"name": " Nguyễn  An\u0000 "})
        same = await an.client.patch("/api/v1/me", json={})
        refused = [
            await an.client.patch("/api/v1/me", json=body)
            for body in ({"is_admin": True}, {"plan": "pro"}, {"email": "x@example.org"}, {"name": ""}, {"name": 7})
        ]
        seen = (await an.client.get("/api/v1/me")).json()

    assert (renamed.status_code, seen["name"], same.json()["name"]) == (200, "Nguyễn An", "Nguyễn An")
    assert [it.status_code for it in refused] == [422] * 5
    assert seen["is_admin"] is False and seen["created_at"] == "2026-11-22T12:00:00Z"


async def test_a_key_is_shown_once_and_does_what_its_owner_may(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")

        made = (await an.client.post("/api/v1/me/api-keys", json={"name": "script", "expires_in_days": 30})).json()
        program = site.client(made["key"])
        me = await program.get("/api/v1/me")
        room = await program.post("/api/v1/rooms", json={})
        site.clock.wind(seconds=5)
        listed = await an.client.get("/api/v1/me/api-keys")
        async with site.database.reading() as session:
            row = (await session.scalars(select(ApiKey))).one()

    assert made["key"].startswith("dgm_") and len(made["key"]) == 47
    assert me.json()["id"] == an.user_id and room.status_code == 201
    assert made["key"] not in listed.text and made["key"] not in str(vars(row))
    shown = listed.json()["items"][0]
    assert shown["hint"] == made["key"][:8] and shown["used_at"] == "2026-11-22T12:00:00Z"
    assert shown["expires_at"] == "2026-12-22T12:00:00Z"


async def test_a_key_cannot_change_what_guards_the_account(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        made = (await an.client.post("/api/v1/me/api-keys", json={"name": "script"})).json()
        program = site.client(made["key"])
        tried = [
            await program.put("/api/v1/me/password", json={"current": PASSWORD, "new": PASSWORD[::-1]}),
            await program.patch("/api/v1/me", json={"name": "Bo"}),
            await program.get("/api/v1/me/sessions"),
            await program.delete("/api/v1/me/sessions"),
            await program.delete(f"/api/v1/me/sessions/{an.session_id}"),
            await program.get("/api/v1/me/api-keys"),
            await program.post("/api/v1/me/api-keys", json={"name": "another"}),
            await program.delete(f"/api/v1/me/api-keys/{made['id']}"),
        ]

        assert [(it.status_code, it.json()["code"]) for it in tried] == [(403, "forbidden")] * len(tried)
        assert (await an.client.get("/api/v1/me")).status_code == 200


async def test_a_key_works_as_long_as_the_plan_has_keys(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, admin = await site.sign_up("an@example.org"), await site.sign_up("admin@example.org", admin=True)
        key = (await an.client.post("/api/v1/me/api-keys", json={"name": "script"})).json()["key"]
        program = site.client(key)
        assert (await program.get("/api/v1/me")).status_code == 200

        assert (await admin.client.put("/api/v1/admin/plans", json={"on": True})).status_code == 200
        refused = await program.get("/api/v1/me")
        another = await an.client.post("/api/v1/me/api-keys", json={"name": "another"})
        own = await an.client.get("/api/v1/me")

    assert [(it.status_code, it.json()["code"]) for it in (refused, another)] == [(403, "limit_reached")] * 2
    assert own.json()["limits"]["api"] is False


async def test_a_key_that_is_deleted_or_over_is_refused(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, bo = await site.sign_up("an@example.org"), await site.sign_up("bo@example.org")
        one = (await an.client.post("/api/v1/me/api-keys", json={"name": "one"})).json()
        other = (await an.client.post("/api/v1/me/api-keys", json={"name": "other", "expires_in_days": 1})).json()
        programs = [site.client(one["key"]), site.client(other["key"])]
        assert [(await it.get("/api/v1/me")).status_code for it in programs] == [200, 200]

        foreign = await bo.client.delete(f"/api/v1/me/api-keys/{one['id']}")
        deleted = await an.client.delete(f"/api/v1/me/api-keys/{one['id']}")
        first = await programs[0].get("/api/v1/me")
        site.clock.wind(days=1)
        second = await programs[1].get("/api/v1/me")

    assert (foreign.status_code, foreign.json()["code"]) == (404, "api_key_not_found")
    assert (deleted.status_code, first.status_code, second.status_code) == (204, 401, 401)


async def test_the_use_of_a_key_is_written_at_most_once_a_minute(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        program = site.client((await an.client.post("/api/v1/me/api-keys", json={"name": "x"})).json()["key"])
        seen: set[datetime | None] = set()
        for _ in range(20):
            site.clock.wind(seconds=6)
            assert (await program.get("/api/v1/me")).status_code == 200
            async with site.database.reading() as session:
                seen.add((await session.scalars(select(ApiKey))).one().used_at)

    assert len(seen) == 2


async def test_keys_are_bounded_and_the_message_says_what_helps(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        actor = Actor(kind="user", id=an.user_id)
        for number in range(MOST_KEYS):
            await site.accounts.api_keys.make(an.user_id, name=f"key {number}", lifetime=None, actor=actor)

        answer = await an.client.post("/api/v1/me/api-keys", json={"name": "one more"})
        page = (await an.client.get("/api/v1/me/api-keys?limit=20")).json()
        rest = (await an.client.get(f"/api/v1/me/api-keys?limit=200&cursor={page['next']}")).json()

    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_api_keys")
    assert "50" in answer.json()["detail"] and "delete" in answer.json()["detail"]
    assert len(page["items"]) == 20 and len(rest["items"]) == 30 and rest["next"] is None
    assert len({it["id"] for it in page["items"] + rest["items"]}) == 50
