"""The twin that gives the tests' model the cost of a large one: the same words, and its own work."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import ctranslate2
import pytest
import soundfile
from benchmarks import true_cost
from benchmarks.peers.true_cost_twin import Twin, put_twin_beside
from benchmarks.true_cost import SHAPES, Shape, TrueCostWhisper, make_model
from faster_whisper import WhisperModel

from dragoman.engines.speech_to_text import faster_whisper
from dragoman.ground.audio import RECOGNITION_RATE, Audio
from dragoman.ground.engines import RecognitionContext
from dragoman.ground.languages import Language
from dragoman.ground.windows import Window

FIXTURES = Path(__file__).parent.parent / "fixtures"
PICO = FIXTURES / "whisper-pico"
ASKED: dict[str, Any] = {"language": "en", "beam_size": 5, "word_timestamps": True}


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A twin that is large in name only, so that the test is quick."""
    shape = Shape(width=64, layers=1, heads=1, alignment_heads=((0, 0),))
    monkeypatch.setitem(true_cost.SHAPES, "base", shape)
    return make_model("base", PICO, tmp_path / "base")


def test_the_twin_changes_no_word_and_its_work_is_counted(large: Path) -> None:
    samples, _ = soundfile.read(FIXTURES / "speech" / "en-1.wav", dtype="float32")
    audio = Audio(samples=samples[: 3 * RECOGNITION_RATE], sample_rate=RECOGNITION_RATE)
    window = Window(audio=audio, context=RecognitionContext(), last=True)
    alone, together = faster_whisper.open_engine(PICO, threads=1), TrueCostWhisper(PICO, large, threads=1)
    before_s = together.cpu_s()

    expected = alone.hypothesize(window, language=Language("en"))
    heard = together.hypothesize(window, language=Language("en"))

    assert heard == replace(expected, model_used="faster_whisper:base")
    assert together.cpu_s() > before_s
    alone.close()
    together.close()


def test_the_twin_inside_a_peer_s_recogniser_changes_no_word_either(large: Path) -> None:
    audio = str(FIXTURES / "speech" / "en-6.wav")
    recogniser = WhisperModel(str(PICO), device="cpu", compute_type="int8", cpu_threads=1)
    alone = [(word.word, word.start) for part in recogniser.transcribe(audio, **ASKED)[0] for word in part.words or ()]

    put_twin_beside(recogniser, large)

    together = recogniser.transcribe(audio, **ASKED)[0]
    assert isinstance(recogniser.model, Twin)
    assert alone
    assert [(word.word, word.start) for part in together for word in part.words or ()] == alone


def test_a_made_model_is_one_that_ctranslate2_takes_for_multilingual(large: Path) -> None:
    model = ctranslate2.models.Whisper(str(large), device="cpu", compute_type="int8")

    assert model.is_multilingual
    assert model.n_mels == 80
    model.unload_model()


@pytest.mark.parametrize("size", ["base", "small"])
def test_alignment_heads_lie_within_the_model(size: str) -> None:
    shape = SHAPES[size]

    assert shape.width == 64 * shape.heads
    assert all(layer < shape.layers and head < shape.heads for layer, head in shape.alignment_heads)
