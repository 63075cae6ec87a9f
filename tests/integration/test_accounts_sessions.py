"""Sessions over HTTP: signed in, refreshed, betrayed, over. On both databases where rows decide."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from tests.accounts_site import PASSWORD, AccountsSite, accounts_site
from tests.databases import Kind, both, new_url

from dragoman.accounts.passwords import Passwords
from dragoman.accounts.sessions import MOST_SESSIONS, Visitor
from dragoman.accounts.sign_in import SignIn
from dragoman.store.tables import AuditEntry, SignedIn

AN = "an@example.org"
COOKIE = "dragoman_session"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"


async def sign_in(site: AccountsSite, browser: httpx2.AsyncClient, email: str = AN) -> dict[str, Any]:
    answer = await browser.post("/api/v1/session", json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    browser.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    signed_in: dict[str, Any] = answer.json()
    return signed_in


async def refresh(browser: httpx2.AsyncClient, token: str | None = None) -> httpx2.Response:
    """Refresh with the browser's own cookie, or with one of before."""
    if token is None:
        return await browser.post("/api/v1/session/refresh")
    browser.cookies.clear()
    return await browser.post("/api/v1/session/refresh", headers={"Cookie": f"{COOKIE}={token}"})


def cookie_of(answer: httpx2.Response) -> str:
    return answer.cookies[COOKIE]


async def audited(site: AccountsSite) -> list[str]:
    async with site.database.reading() as session:
        return list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.at)))


@pytest.mark.usefixtures("each_database")
async def test_who_signs_in_is_known_and_nothing_secret_is_in_the_answer_but_the_token(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up(AN, name="An Nguyễn")
        browser = site.client(**{"User-Agent": FIREFOX})

        answer = await browser.post("/api/v1/session", json={"email": " AN@Example.org", "password": PASSWORD})
        me = await browser.get("/api/v1/me", headers={"Authorization": f"Bearer {answer.json()['access_token']}"})

    user = answer.json()["user"]
    assert answer.status_code == 200 and answer.json()["expires_in_s"] == 600
    assert set(answer.json()) == {"access_token", "expires_in_s", "user"}
    assert (user["id"], user["email"], user["name"], user["has_password"]) == (an.user_id, AN, "An Nguyễn", True)
    assert me.json() == user and "argon2" not in me.text


@pytest.mark.usefixtures("each_database")
async def test_the_refresh_token_is_in_a_cookie_that_no_script_and_no_other_site_gets(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        await site.sign_up(AN)

        plain = await site.anonymous.post("/api/v1/session", json={"email": AN, "password": PASSWORD})
    sent = plain.headers["set-cookie"]

    assert "HttpOnly" in sent and "SameSite=strict" in sent and "Path=/api/v1/session" in sent
    assert "Secure" not in sent and "Domain" not in sent
    assert plain.headers["cache-control"] == "no-store"


async def test_under_https_the_cookie_is_sent_by_https_alone(tmp_path: Path) -> None:
    origins = frozenset({"https://calls.example.org", "https://127.0.0.1:8443"})
    async with accounts_site(tmp_path, public_origin="https://calls.example.org", origins=origins) as site:
        await site.sign_up(AN)
        body = {"email": AN, "password": PASSWORD}

        proxied = await site.anonymous.post("http://calls.example.org/api/v1/session", json=body)
        direct = await site.anonymous.post("https://127.0.0.1:8443/api/v1/session", json=body)
        gone = await site.anonymous.delete("https://127.0.0.1:8443/api/v1/session")

    assert all("; Secure" in it.headers["set-cookie"] for it in (proxied, direct, gone))


@pytest.mark.usefixtures("each_database")
async def test_a_page_of_another_site_can_neither_refresh_nor_sign_out(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        await site.sign_up(AN)
        browser = site.client()
        await sign_in(site, browser)
        foreign = {"Origin": "https://evil.example"}

        refreshed = await browser.post("/api/v1/session/refresh", headers=foreign)
        signed_out = await browser.delete("/api/v1/session", headers=foreign)

        assert (refreshed.status_code, signed_out.status_code) == (403, 403)
        assert (await browser.get("/api/v1/me")).status_code == 200


@both
async def test_a_session_goes_on_as_long_as_it_is_refreshed(kind: Kind, tmp_path: Path) -> None:
    async with accounts_site(tmp_path, url=new_url(kind, tmp_path)) as site:
        await site.sign_up(AN)
        browser = site.client()
        first = await sign_in(site, browser)
        for _ in range(3):
            site.clock.wind(days=29)
            answer = await refresh(browser)
            assert answer.status_code == 200, answer.text

        token = answer.json()["access_token"]
        assert token != first["access_token"] and answer.json()["user"] == first["user"]
        assert (await browser.get("/api/v1/me")).status_code == 401  # the token of before is long over
        assert (await browser.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})).status_code == 200


@pytest.mark.usefixtures("each_database")
async def test_a_session_that_is_not_used_for_a_month_is_over(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        await site.sign_up(AN)
        browser = site.client()
        await sign_in(site, browser)

        site.clock.wind(days=30)

        browser.cookies.jar.clear_expired_cookies()
        assert (await refresh(browser)).status_code == 401


@pytest.mark.usefixtures("each_database")
async def test_half_a_year_after_signing_in_everybody_signs_in_again(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        await site.sign_up(AN)
        browser = site.client()
        await sign_in(site, browser)
        statuses = []
        for _ in range(10):
            site.clock.wind(days=20)
            statuses.append((await refresh(browser)).status_code)

    assert statuses == [200] * 8 + [401] * 2


@both
async def test_two_tabs_that_refresh_at_once_stay_signed_in_with_one_cookie(kind: Kind, tmp_path: Path) -> None:
    async with accounts_site(tmp_path, url=new_url(kind, tmp_path)) as site:
        await site.sign_up(AN)
        browser = site.client()
        await sign_in(site, browser)
        before = browser.cookies[COOKIE]
        tabs = [site.client() for _ in range(5)]

        answers = await asyncio.gather(*(refresh(tab, before) for tab in tabs))

        assert [it.status_code for it in answers] == [200] * 5
        assert len({cookie_of(it) for it in answers}) == 1 and cookie_of(answers[0]) != before
        assert (await refresh(site.client(), cookie_of(answers[0]))).status_code == 200


@pytest.mark.usefixtures("each_database")
async def test_a_browser_whose_answer_was_lost_asks_again_within_ten_seconds(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        await site.sign_up(AN)
        browser = site.client()
        await sign_in(site, browser)
        before = browser.cookies[COOKIE]
        await refresh(site.client(), before)

        site.clock.wind(seconds=10)

        assert (await refresh(browser, before)).status_code == 200


@both
async def test_a_refresh_token_that_is_used_again_later_ends_the_session_for_thief_and_owner(
    kind: Kind, tmp_path: Path
) -> None:
    async with accounts_site(tmp_path, url=new_url(kind, tmp_path)) as site:
        await site.sign_up(AN)
        owner, thief = site.client(), site.client()
        await sign_in(site, owner)
        stolen = owner.cookies[COOKIE]
        thiefs = await refresh(thief, stolen)
        thief.headers["Authorization"] = f"Bearer {thiefs.json()['access_token']}"
        assert (await thief.get("/api/v1/me")).status_code == 200

        site.clock.wind(seconds=11)
        owners = await refresh(owner, stolen)

        assert owners.status_code == 401 and "two places" in owners.json()["detail"]
        assert (await refresh(thief, cookie_of(thiefs))).status_code == 401
        assert (await thief.get("/api/v1/me")).status_code == 401
        assert (await audited(site))[-1] == "session.reused"


@pytest.mark.usefixtures("each_database")
async def test_a_clock_that_is_set_back_gives_a_stolen_token_no_more_time(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        await site.sign_up(AN)
        owner, thief = site.client(), site.client()
        await sign_in(site, owner)
        stolen = owner.cookies[COOKIE]
        owners = await refresh(owner, stolen)

        site.clock.wind(hours=-2)
        thiefs = await refresh(thief, stolen)

        assert thiefs.status_code == 401 and "two places" in thiefs.json()["detail"]
        assert (await refresh(owner, cookie_of(owners))).status_code == 401
        assert "session.reused" in await audited(site)


@pytest.mark.usefixtures("each_database")
async def test_however_old_a_stolen_token_is_it_betrays_the_thief(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        await site.sign_up(AN)
        owner, thief = site.client(), site.client()
        await sign_in(site, owner)
        stolen = owner.cookies[COOKIE]
        for _ in range(5):
            await refresh(thief, thief.cookies.get(COOKIE) or stolen)
            site.clock.wind(minutes=10)

        assert (await refresh(owner, stolen)).status_code == 401
        assert "session.reused" in await audited(site)


@pytest.mark.usefixtures("each_database")
async def test_a_made_up_refresh_token_ends_nobodys_session(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up(AN)
        own = [f"{an.session_id}.{rest}" for rest in ("0.", "-1.x", "99999999999.x", "0.x.x", ".", "0" * 40)]
        for token in ("x", "..", "a.b.c", "x" * 190, "x" * 5000, "%00.0.x", *own):
            assert (await refresh(site.client(), token)).status_code == 401

        assert (await an.client.get("/api/v1/me")).status_code == 200


@pytest.mark.usefixtures("each_database")
async def test_signing_out_is_believed_at_once_and_can_be_done_twice(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        await site.sign_up(AN)
        browser = site.client()
        await sign_in(site, browser)
        before = browser.cookies[COOKIE]
        assert (await browser.get("/api/v1/me")).status_code == 200

        out = await browser.delete("/api/v1/session")

        assert out.status_code == 204 and COOKIE not in browser.cookies
        assert (await browser.get("/api/v1/me")).status_code == 401
        assert (await refresh(browser, before)).status_code == 401
        assert (await browser.delete("/api/v1/session", headers={"Cookie": f"{COOKIE}={before}"})).status_code == 204
        assert (await site.anonymous.delete("/api/v1/session")).status_code == 204


@pytest.mark.usefixtures("each_database")
async def test_a_session_that_ends_in_another_process_is_refused_within_three_seconds(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up(AN)
        assert (await an.client.get("/api/v1/me")).status_code == 200

        async with site.database.writing() as session:
            row = await session.get(SignedIn, an.session_id)
            assert row is not None
            row.revoked_at = site.clock()
        site.clock.wind(seconds=3)

        assert (await an.client.get("/api/v1/me")).status_code == 401


@pytest.mark.usefixtures("each_database")
async def test_the_owner_sees_every_session_and_ends_one_or_all_others(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, bo = await site.sign_up(AN), await site.sign_up("bo@example.org")
        laptop = site.client(**{"User-Agent": FIREFOX})
        await sign_in(site, laptop)
        phone, tablet = site.client(), site.client()
        await sign_in(site, phone)
        await sign_in(site, tablet)

        listed = (await laptop.get("/api/v1/me/sessions")).json()["items"]
        own = [it for it in listed if it["current"]]
        ended = await laptop.delete(f"/api/v1/me/sessions/{an.session_id}")
        foreign = await bo.client.delete(f"/api/v1/me/sessions/{own[0]['id']}")
        others = await laptop.delete("/api/v1/me/sessions")

        assert len(listed) == 4 and len(own) == 1
        assert own[0]["device"] == "Firefox on Linux" and own[0]["address"] == "127.0.0.0/24"
        assert (ended.status_code, foreign.status_code, others.status_code) == (204, 404, 204)
        assert (await an.client.get("/api/v1/me")).status_code == 401
        assert (await phone.get("/api/v1/me")).status_code == 401
        assert (await laptop.get("/api/v1/me")).status_code == 200
        assert (await bo.client.get("/api/v1/me")).status_code == 200
        assert len((await laptop.get("/api/v1/me/sessions")).json()["items"]) == 1


@pytest.mark.usefixtures("each_database")
async def test_the_oldest_of_too_many_sessions_ends(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up(AN)
        for _ in range(MOST_SESSIONS - 1):
            site.clock.wind(seconds=1)
            await site.sign_in(AN)
        assert (await an.client.get("/api/v1/me")).status_code == 200

        site.clock.wind(seconds=4)
        await site.sign_in(AN)

        assert (await an.client.get("/api/v1/me")).status_code == 401


@pytest.mark.usefixtures("each_database")
async def test_a_new_password_ends_every_other_session_and_the_old_password(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up(AN)
        other = site.client()
        await sign_in(site, other)
        new = PASSWORD[::-1]

        wrong = await an.client.put("/api/v1/me/password", json={"current": new, "new": new})
        weak = await an.client.put("/api/v1/me/password", json={"current": PASSWORD, "new": "password123"})
        changed = await an.client.put("/api/v1/me/password", json={"current": PASSWORD, "new": new})

        assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")
        assert (weak.status_code, weak.json()["code"]) == (422, "password_refused")
        assert changed.status_code == 204
        assert (await an.client.get("/api/v1/me")).status_code == 200
        assert (await other.get("/api/v1/me")).status_code == 401
        assert (await refresh(other)).status_code == 401
        body = {"email": AN, "password": PASSWORD}
        assert (await site.anonymous.post("/api/v1/session", json=body)).status_code == 401
        assert (await site.anonymous.post("/api/v1/session", json={**body, "password": new})).status_code == 200


@pytest.mark.usefixtures("each_database")
async def test_a_hash_of_cheaper_days_is_replaced_when_its_owner_signs_in(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up(AN)
        dearer = Passwords(memory_kib=16, rounds=2, lanes=1)
        signing_in = SignIn(site.database, site.accounts.sessions, dearer, clock=site.clock)

        hashes = [(await site.accounts.people.get(an.user_id)).password_hash]
        for _ in range(2):
            await signing_in.sign_in(AN, PASSWORD, Visitor(address="127.0.0.1"))
            hashes.append((await site.accounts.people.get(an.user_id)).password_hash)

    assert hashes[0] != hashes[1] == hashes[2] and "m=16,t=2" in str(hashes[1])


@pytest.mark.usefixtures("each_database")
async def test_who_was_refused_stands_in_the_audit_log_by_no_name(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up(AN)
        for email in (AN, "nobody@example.org"):
            await site.anonymous.post("/api/v1/session", json={"email": email, "password": PASSWORD[::-1]})
        async with site.database.reading() as session:
            query = select(AuditEntry).where(AuditEntry.action == "session.refused")
            entries = list(await session.scalars(query))

    assert {(it.target_id, it.actor_id, it.address) for it in entries} == {
        (an.user_id, None, "127.0.0.1"),
        ("", None, "127.0.0.1"),
    }


@pytest.mark.usefixtures("each_database")
async def test_a_closed_account_is_refused_at_once_with_every_token_and_key(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        admin, an = await site.sign_up("admin@example.org", admin=True), await site.sign_up(AN)
        browser = site.client()
        await sign_in(site, browser)
        key = (await an.client.post("/api/v1/me/api-keys", json={"name": "script"})).json()["key"]
        program = site.client(key)
        assert (await program.get("/api/v1/me")).status_code == 200

        closed = await admin.client.patch(f"/api/v1/admin/users/{an.user_id}", json={"disabled": True})

        assert closed.status_code == 200, closed.text
        assert (await an.client.get("/api/v1/me")).status_code == 401
        assert (await program.get("/api/v1/me")).status_code == 403
        assert (await refresh(browser)).status_code in (401, 403)
        right = await site.anonymous.post("/api/v1/session", json={"email": AN, "password": PASSWORD})
        wrong = await site.anonymous.post("/api/v1/session", json={"email": AN, "password": PASSWORD * 2})
        assert (right.status_code, right.json()["code"]) == (403, "account_disabled")
        assert (wrong.status_code, wrong.json()["code"]) == (401, "wrong_credentials")


async def test_when_the_database_is_away_it_says_so_and_nobody_is_signed_out(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up(AN)
        assert (await an.client.get("/api/v1/me")).status_code == 200
        file = tmp_path / "dragoman.db"
        await site.database.close()
        file.rename(tmp_path / "away")
        file.mkdir()
        site.clock.wind(seconds=3)

        away = await an.client.get("/api/v1/me")
        told = await site.anonymous.get("/api/v1/site")
        file.rmdir()
        (tmp_path / "away").rename(file)
        back = await an.client.get("/api/v1/me")

    assert (away.status_code, away.json()["code"]) == (503, "store_unavailable")
    assert (told.status_code, told.json()["accounts"]) == (200, True)
    assert "Retry-After" in away.headers and back.status_code == 200
