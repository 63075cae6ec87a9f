"""A fresh ``make run`` in a browser: alone with a practice speaker, and how every page looks, to people and to axe.

The engines are the built-in ones. Pictures of every page are left in ``.cache/screenshots``, or in the folder that
``SCREENSHOTS`` names.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from tests.browsers.axe import find_faults
from tests.browsers.chromium import DESKTOP, FAKE_DEVICES, PHONE, chromium, new_visitor
from tests.browsers.person import Person, sit_down
from tests.site import Site, running_site

PICTURES = Path(os.environ.get("SCREENSHOTS", Path(__file__).resolve().parents[2] / ".cache" / "screenshots"))
WITHIN_S = 60.0
"""From asking for a practice speaker to the first dubbed word."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(*FAKE_DEVICES) as browser:
        yield browser


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """Eva, who reads Spanish, in a call with a practice speaker."""

    eva: Person
    link: str
    asked_s: float
    """When the speaker was asked for, monotonic seconds."""


@pytest.fixture(scope="module")
def alone(site: Site, browser: Browser) -> Alone:
    eva = sit_down(new_visitor(browser), host=site.address)
    eva.open(f"http://{site.address}/")
    link = eva.start_a_call()
    eva.turn_camera_off()
    eva.fill_in("Eva", speaks="en", reads="es")
    eva.join()
    eva.listen()
    asked_s = time.monotonic()
    eva.button("call.practice").click()
    expect(eva.caption_words("es").first).to_be_visible(timeout=WITHIN_S * 1_000)
    return Alone(eva=eva, link=link, asked_s=asked_s)


def test_one_person_alone_reads_and_hears_a_practice_speaker_within_a_minute(alone: Alone) -> None:
    alone.eva.waits_for_dub(on=True)
    waited_s = time.monotonic() - alone.asked_s
    alone.eva.do("call.history")
    read = alone.eva.waits_for_finals(2, "es")
    tape = alone.eva.heard()

    assert waited_s <= WITHIN_S
    assert tape.dub_spans()
    assert all(re.search(r"\w", line) for line in read)
    assert alone.eva.complaints.all() == []


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How somebody looks at the page."""

    name: str
    phone: bool = False
    dark: bool = False
    words: str = "en"


LOOKS = (
    Look(name="desktop"),
    Look(name="desktop-dark", dark=True),
    Look(name="phone", phone=True),
    Look(name="phone-dark", phone=True, dark=True),
    Look(name="vietnamese", words="vi"),
)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_page_is_free_of_faults_and_has_its_picture(
    alone: Alone, site: Site, browser: Browser, look: Look
) -> None:
    visitor = new_visitor(
        browser,
        language={"en": "en-US", "vi": "vi-VN"}[look.words],
        colours="dark" if look.dark else "light",
        size=PHONE if look.phone else DESKTOP,
    )
    person = sit_down(visitor, host=site.address, words=look.words)
    faults: list[str] = []

    def look_at(page: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        person.page.screenshot(path=PICTURES / f"{look.name}-{page}.png", animations="disabled")
        faults.extend(f"{page}: {fault}" for fault in find_faults(person.page))

    _tour(person, alone.link, site, look_at)
    complaints = person.complaints.all()
    visitor.close()

    assert faults == []
    assert complaints == []


def _tour(person: Person, link: str, site: Site, look_at: Callable[[str], None]) -> None:
    """Walk through every page, and look at each."""
    page = person.page
    person.open(f"http://{site.address}/")
    person.sees("home.works")
    look_at("1-home")
    person.open(link)
    page.get_by_label(person.text("lobby.name")).fill("Lan")
    person.choose("lobby.iRead", "Español")
    look_at("2-lobby")
    person.join()
    person.do("call.practice")
    expect(page.get_by_test_id("cue").first).to_be_visible(timeout=WITHIN_S * 1_000)
    look_at("3-call")
    person.do("call.history")
    expect(person.history().first).to_be_visible()
    look_at("4-history")
    page.get_by_role("tab", name=re.compile(person.text("people.title"))).click()
    look_at("5-people")
    page.get_by_role("button", name=person.text("app.close"), exact=True).last.click()
    for number, (caption, name) in enumerate(
        [("call.captions", "captions"), ("call.language", "languages"), ("call.more", "more")], start=6
    ):
        person.control(caption, caption).click()
        expect(page.get_by_role("menu" if name == "more" else "dialog")).to_be_visible()
        look_at(f"{number}-{name}")
        page.keyboard.press("Escape")
        expect(page.get_by_role("menu").or_(page.get_by_role("dialog"))).to_have_count(0)
    for number, (action, name) in enumerate([("call.settings", "devices"), ("call.invite", "invitation")], start=9):
        person.do(action)
        expect(page.get_by_role("dialog", name=person.text(action))).to_be_visible()
        look_at(f"{number}-{name}")
        person.close_panel()
    person.control("call.leave", "call.leave").click()
    person.sees("end.leftText")
    look_at("11-end")
