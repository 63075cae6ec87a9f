"""People whose computers show another time than the server: two hours more, and two hours less."""

from playwright.sync_api import Browser, expect
from tests.acceptance.accounts.walking import Office, access_token, ask, go, origin, places, section, sign_in, visitor
from tests.browsers.person import Person
from tests.site import Site

PAGE_CLOCK = """
const shift = HOURS * 3600000, Right = Date;
window.Date = class extends Right {
  constructor(...parts) { if (parts.length) super(...parts); else super(Right.now() + shift); }
  static now() { return Right.now() + shift; }
};
"""
WITHIN_MS = 60_000.0


def put_clock(person: Person, *, hours: int) -> None:
    person.page.context.add_init_script(PAGE_CLOCK.replace("HOURS", str(hours)))


def test_who_has_a_clock_two_hours_off_stays_signed_in_and_reads_captions(
    site: Site, browser: Browser, office: Office
) -> None:
    with visitor(site, browser) as host, visitor(site, browser) as guest:
        put_clock(host, hours=2)
        put_clock(guest, hours=-2)
        host.open(f"http://{site.address}/account")
        sign_in(host)
        host.page.reload()
        expect(places(host)).to_be_visible()
        go(host, "nav.team")
        expect(section(host, "team.members").get_by_role("listitem").first).to_be_visible()
        room = ask(host, access_token(host), "POST", "/my/rooms", {"title": "Two hours"})["id"]
        host.open(f"{origin(host)}/rooms/{room}")
        host.button("rooms.start").click()
        for person in (host, guest):
            if person is guest:
                guest.open(f"{origin(guest)}/r/{room}")
                guest.page.get_by_label(guest.text("lobby.name")).fill("Minh")
            person.turn_camera_off()
            person.choose("lobby.iRead", "Español")
            person.join()

        host.do("call.practice")
        expect(guest.page.get_by_test_id("cue").first).to_be_visible(timeout=WITHIN_MS)
        complaints = [*host.complaints.all(), *guest.complaints.all()]

    assert complaints == []
