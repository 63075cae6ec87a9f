"""A term that the host adds in the middle of a call is read in the captions of what is said from then on."""

import asyncio
from collections.abc import Iterator

import httpx2
import pytest
from tests.livekit_server import SeenCaption
from tests.site import Caller, Site, call, pico_site
from tests.talking import is_about, talk

WAIT_S = 120.0
SENTENCE = "en-3"
"""Its second sentence is: "The website is cheap.", in Vietnamese: "Trang web thì rẻ."."""
TERM = {"source": "website", "target": "trang mạng", "source_language": "en", "target_language": "vi"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pico_site(tmp_path_factory.mktemp("site")) as running:
        yield running


def finals_of(reader: Caller, speaker: Caller) -> list[SeenCaption]:
    return [it for it in reader.guest.finals if it.text and it.attributes["dragoman.speaker"] == speaker.identity]


async def test_a_term_added_in_the_call_is_in_the_captions_a_few_seconds_later(site: Site) -> None:
    async with asyncio.timeout(2 * WAIT_S), call(site, ("Ben", "en", "en"), ("An", "vi", "vi")) as (ben, an):
        await ben.guest.speak(talk(SENTENCE))
        await an.guest.wait_for(lambda: len(finals_of(an, ben)) >= 2, timeout_s=WAIT_S)
        before = [it.text for it in finals_of(an, ben)]

        async with httpx2.AsyncClient(base_url=f"http://{site.address}") as client:
            stored = await client.put(
                f"/api/v1/rooms/{ben.room}/glossary",
                json={"terms": [TERM]},
                headers={"Authorization": f"Bearer {ben.host_secret}"},
            )
        # What is said after it: the sound begins with seconds of silence.
        await ben.guest.speak(talk(SENTENCE))
        await an.guest.wait_for(lambda: len(finals_of(an, ben)) >= len(before) + 2, timeout_s=WAIT_S)

    after = [it.text for it in finals_of(an, ben)][len(before) :]
    assert stored.status_code == 200, stored.text
    assert is_about(before, SENTENCE)
    assert "trang web" in " ".join(before).casefold()
    assert "trang mạng" in " ".join(after).casefold()
    assert "trang web" not in " ".join(after).casefold()
