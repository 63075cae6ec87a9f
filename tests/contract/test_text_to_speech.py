"""What every text-to-speech engine promises, through its protocol alone. A new engine is one more ``Case``."""

import atexit
import base64
import io
import json
import re
import tempfile
import threading
import urllib.parse
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

import httpx2
import numpy as np
import pytest
import soundfile
from starlette.testclient import TestClient
from tests.job_libraries import libraries_installed, make_model
from tests.tone_matcha import make_tone_matcha
from tests.tone_pocket import make_tone_pocket
from tests.tone_voice import make_tone_kokoro, make_tone_supertonic, make_tone_voice
from tests.tone_zipvoice import REFERENCE_TEXT, make_tone_zipvoice
from tests.toy_vieneu import make_vieneu_nano, make_vieneu_turbo

from dragoman.engines.pool import EnginePool
from dragoman.engines.text_to_speech.espeak import EspeakTextToSpeech
from dragoman.engines.text_to_speech.gtts import SAMPLE_RATE as GOOGLE_RATE
from dragoman.engines.text_to_speech.gtts import GttsTextToSpeech
from dragoman.engines.text_to_speech.job_voice import chatterbox, f5, xtts
from dragoman.engines.text_to_speech.job_voice.engine import JobVoice
from dragoman.engines.text_to_speech.remote import RemoteTextToSpeech
from dragoman.engines.text_to_speech.sherpa import SherpaTextToSpeech
from dragoman.engines.text_to_speech.vieneu import VieneuTextToSpeech
from dragoman.ground.audio import Audio, join_audio
from dragoman.ground.engines import DEFAULT_VOICE, EngineKind, TextToSpeech, Voice
from dragoman.ground.errors import (
    EngineOutputInvalid,
    EngineUnavailable,
    LanguageNotSupported,
    SpeedOutOfRange,
    VoiceNotFound,
)
from dragoman.ground.languages import LANGUAGES, Language
from dragoman.services.text_to_speech import text_to_speech_app
from dragoman.testing.engines import FakeTextToSpeech
from dragoman.testing.observers import RecordingObserver


class OverHttp(RemoteTextToSpeech):
    """An engine behind its service, in this process and over the wire format; closing it closes them all."""

    def __init__(self, engine: TextToSpeech) -> None:
        self._engine = engine
        self._pool = EnginePool(workers=4, observer=RecordingObserver())
        app = text_to_speech_app([engine], pool=self._pool)
        # A real service does not fail in its client's thread either when it is closed in the middle of an answer.
        super().__init__(TestClient(app, raise_server_exceptions=False))

    def close(self) -> None:
        super().close()
        self._pool.close()
        self._engine.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One engine, and what to let it say."""

    name: str
    open: Callable[[], TextToSpeech]
    language: Language
    text: str
    unsupported: Language
    local: bool = True
    """Works in child processes or threads of this process, so that its CPU time can be seen here."""
    where: str = "here"
    """Here, or behind a service."""
    libraries: bool = False
    """Needs the stand-ins for the libraries of job voices."""


@cache
def models() -> Path:
    """Folder of the models that are made here, for as long as the tests run."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return Path(folder.name)


def piper_voice() -> SherpaTextToSpeech:
    return SherpaTextToSpeech(make_tone_voice(models() / "piper", language="vi", symbol_samples=240))


def kokoro_voice() -> SherpaTextToSpeech:
    names = ("af_one", "am_two", "bf_three")
    return SherpaTextToSpeech(make_tone_kokoro(models() / "kokoro", names=names, symbol_samples=480))


def supertonic_voice() -> SherpaTextToSpeech:
    return SherpaTextToSpeech(make_tone_supertonic(models() / "supertonic", symbol_samples=480))


def matcha_voice() -> SherpaTextToSpeech:
    return SherpaTextToSpeech(make_tone_matcha(models() / "matcha", symbol_samples=480))


def pocket_voice() -> SherpaTextToSpeech:
    return SherpaTextToSpeech(make_tone_pocket(models() / "pocket", voices={"ann": 1, "bob": 2}, symbol_samples=480))


def zipvoice() -> SherpaTextToSpeech:
    """Its lexicon has the words of this file: as it is published, it knows none of its own."""
    texts = [ENGLISH_TEXT, REFERENCE_TEXT, *ODD_TEXTS.values(), "1 2 3"]
    words = {word for text in texts for word in re.findall(r"[a-z0-9]+(?:['-][a-z0-9]+)*", text.lower())}
    words |= {"x" * length for length in range(1, 401)}  # the longest word is cut somewhere
    lexicon = {word: (3 * re.sub("[^a-z]", "e", word))[:40] for word in words}
    return SherpaTextToSpeech(make_tone_zipvoice(models() / "zipvoice", lexicon=lexicon))


def google() -> TextToSpeech:
    """Answers with a tone for each word of a request, in this process."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        call = json.loads(urllib.parse.unquote(request.content.decode().removeprefix("f.req=").rstrip("&")))[0][0]
        words = len(json.loads(call[1])[0].split())
        tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(round(0.3 * words * GOOGLE_RATE)) / GOOGLE_RATE)
        mp3 = io.BytesIO()
        soundfile.write(mp3, tone, GOOGLE_RATE, format="MP3")
        rows = [["wrb.fr", "jQ1olc", json.dumps([base64.b64encode(mp3.getvalue()).decode()]), None, "generic"]]
        return httpx2.Response(200, content=f")]}}'\n\n1\n{json.dumps(rows)}\n".encode())

    return GttsTextToSpeech(httpx2.Client(base_url="https://google.invalid", transport=httpx2.MockTransport(answer)))


def job_voice(module: ModuleType) -> Callable[[], TextToSpeech]:
    def opened() -> TextToSpeech:
        engine = module.open_engine(make_model(models() / module.LIBRARY.name, module), threads=1)
        assert isinstance(engine, JobVoice)
        return engine

    return opened


def vieneu_nano() -> VieneuTextToSpeech:
    return VieneuTextToSpeech(make_vieneu_nano(models() / "nano"))


def vieneu_turbo() -> VieneuTextToSpeech:
    return VieneuTextToSpeech(make_vieneu_turbo(models() / "turbo"))


ENGLISH_TEXT = "We will pay 413 dollars in October, and there are thirty-three people in our group."

CASES = [
    Case(
        name="sherpa_voice",
        where="as ZipVoice",
        open=zipvoice,
        language=Language("en"),
        text=ENGLISH_TEXT,
        unsupported=Language("th"),
    ),
    Case(
        name="gtts",
        where="with a stand-in",
        open=google,
        language=Language("en"),
        text=ENGLISH_TEXT,
        unsupported=Language("eo"),
        local=False,
    ),
    *(
        Case(
            name=module.LIBRARY.name,
            where="with a stand-in",
            open=job_voice(module),
            language=Language("en"),
            text=ENGLISH_TEXT,
            unsupported=Language("vi"),
            libraries=True,
        )
        for module in (xtts, f5, chatterbox)
    ),
    Case(
        name="sherpa_voice",
        where="as Piper",
        open=piper_voice,
        language=Language("vi"),
        text="Chúng tôi sẽ trả 413 đô la vào tháng Mười, và nhóm của chúng tôi có ba mươi ba người.",
        unsupported=Language("th"),
    ),
    Case(
        name="sherpa_voice",
        where="as Kokoro",
        open=kokoro_voice,
        language=Language("en"),
        text="We will pay 413 dollars in October, and there are thirty-three people in our group.",
        unsupported=Language("th"),
    ),
    Case(
        name="espeak",
        open=EspeakTextToSpeech,
        language=Language("vi"),
        text="Chúng tôi sẽ trả 413 đô la vào tháng Mười, và nhóm của chúng tôi có ba mươi ba người.",
        unsupported=Language("th"),
    ),
    Case(
        name="sherpa_voice",
        where="as Supertonic",
        open=supertonic_voice,
        language=Language("vi"),
        text="Chúng tôi sẽ trả 413 đô la vào tháng Mười, và nhóm của chúng tôi có ba mươi ba người.",
        unsupported=Language("th"),
    ),
    Case(
        name="sherpa_voice",
        where="as Matcha",
        open=matcha_voice,
        language=Language("en"),
        text="We will pay 413 dollars in October, and there are thirty-three people in our group.",
        unsupported=Language("th"),
    ),
    Case(
        name="sherpa_voice",
        where="as Pocket",
        open=pocket_voice,
        language=Language("en"),
        text="We will pay 413 dollars in October, and there are thirty-three people in our group.",
        unsupported=Language("th"),
    ),
    Case(
        name="vieneu",
        where="as Nano",
        open=vieneu_nano,
        language=Language("vi"),
        text="Chúng tôi sẽ trả 413 đô la vào tháng Mười, và nhóm của chúng tôi có ba mươi ba người.",
        unsupported=Language("en"),
    ),
    Case(
        name="vieneu",
        where="as Turbo",
        open=vieneu_turbo,
        language=Language("vi"),
        text="Chúng tôi sẽ trả 413 đô la vào tháng Mười, và nhóm của chúng tôi có ba mươi ba người.",
        unsupported=Language("th"),
    ),
    Case(
        name="fake",
        open=FakeTextToSpeech,
        language=Language("vi"),
        text="Chúng tôi sẽ trả 413 đô la vào tháng Mười, và nhóm của chúng tôi có ba mươi ba người.",
        unsupported=Language("ca"),
        local=False,
    ),
    Case(
        name="fake",
        where="over HTTP",
        open=lambda: OverHttp(FakeTextToSpeech()),
        language=Language("vi"),
        text="Chúng tôi sẽ trả 413 đô la vào tháng Mười, và nhóm của chúng tôi có ba mươi ba người.",
        unsupported=Language("ca"),
        local=False,
    ),
    Case(
        name="espeak",
        where="over HTTP",
        open=lambda: OverHttp(EspeakTextToSpeech()),
        language=Language("vi"),
        text="Chúng tôi sẽ trả 413 đô la vào tháng Mười, và nhóm của chúng tôi có ba mươi ba người.",
        unsupported=Language("th"),
        local=False,
    ),
]

ODD_TEXTS = {
    "an option": "-v fr --version -w /tmp/out.wav hello",
    "markup": '<speak><audio src="/etc/passwd"/>hello</speak>',
    "phoneme escapes": "hello [[h@l'oU]] [[[x]]] there",
    "control characters": "one\x00two\x01+10S\x07\x1b[31m three\r\nfour\t",
    "entities": "&lt;b&gt; &#65; &amp; hello",
    "zero-width and marks": "a\u200bb\u202e c\ufeff \u0301",
    "lone surrogate": "a \ud800 b",
    "emoji beside a word": "😀 hello 👩‍👩‍👧",
    "digits": "7777777777",
    "one word of 400 letters": "x" * 400,
}


@pytest.fixture(params=CASES, ids=lambda case: f"{case.name} {case.where}", scope="module")
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    chosen = request.param
    assert isinstance(chosen, Case)
    with libraries_installed(tmp_path_factory.mktemp("libraries")) if chosen.libraries else nullcontext():
        yield chosen


@pytest.fixture(scope="module")
def engine(case: Case) -> Iterator[TextToSpeech]:
    engine = case.open()
    engine.warm_up()
    yield engine
    engine.close()


def say(
    engine: TextToSpeech, case: Case, text: str | None = None, *, voice: Voice = DEFAULT_VOICE, speed: float = 1.0
) -> Audio:
    pieces = engine.speak(case.text if text is None else text, language=case.language, voice=voice, speed=speed)
    return join_audio(pieces, engine.info.sample_rate)


def assert_audible(audio: Audio) -> None:
    assert audio.samples.dtype == np.float32
    assert audio.samples.ndim == 1
    assert float(np.abs(audio.samples).max()) <= 1.0
    assert float(np.sqrt(np.mean(audio.samples**2))) > 0.005
    assert audio.duration_s > 0.1


def test_says_what_it_is(case: Case, engine: TextToSpeech) -> None:
    info = engine.info

    assert info.kind is EngineKind.TEXT_TO_SPEECH
    assert info.name == case.name
    assert case.language in info.languages
    assert set(info.languages) <= set(LANGUAGES)
    assert info.sample_rate > 0
    assert info.licence


def test_speaks_audibly_at_the_rate_it_states(case: Case, engine: TextToSpeech) -> None:
    pieces = list(engine.speak(case.text, language=case.language, voice=DEFAULT_VOICE, speed=1.0))

    assert {piece.sample_rate for piece in pieces} == {engine.info.sample_rate}
    assert_audible(join_audio(pieces, engine.info.sample_rate))


def test_a_longer_text_sounds_longer(case: Case, engine: TextToSpeech) -> None:
    short = say(engine, case, case.text.split(",")[0])

    assert say(engine, case).duration_s > 1.2 * short.duration_s


@pytest.mark.parametrize("speed", [0.8, 1.25, 1.6])
def test_speed_changes_the_duration_by_its_factor(case: Case, engine: TextToSpeech, speed: float) -> None:
    plain = say(engine, case)

    changed = say(engine, case, speed=speed)

    assert_audible(changed)
    if engine.info.honours_speed:
        assert changed.duration_s == pytest.approx(plain.duration_s / speed, rel=0.1)


@pytest.mark.parametrize("speed", [0.49, 2.01, 0.0, -1.0, float("nan"), float("inf")])
def test_refuses_a_speed_that_nobody_can_follow(case: Case, engine: TextToSpeech, speed: float) -> None:
    with pytest.raises(SpeedOutOfRange):
        say(engine, case, speed=speed)


def test_every_voice_of_its_list_speaks_and_the_default_comes_first(case: Case, engine: TextToSpeech) -> None:
    voices = engine.voices(case.language)

    default = say(engine, case, "1")

    assert np.array_equal(default.samples, say(engine, case, "1", voice=voices[0]).samples)
    assert len(set(voices)) == len(voices)
    for voice in voices:
        assert_audible(say(engine, case, "1", voice=voice))


def test_refuses_an_unknown_voice_and_names_known_ones(case: Case, engine: TextToSpeech) -> None:
    with pytest.raises(VoiceNotFound) as refusal:
        say(engine, case, voice=Voice(name="no such voice"))

    assert any(voice.name in str(refusal.value) for voice in engine.voices(case.language))


def test_refuses_a_language_it_does_not_speak_and_has_no_voices_for_it(case: Case, engine: TextToSpeech) -> None:
    with pytest.raises(LanguageNotSupported) as refusal:
        list(engine.speak("1 2 3", language=case.unsupported, voice=DEFAULT_VOICE, speed=1.0))

    assert case.language in str(refusal.value)
    assert engine.voices(case.unsupported) == ()


@pytest.mark.parametrize("nothing", ["", "   ", "\n", "...", "?! —", "😀"])
def test_refuses_text_with_nothing_to_speak(case: Case, engine: TextToSpeech, nothing: str) -> None:
    with pytest.raises(EngineOutputInvalid, match="nothing to speak"):
        say(engine, case, nothing)


@pytest.mark.parametrize("kind", ODD_TEXTS)
def test_odd_text_is_spoken_as_text(case: Case, engine: TextToSpeech, kind: str) -> None:
    assert_audible(say(engine, case, ODD_TEXTS[kind]))


def test_speaks_every_language_of_its_list(engine: TextToSpeech) -> None:
    for language in engine.info.languages:
        spoken = engine.speak("1 2 3", language=language, voice=DEFAULT_VOICE, speed=1.0)

        assert_audible(join_audio(spoken, engine.info.sample_rate))


def test_threads_at_once_get_what_one_gets(case: Case, engine: TextToSpeech) -> None:
    alone = say(engine, case)
    together = threading.Barrier(4)

    def ask() -> Audio:
        together.wait(timeout=10)
        return say(engine, case)

    with ThreadPoolExecutor(4) as executor:
        spoken = [asked.result(timeout=30) for asked in [executor.submit(ask) for _ in range(4)]]

    assert all(np.array_equal(audio.samples, alone.samples) for audio in spoken)


def test_counts_the_cpu_time_of_its_own_threads_and_programs(case: Case, engine: TextToSpeech) -> None:
    before_s = engine.cpu_s()

    say(engine, case)

    assert before_s >= 0.0
    assert engine.cpu_s() > before_s or not case.local


def test_after_closing_it_says_that_it_is_closed(case: Case) -> None:
    engine = case.open()
    say(engine, case)

    engine.close()
    engine.close()

    with pytest.raises(EngineUnavailable):
        say(engine, case)


def test_closing_in_the_middle_of_a_text_leaves_no_process_and_no_thread(case: Case) -> None:
    processes, threads = child_processes(), set(threading.enumerate())
    engine = case.open()
    pieces = engine.speak(f"{case.text} " * 20, language=case.language, voice=DEFAULT_VOICE, speed=1.0)
    next(pieces)

    engine.close()

    with pytest.raises(EngineUnavailable):
        list(pieces)
    assert child_processes() <= processes
    assert set(threading.enumerate()) <= threads


def child_processes() -> set[str]:
    """Process ids of the children of this process, the dead that nobody has reaped included."""
    pids: set[str] = set()
    for task in Path("/proc/self/task").iterdir():
        # A thread may end while we look; its children then belong to another one.
        with suppress(FileNotFoundError, ProcessLookupError):
            pids.update((task / "children").read_text().split())
    return pids
