"""Sign-in by OpenID Connect against a real provider, which is a process of its own on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import structlog
from pydantic import SecretStr
from sqlalchemy import select
from structlog.testing import LogCapture
from tests.accounts_site import PASSWORD, AccountsSite, accounts_site
from tests.api_house import HOME, listening
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, RunningProvider, running_provider

from dragoman.accounts.errors import OidcUnavailable
from dragoman.accounts.oidc_provider import FRESH_S, LOOKED_EVERY_S, STALE_S, OidcClient, OidcProvider
from dragoman.ground.errors import SettingsInvalid
from dragoman.services.api import session_oidc
from dragoman.services.open_oidc import open_oidc
from dragoman.settings import Settings
from dragoman.store.database import utc_now
from dragoman.store.tables import AuditEntry, User

OIDC = "/api/v1/session/oidc"
REFUSED = "/sign-in?problem=oidc_refused"
AWAY = "/sign-in?problem=oidc_unavailable"


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def running(anyio_backend: str) -> AsyncIterator[RunningProvider]:
    async with running_provider() as provider:
        yield provider


@pytest.fixture
async def provider(running: RunningProvider, each_database: None) -> RunningProvider:
    await running.set_up()
    return running


@dataclass(frozen=True, slots=True)
class Browser:
    """One browser: its cookies, our server, and the provider."""

    site: AccountsSite
    provider: RunningProvider
    client: httpx2.AsyncClient

    async def leave(self) -> str:
        """Choose the provider; gives where the browser is sent to."""
        answer = await self.client.get(OIDC)
        assert answer.status_code == 303
        return answer.headers["location"]

    async def go(self) -> str:
        """Sign in at the provider; gives the address of ours that it sends the browser to."""
        return await self.provider.sign_in(await self.leave())

    async def come_back(self, address: str) -> str:
        """Take the provider's answer to our server; gives where the browser ends."""
        answer = await self.client.get(address)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def sign_in(self) -> str:
        return await self.come_back(await self.go())

    async def user(self) -> dict[str, Any]:
        """Refresh, as the page does when it comes up; gives the account."""
        answer = await self.client.post("/api/v1/session/refresh")
        assert answer.status_code == 200, answer.text
        user: dict[str, Any] = answer.json()["user"]
        return user

    async def is_signed_in(self) -> bool:
        return (await self.client.post("/api/v1/session/refresh")).status_code == 200


def settings_of(provider: RunningProvider, folder: Path, **changes: Any) -> Settings:
    return Settings(
        data_dir=folder,
        oidc_issuer=provider.issuer,
        oidc_name="Office",
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=SecretStr(CLIENT_SECRET),
        **{"sign_up": "open", **changes},
    )


@asynccontextmanager
async def browsing(provider: RunningProvider, folder: Path, **changes: Any) -> AsyncIterator[Browser]:
    async with accounts_site(folder, settings=settings_of(provider, folder, **changes)) as site:
        site.clock.now = utc_now()  # the provider's clock is this machine's
        yield Browser(site, provider, site.client())


async def test_somebody_new_signs_in_and_has_an_account(provider: RunningProvider, tmp_path: Path) -> None:
    async with browsing(provider, tmp_path) as browser:
        ended = await browser.sign_in()

        user = await browser.user()
        assert ended == "/"
        assert (user["email"], user["name"], user["has_password"]) == ("an@example.org", "An", False)


async def test_the_same_person_comes_back_to_the_same_account_whatever_their_address_is_then(
    provider: RunningProvider, tmp_path: Path
) -> None:
    async with browsing(provider, tmp_path) as browser:
        await browser.sign_in()
        first = await browser.user()
        await provider.set_up(person={"email": "an.new@example.org", "email_verified": False})

        await browser.sign_in()

        assert (await browser.user())["id"] == first["id"]


async def test_a_token_that_is_signed_with_an_elliptic_curve_is_good(provider: RunningProvider, tmp_path: Path) -> None:
    async with browsing(provider, tmp_path) as browser:
        await provider.set_up(algorithm="ES256")

        assert await browser.sign_in() == "/"


async def test_new_keys_of_the_provider_are_found_without_a_restart(provider: RunningProvider, tmp_path: Path) -> None:
    now_s = [0.0]
    async with browsing(provider, tmp_path) as browser:
        site = browser.site
        client = OidcClient(issuer=provider.issuer, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
        site.accounts.oidc._provider = OidcProvider(client, clock=lambda: now_s[0])  # type: ignore[union-attr]
        await browser.sign_in()
        await provider.set_up(new_keys=True)

        early = await browser.sign_in()
        now_s[0] += LOOKED_EVERY_S
        later = await browser.sign_in()

        assert (early, later) == (REFUSED, "/")


async def test_a_forged_signature_is_refused(provider: RunningProvider, tmp_path: Path) -> None:
    async with browsing(provider, tmp_path) as browser:
        for wrong in ("no algorithm", "shared secret", "key of a stranger", "key in the header"):
            await provider.set_up(wrong=wrong)

            assert await browser.sign_in() == REFUSED, wrong
            assert not await browser.is_signed_in(), wrong


LONG_AGO, FAR_AHEAD = 1_500_000_000, 4_000_000_000
WRONG_CLAIMS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"nonce": "of another attempt"}, "was made for another sign-in"),
    ({"nonce": None}, "was made for another sign-in"),
    ({"aud": "another server"}, "is for another server"),
    ({"aud": None}, "is for another server"),
    ({"aud": [CLIENT_ID, "another server"]}, "is for another server"),
    ({"azp": "another server"}, "is for another server"),
    ({"iss": "https://other.example.org"}, "comes from another provider"),
    ({"iss": None}, "comes from another provider"),
    ({"exp": LONG_AGO}, "is too old"),
    ({"exp": None}, "has no times"),
    ({"exp": "soon"}, "has no times"),
    ({"exp": 10**30}, "has no times"),
    ({"iat": LONG_AGO}, "is too old"),
    ({"iat": None}, "has no times"),
    ({"iat": FAR_AHEAD, "exp": FAR_AHEAD}, "is from the future"),
    ({"nbf": FAR_AHEAD}, "is from the future"),
    ({"sub": None}, "names nobody"),
    ({"sub": ""}, "names nobody"),
    ({"sub": "a" * 300}, "names nobody"),
    ({"sub": 7}, "names nobody"),
)


async def test_a_token_that_says_anything_wrong_is_refused_for_just_that(
    provider: RunningProvider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    captured = LogCapture()
    monkeypatch.setattr(
        session_oidc, "log", structlog.wrap_logger(None, processors=[captured], wrapper_class=structlog.BoundLogger)
    )
    async with browsing(provider, tmp_path) as browser:
        for claims, says in WRONG_CLAIMS:
            await provider.set_up(claims=claims)

            assert await browser.sign_in() == REFUSED, claims
            assert says in captured.entries[-1]["reason"], claims
            assert not await browser.is_signed_in(), claims
        await provider.set_up()
        assert await browser.sign_in() == "/"


async def test_several_audiences_are_good_if_it_was_made_for_us(provider: RunningProvider, tmp_path: Path) -> None:
    async with browsing(provider, tmp_path) as browser:
        await provider.set_up(claims={"aud": [CLIENT_ID, "another server"], "azp": CLIENT_ID})

        assert await browser.sign_in() == "/"


async def test_an_answer_for_another_browser_is_refused(provider: RunningProvider, tmp_path: Path) -> None:
    async with browsing(provider, tmp_path) as browser:
        attacker = replace(browser, client=browser.site.client())
        address = await attacker.go()

        without_cookie = await browser.come_back(address)
        await browser.leave()
        with_another = await browser.come_back(address)

        assert (without_cookie, with_another) == (REFUSED, REFUSED)
        assert not await browser.is_signed_in()


async def test_a_wrong_state_or_sender_is_refused(provider: RunningProvider, tmp_path: Path) -> None:
    async with browsing(provider, tmp_path) as browser:
        for change in ({"state": "x" * 43}, {"state": ""}, {"iss": "https://other.example.org"}, {"iss": ""}):
            address = urlsplit(await browser.go())
            sent = {name: values[0] for name, values in parse_qs(address.query).items()}

            answer = await browser.client.get(address.path, params={**sent, **change})

            assert answer.headers["location"] == REFUSED, change
            assert not await browser.is_signed_in(), change


async def test_an_answer_without_its_sender_is_refused_if_the_provider_names_itself(
    provider: RunningProvider, tmp_path: Path
) -> None:
    async with browsing(provider, tmp_path) as browser:
        address = await browser.go()

        assert await browser.come_back(address.partition("&iss=")[0]) == REFUSED


async def test_a_code_is_good_once(provider: RunningProvider, tmp_path: Path) -> None:
    async with browsing(provider, tmp_path) as browser:
        address = await browser.go()
        cookies = dict(browser.client.cookies)
        first = await browser.come_back(address)
        tokens = (await provider.counts())["token"]
        thief = browser.site.client()
        thief.cookies.update(cookies)

        again = await thief.get(address)

        assert (first, again.headers["location"]) == ("/", REFUSED)
        assert (await provider.counts())["token"] == tokens


async def test_a_stolen_code_is_worth_nothing_in_an_attempt_of_the_thiefs(
    provider: RunningProvider, tmp_path: Path
) -> None:
    async with browsing(provider, tmp_path) as browser:
        code = parse_qs(urlsplit(await browser.go()).query)["code"][0]
        thief = replace(browser, client=browser.site.client())
        address = urlsplit(await thief.go())
        own = {name: values[0] for name, values in parse_qs(address.query).items()}

        answer = await thief.client.get(address.path, params={**own, "code": code})

        assert answer.headers["location"] == REFUSED
        assert not await thief.is_signed_in()


async def test_an_attempt_is_good_for_ten_minutes_and_in_no_past(provider: RunningProvider, tmp_path: Path) -> None:
    async with browsing(provider, tmp_path) as browser:
        late, early = await browser.go(), timedelta(hours=2)
        browser.site.clock.wind(minutes=10, seconds=1)

        after = await browser.come_back(late)
        address = await browser.go()
        browser.site.clock.now -= early
        before = await browser.come_back(address)

        assert (after, before) == (REFUSED, REFUSED)


async def test_a_cookie_that_is_none_of_ours_is_refused(provider: RunningProvider, tmp_path: Path) -> None:
    async with browsing(provider, tmp_path) as browser:
        for cookie in ("", "a.b", "e30.", "x" * 1500, "é.ü"):
            address = await browser.go()
            browser.client.cookies.clear()

            answer = await browser.client.get(address, headers={b"Cookie": f"dragoman_oidc={cookie}".encode()})

            assert answer.headers["location"] == REFUSED, cookie


async def test_who_says_no_at_the_provider_is_not_signed_in(provider: RunningProvider, tmp_path: Path) -> None:
    async with browsing(provider, tmp_path) as browser:
        await provider.set_up(wrong="person says no")

        assert await browser.sign_in() == REFUSED


async def test_the_cookie_of_an_attempt_is_out_of_reach_of_scripts_and_goes_when_it_is_over(
    provider: RunningProvider, tmp_path: Path
) -> None:
    async with browsing(provider, tmp_path) as browser:
        left = (await browser.client.get(OIDC)).headers["set-cookie"]
        back = await browser.client.get(await browser.go())

        cookies = back.headers.get_list("set-cookie")
        assert all(it in left for it in ("HttpOnly", "SameSite=lax", f"Path={OIDC}", "Max-Age=600"))
        assert any(it.startswith("dragoman_session=") and "HttpOnly" in it for it in cookies)
        assert any(it.startswith('dragoman_oidc="";') and "Max-Age=0" in it for it in cookies)


async def test_nobody_is_led_to_another_site(provider: RunningProvider, tmp_path: Path) -> None:
    async with browsing(provider, tmp_path) as browser:
        sent = {"next": "https://evil.example", "redirect_uri": "https://evil.example", "to": "//evil.example"}
        left = (await browser.client.get(OIDC, params=sent)).headers["location"]
        back = await browser.provider.sign_in(left)

        ended = (await browser.client.get(back, params=dict(parse_qs(urlsplit(back).query), **sent))).headers

        assert left.startswith(f"{provider.issuer}/authorize?tenant=1&")
        assert back.startswith(f"{HOME}{OIDC}/callback?")
        assert ended["location"] == "/"
        forged = await browser.client.get(OIDC, headers={"Host": "evil.example"})
        assert forged.status_code == 403


async def test_an_address_that_is_not_verified_makes_no_account(provider: RunningProvider, tmp_path: Path) -> None:
    async with browsing(provider, tmp_path) as browser:
        for person in ({"email_verified": False}, {"email_verified": "true"}, {"email": None}, {"email": "no address"}):
            await provider.set_up(person=person)

            assert await browser.sign_in() == REFUSED
            assert not await browser.is_signed_in()


async def test_an_account_with_a_password_is_not_given_away_for_an_address(
    provider: RunningProvider, tmp_path: Path
) -> None:
    async with browsing(provider, tmp_path) as browser:
        an = await browser.site.sign_up("an@example.org")

        assert await browser.sign_in() == REFUSED
        async with browser.site.database.reading() as session:
            assert (await session.get_one(User, an.user_id)).oidc_subject is None


async def test_who_is_signed_in_links_their_account_and_both_ways_work_then(
    provider: RunningProvider, tmp_path: Path
) -> None:
    async with browsing(provider, tmp_path) as browser:
        an = await browser.site.sign_up("an@example.org")
        await browser.client.post("/api/v1/session", json={"email": an.email, "password": PASSWORD})

        linked = await browser.sign_in()
        elsewhere = replace(browser, client=browser.site.client())
        await elsewhere.sign_in()

        assert linked == "/"
        assert (await elsewhere.user())["id"] == an.user_id
        assert (await browser.site.sign_in(an.email)).user.id == an.user_id


async def test_who_is_signed_in_as_somebody_else_links_nothing(provider: RunningProvider, tmp_path: Path) -> None:
    async with browsing(provider, tmp_path) as browser:
        await browser.site.sign_up("an@example.org")
        binh = await browser.site.sign_up("binh@example.org")
        await browser.client.post("/api/v1/session", json={"email": binh.email, "password": PASSWORD})

        assert await browser.sign_in() == REFUSED


async def test_a_session_that_is_over_links_nothing(provider: RunningProvider, tmp_path: Path) -> None:
    async with browsing(provider, tmp_path) as browser:
        an = await browser.site.sign_up("an@example.org")
        await browser.client.post("/api/v1/session", json={"email": an.email, "password": PASSWORD})
        cookies = dict(browser.client.cookies)
        await browser.client.delete("/api/v1/session")
        browser.client.cookies.update(cookies)

        assert await browser.sign_in() == REFUSED


async def test_an_address_that_went_to_another_person_at_the_provider_opens_nothing(
    provider: RunningProvider, tmp_path: Path
) -> None:
    async with browsing(provider, tmp_path) as browser:
        await browser.sign_in()
        await provider.set_up(person={"sub": "an-2"})
        stranger = replace(browser, client=browser.site.client())

        assert await stranger.sign_in() == REFUSED


async def test_where_an_invitation_is_due_nobody_comes_in_without_one_to_their_address(
    provider: RunningProvider, tmp_path: Path
) -> None:
    async with browsing(provider, tmp_path, sign_up="invitation") as browser:
        admin = await browser.site.sign_up("admin@example.org", admin=True)
        invite = "/api/v1/admin/invitations"
        await admin.client.post(invite, json={"email": "binh@example.org"})
        await admin.client.post(invite, json={})
        without = await browser.sign_in()
        await admin.client.post(invite, json={"email": "An@Example.org"})

        invited = await browser.sign_in()
        await provider.set_up(person={"sub": "an-2", "email": "AN@example.org"})
        used_up = await browser.sign_in()

        assert (without, invited, used_up) == ("/sign-in?problem=sign_up_closed", "/", REFUSED)


async def test_an_invitation_to_a_team_is_taken_with_the_account(provider: RunningProvider, tmp_path: Path) -> None:
    async with browsing(provider, tmp_path, sign_up="invitation") as browser:
        owner = await browser.site.sign_up("owner@example.org")
        team = (await owner.client.post("/api/v1/teams", json={"name": "Sales"})).json()["id"]
        await owner.client.post(f"/api/v1/teams/{team}/invitations", json={"email": "an@example.org"})

        await browser.sign_in()

        assert [it["id"] for it in (await browser.user())["teams"]] == [team]


async def test_a_closed_account_stays_closed(provider: RunningProvider, tmp_path: Path) -> None:
    async with browsing(provider, tmp_path) as browser:
        await browser.sign_in()
        user = await browser.user()
        async with browser.site.database.writing() as session:
            (await session.get_one(User, user["id"])).disabled_at = browser.site.clock()

        assert await browser.sign_in() == "/sign-in?problem=account_disabled"


@pytest.mark.parametrize("wrong", ["away", "endless", "other issuer", "unsafe endpoint", "redirected discovery"])
async def test_a_provider_that_is_away_or_talks_nonsense_leaves_passwords_working(
    wrong: str, provider: RunningProvider, tmp_path: Path
) -> None:
    async with browsing(provider, tmp_path) as browser:
        an = await browser.site.sign_up("an@example.org")
        await provider.set_up(wrong=wrong)

        left = await browser.leave()
        with_password = await browser.client.post("/api/v1/session", json={"email": an.email, "password": PASSWORD})

        assert left == AWAY
        assert with_password.status_code == 200


async def test_a_provider_that_never_answers_is_waited_for_with_a_deadline() -> None:
    with listening() as silent:
        issuer = f"http://127.0.0.1:{silent.getsockname()[1]}"
        mute = OidcProvider(OidcClient(issuer=issuer, client_id=CLIENT_ID), within_s=0.2)

        with pytest.raises(OidcUnavailable, match="sign in with your password, or try again later"):
            await mute.document()


async def test_a_crowd_does_not_ask_a_provider_that_is_away_one_by_one(
    provider: RunningProvider, tmp_path: Path
) -> None:
    async with browsing(provider, tmp_path) as browser:
        await provider.set_up(wrong="away")
        before = (await provider.counts()).get("discovery", 0)

        left = {await browser.leave() for _ in range(20)}

        assert left == {AWAY}
        assert (await provider.counts())["discovery"] == before + 1


async def test_what_is_known_of_a_provider_is_used_for_a_day_while_it_is_away(provider: RunningProvider) -> None:
    now_s = [0.0]
    client = OidcClient(issuer=provider.issuer, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    known = OidcProvider(client, clock=lambda: now_s[0])
    document = await known.document()
    await provider.set_up(wrong="away")

    now_s[0] += FRESH_S
    kept = await known.document()
    now_s[0] = STALE_S

    assert kept is document
    with pytest.raises(OidcUnavailable, match="does not answer"):
        await known.document()


async def test_no_token_code_or_secret_reaches_a_repr_or_the_audit_log(
    provider: RunningProvider, tmp_path: Path
) -> None:
    async with browsing(provider, tmp_path) as browser:
        address = await browser.go()
        code = parse_qs(urlsplit(address).query)["code"][0]
        await browser.come_back(address)

        async with browser.site.database.reading() as session:
            entries = (await session.scalars(select(AuditEntry))).all()
        written = repr([(it.action, it.facts, it.target_id) for it in entries])
        client = OidcClient(issuer=provider.issuer, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
        assert "user.made" in written
        assert not any(secret in written + repr(client) for secret in (code, CLIENT_SECRET, "an@example.org"))


async def test_without_a_provider_the_route_is_not_there(tmp_path: Path) -> None:
    async with accounts_site(tmp_path) as site:
        assert (await site.anonymous.get(OIDC)).status_code == 404
        assert (await site.anonymous.get(f"{OIDC}/callback?state=a&code=b")).status_code == 404


@pytest.mark.parametrize(
    ("issuer", "client_id", "says"),
    [
        ("http://id.example.org", "dragoman", "begins with https://"),
        ("http://127.0.0.1.example.org", "dragoman", "begins with https://"),
        ("https://user@id.example.org", "dragoman", "begins with https://"),
        ("https://id.example.org", "", "set oidc_client_id"),
        (f"https://id.example.org/{'a' * 200}", "dragoman", "more than 200 characters"),
    ],
)
def test_a_provider_that_cannot_be_asked_safely_is_refused_at_the_start(
    issuer: str, client_id: str, says: str, tmp_path: Path
) -> None:
    with pytest.raises(SettingsInvalid, match=says):
        OidcProvider(OidcClient(issuer=issuer, client_id=client_id))


def test_no_provider_is_opened_where_none_is_set(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    nothing: Any = None

    assert open_oidc(settings, nothing, nothing, key=b"", clock=utc_now) is None
