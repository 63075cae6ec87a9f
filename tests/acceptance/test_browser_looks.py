"""A fresh ``make run`` in a browser: alone with a practice speaker, and how every page looks, to people and to axe.

The engines are the built-in ones. Pictures of every page are left in ``.cache/screenshots``, or in the folder that
``SCREENSHOTS`` names; those of the tutorial among them (``scripts/make_pictures.sh`` takes them from there).
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect
from tests.browsers.axe import find_faults
from tests.browsers.chromium import DESKTOP, FAKE_DEVICES, PHONE, chromium, launched, new_visitor
from tests.browsers.person import Person, sit_down
from tests.others_work import OthersWork
from tests.site import Site, running_site

PICTURES = Path(os.environ.get("SCREENSHOTS", Path(__file__).resolve().parents[2] / ".cache" / "screenshots"))
OF_COLOURS = ("color-contrast", "link-in-text-block")
"""The rules of axe that a page may keep in light and break in dark."""
WITHIN_S = 60.0
"""From the start of everything to the first dubbed word of a practice speaker, who is asked for as soon as a page is
there; on a machine that others use besides, from asking for one.
"""
CALM_SHARE = 0.1
"""Of all cores: with others taking more, it is used by them."""


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
    others: OthersWork
    """Since the page was opened."""


@pytest.fixture(scope="module")
def alone(site: Site, browser: Browser) -> Alone:
    others = OthersWork()
    eva = sit_down(new_visitor(browser), host=site.address)
    eva.open(f"http://{site.address}/")
    eva.sees("home.works")
    take_picture_of_the_tutorial(eva, "1-home")
    link = eva.start_a_call()
    eva.fill_in("Eva", speaks="en", reads="es")
    take_picture_of_the_tutorial(eva, "2-lobby")
    eva.join()
    eva.listen()
    asked_s = time.monotonic()
    eva.button("call.practice").click()
    expect(eva.caption_words("es").first).to_be_visible(timeout=WITHIN_S * 1_000)
    return Alone(eva=eva, link=link, asked_s=asked_s, others=others)


def take_picture_of_the_tutorial(person: Person, name: str) -> None:
    person.page.mouse.move(0, 0)  # what it points at looks otherwise
    take_picture(person, f"first-call-{name}")


def take_picture(person: Person, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    person.page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


def test_one_person_alone_reads_and_hears_a_practice_speaker_within_a_minute(alone: Alone, site: Site) -> None:
    eva = alone.eva
    eva.waits_for_dub(on=True)
    since_s = site.started_s if alone.others.share() < CALM_SHARE else alone.asked_s
    waited_s = time.monotonic() - since_s
    expect(eva.page.get_by_test_id("cue").locator("p[lang] + p").first).to_be_visible()  # the speaker's own words
    take_picture_of_the_tutorial(eva, "3-call")
    eva.do("call.history")
    read = eva.waits_for_finals(2, "es")
    take_picture_of_the_tutorial(eva, "4-history")
    tape = eva.heard()
    _sends_practice_speakers_away(eva)

    assert waited_s <= WITHIN_S
    assert tape.dub_spans()
    assert all(re.search(r"\w", line) for line in read)
    assert eva.complaints.all() == []


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How somebody looks at the page."""

    name: str
    phone: bool = False
    colours: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    words: str = "en"


LOOKS = (Look(name="desktop"), Look(name="phone", phone=True), Look(name="vietnamese", colours=("light",), words="vi"))


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_every_page_is_free_of_faults_and_has_its_picture(
    alone: Alone, site: Site, browser: Browser, look: Look
) -> None:
    visitor = new_visitor(
        browser, language={"en": "en-US", "vi": "vi-VN"}[look.words], size=PHONE if look.phone else DESKTOP
    )
    person = sit_down(visitor, host=site.address, words=look.words)
    faults: list[str] = []

    _tour(person, alone, site, looking(person, look, faults))
    complaints = person.complaints.all()
    visitor.close()

    assert faults == []
    assert complaints == []


def looking(person: Person, look: Look, faults: list[str]) -> Callable[[str], None]:
    """Give what takes pictures of somebody's page and adds to ``faults`` what axe has to say."""

    def look_at(page: str) -> None:
        for colours in reversed(look.colours):
            person.page.emulate_media(color_scheme=colours)
            dark = colours == "dark"
            take_picture(person, f"{look.name}-dark-{page}" if dark else f"{look.name}-{page}")
            found = find_faults(person.page, *(OF_COLOURS if dark else ()))
            faults.extend(f"{page}, {colours}: {fault}" for fault in found)

    return look_at


@pytest.mark.parametrize("look", LOOKS[:2], ids=lambda look: look.name)
def test_what_a_host_sees_beside_others_is_free_of_faults(site: Site, browser: Browser, look: Look) -> None:
    size = PHONE if look.phone else DESKTOP
    host, ben = (sit_down(new_visitor(browser, size=size), host=site.address) for _ in range(2))
    faults: list[str] = []
    host.open(f"http://{site.address}/")
    link = host.start_a_call()
    for person, name in ((host, "Lan"), (ben, "Ben")):
        if person is ben:
            ben.open(link)
        person.turn_camera_off()
        person.page.get_by_label(person.text("lobby.name")).fill(name)
        person.join()
    host.sees_person("Ben")

    _tour_of_a_host(host, ben, link, looking(host, look, faults))
    for person in (host, ben):
        person.page.context.close()

    assert faults == []


def _tour_of_a_host(host: Person, ben: Person, link: str, look_at: Callable[[str], None]) -> None:
    page = host.page
    host.do("call.people")
    options = page.get_by_role("button", name=host.text("people.hostControls.options", name="Ben"), exact=True)
    expect(options).to_be_visible()
    look_at("12-people-of-a-host")
    options.click()
    expect(page.get_by_role("menu")).to_be_visible()
    look_at("13-host-controls")
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    page.get_by_role("button", name=host.text("app.close"), exact=True).last.click()
    host.do("call.speakerView")
    host.sees_person("Ben")
    look_at("14-speaker-view")
    host.open_options_of("Ben")
    look_at("15-tile-of-a-host")
    host.button("call.removeThem").click()
    question = page.get_by_role("dialog", name=host.text("call.removeConfirm", name="Ben"))
    expect(question).to_be_visible()
    look_at("16-remove")
    question.get_by_role("button", name=host.text("app.cancel"), exact=True).click()
    expect(question).to_have_count(0)
    host.do("call.endForAll")
    expect(host.button("call.endNow")).to_be_visible()
    look_at("17-end-for-all")
    host.button("call.endNow").click()
    host.sees("end.ended_by_host")
    ben.sees("end.ended_by_host")
    look_at("18-ended")
    host.open(link)
    host.sees("end.room_gone")
    look_at("19-room-gone")


@pytest.mark.parametrize("look", LOOKS[:2], ids=lambda look: look.name)
def test_a_page_without_a_microphone_is_free_of_faults(alone: Alone, site: Site, browser: Browser, look: Look) -> None:
    faults: list[str] = []
    with launched(browser.browser_type, "--use-fake-device-for-media-stream", "--deny-permission-prompts") as poor:
        size = PHONE if look.phone else DESKTOP
        person = sit_down(new_visitor(poor, size=size, with_mouth=False, may_use_devices=False), host=site.address)
        look_at = looking(person, look, faults)
        person.open(alone.link)
        person.sees("device.microphone_denied")
        look_at("43-lobby-microphone-denied")
        person.page.get_by_label(person.text("lobby.name")).fill("Lan")
        person.button("lobby.join").click()
        expect(person.control("call.microphone", "call.unmute")).to_be_visible()
        person.sees("device.microphone_denied")
        look_at("44-call-microphone-denied")

    assert faults == []


def _tour(person: Person, alone: Alone, site: Site, look_at: Callable[[str], None]) -> None:
    """Walk through every page, and look at each."""
    page = person.page
    person.open(f"http://{site.address}/")
    person.sees("home.works")
    look_at("1-home")
    person.open(alone.link)
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
    _sends_practice_speakers_away(alone.eva)
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


def _sends_practice_speakers_away(host: Person) -> None:
    """Whoever speaks costs the machine a core, and two at once are one too many for it."""
    name = host.text("people.practiceName")
    tiles = host.tile(name)
    for left in reversed(range(tiles.count())):
        host.button("call.tileMenu", name=name).first.click()
        for dialog in (name, host.text("call.removeConfirm", name=name)):
            opened = host.page.get_by_role("dialog", name=dialog, exact=True)
            opened.get_by_role("button", name=host.text("call.removeThem")).click()
        expect(tiles).to_have_count(left)
