"""The page in Firefox: home and lobby, and what is wrong with neither.

Not the call: Firefox gathers no candidate of the loopback interface and pairs no other with one, so that the media of a
server which answers on loopback alone does not reach it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.acceptance.commands import SPEECH
from tests.acceptance.hearing import load
from tests.browsers.chromium import MOUTH_AND_EARS
from tests.browsers.firefox import Firefox, firefox
from tests.browsers.person import OWN_NAMES, samples_of
from tests.browsers.texts import text
from tests.site import Site, pico_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pico_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Firefox]:
    with firefox(tmp_path) as page:
        page.prepare(MOUTH_AND_EARS.read_text())
        yield page


def test_home_and_lobby_work_in_firefox(site: Site, page: Firefox) -> None:
    speech = load(SPEECH / "vi-1.wav")

    page.open(f"http://{site.address}/")
    page.wait_for_text(text("home.works"))
    page.press(text("home.start"))
    page.wait_for_text(text("lobby.joinTitle"))
    page.type(text("lobby.name"), "An")
    page.choose(text("lobby.iSpeak"), OWN_NAMES["vi"])
    page.choose(text("lobby.iRead"), OWN_NAMES["en"])
    page.press(text("lobby.turnCameraOff"))
    page.run(f"mouth.say('{samples_of(speech)}', {speech.sample_rate})")

    page.wait_for_text(text("lobby.weHearYou"))
    assert page.errors == []
    assert page.run("window.violations.length") == 0
