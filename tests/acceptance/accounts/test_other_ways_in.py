"""Accounts that everybody may make, and signing in by a provider of OpenID Connect: both in the browser.

With a server of their own; the provider is a process that signs everybody in without asking (tests/oidc_provider.py).
"""

from collections.abc import Iterator

import httpx2
import pytest
from playwright.sync_api import Browser, Locator, expect
from tests.acceptance.accounts.walking import (
    DESK,
    POCKET,
    Looker,
    go,
    origin,
    places,
    section,
    sign_in,
    visitor,
)
from tests.acceptance.test_browser_looks import Look
from tests.browsers.person import Person
from tests.by_hand import PASSWORD, add_admin
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, provider_process
from tests.site import Site, running_site

OFFICE = "Office"
CHI = {"sub": "chi-1", "email": "chi@example.org", "name": "Chi Vo"}
CALLBACK = "**/api/v1/session/oidc/callback*"


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Give its address; until it hears otherwise it signs in An, by the address of the admin."""
    with provider_process() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, provider: str) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    settings = {
        "DRAGOMAN_DATA_DIR": str(folder / "data"),
        "DRAGOMAN_SIGN_UP": "open",
        "DRAGOMAN_OIDC_ISSUER": provider,
        "DRAGOMAN_OIDC_NAME": OFFICE,
        "DRAGOMAN_OIDC_CLIENT_ID": CLIENT_ID,
        "DRAGOMAN_OIDC_CLIENT_SECRET": CLIENT_SECRET,
    }
    add_admin(folder, **settings)
    with running_site(folder, **settings) as running:
        yield running


def to_office(person: Person) -> Locator:
    return person.button("signIn.with", name=OFFICE)


def complaints(person: Person, provider: str) -> list[str]:
    """Give what the page did that it should not; that it went to the provider is as it should be."""
    return [it for it in person.complaints.all() if not it.startswith(f"{provider}/")]


def sign_out(person: Person, name: str) -> None:
    person.page.get_by_role("button", name=person.text("nav.me", name=name)).click()
    person.page.get_by_role("menuitem", name=person.text("nav.signOut")).click()
    expect(person.button("signIn.title")).to_be_visible()


@pytest.mark.parametrize("look", [DESK, POCKET], ids=lambda look: look.name)
def test_their_pages_are_free_of_faults_and_have_their_pictures(
    site: Site, browser: Browser, provider: str, look: Look
) -> None:
    with visitor(site, browser, look) as person:
        looker = Looker(person, look)
        person.open(f"{origin(person)}/sign-up")
        expect(person.button("signUp.make")).to_be_visible()
        looker.look_here("39-sign-up-open")
        person.open(f"{origin(person)}/")
        expect(to_office(person)).to_be_visible()
        looker.look_here("40-sign-in-with-a-provider")
        sign_in(person)
        go(person, "nav.account")
        expect(to_office(person)).to_be_visible()
        expect(section(person, "account.sessions").get_by_role("listitem").first).to_be_visible()
        looker.look_here("41-account-with-a-provider")
        found = complaints(person, provider)

    assert looker.faults == []
    assert found == []


def test_whoever_comes_makes_an_account_where_everybody_may(site: Site, browser: Browser, provider: str) -> None:
    with visitor(site, browser) as person:
        person.open(f"{origin(person)}/")
        person.page.get_by_role("link", name=person.text("signUp.title"), exact=True).click()
        person.page.get_by_label(person.text("signUp.name")).fill("Dung Ho")
        person.page.get_by_label(person.text("signIn.email")).fill("dung@example.org")
        person.page.get_by_label(person.text("signIn.password"), exact=True).fill(PASSWORD)
        person.button("signUp.make").click()

        expect(places(person)).to_be_visible()
        expect(person.page.get_by_role("button", name=person.text("nav.me", name="Dung Ho"))).to_be_visible()
        found = complaints(person, provider)

    assert found == []


def test_an_account_with_a_password_opens_by_the_provider_too_once_its_owner_went_there_from_it(
    site: Site, browser: Browser, provider: str
) -> None:
    with visitor(site, browser) as an:
        an.open(f"{origin(an)}/")
        to_office(an).click()
        an.sees("signIn.problem.oidc_refused")
        sign_in(an)
        go(an, "nav.account")
        with an.page.expect_response(CALLBACK) as linked:
            to_office(an).click()
        expect(places(an)).to_be_visible()
        sign_out(an, "An")

        with an.page.expect_response(CALLBACK) as answered:
            to_office(an).click()
        expect(an.page.get_by_role("button", name=an.text("nav.me", name="An"))).to_be_visible()
        # Chromium complains of every refusal: 401 is the session that the first way to the provider did not bring.
        found = [it for it in complaints(an, provider) if "401" not in it]

    assert (linked.value.status, answered.value.status) == (303, 303)
    assert found == []


def test_somebody_new_comes_by_the_provider_and_has_an_account_without_a_password(
    site: Site, browser: Browser, provider: str
) -> None:
    httpx2.post(f"{provider}/control", json={"person": CHI}, trust_env=False).raise_for_status()
    with visitor(site, browser) as chi:
        chi.open(f"{origin(chi)}/account")
        chi.sees("signIn.needed")
        to_office(chi).click()

        expect(chi.page.get_by_role("button", name=chi.text("nav.me", name=CHI["name"]))).to_be_visible()
        chi.page.reload()
        expect(places(chi)).to_be_visible()
        go(chi, "nav.account")
        expect(section(chi, "account.sessions").get_by_role("listitem")).to_have_count(1)
        expect(to_office(chi)).to_have_count(0)
        found = complaints(chi, provider)

    assert found == []
