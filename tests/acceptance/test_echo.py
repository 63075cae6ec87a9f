"""A loudspeaker beside a microphone: what was dubbed to somebody and comes back is not captioned as their speech."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soxr
from tests.acceptance.commands import SPEECH
from tests.acceptance.conftest import said_in
from tests.acceptance.hearing import hear, load, word_errors

from dragoman.engines.pool import EnginePool
from dragoman.engines.voice_activity import silero
from dragoman.ground.audio import FRAME_S, RECOGNITION_RATE, Audio
from dragoman.ground.engines import SpeechToText, TextToSpeech, Translator
from dragoman.ground.events import EchoDropped
from dragoman.ground.languages import Language
from dragoman.ground.rooms import Participant
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.interpreting.admission import Admission, Costs
from dragoman.interpreting.interpreter import Interpreter
from dragoman.interpreting.tuning import InterpretingTuning
from dragoman.recognition.session import UtteranceRecognizer
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.rooms import FakeRoom
from dragoman.translating.router import TranslationRouter
from dragoman.voicing.router import VoiceRouter

VOICE_RATE = 22_050
"""Hertz of espeak-ng, which speaks all dubs here."""
DELAY_S = 0.1
"""From the loudspeaker to the microphone and through both computers."""
STEP_S = 0.1
VI, EN = Language("vi"), Language("en")


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A room, interpreted by real engines."""

    room: FakeRoom
    interpreter: Interpreter
    observer: RecordingObserver


class Loudspeaker:
    """What the dubs of one language sound like in a listener's microphone: the same, quieter and later."""

    def __init__(self, room: FakeRoom, language: Language) -> None:
        self._room = room
        self._language = language
        self._resampler = soxr.ResampleStream(VOICE_RATE, RECOGNITION_RATE, 1, dtype="float32")
        self._rest = np.zeros(0, np.float32)

    def next(self, starts_s: float) -> Audio:
        """Give what sounded in the ``STEP_S`` from loop time ``starts_s`` on, as whole frames of 16 kHz."""
        heard = np.zeros(round(STEP_S * VOICE_RATE), np.float32)
        for track in self._room.tracks:
            for piece in track.played if track.language == self._language else ():
                at = round((piece.starts_s - starts_s) * VOICE_RATE)
                begin, end = max(0, at), min(len(heard), at + len(piece.audio.samples))
                if begin < end:
                    heard[begin:end] += 0.5 * piece.audio.samples[begin - at : end - at]
        self._rest = np.concatenate([self._rest, self._resampler.resample_chunk(heard)])
        frame = round(FRAME_S * RECOGNITION_RATE)
        whole = len(self._rest) // frame * frame
        samples, self._rest = self._rest[:whole], self._rest[whole:]
        return Audio(samples=samples, sample_rate=RECOGNITION_RATE)


async def hear_loudspeaker(room: FakeRoom, identity: str, language: Language, *, for_s: float) -> None:
    """Let a microphone hear nothing but the dubs of ``language``."""
    loudspeaker = Loudspeaker(room, language)
    clock = asyncio.get_running_loop()
    began_s = clock.time()
    for step in range(round(for_s / STEP_S)):
        ends_s = began_s + (step + 1) * STEP_S
        await asyncio.sleep(max(0.0, ends_s - clock.time()))
        await room.say(identity, loudspeaker.next(ends_s - STEP_S - DELAY_S))


async def speak_then_listen(room: FakeRoom, identity: str, said: Audio) -> None:
    await room.say(identity, said)
    await room.be_silent(identity, 2.0)


@contextmanager
def open_house(whisper: SpeechToText, translator: Translator, voice: TextToSpeech) -> Iterator[House]:
    observer, room = RecordingObserver(), FakeRoom()
    with ExitStack() as stack:
        pool = stack.enter_context(EnginePool(workers=4, observer=observer))
        activity = silero.open_engine(None, threads=1)
        stack.callback(activity.close)
        interpreter = Interpreter(
            room=room,
            recognizer=UtteranceRecognizer(
                engines=[whisper], voice_activity=activity, pool=pool, tuning=RecognitionTuning()
            ),
            translation=TranslationRouter(engines=[translator], pool=pool, observer=observer),
            voices=VoiceRouter(engines=[voice], pool=pool, observer=observer),
            admission=Admission(cores=64, costs=Costs(recognition=0.2, voice=0.1)),
            observer=observer,
            tuning=InterpretingTuning(),
        )
        yield House(room=room, interpreter=interpreter, observer=observer)


def play(speech: Path, own_words: Path, engines: tuple[SpeechToText, Translator, TextToSpeech]) -> House:
    """Let An say ``speech`` while Ben's loudspeaker sounds into his microphone; then Ben says ``own_words``."""

    async def scene() -> House:
        with open_house(*engines) as house:
            room = house.room
            room.join(Participant(identity="an", name="An", speaks=VI, reads=VI, listens=None))
            room.join(Participant(identity="ben", name="Ben", speaks=EN, reads=EN, listens=EN))
            async with asyncio.timeout(300), asyncio.TaskGroup() as tasks:
                tasks.create_task(house.interpreter.run())
                for identity in ("an", "ben"):
                    room.open_microphone(identity)
                said = load(speech)
                async with asyncio.TaskGroup() as both:
                    both.create_task(speak_then_listen(room, "an", said))
                    both.create_task(hear_loudspeaker(room, "ben", EN, for_s=said.duration_s + 8))
                await room.be_silent("ben", 1.0)
                await room.say("ben", load(own_words))
                await room.be_silent("ben", 1.0)
                await room.end()
            return house

    return run_in_virtual_time(scene)


@pytest.fixture(scope="module")
def house(whisper: SpeechToText, pico_translator: Translator, espeak_voice: TextToSpeech) -> House:
    return play(SPEECH / "vi-2.wav", SPEECH / "en-3.wav", (whisper, pico_translator, espeak_voice))


def test_the_dub_that_comes_back_through_the_listeners_microphone_is_dropped(
    house: House, whisper: SpeechToText
) -> None:
    dub = [piece.audio.samples for track in house.room.tracks for piece in track.played if track.language == EN]
    english = [caption.text for caption in house.room.finals if caption.speaker == "an" and caption.language == EN]

    dropped = house.observer.of(EchoDropped)

    # Ben's microphone did hear words: the recogniser understands the dub very well.
    heard = hear(whisper, Audio(samples=np.concatenate(dub), sample_rate=VOICE_RATE), "en")
    assert word_errors(said=" ".join(english), heard=heard).rate <= 0.1
    assert {event.speaker for event in dropped} == {"ben"}
    assert sum(event.words for event in dropped) >= 0.8 * len(" ".join(english).split())


def test_only_what_the_listener_says_is_captioned_as_theirs(house: House) -> None:
    own = " ".join(caption.text for caption in house.room.finals if caption.speaker == "ben" and caption.language == EN)

    errors = word_errors(said=said_in([SPEECH / "en-3.wav"]), heard=own)

    assert errors.insertions == 0
    assert errors.rate == 0


def test_the_speaker_is_captioned_in_full_in_both_languages(house: House) -> None:
    captions = [caption for caption in house.room.finals if caption.speaker == "an"]

    own = " ".join(caption.text for caption in captions if caption.language == VI)

    assert word_errors(said=said_in([SPEECH / "vi-2.wav"]), heard=own).rate == 0
    assert len([caption for caption in captions if caption.language == EN]) == 2
