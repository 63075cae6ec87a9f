"""Accounts under attack: who guesses, who asks which addresses there are, and what is written into fields."""

import logging
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.accounts_site import PASSWORD, AccountsSite, accounts_site

from dragoman.accounts.errors import WrongCredentials
from dragoman.accounts.passwords import Passwords
from dragoman.accounts.sessions import Visitor
from dragoman.accounts.sign_in import SignIn
from dragoman.accounts.sign_in_tries import SignInTries
from dragoman.ground.errors import TooManyRequests
from dragoman.observe.log import set_up_log
from dragoman.settings import Settings
from dragoman.store import users

AN = "an@example.org"
WRONG = PASSWORD[::-1]

NASTY = [
    "'; DROP TABLE users; --",
    "x' OR '1'='1",
    '"}],"is_admin":true,"x":["',
    "An\r\nSet-Cookie: dragoman_session=stolen",
    "An\nBcc: everybody@example.org",
    "<script>alert(1)</script>",
    "{{7*7}} ${7*7} #{7*7} %s %n %00",
    "\u202eadmin\u202c",
    "\u0000\u0000",
    "null\u0000byte",
    "A\u0301" * 30,
    "\ufdfd" * 80,
    "🏴\u200d☠️" * 15,
    "../../../etc/passwd",
    "=cmd|' /C calc'!A0",
]


async def sign_in(client: httpx2.AsyncClient, email: str, password: str) -> httpx2.Response:
    return await client.post("/api/v1/session", json={"email": email, "password": password})


async def test_nobody_learns_from_signing_in_which_addresses_have_accounts(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        await site.sign_up(AN)
        async with site.database.writing() as session:
            await users.add(session, email="oidc@example.org", name="By provider", at=site.clock())

        answers = [
            await sign_in(site.anonymous, email, WRONG)
            for email in (AN, "nobody@example.org", "oidc@example.org", "no address", "x" * 200)
        ]

    assert {(it.status_code, it.content) for it in answers} == {(401, answers[0].content)}
    same = [{name: it for name, it in answer.headers.items() if not name.startswith("ratelimit")} for answer in answers]
    assert all(it == same[0] for it in same)


class CountedPasswords(Passwords):
    """Counts what is checked, and against a hash of which cost."""

    def __init__(self) -> None:
        super().__init__(memory_kib=8, rounds=1, lanes=1)
        self.checked: list[bool] = []

    async def check(self, password: str, hashed: str | None) -> tuple[bool, str | None]:
        self.checked.append(hashed is None)
        return await super().check(password, hashed)


def counted(site: AccountsSite, **options: Any) -> tuple[SignIn, CountedPasswords]:
    passwords = CountedPasswords()
    return SignIn(site.database, site.accounts.sessions, passwords, clock=site.clock, **options), passwords


async def test_a_hash_is_computed_whether_there_is_an_account_or_not(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        await site.sign_up(AN)
        signing_in, passwords = counted(site)
        for email in (AN, "nobody@example.org", "no address"):
            with pytest.raises(WrongCredentials):
                await signing_in.sign_in(email, WRONG, Visitor(address="192.0.2.1"))

    assert passwords.checked == [False, True, True]


async def test_of_ten_thousand_guesses_ten_are_looked_at_and_the_owner_gets_in_from_home(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        await site.sign_up(AN)
        signing_in, passwords = counted(site)
        held = 0
        for _ in range(10_000):
            try:
                await signing_in.sign_in(AN, WRONG, Visitor(address="198.51.100.1"))
            except TooManyRequests:
                held += 1
            except WrongCredentials:
                pass

        opened = await signing_in.sign_in(AN, PASSWORD, Visitor(address="192.0.2.1"))

    assert (held, len(passwords.checked)) == (9_990, 11)
    assert opened.user.email == AN


async def test_ten_thousand_guesses_from_five_hundred_networks_are_ten_from_each(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        tries, through = SignInTries(), dict.fromkeys(range(500), 0)
        for number in range(10_000):
            network = number % 500
            try:
                tries.count(AN, f"10.{network // 256}.{network % 256}.{number % 251}", at=site.clock())
                through[network] += 1
            except TooManyRequests:
                pass
        tries.count(AN, "192.0.2.1", at=site.clock())  # the owner is at home

    assert set(through.values()) == {10}


async def test_guesses_are_held_however_the_address_is_spelt_and_whatever_headers_say(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        await site.sign_up(AN)
        statuses = []
        for number in range(30):
            email = f" {''.join(it.upper() if number >> i & 1 else it for i, it in enumerate(AN))}"
            forged = {"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": f"203.0.113.{number}"}
            body = {"email": email, "password": WRONG}
            statuses.append((await site.anonymous.post("/api/v1/session", json=body, headers=forged)).status_code)

    assert statuses == [401] * 10 + [429] * 20


async def test_guessing_the_password_with_a_stolen_session_is_held_too(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up(AN)
        body = {"current": WRONG, "new": "some other words in a row"}

        statuses = [(await an.client.put("/api/v1/me/password", json=body)).status_code for _ in range(12)]

    assert statuses == [401] * 10 + [429] * 2


async def test_whatever_stands_in_a_field_is_text_or_refused(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        an = await site.sign_up(AN)
        for nasty in NASTY:
            site.clock.wind(minutes=1)
            new = {"email": "bo@example.org", "name": nasty, "password": nasty}
            answers = [
                await sign_in(site.client(), nasty, PASSWORD),
                await sign_in(site.client(), AN, nasty),
                await site.client().post("/api/v1/users", json={"email": nasty, "name": "An", "password": PASSWORD}),
                await site.client().post("/api/v1/users", json=new),
                await an.client.patch("/api/v1/me", json={"name": nasty}),
                await an.client.post("/api/v1/me/api-keys", json={"name": nasty}),
                await an.client.put("/api/v1/me/password", json={"current": nasty, "new": nasty}),
                await an.client.delete(f"/api/v1/me/sessions/{nasty.encode().hex()[:64]}"),
            ]
            site.clock.wind(minutes=-1)
            me = (await an.client.get("/api/v1/me")).json()

            assert all(it.status_code < 500 for it in answers), [it.text for it in answers if it.status_code >= 500]
            assert all("stolen" not in str(it.headers) for it in answers)
            assert not set(me["name"]) & set("\r\n\0\u202e\u202c") and me["is_admin"] is False


BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b'"email"',
    b'{"email":{"$ne":null},"password":{"$ne":null}}',
    b'{"email":["an@example.org"],"password":true}',
    b'{"email":"an@example.org","email":"bo@example.org","password":1}',
    b'{"email":"\\ud800@example.org","password":"\\ud800\\ud800\\ud800\\ud800\\ud800"}',
    b'{"email":"an@example.org","password":"\\u0000\\u0000\\u0000"}',
    b"\xff\xfe{}",
    b'{"a":' * 2500 + b"1" + b"}" * 2500,
    b'{"email":"' + b"x" * 15_000 + b'","password":"' + b"y" * 1000 + b'"}',
    b'{"email":"' + b"x" * 20_000 + b'"}',
]


async def test_a_body_that_is_none_is_refused_in_words(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        for body in BODIES:
            for path in ("session", "users"):
                answer = await site.anonymous.post(
                    f"/api/v1/{path}", content=body, headers={"Content-Type": "application/json"}
                )

                assert 400 <= answer.status_code < 500, answer.text
                assert answer.headers["content-type"] == "application/problem+json" and len(answer.content) < 1000


async def test_the_log_of_a_whole_scene_holds_no_secret_and_nobodys_address(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    set_up_log(level="DEBUG", as_json=False)
    caplog.set_level(logging.INFO)
    try:
        async with accounts_site(tmp_path, settings=Settings(data_dir=tmp_path, sign_up="open")) as site:
            an = await site.sign_up(AN, admin=True)
            browser = site.client()
            signed_in = await sign_in(browser, AN, PASSWORD)
            cookie = browser.cookies["dragoman_session"]
            refreshed = await browser.post("/api/v1/session/refresh")
            key = (await an.client.post("/api/v1/me/api-keys", json={"name": "Secret plan"})).json()["key"]
            await site.client(key).get("/api/v1/me")
            await site.client(f"{key}x").get("/api/v1/me")
            await sign_in(browser, AN, WRONG)
            await sign_in(browser, "canary@example.org", WRONG)
            body = {"email": AN, "name": "An", "password": PASSWORD}
            await site.anonymous.post("/api/v1/users", json=body)
            await site.anonymous.post("/api/v1/users", json={**body, "email": "new@example.org", "extra": PASSWORD})
            await an.client.put("/api/v1/me/password", json={"current": PASSWORD, "new": WRONG})
            site.clock.wind(minutes=1)
            await site.client().post("/api/v1/session/refresh", headers={"Cookie": f"dragoman_session={cookie}"})
            await browser.delete("/api/v1/session")
            room = (await an.client.post("/api/v1/rooms", json={})).json()
            parts = repr(site.parts) + repr(site.accounts) + repr(an)
            opened = repr(await site.sign_in(AN, password=WRONG))
    finally:
        set_up_log(level="WARNING", as_json=False)
    printed = capfd.readouterr()
    log = printed.out + printed.err + caplog.text

    secrets = [PASSWORD, WRONG, key, cookie, browser.cookies.get("dragoman_session", "-" * 9), room["host_secret"]]
    secrets += [it.json()["access_token"] for it in (signed_in, refreshed)]
    assert not [it for it in [*secrets, AN, "canary@", "Secret plan"] if it in log]
    assert not [it for it in secrets if it in parts + opened]


@pytest.mark.usefixtures("each_database")
async def test_a_restart_lets_nobody_guess_anew_and_the_owner_in_from_home(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        await site.sign_up(AN)
        before, _ = counted(site)
        for address, tries in (("198.51.100.1", 10), ("203.0.113.1", 9)):
            for _ in range(tries):
                site.clock.wind(seconds=1)
                with pytest.raises(WrongCredentials):
                    await before.sign_in(AN, WRONG, Visitor(address=address))
        site.clock.wind(seconds=1)
        await before.sign_in(AN, PASSWORD, Visitor(address="203.0.113.7"))
        with pytest.raises(WrongCredentials):
            await before.sign_in("nobody@example.org", WRONG, Visitor(address="198.51.100.1"))

        after, passwords = counted(site)
        with pytest.raises(TooManyRequests):
            await after.sign_in(AN, PASSWORD, Visitor(address="198.51.100.200"))
        for _ in range(9):  # whoever came in began anew
            with pytest.raises(WrongCredentials):
                await after.sign_in(AN, WRONG, Visitor(address="203.0.113.1"))
        await after.sign_in(AN, PASSWORD, Visitor(address="192.0.2.1"))

        assert len(passwords.checked) == 10


async def test_tries_of_before_a_restart_are_forgotten_in_time(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        await site.sign_up(AN)
        before, _ = counted(site)
        for _ in range(10):
            with pytest.raises(WrongCredentials):
                await before.sign_in(AN, WRONG, Visitor(address="198.51.100.1"))
        site.clock.wind(minutes=15)

        after, _ = counted(site)

        await after.sign_in(AN, PASSWORD, Visitor(address="198.51.100.1"))
