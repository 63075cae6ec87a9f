"""Coming to a server with accounts: by an invitation, by password, and being signed out again."""

from playwright.sync_api import Browser, expect
from tests.acceptance.accounts.walking import ROOM, TEAM, Office, come_in, go, places, section, sign_in, visitor
from tests.browsers.person import sit_down
from tests.site import Site

LANS = "another phrase that is long"


def test_whoever_is_invited_makes_an_account_and_sees_the_rooms_of_the_team(
    site: Site, browser: Browser, office: Office
) -> None:
    with visitor(site, browser) as lan:
        lan.open(office.invitation)
        lan.sees("invitation.toTeam", team=TEAM)
        lan.page.get_by_label(lan.text("signUp.name")).fill("Lan Pham")
        lan.page.get_by_label(lan.text("signIn.email")).fill("lan@example.org")
        lan.page.get_by_label(lan.text("signIn.password"), exact=True).fill(LANS)
        lan.button("signUp.make").click()

        expect(section(lan, "team.members").get_by_text("An Nguyen")).to_be_visible()
        go(lan, "nav.home")
        expect(lan.page.get_by_role("heading", name=ROOM)).to_be_visible()
        complaints = lan.complaints.all()
    with visitor(site, browser) as late:
        late.open(office.invitation)
        late.sees("invitation.over")

    assert complaints == []


def test_a_session_that_is_ended_elsewhere_leads_to_signing_in_and_back(
    site: Site, browser: Browser, office: Office
) -> None:
    with visitor(site, browser) as elsewhere:
        elsewhere.open(f"http://{site.address}/account")
        elsewhere.sees("signIn.needed")
        sign_in(elsewhere)
        expect(elsewhere.page.get_by_role("heading", level=1, name=elsewhere.text("account.title"))).to_be_visible()

        go(office.an, "nav.account")
        office.an.button("account.endOthers").click()
        expect(section(office.an, "account.sessions").get_by_role("listitem")).to_have_count(1)
        elsewhere.page.reload()

        expect(elsewhere.button("signIn.title")).to_be_visible()
        assert elsewhere.page.url == f"http://{site.address}/account"


def test_signing_out_is_heard_by_the_other_tabs(site: Site, browser: Browser, office: Office) -> None:
    with visitor(site, browser) as person:
        come_in(person)
        other = sit_down(person.page.context, host=site.address)
        other.open(f"http://{site.address}/account")
        expect(places(other)).to_be_visible()

        person.page.get_by_role("button", name=person.text("nav.me", name="An Nguyen")).click()
        person.page.get_by_role("menuitem", name=person.text("nav.signOut")).click()

        expect(person.button("signIn.title")).to_be_visible()
        expect(other.button("signIn.title")).to_be_visible()
