"""How every page of a server with accounts looks, to people and to axe: on a desktop and a phone, light and dark.

Pictures are left beside those of ``test_browser_looks.py``.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, expect
from tests.acceptance.accounts.walking import (
    DESK,
    POCKET,
    ROOM,
    TEAM,
    WEBHOOK,
    Looker,
    Office,
    access_token,
    ask,
    dialog,
    go,
    options_of,
    section,
    sign_in,
    visitor,
)
from tests.acceptance.test_browser_looks import Look
from tests.browsers.person import Person
from tests.site import Site

LOOKS = (DESK, POCKET, Look(name="vietnamese", colours=("light",), words="vi"))


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_page_is_free_of_faults_and_has_its_picture(
    site: Site, browser: Browser, office: Office, look: Look
) -> None:
    with visitor(site, browser, look) as person:
        looker = Looker(person, look)
        _tour(person, site, office, looker.look_here)
        complaints = person.complaints.all()

    assert looker.faults == []
    assert complaints == []


def _tour(person: Person, site: Site, office: Office, look_here: Callable[[str], None]) -> None:
    """Walk through every page, and look at each."""
    _come(person, site, office, look_here)
    _rooms(person, look_here)
    _team(person, look_here)
    go(person, "nav.account")
    expect(section(person, "account.sessions").get_by_role("listitem").first).to_be_visible()
    look_here("25-account")
    _server(person, look_here)


def _come(person: Person, site: Site, office: Office, look_here: Callable[[str], None]) -> None:
    invitation = ask(office.an, access_token(office.an), "POST", "/admin/invitations", {})["link"]
    person.open(invitation)
    expect(person.button("signUp.make")).to_be_visible()
    look_here("32-sign-up")
    person.open(f"http://{site.address}/sign-up")
    person.sees("signUp.byInvitation")
    look_here("42-sign-up-by-invitation")
    person.open(f"http://{site.address}/sign-in?problem=oidc_refused")
    person.sees("signIn.problem.oidc_refused")
    look_here("27-sign-in-refused")
    person.open(f"http://{site.address}/")
    expect(person.button("signIn.title")).to_be_visible()
    look_here("20-sign-in")
    sign_in(person)


def _rooms(person: Person, look_here: Callable[[str], None]) -> None:
    page = person.page
    expect(page.get_by_role("heading", name=ROOM)).to_be_visible()
    look_here("21-rooms")
    person.button("rooms.new").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look_here("22-new-room")
    page.keyboard.press("Escape")
    page.get_by_role("link", name=ROOM, exact=True).click()
    expect(section(person, "meetings.title").get_by_role("listitem")).to_have_count(1)
    person.button("meetings.plan").click()
    expect(page.get_by_label(person.text("meetings.slots"))).to_be_visible()
    look_here("23-room")
    section(person, "meetings.title").get_by_role("listitem").get_by_role("button").nth(1).click()
    expect(dialog(person, "meetings.edit")).to_be_visible()
    look_here("28-meeting")
    page.keyboard.press("Escape")


def _team(person: Person, look_here: Callable[[str], None]) -> None:
    go(person, "nav.team")
    expect(person.page.get_by_role("heading", level=1, name=TEAM)).to_be_visible()
    expect(section(person, "webhooks.title").get_by_text(WEBHOOK)).to_be_visible()
    expect(section(person, "team.members").get_by_role("listitem").first).to_be_visible()
    expect(section(person, "audit.title").get_by_role("listitem").first).to_be_visible()
    look_here("24-team")
    person.button("webhooks.add").click()
    look_here("29-new-webhook")
    options_of(person, "webhooks.optionsOf", "webhooks.deliveries", url=WEBHOOK)
    expect(dialog(person, "webhooks.deliveries").get_by_role("listitem").first).to_be_visible()
    look_here("30-deliveries")
    person.page.keyboard.press("Escape")


def _server(person: Person, look_here: Callable[[str], None]) -> None:
    go(person, "nav.admin")
    expect(section(person, "admin.users").get_by_role("listitem").first).to_be_visible()
    person.sees("admin.plansOn")
    expect(section(person, "jobs.title").get_by_role("listitem").first).to_be_visible()
    expect(section(person, "audit.title").get_by_role("listitem").first).to_be_visible()
    look_here("26-admin")
    person.button("models.open").click()
    expect(person.page.get_by_role("dialog")).to_be_visible()
    look_here("38-models")
    person.close_panel()
    person.page.get_by_text(person.text("admin.plansOn"), exact=True).click()
    person.sees("admin.plansOnText")
    options_of(person, "admin.optionsOf", "plan.name.enterprise", name="An Nguyen")
    line = section(person, "admin.users").get_by_role("listitem").filter(has_text="An Nguyen")
    expect(line).to_contain_text(person.text("plan.name.enterprise"))
    look_here("37-plans")
    options_of(person, "admin.optionsOf", "limits.open", name="An Nguyen")
    expect(dialog(person, "limits.title", name="An Nguyen")).to_be_visible()
    look_here("31-limits")
    person.page.keyboard.press("Escape")
    person.page.get_by_text(person.text("admin.plansOn"), exact=True).click()
    person.sees("admin.plansOffText")
