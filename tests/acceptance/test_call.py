"""A translated call through ``dragoman up``: everything as processes, two people, each in their own language."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import numpy as np
import pytest
from tests.acceptance.commands import descendants
from tests.acceptance.hearing import hear
from tests.api_site import eventually
from tests.site import Caller, Site, call, missed, pico_site
from tests.talking import is_about, talk

from dragoman import __version__
from dragoman.ground.audio import RECOGNITION_RATE, Audio
from dragoman.ground.engines import SpeechToText

TOKEN = "-".join(["only", "for", "these", "tests"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    (folder / "tmp").mkdir()
    settings = {
        # Not where the API usually is: the processes find each other wherever the settings put it.
        "DRAGOMAN_API_HOST": "127.0.0.2",
        "DRAGOMAN_SERVICE_TOKEN": TOKEN,
        # Everything that they write is below one folder, and of logs it is the most.
        "DRAGOMAN_LOG_LEVEL": "DEBUG",
        "TMPDIR": str(folder / "tmp"),
    }
    with pico_site(folder, **settings) as running:
        yield running


def shown_to(reader: Caller) -> list[str]:
    return [caption.text for caption in reader.guest.finals]


async def test_two_people_read_and_hear_each_other_in_their_own_language(site: Site, whisper: SpeechToText) -> None:
    async with call(site, ("An", "vi", "vi"), ("Ben", "en", "en")) as (an, ben):
        await an.guest.speak(talk("vi-1"))
        await ben.guest.wait_for(lambda: len(ben.guest.finals) >= 2, timeout_s=20)
        await asyncio.sleep(4)
        dub = ben.guest.sound_of(f"dub:{an.identity}:en")
        late = await missed(site, ben, "en")

    shown = [caption.text for caption in ben.guest.finals]
    assert is_about(shown, "vi-1")
    assert [caption["text"] for caption in late] == shown
    assert {caption.sender for caption in ben.guest.finals} == {"interpreter"}
    assert [caption.attributes["dragoman.language"] for caption in an.guest.finals] == ["vi", "vi"]
    assert f"dub:{an.identity}:en" not in an.guest.heard
    sounding = np.flatnonzero(np.abs(dub) > 0.01)
    dubbed = Audio(samples=dub[sounding[0] : sounding[-1]], sample_rate=RECOGNITION_RATE)
    assert is_about([hear(whisper, dubbed, "en")], "vi-1")


async def test_every_process_of_a_call_says_what_it_is_to_who_has_the_token(site: Site) -> None:
    places = {"api": site.address, "interpreter": f"127.0.0.1:{site.ports['interpreter']}"}
    ours = {"Authorization": f"Bearer {TOKEN}"}

    for name, address in places.items():
        async with httpx2.AsyncClient(base_url=f"http://{address}", trust_env=False) as client:
            about = (await client.get("/", headers=ours)).json()
            health = (await client.get("/health", headers=ours)).json()
            metrics = await client.get("/metrics", headers=ours)
            refused = [(await client.get("/metrics", headers=it)).status_code for it in ({}, {"Authorization": "x"})]
            lives = [(await client.get(path)).status_code for path in ("/health/live", "/health/ready")]

        assert (about["name"], about["version"]) == (name, __version__)
        assert {"/", "/health", "/health/live", "/health/ready", "/metrics"} <= set(about["endpoints"])
        # The models are loaded in the engine services, not in these.
        assert (health["status"], health["model_loaded"], health["model_info"]) == ("ok", False, [])
        assert "# HELP dragoman_" in metrics.text
        assert (refused, lives) == ([401, 401], [200, 200])


async def test_the_page_is_not_covered_by_what_the_api_says_of_itself(site: Site) -> None:
    async with httpx2.AsyncClient(base_url=f"http://{site.address}", trust_env=False) as client:
        page = await client.get("/", headers={"Authorization": "Bearer somebody"})

    assert page.headers["content-type"].startswith("text/html")


async def test_who_leaves_frees_their_seat_and_their_name_at_once(site: Site) -> None:
    choices = {"name": "Ben", "speaks": "en", "reads": "en", "listens": "en", "consent": True}
    async with (
        call(site, ("An", "vi", "vi"), ("Ben", "en", "en")) as (an, ben),
        httpx2.AsyncClient(base_url=f"http://{site.address}/api/v1/rooms") as client,
    ):

        async def is_alone() -> bool:
            return bool((await client.get(f"/{an.room}")).json()["people"] == 1)

        await ben.guest.leave()
        await eventually(is_alone)
        again = (await client.post(f"/{an.room}/join", json=choices)).json()

    assert again["name"] == "Ben"
    assert again["identity"] != ben.identity


async def test_an_interpreter_that_is_killed_is_replaced_and_the_numbers_go_on(site: Site) -> None:
    async with call(site, ("An", "vi", "vi"), ("Ben", "en", "en")) as (an, ben):
        await an.guest.speak(talk("vi-2"))
        await ben.guest.wait_for(lambda: len(ben.guest.finals) >= 2, timeout_s=20)
        before = len(ben.guest.finals)
        os.kill(site.process_id("interpreter"), signal.SIGKILL)
        killed_s = time.monotonic()
        # Said again and again until somebody interprets it: what is said while nobody does is heard as the original.
        while len(ben.guest.finals) == before and time.monotonic() - killed_s < 60:
            await an.guest.speak(talk("vi-3"))
        captions = [caption.attributes for caption in ben.guest.finals]

    numbers = [int(caption["dragoman.seq"]) for caption in captions]
    epochs = [int(caption["dragoman.epoch"]) for caption in captions]
    assert len(captions) > before
    assert numbers == sorted(set(numbers))
    assert epochs[-1] > epochs[0]


async def test_nothing_that_was_said_is_written_anywhere(site: Site, tmp_path: Path) -> None:
    async with call(site, ("An", "vi", "vi"), ("Ben", "en", "en")) as (an, ben):
        await an.guest.speak(talk("vi-2"))
        await ben.guest.wait_for(lambda: len(ben.guest.finals) >= 2, timeout_s=20)
        read = [caption.text for caller in (an, ben) for caption in caller.guest.finals]
        while_it_lasts = files_with(read, site.log_file.parent)
    (tmp_path / "raw").write_text(read[-1])
    (tmp_path / "escaped").write_text(json.dumps({"text": read[0]}))

    afterwards = files_with(read, site.log_file.parent)

    assert (while_it_lasts, afterwards) == ([], [])
    assert files_with(read, tmp_path) == ["escaped", "raw"], (
        "what is written is not found: the test would prove nothing"
    )
    assert "utterance_recognized" in site.log(), "the log says less than it might"


def files_with(texts: list[str], folder: Path) -> list[str]:
    """Name the files in which four words of a text stand one after the other, as they are or as JSON escapes them."""
    words = [text.split() for text in texts]
    runs = {" ".join(each[first : first + 4]) for each in words for first in range(max(0, len(each) - 3))}
    wanted = [form.encode() for run in runs for form in (run, json.dumps(run)[1:-1])]
    written = {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
    return [str(path.relative_to(folder)) for path, content in written.items() if any(it in content for it in wanted)]


async def test_two_rooms_exchange_nothing(site: Site) -> None:
    async with (
        call(site, ("An", "vi", "vi"), ("Ben", "en", "en")) as (an, ben),
        call(site, ("Eva", "en", "en"), ("Chi", "vi", "vi")) as (eva, chi),
    ):
        await asyncio.gather(an.guest.speak(talk("vi-4")), eva.guest.speak(talk("en-2")))
        await ben.guest.wait_for(lambda: is_about(shown_to(ben), "vi-4"), timeout_s=30)
        await chi.guest.wait_for(lambda: is_about(shown_to(chi), "en-2"), timeout_s=30)
        await ben.guest.wait_for(lambda: ben.guest.hints, timeout_s=30)  # whose dub begins, or that it is left out
        await chi.guest.wait_for(lambda: chi.guest.hints, timeout_s=30)
        kept = {room[0].room: await missed(site, room[1], None) for room in ((an, ben), (eva, chi))}

    for room in ((an, ben), (eva, chi)):
        speaker, reader = room
        for caller in room:
            assert {caption.attributes["dragoman.speaker"] for caption in caller.guest.captions} == {speaker.identity}
            segments = {caption.attributes["lk.segment_id"].rpartition(".")[0] for caption in caller.guest.captions}
            hints = [hint for _, hint in caller.guest.hints]
            assert {hint["speaker"] for hint in hints if "speaker" in hint} <= {speaker.identity}
            assert {hint["segment"] for hint in hints if "segment" in hint} <= segments
        finals = kept[speaker.room]
        assert {final["speaker"] for final in finals} == {speaker.identity}
        assert {(final["seq"], final["text"]) for final in finals} >= {
            (int(caption.attributes["dragoman.seq"]), caption.text)
            for caller in room
            for caption in caller.guest.finals
        }
        tracks = {f"dub:{speaker.identity}:{'en' if reader is ben else 'vi'}"}
        assert {track for track in reader.guest.heard if track.startswith("dub:")} <= tracks
        assert not [track for track in speaker.guest.heard if track.startswith("dub:")]


def test_nothing_is_left_of_it_when_it_is_ended(site: Site) -> None:
    names = ("api", "interpreter", "speech-to-text", "translation", "text-to-speech", "livekit-server")
    services = {site.process_id(name) for name in names}
    below = descendants(site.process.pid)

    site.process.send_signal(signal.SIGINT)
    status = site.process.wait(30)

    assert status == 0
    assert services <= {child.pid for child in below}
    assert [child.arguments for child in below if child.alive()] == []
