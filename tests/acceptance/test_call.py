"""A translated call through ``dragoman up``: everything as processes, two people, each in their own language."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import numpy as np
import pytest
from tests.acceptance.commands import PICO_MODELS, SPEECH
from tests.acceptance.hearing import hear, load, word_errors
from tests.livekit_server import Guest, free_ports, person

from dragoman.ground.audio import RECOGNITION_RATE, Audio, join_audio, silence
from dragoman.ground.engines import SpeechToText

START_S = 120.0
SETTINGS = ("speech_to_text", "translation", "text_to_speech", "api", "interpreter", "livekit", "livekit_tcp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A running ``dragoman up``."""

    process: subprocess.Popen[bytes]
    address: str
    log_file: Path

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def process_id(self, name: str) -> int:
        """Find one of its processes by what it serves."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((folder / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except (OSError, ValueError, IndexError):
                continue
            if parent == self.process.pid and f"serve {name} " in f"{command} ":
                return int(folder.name)
        raise LookupError(name)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    ports = dict(zip([*SETTINGS, "livekit_udp"], free_ports(len(SETTINGS) + 1), strict=True))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    own = {f"DRAGOMAN_{name.upper()}_PORT": str(port) for name, port in ports.items()}
    folders = {"DRAGOMAN_MODELS_DIR": str(folder / "models"), "DRAGOMAN_CACHE_DIR": str(folder / "cache")}
    log_file = folder / "up.log"
    with log_file.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dragoman", "up"],
            env={**kept, **own, **folders, **PICO_MODELS},
            stdout=log,
            stderr=log,
            process_group=0,
        )
    running = Site(process=process, address=f"127.0.0.1:{ports['api']}", log_file=log_file)
    try:
        until_s = time.monotonic() + START_S
        while "everything is ready" not in running.log():
            assert process.poll() is None, running.log()
            assert time.monotonic() < until_s, running.log()
            time.sleep(0.05)
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who joined as the page does."""

    guest: Guest
    identity: str
    secret: str
    room: str


@asynccontextmanager
async def call(site: Site, *people: tuple[str, str, str]) -> AsyncIterator[list[Caller]]:
    """Open a room and let people in: name, what they speak, what they read and hear."""
    async with httpx2.AsyncClient(base_url=f"http://{site.address}") as client:
        room = (await client.post("/api/v1/rooms", json={})).json()["room"]
        callers = []
        for name, speaks, reads in people:
            choices = {"name": name, "speaks": speaks, "reads": reads, "listens": reads, "consent": True}
            joined = (await client.post(f"/api/v1/rooms/{room}/join", json=choices)).json()
            guest = Guest(person(joined["identity"], speaks=speaks, reads=reads, listens=reads))
            await guest.join(f"ws://{site.address}", joined["token"])
            callers.append(Caller(guest=guest, identity=joined["identity"], secret=joined["secret"], room=room))
        try:
            for caller in callers:
                await caller.guest.wait_for(caller.guest.sees_interpreter, timeout_s=20)
            yield callers
        finally:
            for caller in callers:
                await caller.guest.leave()


async def missed(site: Site, caller: Caller, language: str) -> list[dict[str, object]]:
    """Give the finals that a latecomer fetches."""
    async with httpx2.AsyncClient(base_url=f"http://{site.address}") as client:
        headers = {"Authorization": f"Bearer {caller.secret}"}
        answer = await client.get(f"/api/v1/rooms/{caller.room}/captions?language={language}", headers=headers)
        captions: list[dict[str, object]] = answer.json()["captions"]
        return captions


def talk(name: str) -> Audio:
    """Give a fixture with silence around it: nobody talks the moment they join, while the call is still set up."""
    speech = load(SPEECH / f"{name}.wav")
    rate = speech.sample_rate
    return join_audio([silence(3.0, rate), speech, silence(1.0, rate)], rate)


def translations(name: str) -> list[str]:
    return [sentence["translation"] for sentence in json.loads((SPEECH / f"{name}.json").read_text())["sentences"]]


def is_about(texts: list[str], name: str) -> bool:
    """Say whether ``texts`` are the translation of a fixture.

    After Opus at 32 kb/s the tiny recogniser now and then takes "19" for "10": up to a quarter of the words may differ.
    """
    return word_errors(said=" ".join(translations(name)), heard=" ".join(texts)).rate <= 0.25


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


async def test_two_rooms_exchange_nothing(site: Site) -> None:
    async with (
        call(site, ("An", "vi", "vi"), ("Ben", "en", "en")) as (an, ben),
        call(site, ("Eva", "en", "en")) as (eva,),
    ):
        await an.guest.speak(talk("vi-4"))
        await ben.guest.wait_for(lambda: len(ben.guest.finals) >= 2, timeout_s=20)

    assert is_about([caption.text for caption in ben.guest.finals], "vi-4")
    assert eva.guest.captions == []
    assert eva.guest.heard == {}


def test_nothing_is_left_of_it_when_it_is_ended(site: Site) -> None:
    services = [site.process_id(name) for name in ("api", "interpreter", "speech-to-text", "translation")]

    site.process.send_signal(signal.SIGINT)
    status = site.process.wait(30)

    assert status == 0
    assert not [pid for pid in services if Path(f"/proc/{pid}").exists()]
