"""The page in Firefox: home, lobby, and the way in.

Not what is said there: Firefox pairs none of its candidates with one of the loopback interface, so the media of a
server that answers on loopback alone do not reach it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.browsers.chromium import MOUTH_AND_EARS
from tests.browsers.firefox import Firefox, firefox
from tests.browsers.person import OWN_NAMES
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


def test_a_call_is_started_and_entered_in_firefox(site: Site, page: Firefox) -> None:
    page.open(f"http://{site.address}/")
    page.wait_for_text(text("home.works"))
    page.press(text("home.start"))
    page.wait_for_text(text("lobby.joinTitle"))
    page.type(text("lobby.name"), "An")
    page.choose(text("lobby.iSpeak"), OWN_NAMES["vi"])
    page.choose(text("lobby.iRead"), OWN_NAMES["en"])
    page.press(text("lobby.turnCameraOff"))
    faults = [*page.errors, page.run("window.violations.join()") or None]
    page.press(text("lobby.join"))

    page.wait_for_text(text("call.leave"))
    assert faults == [None]
