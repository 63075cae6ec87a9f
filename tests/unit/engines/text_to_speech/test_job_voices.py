"""Voices for background jobs, with stand-ins for their libraries: packages of the same names, calls and results."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from tests.job_libraries import libraries_installed, make_model

from dragoman.engines.registry import ON_REQUEST, REGISTRY, open_text_to_speech
from dragoman.engines.text_to_speech.job_voice import chatterbox, f5, xtts
from dragoman.engines.text_to_speech.job_voice.engine import JobVoice
from dragoman.ground.audio import Audio, join_audio
from dragoman.ground.engines import DEFAULT_VOICE, EngineChoice, EngineKind, Voice
from dragoman.ground.errors import (
    EngineCrashed,
    EngineOutputInvalid,
    EngineUnavailable,
    LanguageNotSupported,
    ModelIncomplete,
    VoiceNotFound,
)
from dragoman.ground.languages import Language

ENGLISH = Language("en")


@pytest.fixture
def libraries(tmp_path: Path) -> Iterator[Path]:
    with libraries_installed(tmp_path / "libraries") as root:
        yield root


@pytest.fixture
def opened(tmp_path: Path, libraries: Path) -> Iterator[Callable[..., JobVoice]]:
    engines: list[JobVoice] = []

    def open_it(module: ModuleType, **model: tuple[str, ...]) -> JobVoice:
        engine = module.open_engine(make_model(tmp_path / "model", module, **model), threads=1)
        assert isinstance(engine, JobVoice)
        engines.append(engine)
        return engine

    yield open_it
    for engine in engines:
        engine.close()


def say(
    engine: JobVoice,
    text: str,
    *,
    language: Language = ENGLISH,
    voice: Voice = DEFAULT_VOICE,
    speed: float = 1.0,
) -> Audio:
    return join_audio(engine.speak(text, language=language, voice=voice, speed=speed), engine.info.sample_rate)


def pitch_hz(audio: Audio) -> float:
    spectrum = np.abs(np.fft.rfft(audio.samples))
    return float(spectrum.argmax()) * audio.sample_rate / len(audio.samples)


@pytest.mark.parametrize("module", [xtts, f5, chatterbox], ids=lambda module: module.LIBRARY.name)
def test_every_library_speaks_in_a_process_of_its_own(opened: Callable[..., JobVoice], module: ModuleType) -> None:
    engine = opened(module)
    engine.warm_up()

    spoken = say(engine, "one two three four. five six.")

    assert spoken.duration_s == pytest.approx(1.5, abs=0.01)
    health = engine.health()
    assert (health["running"], health["spoken"]) == (True, 2)
    assert engine.info.jobs_only


@pytest.mark.parametrize("module", [xtts, f5], ids=lambda module: module.LIBRARY.name)
def test_speed_is_given_to_the_libraries_that_honour_it(opened: Callable[..., JobVoice], module: ModuleType) -> None:
    assert say(opened(module), "one two three four", speed=2.0).duration_s == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("module", [xtts, f5, chatterbox], ids=lambda module: module.LIBRARY.name)
def test_a_library_that_is_not_installed_is_named_with_its_extra_and_licence(
    tmp_path: Path, module: ModuleType
) -> None:
    library = module.LIBRARY
    with pytest.raises(EngineUnavailable) as refusal:
        module.open_engine(make_model(tmp_path / "model", module), threads=1)

    assert f"dragoman[{library.name}]" in str(refusal.value)
    assert library.licence in str(refusal.value)
    assert ("not for commercial use" in str(refusal.value)) is not library.commercial


@pytest.mark.parametrize("module", [xtts, f5, chatterbox], ids=lambda module: module.LIBRARY.name)
def test_a_folder_that_is_not_whole_says_what_is_missing(libraries: Path, tmp_path: Path, module: ModuleType) -> None:
    make_model(tmp_path / "model", module)
    (tmp_path / "model" / module.LIBRARY.files[-1]).unlink()

    with pytest.raises(ModelIncomplete, match=module.LIBRARY.files[-1]):
        module.open_engine(tmp_path / "model", threads=1)


@pytest.mark.parametrize("module", [xtts, f5], ids=lambda module: module.LIBRARY.name)
def test_without_a_recording_there_is_no_voice(libraries: Path, tmp_path: Path, module: ModuleType) -> None:
    with pytest.raises(ModelIncomplete, match=r"voices/NAME\.wav"):
        module.open_engine(make_model(tmp_path / "model", module, voices=()), threads=1)


def test_chatterbox_has_a_voice_without_a_recording_and_goes_back_to_it(opened: Callable[..., JobVoice]) -> None:
    engine = opened(chatterbox)

    first = pitch_hz(say(engine, "one two"))
    recorded = pitch_hz(say(engine, "one two", voice=Voice(name="ann")))
    again = pitch_hz(say(engine, "one two"))

    assert first == again == pytest.approx(440, abs=5)
    assert recorded == pytest.approx(880, abs=5)


def test_languages_have_the_names_that_the_library_gives_them(opened: Callable[..., JobVoice]) -> None:
    assert say(opened(xtts), "你好", language=Language("zh")).duration_s > 0


def test_vietnamese_is_not_spoken_by_xtts(opened: Callable[..., JobVoice]) -> None:
    with pytest.raises(LanguageNotSupported, match="Vietnamese"):
        say(opened(xtts), "Xin chào", language=Language("vi"))


def test_wrong_wishes_are_refused_before_the_library_is_loaded(opened: Callable[..., JobVoice]) -> None:
    engine = opened(xtts)

    with pytest.raises(VoiceNotFound, match="ann"):
        say(engine, "one", voice=Voice(name="bob"))
    with pytest.raises(EngineOutputInvalid, match="nothing to speak"):
        say(engine, "...")

    assert engine.health() == {"running": False}


def test_a_library_that_ends_its_process_is_started_again(opened: Callable[..., JobVoice]) -> None:
    engine = opened(xtts)

    with pytest.raises(EngineCrashed):
        say(engine, "crash now")

    assert say(engine, "one two").duration_s == pytest.approx(0.5, abs=0.01)


def test_a_library_that_raises_says_what_it_said(opened: Callable[..., JobVoice], tmp_path: Path) -> None:
    engine = opened(xtts)
    (tmp_path / "model" / "voices" / "ann.wav").unlink()

    with pytest.raises(EngineCrashed, match=r"ann\.wav"):
        say(engine, "one")


def test_the_stricter_licence_of_library_and_folder_counts(libraries: Path, tmp_path: Path) -> None:
    folder = make_model(tmp_path / "model", xtts)
    (folder / "dragoman.json").write_text('{"id": "vixtts", "licence": "MIT", "commercial": true, "languages": ["vi"]}')

    info = xtts.open_engine(folder, threads=1).info

    assert info.languages == (Language("vi"),)
    assert not info.commercial


@pytest.mark.parametrize("name", ["xtts", "f5", "chatterbox"])
def test_they_are_opened_only_for_who_names_them(libraries: Path, tmp_path: Path, name: str) -> None:
    module = {"xtts": xtts, "f5": f5, "chatterbox": chatterbox}[name]
    folder = make_model(tmp_path / "model", module)

    engine = open_text_to_speech(EngineChoice(name=name, model=str(folder)), find_model=Path)

    assert engine.info.name == name
    assert name not in REGISTRY[EngineKind.TEXT_TO_SPEECH]
    assert name in ON_REQUEST[EngineKind.TEXT_TO_SPEECH]
