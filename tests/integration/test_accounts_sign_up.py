"""Making accounts over HTTP: openly, by invitation, and what is said to whom about an address that is taken."""

import asyncio
from pathlib import Path

import httpx2
from sqlalchemy import func, select
from tests.accounts_site import PASSWORD, AccountsSite, accounts_site
from tests.databases import Kind, both, new_url

from dragoman.accounts.sign_up import SIGN_UPS_OF_NETWORK
from dragoman.ground.accounts import COMMAND
from dragoman.settings import Settings
from dragoman.store.tables import User

WEAK = "short"
AN = {"email": "an@example.org", "name": "An", "password": PASSWORD}


async def sign_up(site: AccountsSite, **changes: object) -> httpx2.Response:
    return await site.client().post("/api/v1/users", json={**AN, **changes})


async def server_invitation(site: AccountsSite, *, email: str | None = None) -> str:
    return (await site.accounts.invitations.invite_to_server(email=email, actor=COMMAND)).token


def by_invitation(folder: Path) -> Settings:
    return Settings(data_dir=folder, sign_up="invitation")


async def test_who_signs_up_is_signed_in(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        browser = site.client()

        answer = await browser.post("/api/v1/users", json={**AN, "email": " An@Example.ORG ", "name": " An\u202e "})

        assert answer.status_code == 201, answer.text
        user = answer.json()["user"]
        assert (user["email"], user["name"], user["is_admin"], user["teams"]) == ("an@example.org", "An", False, [])
        assert (await browser.post("/api/v1/session/refresh")).json()["user"] == user


async def test_where_invitations_are_due_nobody_signs_up_without_one(tmp_path: Path) -> None:
    async with accounts_site(tmp_path, settings=by_invitation(tmp_path)) as site:
        without = await sign_up(site)
        unknown = await sign_up(site, invitation="x" * 43)
        invited = await sign_up(site, invitation=await server_invitation(site))
        told = (await site.anonymous.get("/api/v1/site")).json()

    assert (without.status_code, without.json()["code"]) == (403, "sign_up_closed")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "invitation_not_found")
    assert invited.status_code == 201
    assert told["sign_up"] == "invitation" and told["accounts"] is True


async def test_without_an_invitation_an_address_that_is_taken_is_answered_as_every_other(tmp_path: Path) -> None:
    async with accounts_site(tmp_path, settings=by_invitation(tmp_path)) as site:
        await site.sign_up("an@example.org")

        taken, free = await sign_up(site), await sign_up(site, email="bo@example.org")

    assert (taken.status_code, taken.content) == (free.status_code, free.content)


async def test_an_invitation_into_a_team_leads_there(tmp_path: Path) -> None:
    async with accounts_site(tmp_path, settings=by_invitation(tmp_path)) as site:
        owner = await site.sign_up("owner@example.org")
        team = (await owner.client.post("/api/v1/teams", json={"name": "Interpreters"})).json()
        body = {"role": "admin", "email": "an@example.org"}
        link = (await owner.client.post(f"/api/v1/teams/{team['id']}/invitations", json=body)).json()["link"]
        token = link.rpartition("/")[2].rpartition("#")[2]

        answer = await sign_up(site, invitation=token)
        again = await sign_up(site, invitation=token, email="bo@example.org")

    assert answer.status_code == 201, answer.text
    assert answer.json()["user"]["teams"] == [{"id": team["id"], "name": "Interpreters", "role": "admin"}]
    assert again.status_code == 404


async def test_an_invitation_to_one_address_is_good_for_no_other(tmp_path: Path) -> None:
    async with accounts_site(tmp_path, settings=by_invitation(tmp_path)) as site:
        token = await server_invitation(site, email="bo@example.org")

        others = await sign_up(site, invitation=token)
        own = await sign_up(site, invitation=token, email="Bo@example.org")

    assert (others.status_code, own.status_code) == (403, 201)


async def test_an_invitation_that_fails_stays_good(tmp_path: Path) -> None:
    async with accounts_site(tmp_path, settings=by_invitation(tmp_path)) as site:
        await site.sign_up("an@example.org")
        token = await server_invitation(site)

        taken = await sign_up(site, invitation=token)
        weak = await sign_up(site, invitation=token, email="bo@example.org", password=WEAK)
        good = await sign_up(site, invitation=token, email="bo@example.org")

    assert (taken.status_code, taken.json()["code"]) == (409, "email_taken")
    assert (weak.status_code, good.status_code) == (422, 201)


@both
async def test_one_invitation_makes_one_account_however_many_use_it_at_once(kind: Kind, tmp_path: Path) -> None:
    url, settings = new_url(kind, tmp_path), by_invitation(tmp_path)
    async with accounts_site(tmp_path, url=url, settings=settings) as site:
        token = await server_invitation(site)

        answers = await asyncio.gather(
            *(sign_up(site, invitation=token, email=f"{number}@example.org") for number in range(8))
        )

        assert sorted(it.status_code for it in answers) == [201] + [404] * 7
        async with site.database.reading() as session:
            assert await session.scalar(select(func.count()).select_from(User)) == 1


@both
async def test_one_address_has_one_account_however_many_sign_up_at_once(kind: Kind, tmp_path: Path) -> None:
    async with accounts_site(tmp_path, url=new_url(kind, tmp_path)) as site:
        answers = await asyncio.gather(
            *(sign_up(site, email=f"{'An' if n % 2 else 'an'}@example.org") for n in range(8))
        )

    assert sorted(it.status_code for it in answers) == [201] + [409] * 7


async def test_new_accounts_from_one_network_are_limited(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        for _ in range(SIGN_UPS_OF_NETWORK):
            await sign_up(site, password=WEAK)

        held = await sign_up(site)
        site.clock.wind(minutes=15)

        assert (held.status_code, held.json()["code"]) == (429, "too_many_requests")
        assert int(held.headers["Retry-After"]) > 0


MISFITS: list[dict[str, object]] = [
    {"email": "an"},
    {"email": ""},
    {"email": "a" * 300 + "@example.org"},
    {"email": None},
    {"name": ""},
    {"name": "\u200b\u202e"},
    {"name": "x" * 81},
    {"password": "short"},
    {"password": "x" * 201},
    {"password": "an@example.org"},
    {"password": None},
    {"invitation": ""},
    {"invitation": "x" * 65},
    {"is_admin": True},
    {"plan": "enterprise"},
]


async def test_what_does_not_fit_is_refused_and_not_repeated(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        for changes in MISFITS:
            answer = await sign_up(site, **changes)

            assert answer.status_code == 422, answer.text
            assert answer.headers["content-type"] == "application/problem+json"
            given = next(iter(changes.values()))
            assert not (isinstance(given, str) and len(given) > 9 and given in answer.text)
