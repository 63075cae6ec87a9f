"""Runs of the real command that several tests look at, the engines they are judged by, and a table of figures.

The runs that the collected tests need are begun two at a time as soon as the first is asked for, in their order.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import pytest
import soundfile
from tests.acceptance.commands import FIXTURES, PICO, SAMPLES, SPEECH, Command, Home
from tests.acceptance.hearing import WordErrors, load, without_pauses
from tests.acceptance.results import Results
from tests.recordings import librivox_readings

from dragoman.engines.speech_to_text import faster_whisper, pocketsphinx
from dragoman.engines.text_to_speech import espeak
from dragoman.engines.translation import apertium, ctranslate2
from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.ground.engines import IncrementalSpeechToText, SpeechToText, TextToSpeech, Translator

BETWEEN_S = 1.5
"""Silence between recordings that take turns in one room."""

ALLOWED_WORD_ERRORS = 0.02
"""Word errors that we may add to those of the engine alone, as a share of the words."""

TABLE = pytest.StashKey[list[str]]()


class Figures(Protocol):
    """Notes a row of the table at the end."""

    def __call__(self, what: str, *, alone: WordErrors | None = None, ours: WordErrors | None = None) -> None: ...


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> Figures:
    rows = request.config.stash.setdefault(TABLE, [])

    def note(what: str, *, alone: WordErrors | None = None, ours: WordErrors | None = None) -> None:
        rows.append(f"{what:<48} {alone or ''!s:<24} {ours or ''!s}".rstrip())

    return note


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table."""
    rows = config.stash.get(TABLE, [])
    if rows:
        terminalreporter.section("speech interpreted: word errors of the engine alone, and ours")
        for row in rows:
            terminalreporter.write_line(row)


def turns(files: list[Path]) -> list[float]:
    """Say when each recording begins if they take turns."""
    starts, at_s = [], 0.0
    for file in files:
        starts.append(at_s)
        at_s += soundfile.info(file).duration + BETWEEN_S
    return starts


def speech_files(language: str) -> list[Path]:
    """Give the short recordings of one language, and the long one."""
    return [SPEECH / f"{language}-{number}.wav" for number in (*range(1, 7), "long")]


def said_in(files: list[Path]) -> str:
    """Give the text of recordings from what lies beside them: JSON of the fixtures, lines of the samples."""
    texts = []
    for file in files:
        beside = file.with_suffix(".json")
        texts.append(
            json.loads(beside.read_text())["text"] if beside.exists() else file.with_suffix(".txt").read_text()
        )
    return " ".join(texts)


TALKS = [SAMPLES / name for name in ("talk.flac", "dialogue.a.flac", "dialogue.b.flac", "dialogue.a.flac")]
"""Together more than a minute without pauses."""


def _uninterrupted(files: list[Path], place: Path) -> Path:
    audio = without_pauses(load(file) for file in files)
    assert audio.duration_s > 60
    soundfile.write(place, audio.samples, RECOGNITION_RATE, subtype="PCM_16")
    return place


def _readings() -> list[Path]:
    return [reading.audio for reading in librivox_readings()]


def _commands(folder: Path) -> dict[str, Callable[[], Command]]:
    """Say how each shared run is called; a key is the name of its fixture."""

    def taking_turns(files: list[Path], source: str, targets: list[str], *options: str) -> Command:
        return Command(files=files, source=source, targets=targets, options=("--fast", *options), starts_s=turns(files))

    def dense(files: list[Path], name: str, source: str, target: str, *options: str) -> Command:
        recording = _uninterrupted(files, folder / f"{name}.wav")
        return taking_turns([recording], source, [target], *options)

    dialogue = [SAMPLES / "dialogue.a.flac", SAMPLES / "dialogue.b.flac"]
    return {
        "talk": lambda: taking_turns([SAMPLES / "talk.flac"], "en", ["es", "ca"]),
        "dialogue": lambda: Command(files=dialogue, source="en", targets=["es"], options=("--fast", "--dub-only")),
        "readings": lambda: taking_turns(_readings(), "en", ["es"]),
        "english": lambda: taking_turns(speech_files("en"), "en", ["vi"], "--dub-only", *PICO),
        "vietnamese": lambda: taking_turns(speech_files("vi"), "vi", ["en"], "--dub-only", *PICO),
        "dense_talk": lambda: dense(TALKS, "dense_talk", "en", "es"),
        "dense_english": lambda: dense(speech_files("en"), "dense_english", "en", "vi", *PICO),
        "dense_vietnamese": lambda: dense(speech_files("vi"), "dense_vietnamese", "vi", "en", *PICO),
    }


class Runs:
    """The shared runs; each is done once."""

    def __init__(self, folder: Path, home: Home, wanted: list[str]) -> None:
        self._folder = folder
        self._home = home
        self._commands = _commands(folder)
        self._executor = ThreadPoolExecutor(max_workers=2, thread_name_prefix="run")
        self._begun: dict[str, Future[Results]] = {
            name: self._executor.submit(self._run, name) for name in wanted if name in self._commands
        }

    def recording(self, name: str) -> Path:
        """Give the recording that was made for a run without pauses."""
        return self._folder / f"{name}.wav"

    def result(self, name: str) -> Results:
        """Wait for a run."""
        return self._begun[name].result()

    def close(self) -> None:
        self._executor.shutdown(wait=True, cancel_futures=True)

    def _run(self, name: str) -> Results:
        return self._commands[name]().run(self._home, self._folder / name)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(folder=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, home: Home) -> Iterator[Runs]:
    shared = Runs(tmp_path_factory.mktemp("runs"), home, _wanted(request.session.items))
    yield shared
    shared.close()


def _wanted(items: list[pytest.Item]) -> list[str]:
    """Give the names of runs that tests take as a fixture, or as a parameter."""
    names: list[object] = []
    for item in items:
        if isinstance(item, pytest.Function):
            names += item.fixturenames
            names += item.callspec.params.values() if hasattr(item, "callspec") else ()
    return list(dict.fromkeys(name for name in names if isinstance(name, str)))


@pytest.fixture(scope="session")
def talk(runs: Runs) -> Results:
    """Give the bundled talk in Spanish and Catalan, the original under the dub."""
    return runs.result("talk")


@pytest.fixture(scope="session")
def dialogue(runs: Runs) -> Results:
    """Give the two bundled speakers who talk at once, dubbed into Spanish."""
    return runs.result("dialogue")


@pytest.fixture(scope="session")
def readings(runs: Runs) -> Results:
    """Give five people reading, one after the other."""
    return runs.result("readings")


@pytest.fixture(scope="session")
def english(runs: Runs) -> Results:
    """Give the English fixtures one after the other in Vietnamese."""
    return runs.result("english")


@pytest.fixture(scope="session")
def vietnamese(runs: Runs) -> Results:
    """Give the Vietnamese fixtures one after the other in English."""
    return runs.result("vietnamese")


@pytest.fixture(scope="session")
def whisper() -> Iterator[SpeechToText]:
    engine = faster_whisper.open_engine(FIXTURES / "whisper-pico", threads=1)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def sphinx() -> Iterator[IncrementalSpeechToText]:
    engine = pocketsphinx.open_engine(None, threads=1)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def pico_translator() -> Iterator[Translator]:
    engine = ctranslate2.open_engine(FIXTURES / "mt-pico", threads=1)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def apertium_translator() -> Iterator[Translator]:
    engine = apertium.open_engine(None, threads=1)
    yield engine
    engine.close()


@pytest.fixture(scope="session")
def espeak_voice() -> Iterator[TextToSpeech]:
    engine = espeak.open_engine(None, threads=1)
    yield engine
    engine.close()
