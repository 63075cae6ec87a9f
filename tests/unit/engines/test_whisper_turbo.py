"""Whisper large-v3-turbo's kind through the engine: 128 bands, moved tokens, few decoder layers, its own alignment.

The weights are random: that it runs, and what is where, is shown here; not what it hears.
"""

import json
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import ctranslate2
import numpy as np
import pytest
import soundfile
from tests.whisper_turbo import TURBO, VOCABULARY_SIZE, write_turbo

from dragoman.engines.speech_to_text.faster_whisper import FasterWhisper, describe_model, open_engine
from dragoman.engines.speech_to_text.file_decoding import FileTuning
from dragoman.engines.speech_to_text.hallucinations import HallucinationLimits
from dragoman.engines.speech_to_text.whisper_model import FULL_WINDOW_FRAMES, short_window_frames
from dragoman.engines.speech_to_text.whisper_sampling import SamplingWhisper
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples
from dragoman.ground.engines import RecognitionContext
from dragoman.ground.languages import Language
from dragoman.ground.windows import Window, WindowHypothesis, WindowRequest
from dragoman.models.families import recognise_engine

SPEECH = Path(__file__).parents[2] / "fixtures" / "speech"
EN, VI = Language("en"), Language("vi")
NO_CONTEXT = RecognitionContext()
BELIEVES_ALL = FileTuning(
    temperatures=(0.0, 0.4),
    texts_drawn=2,
    limits=HallucinationLimits(mean_logprob=-1e9, hopeless_logprob=-1e9, compression_ratio=1e9, repeated_words=10**6),
)
"""What random weights write is doubtful, all of it."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_turbo(tmp_path_factory.mktemp("models") / "whisper-large-v3-turbo")


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[FasterWhisper]:
    engine = open_engine(folder, threads=1, tuning=BELIEVES_ALL)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def model(folder: Path) -> Iterator[SamplingWhisper]:
    model = SamplingWhisper(folder, threads=1)
    yield model
    model.unload()


def talk(name: str, seconds: float) -> Samples:
    samples, _ = soundfile.read(SPEECH / f"{name}.wav", dtype="float32")
    part: Samples = samples[: round(seconds * RECOGNITION_RATE)]
    return part


def window(name: str, seconds: float, *, last: bool) -> Window:
    audio = Audio(samples=talk(name, seconds), sample_rate=RECOGNITION_RATE)
    return Window(audio=audio, context=NO_CONTEXT, last=last)


def test_the_model_is_turbo_s_kind(folder: Path) -> None:
    loaded = ctranslate2.models.Whisper(str(folder), device="cpu", compute_type="int8")

    assert recognise_engine(folder) == "faster_whisper"
    assert (loaded.is_multilingual, loaded.n_mels) == (True, 128)
    loaded.unload_model()


def test_the_tokens_behind_the_languages_are_those_of_this_model(model: SamplingWhisper) -> None:
    prompt = model.tokens.prompt(VI, previous_text="", max_previous=0)

    assert prompt == [50258, 50278, 50360, 50364]
    assert model.tokens.prompt(VI, previous_text="xin chào", max_previous=9)[0] == 50362
    assert {EN, VI} <= set(model.tokens.languages)


def test_the_folder_says_the_same_of_itself_as_the_open_engine(folder: Path, engine: FasterWhisper) -> None:
    assert describe_model(folder) == engine.info


def test_no_window_is_taken_for_one_that_is_encoded_already(model: SamplingWhisper) -> None:
    windows = {short_window_frames(content) for content in range(FULL_WINDOW_FRAMES + 1)}

    shapes = {frames: model.encode(talk("en-1", 2.0), window_frames=frames).features.shape for frames in windows}

    assert shapes == {frames: [1, frames // 2, TURBO.width] for frames in windows}


@pytest.mark.parametrize("frames", [700, FULL_WINDOW_FRAMES])
def test_text_is_decoded_drawn_and_aligned_within_its_sound(model: SamplingWhisper, frames: int) -> None:
    encoded = model.encode(talk("vi-1", 3.0), window_frames=frames)
    prompt = model.tokens.prompt(VI, previous_text="", max_previous=0)

    found = model.decode(encoded, prompt, max_tokens=24, beam_size=5)
    drawn = model.sample(encoded, prompt, max_tokens=24, temperature=0.8, tries=5)
    alignment = model.align(encoded, found.tokens, language=VI)

    assert 0 < len(found.tokens) <= 24
    assert 0 < len(drawn.tokens) <= 24
    assert max(found.tokens) < 50257 < VOCABULARY_SIZE
    assert len(alignment.starts_s) == len(found.tokens) + 1
    assert all(before <= after for before, after in pairwise(alignment.starts_s))
    assert 0.0 <= alignment.starts_s[0] <= alignment.starts_s[-1] <= 3.0
    assert len(alignment.probabilities) == len(found.tokens)


def test_the_alignment_heads_are_those_of_its_config(folder: Path, model: SamplingWhisper, tmp_path: Path) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (other / "config.json").write_text(json.dumps(config | {"alignment_heads": [[0, 0]]}), encoding="utf-8")
    apart = SamplingWhisper(other, threads=1)
    sound = talk("en-2", 4.0)
    tokens = model.tokens.write("the meeting starts at nine in the morning", EN)

    starts = [
        each.align(each.encode(sound, window_frames=700), tokens, language=EN).starts_s for each in (model, apart)
    ]

    assert config["alignment_heads"] == [list(head) for head in TURBO.alignment_heads]
    assert starts[0] != starts[1]
    apart.unload()


def test_windows_of_two_speakers_are_heard_together_and_their_words_lie_in_them(engine: FasterWhisper) -> None:
    requests = [
        WindowRequest(window=window("en-1", 3.0, last=False), language=EN),
        WindowRequest(window=window("vi-1", 3.0, last=False), language=VI),
    ]
    heard: dict[int, WindowHypothesis] = {}

    engine.hypothesize_together(requests, heard.__setitem__)

    assert set(heard) == {0, 1}
    for hypothesis in heard.values():
        starts = [each.word.start_s for each in hypothesis.words]
        assert starts == sorted(starts)
        assert all(0.0 <= each.word.start_s <= each.word.end_s <= 3.0 for each in hypothesis.words)
    assert engine.hypothesize(window("en-1", 2.0, last=True), language=EN).model_used == engine.info.label


def test_a_recording_is_recognised_and_its_language_named(engine: FasterWhisper) -> None:
    audio = Audio(samples=np.concatenate([talk("vi-1", 4.0), np.zeros(8000, np.float32)]), sample_rate=RECOGNITION_RATE)

    transcript = engine.transcribe(audio, language=None, context=NO_CONTEXT)

    assert transcript.language in engine.info.languages
    assert transcript.words
    assert all(0.0 <= word.start_s <= word.end_s <= audio.duration_s for word in transcript.words)
    assert transcript.model_used == "faster_whisper:whisper-large-v3-turbo"
