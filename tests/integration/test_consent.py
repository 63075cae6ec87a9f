"""Consent, as the API is told of it, at the recogniser's input: a whole interpreter in a real LiveKit room."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from livekit import rtc
from tests.api_house import secret
from tests.api_site import ApiSite, api_site
from tests.livekit_server import Guest, person
from tests.others_work import OthersWork

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples
from dragoman.ground.engines import RecognitionContext
from dragoman.ground.languages import Language
from dragoman.ground.speech import RecognitionEvent
from dragoman.interpreting.admission import Admission, Costs
from dragoman.interpreting.interpreter import Interpreter
from dragoman.interpreting.tuning import InterpretingTuning
from dragoman.rooms.livekit_room import LiveKitRoom
from dragoman.rooms.tokens import interpreter_token
from dragoman.testing.engines import FakeTextToSpeech, FakeTranslator
from dragoman.testing.observers import RecordingObserver
from dragoman.translating.router import TranslationRouter
from dragoman.voicing.router import VoiceRouter

UNSUBSCRIBED_WITHIN_S = 1.0
"""From asking the API for it, on a machine that has nothing else to do."""
LOADED_S = 1.0
"""More on one that others use besides."""
CALM_SHARE = 0.1
"""Of all cores: with others taking more, it is used by them."""

AN_HZ, EVA_HZ, AN_LATER_HZ = 500.0, 900.0, 1400.0
"""Pitches that stand for what somebody says: Opus keeps them, and they are told apart in what was heard."""


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[ApiSite]:
    async with api_site(tmp_path) as running:
        yield running


class Ear:
    """A ``RecognitionSession`` that keeps all it gets and understands nothing."""

    def __init__(self, heard: list[Samples], changed: asyncio.Event) -> None:
        self._heard = heard
        self._changed = changed
        self._over = asyncio.Event()

    async def push(self, audio: Audio) -> None:
        self._heard.append(audio.samples)
        self._changed.set()

    async def change_context(self, context: RecognitionContext) -> None: ...

    async def finish(self) -> None:
        self._over.set()

    async def close(self) -> None:
        self._over.set()

    async def __aiter__(self) -> AsyncIterator[RecognitionEvent]:
        await self._over.wait()
        return
        yield


class Ears:
    """The ``Recognizer``: everything that any of its sessions was given, 16 kHz."""

    def __init__(self) -> None:
        self.heard: list[Samples] = []
        self._changed = asyncio.Event()

    async def open(self, *, language: Language, context: RecognitionContext) -> Ear:
        return Ear(self.heard, self._changed)

    def share(self, hertz: float) -> float:
        """Say how much of the sound lies within 60 Hz of a pitch, 0 to 1."""
        if not self.heard:
            return 0.0
        sound = np.concatenate(self.heard)
        power = np.square(np.abs(np.fft.rfft(sound)))
        near = np.abs(np.fft.rfftfreq(len(sound), 1 / RECOGNITION_RATE) - hertz) < 60
        return float(power[near].sum() / max(power.sum(), 1e-9))

    async def until_heard(self, hertz: float) -> None:
        async with asyncio.timeout(20):
            while self.share(hertz) < 0.1:
                self._changed.clear()
                await self._changed.wait()


def tone(hertz: float, duration_s: float) -> Audio:
    samples = 0.3 * np.sin(2 * np.pi * hertz * np.arange(round(duration_s * RECOGNITION_RATE)) / RECOGNITION_RATE)
    return Audio(samples=samples.astype(np.float32), sample_rate=RECOGNITION_RATE)


def interpreter_of(room: LiveKitRoom, ears: Ears, pool: EnginePool) -> Interpreter:
    observer = RecordingObserver()
    return Interpreter(
        room=room,
        recognizer=ears,
        translation=TranslationRouter(engines=[FakeTranslator()], pool=pool, observer=observer),
        voices=VoiceRouter(engines=[FakeTextToSpeech()], pool=pool, observer=observer),
        admission=Admission(cores=64, costs=Costs(recognition=0.1, voice=0.1)),
        observer=observer,
        tuning=InterpretingTuning(),
    )


class WatchedRoom(LiveKitRoom):
    """The interpreter's room, in which a test can see what is subscribed."""

    def subscribed(self, identity: str) -> list[rtc.RemoteTrackPublication]:
        tracks = self._rtc.remote_participants[identity].track_publications.values()
        return [track for track in tracks if track.subscribed]

    async def until_subscribed(self, identity: str, wanted: bool) -> float:
        """Wait until it is so; gives how long it took."""
        clock = asyncio.get_running_loop()
        began_s = clock.time()
        async with asyncio.timeout(20):
            while bool(self.subscribed(identity)) is not wanted:  # noqa: ASYNC110  # LiveKit has no event for our own wish
                await asyncio.sleep(0.01)
        return clock.time() - began_s


class InCall:
    """Somebody who joined through the API."""

    def __init__(self, site: ApiSite, room: str, joined: dict[str, str]) -> None:
        self.identity = joined["identity"]
        self.guest = Guest(person(self.identity))
        self._site = site
        self._path = f"/api/v1/rooms/{room}/participants/{self.identity}"
        self._secret = joined["secret"]

    async def change_consent(self, consents: bool) -> None:
        """Change nothing else, as the page's switch does."""
        answer = await self._site.client.patch(self._path, json={"consent": consents}, headers=secret(self._secret))
        assert answer.status_code == 200, answer.text


@asynccontextmanager
async def joined(site: ApiSite, room: str, name: str, *, speaks: str, consents: bool = True) -> AsyncIterator[InCall]:
    choices = {"name": name, "speaks": speaks, "reads": speaks, "listens": speaks, "consent": consents}
    answer = (await site.client.post(f"/api/v1/rooms/{room}/join", json=choices)).json()
    somebody = InCall(site, room, answer)
    await somebody.guest.join(f"ws://{site.address}", answer["token"])
    try:
        yield somebody
    finally:
        await somebody.guest.leave()


async def test_a_microphone_without_consent_reaches_no_recogniser_and_one_withdrawn_is_let_go(site: ApiSite) -> None:
    name = (await site.client.post("/api/v1/rooms", json={})).json()["room"]
    ears = Ears()

    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        async with (
            joined(site, name, "An", speaks="vi") as an,
            joined(site, name, "Eva", speaks="en", consents=False) as eva,
            joined(site, name, "Ben", speaks="en") as ben,
            WatchedRoom(url=site.sfu.url, token=interpreter_token(site.sfu.keys, room=name)) as room,
            asyncio.TaskGroup() as tasks,
        ):
            interpreting = tasks.create_task(interpreter_of(room, ears, pool).run())
            await asyncio.gather(an.guest.speak(tone(AN_HZ, 2.0)), eva.guest.speak(tone(EVA_HZ, 2.0)))
            await ears.until_heard(AN_HZ)
            eva_subscribed = room.subscribed(eva.identity)
            speaking = tasks.create_task(an.guest.speak(tone(AN_HZ, 1.0)))
            others = OthersWork()
            asked = tasks.create_task(an.change_consent(False))
            took_s = await room.until_subscribed(an.identity, False)
            others_share = others.share()
            await asyncio.gather(asked, speaking)
            pieces = len(ears.heard)
            await an.guest.speak(tone(AN_LATER_HZ, 1.0))
            await ben.guest.wait_for(lambda: "microphone" in ben.guest.loud_at_s)
            await an.change_consent(True)
            await room.until_subscribed(an.identity, True)
            before_again = len(ears.heard)
            await an.guest.speak(tone(AN_HZ, 1.0))
            room.end()
            await interpreting

    assert eva_subscribed == []
    assert took_s < UNSUBSCRIBED_WITHIN_S + (LOADED_S if others_share > CALM_SHARE else 0.0)
    assert ears.share(AN_HZ) > 0.5
    assert ears.share(EVA_HZ) < 0.01
    assert ears.share(AN_LATER_HZ) < 0.01
    assert before_again == pieces
    assert len(ears.heard) > pieces
