"""How fast a voice is on this machine: measured once, remembered, and measured anew when something changed."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dragoman.engines.text_to_speech.measured_speed import ROUNDS, MeasuredSpeed
from dragoman.ground.audio import Audio
from dragoman.ground.engines import EngineInfo, Voice
from dragoman.ground.errors import EngineCrashed
from dragoman.ground.languages import Language
from dragoman.testing.engines import FakeTextToSpeech
from dragoman.testing.script import Fail


class Counted(FakeTextToSpeech):
    """A voice that counts what it says."""

    def __init__(self, **changes: object) -> None:
        super().__init__()
        self.asked = 0
        self._changes = changes

    @property
    def info(self) -> EngineInfo:
        return replace(self._info, **self._changes)  # type: ignore[arg-type]

    @info.setter
    def info(self, info: EngineInfo) -> None:
        self._info = info

    def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
        self.asked += 1
        return super().speak(text, language=language, voice=voice, speed=speed)


def book(cache: Path, processor: str = "one core", *, threads: int = 1) -> MeasuredSpeed:
    return MeasuredSpeed(cache, threads=threads, processor=processor)


def test_an_engine_that_nobody_measured_has_no_figure(tmp_path: Path) -> None:
    assert book(tmp_path).real_time_factor(Counted().info.label) is None


def test_what_was_measured_is_given_by_label(tmp_path: Path) -> None:
    speeds, engine = book(tmp_path), Counted()

    measured = speeds.measure(engine)

    assert measured is not None
    assert measured > 0
    assert speeds.real_time_factor(engine.info.label, Language("vi")) == measured
    assert engine.asked == ROUNDS


def test_another_process_of_this_machine_does_not_measure_again(tmp_path: Path) -> None:
    measured = book(tmp_path).measure(Counted())
    again = Counted()

    assert book(tmp_path).measure(again) == measured
    assert book(tmp_path).remembered(again.info) == measured
    assert again.asked == 0


@pytest.mark.parametrize("changes", [{"version": "2"}, {"model": "another"}, {"name": "another"}])
def test_a_changed_engine_is_measured_anew(tmp_path: Path, changes: dict[str, object]) -> None:
    book(tmp_path).measure(Counted())
    changed = Counted(**changes)

    book(tmp_path).measure(changed)

    assert changed.asked == ROUNDS


def test_on_another_processor_it_is_measured_anew(tmp_path: Path) -> None:
    book(tmp_path).measure(Counted())
    engine = Counted()

    book(tmp_path, "eight cores").measure(engine)

    assert engine.asked == ROUNDS


def test_with_more_threads_it_is_measured_anew(tmp_path: Path) -> None:
    book(tmp_path).measure(Counted())
    engine = Counted()

    book(tmp_path, threads=4).measure(engine)

    assert engine.asked == ROUNDS


@pytest.mark.parametrize("changes", [{"online": True}, {"remote": True}])
def test_what_works_elsewhere_is_not_measured_here(tmp_path: Path, changes: dict[str, object]) -> None:
    engine = Counted(**changes)

    assert book(tmp_path).measure(engine) is None
    assert engine.asked == 0


def test_an_engine_that_fails_has_no_figure(tmp_path: Path) -> None:
    engine = FakeTextToSpeech(outcomes=[Fail(error=EngineCrashed("it ended"))])

    assert book(tmp_path).measure(engine) is None


@pytest.mark.parametrize("content", [b"", b"fast", b"nan", b"-1", b"0", b"1e9", b"\xff"])
def test_a_damaged_book_is_measured_anew(tmp_path: Path, content: bytes) -> None:
    book(tmp_path).measure(Counted())
    (page,) = (tmp_path / "voice-speed").iterdir()
    page.write_bytes(content)
    engine = Counted()

    assert book(tmp_path).measure(engine) is not None
    assert engine.asked == ROUNDS


def test_a_folder_that_cannot_be_written_costs_only_the_memory(tmp_path: Path) -> None:
    (tmp_path / "voice-speed").write_text("a file in the way")
    speeds, engine = book(tmp_path), Counted()

    assert speeds.measure(engine) is not None
    assert speeds.real_time_factor(engine.info.label) is not None
