"""What one page decides and the others must be told, or must not go on with: in a real browser."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Route, expect
from tests.acceptance.commands import PICO_MODELS, SPEECH
from tests.acceptance.hearing import load
from tests.acceptance.test_browser_looks import take_picture
from tests.browsers.chromium import FAKE_DEVICES, chromium, new_visitor
from tests.browsers.person import Person, sit_down
from tests.faults.struck_call import times_translated
from tests.site import Site, running_site
from tests.talking import translations

FOLLOW = "link => { history.pushState(null, '', link); dispatchEvent(new PopStateEvent('popstate')) }"
"""To a page of ours without loading it anew, so that going back stays in the page."""
LISTENS_ON_MS = 4_000
"""Longer than a join and the connection to the media server take here."""

MOST_TRIES = 4
"""Who is heard again after a while is not heard from their first word on a slow machine."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site"), **PICO_MODELS) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(*FAKE_DEVICES) as browser:
        yield browser


@contextmanager
def visitor(site: Site, browser: Browser, name: str, link: str | None = None) -> Iterator[Person]:
    """Let somebody come to the lobby of a call, their own if there is no ``link``, and go in the end."""
    context = new_visitor(browser)
    person = sit_down(context, host=site.address)
    person.open(link or f"http://{site.address}/")
    if link is None:
        person.start_a_call()
    person.turn_camera_off()
    person.page.get_by_label(person.text("lobby.name")).fill(name)
    yield person
    context.close()


def test_everybody_reads_that_the_host_switched_interpretation_off_and_on_again(site: Site, browser: Browser) -> None:
    with visitor(site, browser, "An") as an:
        an.join()
        with visitor(site, browser, "Ben", an.page.url) as ben:
            ben.join()
            an.do("call.history")
            an.page.get_by_role("tab", name=re.compile(an.text("people.title"))).click()
            switch = an.page.get_by_text(an.text("people.hostControls.interpretation"), exact=True)

            switch.click()
            ben.sees("line.off")
            an.sees("line.off")
            take_picture(ben, "interpretation-off")
            switch.click()

            for person in (an, ben):
                expect(person.page.get_by_text(person.text("line.off"))).to_have_count(0)


def test_whoever_goes_back_while_the_page_joins_is_in_no_call(site: Site, browser: Browser) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    with visitor(site, browser, "An") as an:
        an.join()
        with visitor(site, browser, "Ben") as ben:
            ben.open(f"http://{site.address}/")
            ben.page.route("**/api/v1/rooms/*/join", hold)
            ben.page.evaluate(FOLLOW, an.page.url)
            ben.page.get_by_label(ben.text("lobby.name")).fill("Ben")
            with ben.page.expect_request("**/api/v1/rooms/*/join"):
                ben.button("lobby.join").click()

            ben.page.go_back()
            expect(ben.button("home.start")).to_be_visible()
            held[0].continue_()
            ben.page.wait_for_timeout(LISTENS_ON_MS)

            expect(an.tile("Ben")).to_have_count(0)
            expect(an.tile("An")).to_have_count(1)


def decide_about(host: Person, name: str, decision: str) -> None:
    """Choose from the menu beside somebody in the list of people, which is open."""
    host.page.get_by_role("button", name=host.text("people.hostControls.options", name=name), exact=True).click()
    host.page.get_by_role("menuitem", name=host.text(decision, name=name), exact=True).click()


def test_a_co_host_decides_too_until_the_host_takes_it_back(site: Site, browser: Browser) -> None:
    with visitor(site, browser, "An") as an:
        an.join()
        with visitor(site, browser, "Ben", an.page.url) as ben:
            ben.join()
            for person in (an, ben):
                person.do("call.people")
            crown = ben.page.get_by_label(ben.text("people.hostControls.isCohost"), exact=True)
            switch = ben.page.get_by_text(ben.text("people.hostControls.interpretation"), exact=True)
            expect(ben.page.get_by_role("list", name=re.compile("2"))).to_be_visible()
            expect(switch).to_have_count(0)

            decide_about(an, "Ben", "people.hostControls.cohost")
            expect(crown).to_be_visible()
            switch.click()
            an.sees("line.off")
            switch.click()
            expect(an.page.get_by_text(an.text("line.off"))).to_have_count(0)
            with ben.options_of("An"):
                expect(ben.button("call.removeThem")).to_be_visible()

            decide_about(an, "Ben", "people.hostControls.noCohost")
            expect(crown).to_have_count(0)
            expect(switch).to_have_count(0)
            with ben.options_of("An"):
                expect(ben.button("call.removeThem")).to_have_count(0)


def test_whom_the_host_leaves_out_is_heard_and_not_written_down(site: Site, browser: Browser) -> None:
    with visitor(site, browser, "An") as an:
        an.fill_in("An", speaks="vi", reads="vi")
        an.join()
        with visitor(site, browser, "Ben", an.page.url) as ben:
            ben.fill_in("Ben", speaks="en", reads="en")
            ben.agree()
            ben.join()
            ben.waits_for_the_interpreter()
            own_voice_only = ben.tile("Ben").get_by_text(ben.text("call.ownVoiceOnly"))
            line = an.page.get_by_role("listitem").filter(has_text=an.text("people.notConsented"))
            expect(own_voice_only).to_have_count(0)
            an.do("call.people")
            before = line.count()  # An has not agreed either

            decide_about(an, "Ben", "people.hostControls.notTranscribe")
            expect(own_voice_only).to_be_visible()
            expect(line).to_have_count(before + 1)
            for person in (an, ben):
                person.watch_captions()
            said_s = ben.say(load(SPEECH / "en-2.wav"))
            ben.page.wait_for_timeout(1_000 * said_s + LISTENS_ON_MS)
            shown = an.shown_captions() + ben.shown_captions()

            decide_about(an, "Ben", "people.hostControls.transcribe")
            expect(own_voice_only).to_have_count(0)
            expect(line).to_have_count(before)
            an.do("call.history")
            for _ in range(MOST_TRIES):
                ben.page.wait_for_timeout(1_000 * ben.say(load(SPEECH / "en-3.wav")) + LISTENS_ON_MS)
                if an.finals("vi"):
                    break
            read = an.finals("vi")

    assert shown == []
    assert read
    assert not any(times_translated(sentence, read) for sentence in translations("en-2"))
    assert any(times_translated(sentence, read) for sentence in translations("en-3"))
