"""Whatever people call themselves, their rooms, teams, keys and terms: no page takes it for HTML, address or style.

The page's own rules for scripts (Content-Security-Policy) would stop most of it too and report it; it reports nothing.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Browser, Dialog, expect
from tests.acceptance.accounts.walking import (
    Office,
    access_token,
    api,
    ask,
    come_in,
    go,
    origin,
    section,
    sign_up_by_invitation,
    visitor,
)
from tests.acceptance.commands import SAMPLES
from tests.acceptance.hearing import load
from tests.acceptance.scripts_in_names import PAYLOADS
from tests.browsers.person import Person
from tests.site import Site

GUEST = next(it for it in PAYLOADS if "<img" in it and len(it) <= 60)
OTHER = "mai@example.org"
"""E-mail address of somebody beside the admin."""
TITLE = next(it for it in PAYLOADS if it.startswith("<svg onload"))


@pytest.fixture
def ran() -> list[str]:
    """Take the words of every window that a script opens."""
    return []


def watch(person: Person, ran: list[str]) -> None:
    def note(shown: Dialog) -> None:
        ran.append(shown.message)
        shown.dismiss()

    person.page.on("dialog", note)


@contextmanager
def as_named(person: Person, token: str, name: str) -> Iterator[None]:
    """Let An have another name for a while: others look for her own."""
    ask(person, token, "PATCH", "/me", {"name": name})
    try:
        yield
    finally:
        ask(person, token, "PATCH", "/me", {"name": "An Nguyen"})


def marks(person: Person) -> int:
    """Count what ran without a window."""
    found: int = person.page.evaluate("window.scriptRan ?? 0")
    return found


def test_names_and_titles_that_are_scripts_stay_text(
    site: Site, browser: Browser, office: Office, ran: list[str]
) -> None:
    with visitor(site, browser) as person, ExitStack() as renamed:
        watch(person, ran)
        token = come_in(person)
        renamed.enter_context(as_named(person, token, PAYLOADS[2]))
        for payload in PAYLOADS:
            ask(person, token, "POST", "/my/rooms", {"title": payload})
        team = ask(person, token, "POST", "/teams", {"name": PAYLOADS[0]})["id"]
        ask(person, token, "POST", "/teams", {"name": TITLE})
        ask(person, token, "POST", "/me/api-keys", {"name": PAYLOADS[1]})
        invitation = ask(person, token, "POST", f"/teams/{team}/invitations", {})["link"]

        person.page.reload()
        shown = person.page.get_by_role("list", name=person.text("rooms.title")).get_by_role("heading")
        expect(shown.filter(has_text="alert").first).to_be_visible()
        while (more := person.button("list.more")).is_visible():
            before = shown.count()
            more.click()
            expect(shown.nth(before)).to_be_visible()
        titles = shown.all_text_contents()
        for place, where, what in (
            ("nav.account", "account.keys", PAYLOADS[1]),
            ("nav.admin", "admin.users", PAYLOADS[2]),
            ("nav.admin", "audit.title", PAYLOADS[2]),
        ):
            go(person, place)
            expect(section(person, where).get_by_text(what).first).to_be_visible()
        go(person, "nav.team")
        person.page.get_by_role("button", name=re.compile(f"{person.text('team.which')}$")).click()
        person.page.get_by_role("option", name=PAYLOADS[0], exact=True).click()
        expect(person.page.get_by_role("heading", level=1, name=PAYLOADS[0])).to_be_visible()
        for where in ("team.members", "audit.title"):
            expect(section(person, where).get_by_text(PAYLOADS[2]).first).to_be_visible()
        go(person, "nav.home")
        shown.first.get_by_role("link").click()
        expect(section(person, "meetings.title")).to_be_visible()
        ran_here, complaints = marks(person), person.complaints.all()
        with visitor(site, browser) as invited:
            watch(invited, ran)
            invited.open(invitation)
            invited.sees("invitation.toTeam", team=PAYLOADS[0])
            ran_here, complaints = ran_here + marks(invited), complaints + invited.complaints.all()

    assert set(PAYLOADS) <= set(titles)
    assert ran == []
    assert ran_here == 0
    assert complaints == []


def test_accounts_called_like_scripts_stay_text_in_the_list_of_the_admin(
    site: Site, browser: Browser, office: Office, ran: list[str]
) -> None:
    with visitor(site, browser) as admin, visitor(site, browser) as other:
        watch(admin, ran)
        sign_up_by_invitation(other, office, "Mai", OTHER)
        token = access_token(other, OTHER)
        come_in(admin, "/admin")
        users = section(admin, "admin.users")
        search = users.get_by_role("searchbox", name=admin.text("admin.search"))
        for number, payload in enumerate(PAYLOADS):
            ask(other, token, "PATCH", "/me", {"name": payload})
            search.fill(OTHER[: -1 - number % 2])  # another word than before: it is asked anew
            expect(users.get_by_text(payload, exact=True)).to_be_visible()
            expect(users.get_by_role("listitem")).to_have_count(1)
        ask(other, token, "PATCH", "/me", {"name": "Mai"})
        ran_here, complaints = marks(admin), admin.complaints.all()

    assert ran == []
    assert ran_here == 0
    assert complaints == []


def test_in_a_call_the_speaker_the_people_and_the_terms_stay_text(
    site: Site, browser: Browser, office: Office, ran: list[str]
) -> None:
    with visitor(site, browser) as host, visitor(site, browser) as guest:
        for person in (host, guest):
            watch(person, ran)
        token = come_in(host, "/account")
        room = ask(host, token, "POST", "/my/rooms", {"title": TITLE})["id"]
        opened = ask(host, token, "POST", f"/my/rooms/{room}/open", {})["host_secret"]
        languages = {"source_language": "en", "target_language": "es"}
        terms = [{"source": it[:60], "target": "x", **languages} for it in PAYLOADS]
        put = host.page.context.request.put(
            api(host, f"/rooms/{room}/glossary"),
            data={"terms": terms},
            headers={"Authorization": f"Bearer {opened}"},
        )
        assert put.ok, put.text()
        host.open(f"{origin(host)}/rooms/{room}")
        host.button("rooms.start").click()
        for person, name, reads in ((host, TITLE, "es"), (guest, GUEST, "es")):
            if person is guest:
                guest.open(f"{origin(guest)}/r/{room}")
            person.turn_camera_off()
            person.fill_in(name, speaks="en", reads=reads)
            if person is guest:
                person.agree()
            person.join()
        guest.waits_for_the_interpreter()
        guest.say(load(SAMPLES / "talk.flac"))

        expect(host.page.get_by_test_id("cue").first).to_contain_text(GUEST)
        host.do("call.history")
        expect(host.history().first).to_contain_text(GUEST)
        host.page.get_by_role("tab", name=host.text("people.title")).click()
        host.page.get_by_role("button", name=host.text("people.hostControls.options", name=GUEST), exact=True).click()
        expect(host.page.get_by_role("menu")).to_be_visible()
        host.page.keyboard.press("Escape")
        host.page.get_by_role("tab", name=host.text("glossary.title")).click()
        expect(host.page.get_by_text(PAYLOADS[0][:60]).first).to_be_visible()
        with host.options_of(GUEST):
            pass
        complaints = [it for person in (host, guest) for it in person.complaints.all()]
        marked = [marks(person) for person in (host, guest)]

    assert ran == []
    assert marked == [0, 0]
    assert complaints == []
