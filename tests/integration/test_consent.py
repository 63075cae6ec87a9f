"""Consent at the recogniser's input: a whole interpreter in a real LiveKit room, and everything that it recognises."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from livekit import rtc
from tests.livekit_server import Sfu, guest, person, running_livekit

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
LOADED_S = 1.0
"""More on a machine that runs all tests at once."""

AN_HZ, EVA_HZ, AN_LATER_HZ = 500.0, 900.0, 1400.0
"""Pitches that stand for what somebody says: Opus keeps them, and they are told apart in what was heard."""


@pytest.fixture
async def sfu(tmp_path: Path) -> AsyncIterator[Sfu]:
    async with running_livekit(tmp_path) as running:
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


async def test_a_microphone_without_consent_reaches_no_recogniser_and_one_withdrawn_is_let_go(sfu: Sfu) -> None:
    an, eva = person("an", speaks="vi"), person("eva", speaks="en", consents=False)
    ears = Ears()
    token = interpreter_token(sfu.keys, room="room")

    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        async with (
            guest(sfu, "room", an) as an_there,
            guest(sfu, "room", eva) as eva_there,
            guest(sfu, "room", person("ben", reads="en", listens="en")) as ben_there,
            WatchedRoom(url=sfu.url, token=token) as room,
            asyncio.TaskGroup() as tasks,
        ):
            interpreting = tasks.create_task(interpreter_of(room, ears, pool).run())
            await asyncio.gather(an_there.speak(tone(AN_HZ, 2.0)), eva_there.speak(tone(EVA_HZ, 2.0)))
            await ears.until_heard(AN_HZ)
            eva_subscribed = room.subscribed("eva")
            speaking = tasks.create_task(an_there.speak(tone(AN_HZ, 1.0)))
            await sfu.choose("room", replace(an, consents=False))
            took_s = await room.until_subscribed("an", False)
            await speaking
            pieces = len(ears.heard)
            await an_there.speak(tone(AN_LATER_HZ, 1.0))
            await ben_there.wait_for(lambda: "microphone" in ben_there.loud_at_s)
            await sfu.choose("room", an)
            await room.until_subscribed("an", True)
            before_again = len(ears.heard)
            await an_there.speak(tone(AN_HZ, 1.0))
            room.end()
            await interpreting

    assert eva_subscribed == []
    assert took_s < UNSUBSCRIBED_WITHIN_S + LOADED_S
    assert ears.share(AN_HZ) > 0.5
    assert ears.share(EVA_HZ) < 0.01
    assert ears.share(AN_LATER_HZ) < 0.01
    assert before_again == pieces
    assert len(ears.heard) > pieces
