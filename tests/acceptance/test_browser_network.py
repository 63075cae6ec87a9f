"""A call between two real browsers on two machines (tests/lan.py): a narrow cable, pictures in layers, a night's sleep.

Far has the poor connection; Near is at the server. Under his words Far hums a tone, so that what is left of his voice
at Near's ear is known at every moment. What Far's page waits for is passed over by his browser's clock.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from tests.acceptance.commands import PICO_MODELS, SPEECH
from tests.acceptance.hearing import load
from tests.browsers.chromium import FAKE_DEVICES, launched, new_visitor, program_at
from tests.browsers.listening import HUM_LEVEL, lasting
from tests.browsers.person import Person, sit_down
from tests.lan import SERVER
from tests.lan_site import ADDRESS, LanSite, running_lan_site

HOST = f"{SERVER}:8443"
FULL_SPEED = "--use-fake-device-for-media-stream=fps=30"
"""Chromium's own camera gives 20 pictures a second otherwise."""
NARROW_KBIT_S = 80
"""Of this a voice that is sent twice (RED) takes two thirds; the smallest picture does not fit beside it."""
HUM_HZ = 1_000.0
"""What the poorest of Opus' bands has too."""
HUM_DB = 20 * math.log10(HUM_LEVEL)
HEARD_WITHIN_DB = 10.0
GOOD_FOR_S = 20
"""So long a connection has to be good before the picture is given back (web/src/call/weakLink.ts)."""
CONNECTIONS = """
window.connections = [];
const Connection = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Connection {
  constructor(...settings) {
    super(...settings);
    window.connections.push(this);
  }
};
window.statsOf = async (type) => {
  const reports = await Promise.all(window.connections.map((connection) => connection.getStats()));
  return reports.flatMap((report) => [...report.values()]).filter((it) => it.type === type && it.kind === 'video');
};
"""
CAMERAS = """() => connections.flatMap((connection) => connection.getSenders())
  .filter(({ track }) => track?.kind === 'video')
  .map(({ track }) => track.getSettings())
  .map(({ width, height, frameRate }) => [width, height, frameRate])"""
LAYERS_ARE = """async (wanted) => {
  const active = (await statsOf('outbound-rtp')).filter((it) => it.active).map((it) => it.rid);
  return active.sort().join('') === wanted;
}"""
"""From the largest to the smallest they are called f, h and q."""
WIDTH_IS = "async (wanted) => (await statsOf('inbound-rtp')).some((it) => it.frameWidth === wanted)"
POLL_MS = 200
LEAP_MS = 9_000
"""Short of LiveKit's patience with a server that does not answer."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanSite]:
    folder = tmp_path_factory.mktemp("lan")
    made = folder / "data" / "dragoman" / "certificate" / "dragoman.pem"
    with running_lan_site(folder, "--lan", trusted=made, variables=PICO_MODELS) as running:
        yield running


@dataclass(frozen=True, slots=True, kw_only=True)
class Browsers:
    """On the two machines."""

    near: Browser
    far: Browser


@pytest.fixture(scope="module")
def browsers(site: LanSite) -> Iterator[Browsers]:
    with sync_playwright() as playwright:
        kind, network = playwright.chromium, site.network
        with (
            launched(kind, *FAKE_DEVICES, program=program_at(network.server, site.folder)) as near,
            launched(kind, *FAKE_DEVICES, FULL_SPEED, program=program_at(network.guest, site.folder)) as far,
        ):
            yield Browsers(near=near, far=far)


@dataclass(frozen=True, slots=True, kw_only=True)
class Couple:
    """Two people in a call: Near speaks English, Far reads Vietnamese and has his camera on."""

    near: Person
    far: Person


@contextmanager
def meeting(site: LanSite, browsers: Browsers, *, with_mouth: bool = True) -> Iterator[Couple]:
    """Let Near start a call and Far come to it; both go at the end."""
    near, far = (
        sit_down(new_visitor(browser, with_mouth=with_mouth, accepts_certificates=True), host=HOST)
        for browser in (browsers.near, browsers.far)
    )
    far.page.clock.install()
    for person in (near, far):
        person.page.add_init_script(CONNECTIONS)
    near.open(ADDRESS)
    near.page.get_by_label(near.text("home.password")).fill(site.password)
    link = near.start_a_call()
    near.turn_camera_off()
    near.fill_in("Near", speaks="en", reads="en")
    near.agree()
    near.join()
    far.open(link)
    far.fill_in("Far", speaks="en", reads="vi")
    far.join()
    near.sees_person("Far")
    far.sees_person("Near")
    yield Couple(near=near, far=far)
    for person in (near, far):
        person.page.goto("about:blank")
        person.page.context.close()


@pytest.fixture(scope="module")
def couple(site: LanSite, browsers: Browsers) -> Iterator[Couple]:
    with meeting(site, browsers) as both:
        yield both


def passes_over(person: Person, seconds: float) -> None:
    """Let time pass for a page."""
    for _ in range(round(seconds * 1_000 / LEAP_MS + 0.5)):
        person.page.clock.fast_forward(LEAP_MS)
        person.page.wait_for_timeout(300)  # in which its server is heard


def sleeps(person: Person) -> None:
    """Let a night pass for a page, and the tries of LiveKit to come back by itself."""
    person.page.clock.fast_forward("08:00:00")
    passes_over(person, 20)


def shows_large(person: Person, name: str) -> None:
    person.open_options_of(name).get_by_role("button", name=person.text("call.showLarge")).click()


def test_no_more_of_a_camera_is_sent_than_somebody_looks_at(site: LanSite, browsers: Browsers) -> None:
    with meeting(site, browsers, with_mouth=False) as couple:
        near, far = couple.near, couple.far
        (camera,) = far.page.evaluate(CAMERAS)

        shows_large(near, "Far")
        near.page.wait_for_function(WIDTH_IS, arg=1280, polling=POLL_MS)
        shows_large(near, "Near")
        far.page.wait_for_function(LAYERS_ARE, arg="q", polling=POLL_MS)
        near.page.wait_for_function(WIDTH_IS, arg=320, polling=POLL_MS)
        near.control("call.leave", "call.leave").click()
        far.page.wait_for_function(LAYERS_ARE, arg="", polling=POLL_MS)

    assert camera == [1280, 720, 30]


def test_a_weak_link_costs_the_picture_before_the_voice_and_gives_it_back(site: LanSite, couple: Couple) -> None:
    near, far = couple.near, couple.far
    picture = near.tile("Far").locator("video")
    notice = far.page.get_by_text(far.text("hint.camera_paused"))
    expect(picture).to_have_count(1)
    far.hum(on=True, hertz=HUM_HZ)
    near.waits_for_the_interpreter()
    far.do("call.history")

    with site.network.narrowed(NARROW_KBIT_S):
        expect(notice).to_be_visible()
        expect(picture).to_have_count(0)
        near.listen()
        near.listens_on(3)
        voice_db = lasting(near.heard().original_db(HUM_HZ)[50:])
        near.say(load(SPEECH / "en-3.wav"))
        read = far.waits_for_finals(1, "vi")
        paused = notice.count()
    expect(far.tile("Far").get_by_label(far.text("call.weak"))).to_have_count(0)
    passes_over(far, GOOD_FOR_S)
    expect(notice).to_have_count(0)
    expect(picture).to_have_count(1)
    complaints = near.complaints.all()

    assert paused
    assert read[0].strip()
    assert float(np.mean(voice_db > HUM_DB - HEARD_WITHIN_DB)) > 0.9, voice_db.tolist()
    assert complaints == []


def test_a_page_left_open_overnight_is_back_in_its_call_or_says_that_it_is_over(site: LanSite, couple: Couple) -> None:
    near, far = couple.near, couple.far
    reconnecting = far.page.get_by_text(far.text("line.reconnecting"))
    with site.network.unplugged():
        with far.page.expect_request("**/join"):  # after which it comes with another token
            sleeps(far)
        expect(reconnecting.first).to_be_visible()
    with far.page.expect_response("**/join"):
        passes_over(far, 5)
    expect(reconnecting).to_have_count(0)
    for person, other in ((near, "Far"), (far, "Near")):
        person.sees_person(other)

    with site.network.unplugged():
        sleeps(far)
        near.do("call.endForAll")
        near.button("call.endNow").click()
        near.sees("end.ended_by_host")
    # Which of the two it hears first is a matter of moments.
    over = [far.page.get_by_text(far.text(f"end.{end}Text")) for end in ("room_gone", "ended_by_host")]
    expect(over[0].or_(over[1])).to_be_visible()
