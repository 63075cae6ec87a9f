"""Lasting rooms in the browser: their link, their lobby, and the meetings planned in them."""

import re

import pytest
from playwright.sync_api import Browser, expect
from tests.acceptance.accounts.walking import (
    DESK,
    POCKET,
    ROOM,
    Looker,
    Office,
    come_in,
    dialog,
    section,
    visitor,
)
from tests.acceptance.test_browser_looks import Look
from tests.site import Site

SCRIPT = "<img src=x onerror=window.scriptRan=1>"
"""The name of a guest."""
each_look = pytest.mark.parametrize("look", [DESK, POCKET], ids=lambda look: look.name)


@each_look
def test_the_link_of_a_room_lasts_and_a_guest_comes_by_it_without_an_account(
    site: Site, browser: Browser, office: Office, look: Look
) -> None:
    with visitor(site, browser, look) as guest:
        looker = Looker(guest, look)
        guest.open(office.room_link)

        guest.sees("lobby.joinTitle")
        looker.look_here("36-lobby-of-a-guest")
        complaints = guest.complaints.all()

    assert re.fullmatch(rf"http://{re.escape(site.address)}/r/[\w-]+", office.room_link)
    assert looker.faults == []
    assert complaints == []


@each_look
def test_a_guest_of_a_room_with_a_lobby_waits_until_its_host_lets_them_in(
    site: Site, browser: Browser, office: Office, look: Look
) -> None:
    with visitor(site, browser, look) as host, visitor(site, browser, look) as guest:
        at_host, at_guest = Looker(host, look), Looker(guest, look)
        come_in(host)
        host.button("rooms.new").first.click()
        host.page.get_by_label(host.text("room.title")).fill("Consultation")
        host.page.get_by_text(host.text("room.lobby"), exact=True).click()
        host.button("room.make").click()
        link = host.page.get_by_label(host.text("call.inviteLink")).input_value()
        guest.open(link)
        guest.sees("end.room_not_open")
        at_guest.look_here("33-not-open")

        host.button("rooms.start").click()
        host.turn_camera_off()
        host.join()
        guest.turn_camera_off()
        guest.page.get_by_label(guest.text("lobby.name")).fill(SCRIPT)
        guest.button("lobby.join").click()
        guest.sees("waiting.title")
        at_guest.look_here("34-waiting")
        admit = host.button("waiting.admitNamed", name=SCRIPT)
        expect(admit).to_be_visible()
        at_host.look_here("35-asked-to-admit")
        admit.click()

        guest.is_in_the_call()
        host.sees_person(SCRIPT)
        ran = [person.page.evaluate("window.scriptRan ?? 0") for person in (host, guest)]
        # Chromium complains of every refusal: 409 is the room that was not open yet.
        complaints = [it for person in (host, guest) for it in person.complaints.all() if "409" not in it]

    assert at_host.faults + at_guest.faults == []
    assert ran == [0, 0], "a name is never taken for HTML: not in the list of who waits, and not on a tile"
    assert complaints == []


def test_a_planned_meeting_is_put_at_another_time(site: Site, browser: Browser, office: Office) -> None:
    with visitor(site, browser) as person:
        come_in(person)
        person.page.get_by_role("link", name=ROOM, exact=True).click()
        line = section(person, "meetings.title").get_by_role("listitem")
        line.get_by_role("button").nth(1).click()
        form = dialog(person, "meetings.edit")
        form.get_by_label(person.text("meetings.time"), exact=True).fill("16:45")
        form.get_by_label(person.text("meetings.slots")).fill("1")
        form.get_by_role("button", name=person.text("room.save")).click()

        expect(form).not_to_be_visible()
        expect(line.get_by_text(person.text("meetings.keeps_one"))).to_be_visible()
        person.page.reload()
        line.get_by_role("button").nth(1).click()
        expect(form.get_by_label(person.text("meetings.time"), exact=True)).to_have_value("16:45")
