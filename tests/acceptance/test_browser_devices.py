"""Screens and devices in a call, in a real Chromium whose cameras, microphones and screen are made up by itself."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, expect
from tests.acceptance.commands import PICO_MODELS
from tests.browsers.chromium import WAIT_MS, chromium, new_visitor
from tests.browsers.person import Person, sit_down
from tests.site import Site, running_site

DEVICES = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=device-count=3")
"""The first also says yes to the question which screen is to be shared. The second of the three cameras that Chromium
makes up measures depth: its pictures are not sent."""
MORE_PICTURES = 5
_REMEMBER_CONNECTIONS = """() => {
  window.connections = [];
  const Connection = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Connection {
    constructor(settings) {
      super(settings);
      window.connections.push(this);
    }
  };
}"""
_SENT = """kind => window.connections.flatMap(each => each.getSenders())
  .filter(sender => sender.track?.kind === kind && sender.track.readyState === 'live')
  .map(sender => sender.track.label)"""
_PICTURES = "video => video.getVideoPlaybackQuality().totalVideoFrames"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site"), **PICO_MODELS) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(*DEVICES) as browser:
        yield browser


@dataclass(frozen=True, slots=True, kw_only=True)
class Couple:
    """Two people in a call, with camera and microphone."""

    an: Person
    ben: Person


@pytest.fixture
def couple(site: Site, browser: Browser) -> Iterator[Couple]:
    visitors = [new_visitor(browser, with_mouth=False) for _ in range(2)]
    for visitor in visitors:
        visitor.add_init_script(f"({_REMEMBER_CONNECTIONS})()")
    an, ben = (sit_down(visitor, host=site.address) for visitor in visitors)
    an.open(f"http://{site.address}/")
    link = an.start_a_call()
    for person, name in ((an, "An"), (ben, "Ben")):
        if person is ben:
            ben.open(link)
        person.page.get_by_label(person.text("lobby.name")).fill(name)
        person.join()
    an.sees_person("Ben")
    ben.sees_person("An")
    yield Couple(an=an, ben=ben)
    for visitor in visitors:
        visitor.close()


def moves(picture: Locator) -> None:
    """Wait until more of a picture comes; whoever comes back has a new one, which begins at nothing."""
    expect(picture).to_be_visible()
    until_s = time.monotonic() + WAIT_MS / 1000
    least: int = picture.evaluate(_PICTURES)
    while (seen := int(picture.evaluate(_PICTURES))) < least + MORE_PICTURES:
        assert time.monotonic() < until_s, "the picture stands still"
        least = min(least, seen)
        picture.page.wait_for_timeout(100)


def choose_device(person: Person, field: str, device: str) -> None:
    person.do("call.settings")
    dialog = person.page.get_by_role("dialog", name=person.text("call.settings"))
    dialog.get_by_role("button", name=re.compile(f"{re.escape(person.text(field))}$")).click()
    person.page.get_by_role("option", name=device, exact=True).click()
    expect(person.page.get_by_role("listbox")).to_have_count(0)
    expect(dialog.get_by_role("button", name=re.compile(f"^{re.escape(device)}"))).to_be_visible()
    person.close_panel()


def sends(person: Person, kind: str, device: str) -> None:
    """Wait until that device and no other of its kind is sent."""
    person.page.wait_for_function(
        f"([kind, device]) => {{ const sent = ({_SENT})(kind); return sent.length === 1 && sent[0] === device; }}",
        arg=[kind, device],
    )


def test_a_shared_screen_is_large_for_the_others_and_gone_when_it_stops(couple: Couple) -> None:
    an, ben = couple.an, couple.ben

    an.control("call.share", "call.shareStart").click()

    screen = ben.page.get_by_role("listitem", name=ben.text("call.sharesScreen", name="An"))
    moves(screen.locator("video"))
    camera = ben.tile("An").locator("video")
    moves(camera)
    large, small = screen.bounding_box(), camera.bounding_box()
    assert large is not None and small is not None and large["width"] > 2 * small["width"]
    expect(an.page.get_by_role("listitem", name=an.text("call.youShare"))).to_be_visible()
    an.control("call.share", "call.shareStop").click()
    expect(screen).to_have_count(0)
    expect(an.control("call.share", "call.shareStart")).to_be_visible()
    moves(ben.tile("An").locator("video"))
    assert [[*person.complaints.errors, *person.complaints.strangers] for person in (an, ben)] == [[], []]


def test_another_camera_and_microphone_are_used_at_once_and_after_a_reload(couple: Couple) -> None:
    an, ben = couple.an, couple.ben
    picture = ben.tile("An").locator("video")
    moves(picture)

    choose_device(an, "lobby.camera", "fake_device_2")
    choose_device(an, "lobby.microphone", "Fake Audio Input 2")

    sends(an, "video", "fake_device_2")
    sends(an, "audio", "Fake Audio Input 2")
    moves(picture)
    an.page.reload()
    an.button("lobby.join").click()
    an.is_in_the_call()
    sends(an, "video", "fake_device_2")
    sends(an, "audio", "Fake Audio Input 2")
    moves(ben.tile("An").locator("video"))
    assert [[*person.complaints.errors, *person.complaints.strangers] for person in (an, ben)] == [[], []]
