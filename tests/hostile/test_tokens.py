"""Tokens, keys and cookies that are forged, stale, somebody else's, or sent where they do not belong.

The whole table of forged access tokens is tests/unit/accounts/test_access_tokens.py; here they come over HTTP.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import httpx2
import jwt
import pytest
from tests.accounts_site import KEY, AccountsSite, Person, accounts_site
from tests.livekit_server import running_livekit

from dragoman.accounts.access_tokens import AccessTokens
from dragoman.accounts.account_key import derive_key
from dragoman.rooms.key_pair import KeyPair
from dragoman.rooms.tokens import human_token
from dragoman.store import users

pytestmark = pytest.mark.usefixtures("each_database")
ME = "/api/v1/me"
TOKEN_KEY = derive_key(KEY, "access tokens")
HEADER = {"typ": "at+jwt"}


async def status(site: AccountsSite, token: str) -> int:
    answer = await site.anonymous.get(ME, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code != 401 or answer.headers["www-authenticate"] == "Bearer"
    return answer.status_code


def claims_of(person: Person) -> dict[str, object]:
    token = person.client.headers["Authorization"].partition(" ")[2]
    claims: dict[str, object] = jwt.decode(token, options={"verify_signature": False})
    return claims


def signed(claims: dict[str, object], header: Mapping[str, object] | None = None, *, key: bytes = TOKEN_KEY) -> str:
    return jwt.PyJWS().encode(
        json.dumps(claims, separators=(",", ":")).encode(), key, algorithm="HS256", headers={**HEADER, **(header or {})}
    )


async def test_a_token_signed_with_our_own_key_is_still_held_to_every_rule(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an, admin = await site.sign_up("an@example.org"), await site.sign_up("admin@example.org", admin=True)
        good = claims_of(an)
        now = int(site.clock().timestamp())
        changes: list[dict[str, object]] = [
            {"exp": now + 100_000},
            {"exp": now},
            {"iat": now + 61},
            {"iat": now + 61, "exp": now + 600},
            {"aud": "livekit"},
            {"iss": "dragoman-livekit"},
            {"epoch": 1},
            {"epoch": True},
            {"sub": admin.user_id},
            {"sid": admin.session_id},
            {"sub": admin.user_id, "sid": an.session_id},
            {"sid": "nowhere"},
            {"sid": "x' OR '1'='1"},
            {"sub": "\u0000"},
            {"scope": "admin"},
        ]

        assert await status(site, signed(good)) == 200
        for change in changes:
            assert await status(site, signed({**good, **change})) == 401, change
        for name in good:
            assert await status(site, signed({key: it for key, it in good.items() if key != name})) == 401, name
        headers: list[dict[str, object]] = [{"kid": "1"}, {"jku": "https://example.org"}, {"crit": []}, {"typ": "JWT"}]
        for header in headers:
            assert await status(site, signed(good, header)) == 401, header
        assert await status(site, signed(good, key=KEY)) == 401


async def test_each_key_of_the_server_signs_for_one_purpose_alone(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        opened = await site.sign_in("an@example.org")
        made = (await an.client.post("/api/v1/me/api-keys", json={"name": "x"})).json()["key"]
        room = (await an.client.post("/api/v1/rooms", json={})).json()
        for secret in ("refresh tokens", "webhooks", "livekit"):
            assert await status(site, signed(claims_of(an), key=derive_key(KEY, secret))) == 401
        for wrong in (opened.refresh_token, room["host_secret"], made[:-1], made.upper(), f"{made}=", "dgm_", made[4:]):
            assert await status(site, wrong) == 401
        for wrong in (opened.access_token, made, room["host_secret"]):
            cookie = {"Cookie": f"dragoman_session={wrong}"}
            assert (await site.anonymous.post("/api/v1/session/refresh", headers=cookie)).status_code == 401


FORMS = ("", "Bearer", "Bearer ", "Basic {}", "Bearer\t{}", "Token {}", "{}", "Bearer Bearer {}", "Bearer {}, Bearer x")


async def test_a_token_is_taken_in_one_form_alone(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        token = an.client.headers["Authorization"].partition(" ")[2]

        forms = [await site.anonymous.get(ME, headers={"Authorization": it.format(token)}) for it in FORMS]
        in_query = await site.anonymous.get(ME, params={"access_token": token, "token": token})
        in_cookie = await site.anonymous.get(ME, headers={"Cookie": f"dragoman_session={token}; access_token={token}"})

    assert {it.status_code for it in (*forms, in_query, in_cookie)} == {401}


async def test_tokens_of_before_are_refused_within_five_seconds_of_sign_out_new_password_and_closing(
    tmp_path: Path,
) -> None:
    async with accounts_site(tmp_path) as site:
        admin = await site.sign_up("admin@example.org", admin=True)
        people = [await site.sign_up(f"{name}@example.org") for name in ("one", "two", "three", "four")]
        one, two, three, four = people
        elsewhere = await site.sign_in(two.email)
        tokens = [it.client.headers["Authorization"].partition(" ")[2] for it in (one, three, four)]
        tokens.append(elsewhere.access_token)
        assert [await status(site, it) for it in tokens] == [200] * 4

        await one.client.delete(f"/api/v1/me/sessions/{one.session_id}")
        body = {"current": "a few words in a row", "new": "some other words in a row"}
        assert (await two.client.put("/api/v1/me/password", json=body)).status_code == 204
        await admin.client.patch(f"/api/v1/admin/users/{three.user_id}", json={"disabled": True})
        async with site.database.writing() as session:  # as another process would
            user = await users.lock(session, four.user_id)
            assert user is not None
            user.epoch += 1
        site.clock.wind(seconds=5)

        assert [await status(site, it) for it in tokens] == [401] * 4


async def test_an_admin_who_is_none_any_more_is_refused_with_the_token_of_before(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        admin, other = [await site.sign_up(f"{name}@example.org", admin=True) for name in ("one", "two")]
        assert (await other.client.get("/api/v1/admin/users")).status_code == 200

        await admin.client.patch(f"/api/v1/admin/users/{other.user_id}", json={"is_admin": False})

        assert (await other.client.get("/api/v1/admin/users")).status_code == 403
        assert (await other.client.get(ME)).json()["is_admin"] is False


async def test_tokens_of_the_media_server_are_refused_here_and_ours_there(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site, running_livekit(tmp_path) as sfu:
        an = await site.sign_up("an@example.org")
        ours = an.client.headers["Authorization"].partition(" ")[2]
        theirs = human_token(sfu.keys, room="r", identity="p", name="An", attributes={})
        same_key = human_token(
            KeyPair(key="dragoman", secret=TOKEN_KEY.hex()), room="r", identity="p", name="An", attributes={}
        )

        async with httpx2.AsyncClient(base_url=sfu.url.replace("ws", "http", 1)) as client:
            good = await client.get("/rtc/validate", params={"access_token": theirs})
            refused = await client.get("/rtc/validate", params={"access_token": ours})

        assert (good.status_code, refused.status_code) == (200, 401)
        assert [await status(site, it) for it in (theirs, same_key)] == [401, 401]


async def test_clocks_two_hours_off_sign_nobody_in_for_longer(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up("an@example.org")
        tokens = AccessTokens(TOKEN_KEY)
        ahead, behind = (
            tokens.issue(user_id=an.user_id, session_id=an.session_id, epoch=0, at=site.clock() + by)
            for by in (timedelta(hours=2), -timedelta(hours=2))
        )

        assert [await status(site, it) for it in (ahead, behind)] == [401, 401]
        site.clock.wind(hours=-2)
        assert (await an.client.get(ME)).status_code == 401
        site.clock.wind(hours=2)
        assert (await an.client.get(ME)).status_code == 200
