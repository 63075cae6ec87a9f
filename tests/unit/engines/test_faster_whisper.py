"""Whisper's own promises: folders checked before they are loaded, long sound, and the same words as the oracle."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import faster_whisper as oracle_package
import jiwer
import numpy as np
import pytest
import soundfile

from dragoman.engines.speech_to_text.faster_whisper import FasterWhisper, open_engine
from dragoman.engines.speech_to_text.whisper_model import short_window_frames
from dragoman.ground.audio import RECOGNITION_RATE, Audio
from dragoman.ground.engines import RecognitionContext
from dragoman.ground.errors import (
    EngineUnavailable,
    LanguageNotSupported,
    ModelCorrupt,
    ModelIncomplete,
    ModelNotFound,
    ModelWrongFamily,
)
from dragoman.ground.languages import Language

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
WHISPER = FIXTURES / "whisper-pico"
NO_CONTEXT = RecognitionContext()
SHORT_TALKS = [f"{language}-{number}" for language in ("en", "vi") for number in range(1, 7)]


@pytest.fixture(scope="module")
def engine() -> Iterator[FasterWhisper]:
    engine = open_engine(WHISPER, threads=1)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def oracle() -> oracle_package.WhisperModel:
    return oracle_package.WhisperModel(str(WHISPER), device="cpu", compute_type="int8", cpu_threads=1)


def load_talk(name: str) -> tuple[Audio, str]:
    samples, rate = soundfile.read(FIXTURES / "speech" / f"{name}.wav", dtype="float32")
    truth = json.loads((FIXTURES / "speech" / f"{name}.json").read_text(encoding="utf-8"))
    return Audio(samples=samples, sample_rate=rate), truth["text"]


def bare(text: str) -> str:
    return " ".join(re.sub(r"[^\w ]", "", text.lower()).split())


def copy_model(folder: Path) -> Path:
    return Path(shutil.copytree(WHISPER, folder / "model"))


@pytest.mark.parametrize("name", SHORT_TALKS)
def test_short_windows_lose_nothing_against_the_full_window(
    engine: FasterWhisper, oracle: oracle_package.WhisperModel, name: str
) -> None:
    audio, _ = load_talk(name)
    language = Language(name[:2])
    segments, _ = oracle.transcribe(audio.samples, beam_size=5, language=language)

    transcript = engine.transcribe(audio, language=language, context=NO_CONTEXT)

    assert bare(transcript.text) == bare(" ".join(segment.text for segment in segments))


@pytest.mark.parametrize("name", ["en-long", "vi-long"])
def test_every_word_of_a_long_talk_comes_once(engine: FasterWhisper, name: str) -> None:
    audio, text = load_talk(name)

    transcript = engine.transcribe(audio, language=Language(name[:2]), context=NO_CONTEXT)

    assert audio.duration_s > 60
    assert jiwer.wer(bare(text), bare(transcript.text)) <= 0.02
    assert len(transcript.words) == pytest.approx(len(text.split()), abs=2)
    starts = [word.start_s for word in transcript.words]
    assert starts == sorted(starts)
    assert audio.duration_s - 5 < starts[-1] < audio.duration_s


def test_the_language_of_a_long_talk_is_found(engine: FasterWhisper) -> None:
    audio, _ = load_talk("vi-long")

    transcript = engine.transcribe(audio, language=None, context=NO_CONTEXT)

    assert transcript.language == "vi"


def test_loud_noise_gives_few_words_at_most(engine: FasterWhisper) -> None:
    noise = np.random.default_rng(5).normal(0.0, 0.03, 5 * RECOGNITION_RATE).astype(np.float32)

    transcript = engine.transcribe(
        Audio(samples=noise, sample_rate=RECOGNITION_RATE), language=Language("en"), context=NO_CONTEXT
    )

    assert len(transcript.words) <= 3


def test_another_sample_rate_is_refused(engine: FasterWhisper) -> None:
    audio = Audio(samples=np.zeros(8000, np.float32), sample_rate=8000)

    with pytest.raises(ValueError, match="16000"):
        engine.transcribe(audio, language=Language("en"), context=NO_CONTEXT)


def test_windows_have_a_margin_and_never_the_treacherous_lengths() -> None:
    windows = {content: short_window_frames(content) for content in range(3001)}

    assert not {160, 256} & set(windows.values())
    assert all(window >= min(content + 256, 3000) for content, window in windows.items())
    assert windows[94] == 350
    assert windows[3000] == 3000


def test_it_needs_a_model() -> None:
    with pytest.raises(EngineUnavailable, match="needs a model"):
        open_engine(None, threads=1)


def test_a_folder_that_does_not_exist_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFound):
        open_engine(tmp_path / "nowhere", threads=1)


def test_an_incomplete_folder_is_refused_with_the_files_it_lacks(tmp_path: Path) -> None:
    folder = copy_model(tmp_path)
    (folder / "tokenizer.json").unlink()
    (folder / "vocabulary.json").unlink()

    with pytest.raises(ModelIncomplete, match=r"tokenizer\.json, vocabulary\.json or vocabulary\.txt"):
        open_engine(folder, threads=1)


def test_a_translation_model_is_refused_with_the_engine_that_takes_it(tmp_path: Path) -> None:
    folder = copy_model(tmp_path)
    shutil.copy(FIXTURES / "mt-pico" / "model.bin", folder)

    with pytest.raises(ModelWrongFamily, match="translation engine ctranslate2"):
        open_engine(folder, threads=1)


def test_a_translation_folder_is_refused() -> None:
    with pytest.raises((ModelWrongFamily, ModelIncomplete)):
        open_engine(FIXTURES / "mt-pico", threads=1)


@pytest.mark.parametrize("part", [0.01, 0.5, 0.999])
def test_weights_that_are_cut_short_are_refused(tmp_path: Path, part: float) -> None:
    folder = copy_model(tmp_path)
    weights = (folder / "model.bin").read_bytes()
    (folder / "model.bin").write_bytes(weights[: int(len(weights) * part)])

    with pytest.raises(ModelIncomplete, match="cut short"):
        open_engine(folder, threads=1)


@pytest.mark.parametrize("file", ["config.json", "vocabulary.json", "tokenizer.json"])
def test_a_damaged_file_beside_the_weights_is_refused(tmp_path: Path, file: str) -> None:
    folder = copy_model(tmp_path)
    (folder / file).write_text('{"cut": ', encoding="utf-8")

    with pytest.raises(ModelCorrupt):
        open_engine(folder, threads=1)


def test_the_models_card_says_what_it_knows_and_who_may_use_it(tmp_path: Path) -> None:
    folder = copy_model(tmp_path)
    card = {"id": "phowhisper-small", "languages": ["vi"], "licence": "Apache-2.0", "commercial": True}
    (folder / "dragoman.json").write_text(json.dumps(card), encoding="utf-8")
    audio, text = load_talk("vi-1")

    engine = open_engine(folder, threads=1)

    assert engine.info.label == "faster_whisper:phowhisper-small"
    assert engine.info.languages == ("vi",)
    assert (engine.info.licence, engine.info.commercial) == ("Apache-2.0", True)
    assert bare(engine.transcribe(audio, language=None, context=NO_CONTEXT).text) == bare(text)
    with pytest.raises(LanguageNotSupported, match="Vietnamese"):
        engine.transcribe(audio, language=Language("en"), context=NO_CONTEXT)
    engine.close()


@pytest.mark.parametrize("card", ["[]", "{", '{"languages": ["tlh"]}'])
def test_a_damaged_card_is_refused(tmp_path: Path, card: str) -> None:
    folder = copy_model(tmp_path)
    (folder / "dragoman.json").write_text(card, encoding="utf-8")

    with pytest.raises(ModelCorrupt, match=r"dragoman\.json"):
        open_engine(folder, threads=1)


@pytest.mark.parametrize("closing", ["engine.close()", "pass"])
def test_the_interpreter_ends_in_peace(closing: str) -> None:
    program = f"""
from pathlib import Path
from dragoman.engines.speech_to_text.faster_whisper import open_engine
engine = open_engine(Path({str(WHISPER)!r}), threads=2)
engine.warm_up()
{closing}
"""

    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=False)

    assert (ended.returncode, ended.stderr) == (0, b"")
