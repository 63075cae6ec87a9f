"""A call interpreted for real: microphone, recognition, translation, voice, and a listener who understands it.

People are Python participants on a real livekit-server; the models are the small ones of ``tests/fixtures``. Run with
``-s`` to see how long everything took.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.livekit_server import HEARD_RATE, Guest, Sfu, guest, person, running_livekit

from dragoman.engines.pool import EnginePool
from dragoman.engines.registry import (
    open_speech_to_text,
    open_text_to_speech,
    open_translator,
    open_voice_activity,
)
from dragoman.ground.audio import Audio, Samples, silence
from dragoman.ground.engines import EngineChoice, RecognitionContext, SpeechToText
from dragoman.ground.languages import Language
from dragoman.interpreting.admission import Admission, Costs
from dragoman.interpreting.interpreter import Interpreter
from dragoman.interpreting.tuning import InterpretingTuning
from dragoman.models.store import ModelStore
from dragoman.models.table import load_table
from dragoman.recognition.session import UtteranceRecognizer
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.rooms.livekit_room import LiveKitRoom
from dragoman.testing.observers import RecordingObserver
from dragoman.translating.router import TranslationRouter
from dragoman.voicing.router import VoiceRouter

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
EN, VI = Language("en"), Language("vi")


class Engines:
    """The engines of one machine, shared by its rooms."""

    def __init__(self, models: Path) -> None:
        store = ModelStore(models, load_table())
        self.observer = RecordingObserver()
        whisper = EngineChoice(name="faster_whisper", model=str(FIXTURES / "whisper-pico"))
        pico = EngineChoice(name="ctranslate2", model=str(FIXTURES / "mt-pico"))
        self.speech_to_text: SpeechToText = open_speech_to_text(whisper, find_model=store.find, threads=1)
        self.translator = open_translator(pico, find_model=store.find, threads=1)
        self.voice = open_text_to_speech(EngineChoice(name="espeak"), find_model=store.find, threads=1)
        self.voice_activity = open_voice_activity(EngineChoice(name="silero"), find_model=store.find, threads=1)
        for engine in (self.speech_to_text, self.translator, self.voice):
            engine.warm_up()
        self.pool = EnginePool(workers=4, observer=self.observer)

    def interpreter(self, room: LiveKitRoom) -> Interpreter:
        recognizer = UtteranceRecognizer(
            engines=[self.speech_to_text],
            voice_activity=self.voice_activity,
            pool=self.pool,
            tuning=RecognitionTuning(),
        )
        return Interpreter(
            room=room,
            recognizer=recognizer,
            translation=TranslationRouter(engines=[self.translator], pool=self.pool, observer=self.observer),
            voices=VoiceRouter(engines=[self.voice], pool=self.pool, observer=self.observer),
            admission=Admission(cores=64, costs=Costs(recognition=0.2, voice=0.1)),
            observer=self.observer,
            tuning=InterpretingTuning(),
        )

    def close(self) -> None:
        for engine in (self.speech_to_text, self.translator, self.voice, self.voice_activity):
            engine.close()


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    opened = Engines(tmp_path_factory.mktemp("models"))
    with opened.pool:
        yield opened
    opened.close()


@pytest.fixture
async def sfu(tmp_path: Path) -> AsyncIterator[Sfu]:
    async with running_livekit(tmp_path) as running:
        yield running


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """A recording and what is said in it."""

    audio: Audio
    text: str
    translation: str
    sentence_ends_s: list[float]


def speech(name: str) -> Speech:
    samples, rate = soundfile.read(FIXTURES / "speech" / f"{name}.wav", dtype="float32")
    said = json.loads((FIXTURES / "speech" / f"{name}.json").read_text(encoding="utf-8"))
    return Speech(
        audio=Audio(samples=samples, sample_rate=rate),
        text=said["text"],
        translation=said["translation"],
        sentence_ends_s=[sentence["end"] for sentence in said["sentences"]],
    )


def words(text: str) -> list[str]:
    return [word.strip(".,?!").lower() for word in text.split()]


def share_understood(heard: str, said: str) -> float:
    """Say which share of the words said were heard, in any order."""
    expected = words(said)
    return sum(word in words(heard) for word in expected) / len(expected)


def understand(engines: Engines, sound: Samples) -> str:
    """Recognise what a listener heard, from the first loud moment to the last."""
    loud = np.flatnonzero(np.abs(sound) > 0.01)
    spoken = sound[max(0, loud[0] - 3200) : loud[-1] + 3200]
    audio = Audio(samples=spoken, sample_rate=HEARD_RATE)
    return engines.speech_to_text.transcribe(audio, language=EN, context=RecognitionContext()).text


def all_texts(who: Guest, language: str) -> str:
    finals = [seen for seen in who.finals if seen.attributes["dragoman.language"] == language]
    return " ".join(seen.text for seen in sorted(finals, key=lambda seen: int(seen.attributes["dragoman.seq"])))


async def test_a_sentence_in_vietnamese_is_read_and_heard_in_english(sfu: Sfu, engines: Engines) -> None:
    said = speech("vi-1")
    an = person("an", speaks="vi", reads="vi")
    ben = person("ben", speaks="en", reads="en", listens="en")
    eva = person("eva", reads="vi")
    clock = asyncio.get_running_loop()

    async with (
        guest(sfu, "room", an) as an_there,
        guest(sfu, "room", ben) as ben_there,
        guest(sfu, "room", eva) as eva_there,
        sfu.interpreter_room("room") as room,
        asyncio.TaskGroup() as tasks,
    ):
        interpreting = tasks.create_task(engines.interpreter(room).run())
        await an_there.speak(silence(0.5, 16_000))
        began_s = clock.time()
        await an_there.speak(said.audio)
        tasks.create_task(an_there.speak(silence(6.0, 16_000)))
        await ben_there.wait_for(lambda: len(ben_there.finals) >= 2, timeout_s=20)
        await ben_there.wait_for(lambda: dub_ended(ben_there), timeout_s=20)
        room.end()
        await interpreting

    dub = understand(engines, ben_there.sound_of("dub:an:en"))
    caption_s = ben_there.finals[-1].at_s - began_s - said.sentence_ends_s[-1]
    dub_s = ben_there.loud_at_s["dub:an:en"] - began_s - said.sentence_ends_s[0]
    sys.stdout.write(f"\ncaption {caption_s:.2f} s after the last word, dub {dub_s:.2f} s after the first sentence\n")
    assert share_understood(all_texts(ben_there, "en"), said.translation) > 0.8
    assert share_understood(all_texts(an_there, "vi"), said.text) > 0.8
    assert share_understood(dub, said.translation) > 0.6, dub
    assert not any(seen.attributes["dragoman.language"] == "en" for seen in eva_there.captions)
    assert "dub:an:en" not in eva_there.heard
    assert "dub:an:en" not in an_there.heard
    assert [int(seen.attributes["dragoman.seq"]) for seen in ben_there.finals] == sorted(
        int(seen.attributes["dragoman.seq"]) for seen in ben_there.finals
    )


def dub_ended(who: Guest) -> bool:
    """The dub has sounded and has fallen silent for a second."""
    sound = who.sound_of("dub:an:en")
    return "dub:an:en" in who.loud_at_s and float(np.abs(sound[-HEARD_RATE:]).max()) < 0.01


async def test_who_leaves_in_the_middle_of_a_word_leaves_no_track_and_no_task(sfu: Sfu, engines: Engines) -> None:
    said = speech("vi-1")
    ben = person("ben", speaks="en", reads="en", listens="en")

    before = asyncio.all_tasks()
    async with (
        guest(sfu, "room", ben) as ben_there,
        sfu.interpreter_room("room") as room,
        asyncio.TaskGroup() as tasks,
    ):
        interpreting = tasks.create_task(engines.interpreter(room).run())
        async with guest(sfu, "room", person("an", speaks="vi")) as an_there:
            speaking = tasks.create_task(an_there.speak(said.audio))
            await ben_there.wait_for(lambda: ben_there.captions, timeout_s=20)
            speaking.cancel()
        await ben_there.wait_for(lambda: ben_there.finals and not dub_tracks(ben_there), timeout_s=20)
        room.end()
        await interpreting
    await asyncio.sleep(0)

    assert asyncio.all_tasks() - before == set()


def dub_tracks(who: Guest) -> list[str]:
    interpreter = who.rtc.remote_participants.get("interpreter")
    return [] if interpreter is None else [track.name for track in interpreter.track_publications.values()]


async def test_a_reader_who_switches_gets_the_new_language_within_two_seconds_and_not_the_old(
    sfu: Sfu, engines: Engines
) -> None:
    said = speech("vi-2")
    ben = person("ben", reads="vi")
    clock = asyncio.get_running_loop()

    async with (
        guest(sfu, "room", person("an", speaks="vi")) as an_there,
        guest(sfu, "room", ben) as ben_there,
        sfu.interpreter_room("room") as room,
        asyncio.TaskGroup() as tasks,
    ):
        interpreting = tasks.create_task(engines.interpreter(room).run())
        tasks.create_task(an_there.speak(said.audio))
        await ben_there.wait_for(lambda: ben_there.captions, timeout_s=20)
        await sfu.choose("room", person("ben", reads="en", listens="en"))
        switched_s = clock.time()
        await ben_there.wait_for(lambda: spoken_in(ben_there, "en"), timeout_s=20)
        first_en_s = spoken_in(ben_there, "en")[0] - switched_s
        await ben_there.wait_for(lambda: "dub:an:en" in ben_there.loud_at_s, timeout_s=20)
        room.end()
        await interpreting

    sys.stdout.write(f"\nfirst English caption {first_en_s:.2f} s after the switch\n")
    assert all(at_s < switched_s + 2.0 for at_s in spoken_in(ben_there, "vi"))
    assert any(word in words(all_texts(ben_there, "en")) for word in words(said.translation))


def spoken_in(who: Guest, language: str) -> list[float]:
    """Times at which captions of a language came."""
    return [seen.at_s for seen in who.captions if seen.attributes["dragoman.language"] == language]
