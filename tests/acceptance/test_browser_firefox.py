"""A translated call in Firefox, through a plain ``dragoman up``: captions are read, and a translated voice sounds.

Firefox sends nothing to loopback: that its media arrives shows that the media server is on a real address too.
"""

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests.browsers.chromium import MOUTH_AND_EARS
from tests.browsers.firefox import METER, Firefox, firefox
from tests.browsers.person import OWN_NAMES
from tests.browsers.texts import text
from tests.livekit_server import Guest, person
from tests.site import Site, pico_site
from tests.talking import talk

from dragoman.ground.audio import to_pcm16


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pico_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Firefox]:
    with firefox(tmp_path) as page:
        page.prepare(MOUTH_AND_EARS.read_text())
        page.prepare(METER)
        yield page


async def test_two_people_one_of_them_in_firefox_read_and_hear_each_other(site: Site, page: Firefox) -> None:
    room = await asyncio.to_thread(enter, page, site)
    guest = await bring(site, room)
    try:
        await asyncio.to_thread(say, page, "en-1")
        await guest.speak(talk("vi-1"))
        await asyncio.to_thread(page.wait_for, "!!document.querySelector('[data-testid=cue] p[lang=en]')")
        await asyncio.to_thread(page.wait_for, "window.loudTracks() > 1")
        await guest.wait_for(lambda: any(bens(guest)), timeout_s=30)
    finally:
        await guest.leave()

    faults = [*page.errors, page.run("window.violations.join()") or None]
    assert faults == [None]


def enter(page: Firefox, site: Site) -> str:
    """Start a call and go in as Ben, who speaks and hears English; gives the room."""
    page.open(f"http://{site.address}/")
    page.wait_for_text(text("home.works"))
    page.press(text("home.start"))
    page.wait_for_text(text("lobby.joinTitle"))
    page.type(text("lobby.name"), "Ben")
    page.choose(text("lobby.iSpeak"), OWN_NAMES["en"])
    page.choose(text("lobby.iRead"), OWN_NAMES["en"])
    page.switch_on(text("lobby.consent"))
    page.press(text("lobby.turnCameraOff"))
    page.press(text("lobby.join"))
    page.wait_for_text(text("call.leave"))
    return str(page.run("location.pathname.split('/').at(-1)"))


async def bring(site: Site, room: str) -> Guest:
    """Let An in, who speaks and hears Vietnamese, and wait until the room is interpreted."""
    choices = {"name": "An", "speaks": "vi", "reads": "vi", "listens": "vi", "consent": True}
    async with httpx2.AsyncClient(base_url=f"http://{site.address}") as client:
        joined = (await client.post(f"/api/v1/rooms/{room}/join", json=choices)).json()
    guest = Guest(person(joined["identity"], speaks="vi", reads="vi", listens="vi"))
    await guest.join(f"ws://{site.address}", joined["token"])
    await guest.wait_for(guest.sees_interpreter, timeout_s=60)
    return guest


def bens(guest: Guest) -> list[str]:
    """Give what was read of somebody else."""
    return [it.text for it in guest.finals if it.attributes["dragoman.speaker"] != guest.participant.identity]


def say(page: Firefox, name: str) -> None:
    """Begin to say a fixture into the microphone of the page."""
    audio = talk(name)
    letters = base64.b64encode(to_pcm16(audio.samples)).decode()
    page.run(f"mouth.say('{letters}', {audio.sample_rate})")
