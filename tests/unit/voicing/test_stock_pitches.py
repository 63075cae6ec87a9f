"""StockPitches: every stock voice is heard once per machine."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.humming import hum

from dragoman.ground.audio import Audio
from dragoman.ground.engines import Voice
from dragoman.ground.errors import VoiceNotFound
from dragoman.ground.languages import Language
from dragoman.testing.engines import FakeTextToSpeech
from dragoman.voicing.stock_pitches import StockPitches

VI = Language("vi")


class Choir(FakeTextToSpeech):
    """Two voices that hum, and one that fails."""

    def voices(self, language: Language) -> tuple[Voice, ...]:
        return (Voice(name="man"), Voice(name="ill"), Voice(name="woman"))

    def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
        self.spoken.append((text, voice, speed))
        if voice.name == "ill":
            raise VoiceNotFound("no voice today")
        hummed = hum(110 if voice.name == "man" else 210, 24_000, seconds=1.0)
        yield Audio(samples=np.asarray(hummed, np.float32), sample_rate=24_000)


def test_voices_are_heard_saying_figures_of_the_language(tmp_path: Path) -> None:
    choir, pitches = Choir(), StockPitches(tmp_path)

    pitches.measure(choir, VI)

    known = pitches.known("fake", VI)
    assert known[Voice(name="man")] == pytest.approx(110, rel=0.03)
    assert known[Voice(name="woman")] == pytest.approx(210, rel=0.03)
    assert Voice(name="ill") not in known
    assert choir.spoken[0][0].startswith("một nghìn hai trăm")


def test_what_was_heard_is_remembered_by_the_machine(tmp_path: Path) -> None:
    StockPitches(tmp_path).measure(Choir(), VI)
    again = Choir()
    pitches = StockPitches(tmp_path)

    pitches.measure(again, VI)
    pitches.measure(again, VI)

    assert [voice.name for _, voice, _ in again.spoken] == ["ill"]
    assert set(pitches.known("fake", VI)) == {Voice(name="man"), Voice(name="woman")}


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b'{"man": "high", "woman": 1e9}', b"\xff\x00"])
def test_a_damaged_memory_is_made_anew(tmp_path: Path, content: bytes) -> None:
    StockPitches(tmp_path).measure(Choir(), VI)
    next((tmp_path / "pitches").iterdir()).write_bytes(content)
    pitches = StockPitches(tmp_path)

    pitches.measure(Choir(), VI)

    assert len(pitches.known("fake", VI)) == 2


def test_nothing_is_known_before_anything_was_heard(tmp_path: Path) -> None:
    assert StockPitches(tmp_path).known("fake", VI) == {}
