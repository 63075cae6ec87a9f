"""The page around a call, in a real browser: lobby, host, keyboard, and everything that can be in the way."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
from playwright.sync_api import Browser, Route, expect
from tests.acceptance.commands import PICO_MODELS, SPEECH
from tests.acceptance.hearing import load
from tests.browsers.chromium import FAKE_DEVICES, chromium, launched, new_visitor
from tests.browsers.person import OWN_NAMES, Person, sit_down
from tests.site import Site, running_site

MOST_PEOPLE = 3


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = {**PICO_MODELS, "DRAGOMAN_PEOPLE_PER_ROOM": str(MOST_PEOPLE)}
    with running_site(tmp_path_factory.mktemp("site"), **settings) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(*FAKE_DEVICES) as browser:
        yield browser


@pytest.fixture
def an(site: Site, browser: Browser) -> Iterator[Person]:
    with visitor(site, browser) as person:
        yield person


@pytest.fixture
def ben(site: Site, browser: Browser) -> Iterator[Person]:
    with visitor(site, browser) as person:
        yield person


@contextmanager
def visitor(site: Site, browser: Browser) -> Iterator[Person]:
    """Let somebody come who has never been here, and go."""
    context = new_visitor(browser)
    yield sit_down(context, host=site.address)
    context.close()


def start_together(site: Site, an: Person, ben: Person) -> None:
    """An makes a call, and Ben is in it."""
    an.open(f"http://{site.address}/")
    link = an.start_a_call()
    for person, name in ((an, "An"), (ben, "Ben")):
        if person is ben:
            ben.open(link)
        person.turn_camera_off()
        person.page.get_by_label(person.text("lobby.name")).fill(name)
        person.join()
    an.sees_person("Ben")


def new_room(site: Site, *, people: int = 0) -> str:
    """Make a room and let people be admitted to it; gives its link."""
    with httpx2.Client(base_url=f"http://{site.address}/api/v1") as client:
        room = client.post("/rooms", json={}).json()["room"]
        choices = {"speaks": "en", "reads": "en", "listens": "en", "consent": True}
        for number in range(people):
            client.post(f"/rooms/{room}/join", json={"name": f"Guest {number}", **choices}).raise_for_status()
    return f"http://{site.address}/r/{room}"


def test_the_lobby_shows_that_the_microphone_works(site: Site, an: Person) -> None:
    an.open(new_room(site))
    an.sees("lobby.speakToTest")

    an.say(load(SPEECH / "vi-1.wav"))

    an.sees("lobby.weHearYou")
    level = "() => [...document.querySelectorAll('*')].some(e => Number(e.style.getPropertyValue('--level')) > 0.3)"
    an.page.wait_for_function(level)


def test_nobody_joins_without_a_name(site: Site, an: Person) -> None:
    an.open(new_room(site))

    an.button("lobby.join").click()

    an.sees("lobby.nameMissing")
    expect(an.page.get_by_label(an.text("lobby.name"))).to_have_attribute("aria-invalid", "true")


def test_nobody_is_interpreted_who_has_not_agreed(site: Site, an: Person) -> None:
    an.open(new_room(site))
    an.sees("lobby.noConsentHelp")
    an.page.get_by_label(an.text("lobby.name")).fill("An")

    an.join()

    expect(an.tile("An").get_by_text(an.text("call.ownVoiceOnly"))).to_be_visible()


def test_a_language_that_does_not_work_here_is_shown_with_the_reason(site: Site, an: Person) -> None:
    an.open(new_room(site))

    an.page.get_by_role("button", name=re.compile(f"{an.text('lobby.iSpeak')}$")).click()

    french = an.page.get_by_role("option", name=re.compile("^Français"))
    expect(french).to_have_attribute("aria-disabled", "true")
    expect(french).to_contain_text(an.text("lobby.reason.not_recognised"))


def test_the_host_mutes_locks_removes_and_ends(site: Site, browser: Browser, an: Person, ben: Person) -> None:
    start_together(site, an, ben)

    with an.options_of("Ben"):
        an.button("call.muteThem").click()
        ben.sees("hint.muted_by_host")
        expect(an.button("call.muteThem")).to_have_count(0)
    expect(ben.control("call.microphone", "call.unmute")).to_be_visible()

    an.do("call.lock")
    with visitor(site, browser) as late:
        late.open(an.page.url)
        late.page.get_by_label(late.text("lobby.name")).fill("Late")
        late.button("lobby.join").click()
        late.sees("end.room_lockedText")
        an.do("call.unlock")
        late.join()
        an.sees_person("Late")

        an.open_options_of("Ben").get_by_role("button", name=an.text("call.removeThem")).click()
        question = an.page.get_by_role("dialog", name=an.text("call.removeConfirm", name="Ben"))
        question.get_by_role("button", name=an.text("call.removeThem")).click()
        ben.sees("end.removed")
        ben.open(an.page.url)
        ben.button("lobby.join").click()
        ben.sees("end.not_allowedText")

        an.do("call.endForAll")
        an.button("call.endNow").click()
        late.sees("end.ended_by_host")
    an.sees("end.ended_by_host")
    ben.open(an.page.url)
    ben.sees("end.room_gone")


def test_somebody_joins_mutes_and_leaves_by_keyboard_alone(site: Site, an: Person) -> None:
    an.open(f"http://{site.address}/")
    keys = an.page.keyboard

    an.tabs_to(an.button("home.start"))
    keys.press("Enter")
    an.page.wait_for_url("**/r/*")
    an.tabs_to(an.page.get_by_label(an.text("lobby.name")))
    keys.type("An")
    an.tabs_to(an.page.get_by_role("button", name=re.compile(f"{an.text('lobby.iSpeak')}$")))
    keys.press("Enter")
    keys.type("viet")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(an.page.get_by_role("listbox")).to_have_count(0)
    expect(
        an.page.get_by_role("button", name=re.compile(f"^{OWN_NAMES['vi']}.*{an.text('lobby.iSpeak')}$"))
    ).to_be_focused()
    an.tabs_to(an.button("lobby.join"))
    keys.press("Enter")
    an.is_in_the_call()
    an.tabs_to(an.control("call.microphone", "call.mute"))
    keys.press("Space")
    expect(an.control("call.microphone", "call.unmute")).to_be_visible()
    an.tabs_to(an.control("call.leave", "call.leave"))
    keys.press("Enter")

    an.sees("end.left")
    an.sees("end.leftText")


def test_a_room_that_is_full_says_so(site: Site, an: Person) -> None:
    an.open(new_room(site, people=MOST_PEOPLE))
    an.page.get_by_label(an.text("lobby.name")).fill("An")

    an.button("lobby.join").click()

    an.sees("end.room_fullText")


@pytest.mark.parametrize("path", ["/r/AAAAAAAAAAAAAAAAAAAAAAAA", "/r/never-made"])
def test_a_link_that_was_forged_or_is_over_leads_to_no_call(site: Site, an: Person, path: str) -> None:
    an.open(f"http://{site.address}{path}")

    an.sees("end.room_gone")
    an.sees("end.room_goneText")


def test_an_address_that_is_no_call_says_what_one_looks_like(site: Site, an: Person) -> None:
    an.open(f"http://{site.address}/nowhere")

    an.sees("end.notFoundText")


def test_a_ticket_that_has_run_out_is_renewed_without_a_word(site: Site, an: Person) -> None:
    an.open(new_room(site))
    an.turn_camera_off()
    an.page.get_by_label(an.text("lobby.name")).fill("An")
    refused: list[str] = []

    def forge_the_first(route: Route) -> None:
        answer = route.fetch()
        ticket = answer.json()
        if not refused:
            refused.append(ticket["token"])
            ticket["token"] = ticket["token"][:-8] + "AAAAAAAA"
        route.fulfill(response=answer, json=ticket)

    an.page.route("**/join", forge_the_first)
    an.join()

    assert len(refused) == 1


@pytest.mark.parametrize(
    ("switches", "message"),
    [
        (["--use-fake-device-for-media-stream", "--deny-permission-prompts"], "device.microphone_denied"),
        (["--use-fake-ui-for-media-stream"], "device.microphone_absent"),
    ],
)
def test_without_a_microphone_one_is_told_and_may_still_listen(
    site: Site, browser: Browser, switches: list[str], message: str
) -> None:
    with launched(browser.browser_type, *switches) as poor:
        allowed = "--deny-permission-prompts" not in switches
        person = sit_down(new_visitor(poor, with_mouth=False, may_use_devices=allowed), host=site.address)
        person.open(new_room(site))
        person.sees(message)

        person.page.get_by_label(person.text("lobby.name")).fill("An")
        person.button("lobby.join").click()

        expect(person.control("call.microphone", "call.unmute")).to_be_visible()
        person.sees(message)
