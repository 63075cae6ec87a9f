"""What one page decides and the others must be told, or must not go on with: in a real browser."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Route, expect
from tests.acceptance.commands import PICO_MODELS
from tests.acceptance.test_browser_looks import take_picture
from tests.browsers.chromium import FAKE_DEVICES, chromium, new_visitor
from tests.browsers.person import Person, sit_down
from tests.site import Site, running_site

FOLLOW = "link => { history.pushState(null, '', link); dispatchEvent(new PopStateEvent('popstate')) }"
"""To a page of ours without loading it anew, so that going back stays in the page."""
LISTENS_ON_MS = 4_000
"""Longer than a join and the connection to the media server take here."""


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
