"""Recordings through the real model: right words, other tries where they are doubtful, nothing invented."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import jiwer
import numpy as np
import pytest
import soundfile

from dragoman.engines.speech_to_text.faster_whisper import FasterWhisper, open_engine
from dragoman.engines.speech_to_text.file_decoding import FileReading, FileTuning
from dragoman.engines.speech_to_text.hallucinations import HallucinationLimits
from dragoman.engines.speech_to_text.speech_pieces import SpeechPiece
from dragoman.engines.speech_to_text.voiced_pieces import VoicedPiece, VoiceGate
from dragoman.engines.speech_to_text.whisper_model import FULL_WINDOW_FRAMES, Encoded
from dragoman.engines.speech_to_text.whisper_sampling import SamplingWhisper
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples, join_audio, silence
from dragoman.ground.engines import DetectsLanguage, RecognitionContext
from dragoman.ground.languages import Language
from dragoman.ground.speech import Word

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
WHISPER = FIXTURES / "whisper-pico"
EN, VI = Language("en"), Language("vi")
NO_CONTEXT = RecognitionContext()
HIGHEST_WER = {EN: 0.02, VI: 0.01}


@pytest.fixture(scope="module")
def engine() -> Iterator[FasterWhisper]:
    engine = open_engine(WHISPER, threads=1)
    yield engine
    engine.close()


def load_talk(name: str) -> tuple[Audio, str, list[tuple[float, float]]]:
    """Give a talk, its text, and when each of its words is said."""
    samples, rate = soundfile.read(FIXTURES / "speech" / f"{name}.wav", dtype="float32")
    truth = json.loads((FIXTURES / "speech" / f"{name}.json").read_text(encoding="utf-8"))
    times = [(word["start"], word["end"]) for sentence in truth["sentences"] for word in sentence["words"]]
    return Audio(samples=samples, sample_rate=rate), truth["text"], times


def bare(text: str) -> str:
    return " ".join(re.sub(r"[^\w ]", "", text.lower()).split())


def noise(seconds: float, level: float) -> Audio:
    samples = np.random.default_rng(7).normal(0.0, level, round(seconds * RECOGNITION_RATE)).astype(np.float32)
    return Audio(samples=samples, sample_rate=RECOGNITION_RATE)


@pytest.mark.parametrize("language", [EN, VI])
def test_the_words_of_all_talks_of_a_language_are_right(engine: FasterWhisper, language: Language) -> None:
    talks = [load_talk(f"{language}-{name}") for name in ("1", "2", "3", "4", "5", "6", "long")]

    found = [engine.transcribe(audio, language=language, context=NO_CONTEXT).text for audio, _, _ in talks]

    assert jiwer.wer([bare(text) for _, text, _ in talks], [bare(text) for text in found]) <= HIGHEST_WER[language]


@pytest.mark.parametrize("name", ["en-1", "vi-2", "vi-4"])
def test_words_have_their_times_and_their_confidence(engine: FasterWhisper, name: str) -> None:
    audio, _, times = load_talk(name)

    words = engine.transcribe(audio, language=Language(name[:2]), context=NO_CONTEXT).words

    off_s = sorted(abs(word.start_s - start_s) for word, (start_s, _) in zip(words, times, strict=True))
    assert off_s[len(off_s) // 2] < 0.1
    assert all(word.probability is not None and 0.0 < word.probability <= 1.0 for word in words)


@pytest.mark.parametrize("name", ["en-long", "vi-long"])
def test_the_language_is_found_behind_half_a_minute_without_speech(engine: FasterWhisper, name: str) -> None:
    talk, text, _ = load_talk(name)
    audio = join_audio([noise(31.0, 0.001), talk], RECOGNITION_RATE)

    transcript = engine.transcribe(audio, language=None, context=NO_CONTEXT)

    assert transcript.language == name[:2]
    assert jiwer.wer(bare(text), bare(transcript.text)) <= 0.03
    assert transcript.words[0].start_s > 30.9


class CountingWhisper(SamplingWhisper):
    """Counts what is encoded."""

    encoded = 0

    def encode(self, samples: Samples, *, window_frames: int) -> Encoded:
        self.encoded += 1
        return super().encode(samples, window_frames=window_frames)


def test_what_the_language_was_found_by_is_encoded_once() -> None:
    model = CountingWhisper(WHISPER, threads=1)
    audio, text, _ = load_talk("vi-4")
    half = len(audio.samples) // 2
    reading = FileReading(tuning=FileTuning(), languages=(EN, VI), language=None, context=NO_CONTEXT)
    first, other = (
        VoicedPiece(
            piece=SpeechPiece(start_s=start / RECOGNITION_RATE, samples=audio.samples[start : start + half]),
            voiced_s=half / RECOGNITION_RATE,
        )
        for start in (0, half)
    )
    model.encoded = 0

    reading.find_language(model, [first, other])
    words = [*reading.recognise(model, first), *reading.recognise(model, other)]

    assert (reading.settled_language().language, model.encoded) == (VI, 2)
    assert jiwer.wer(bare(text), bare(" ".join(word.text for word in words))) < 0.4
    model.unload()


@pytest.mark.parametrize("name", ["en-1", "vi-1"])
def test_the_language_is_told_without_writing_anything_down(engine: FasterWhisper, name: str) -> None:
    audio, _, _ = load_talk(name)

    assert isinstance(engine, DetectsLanguage)
    found = engine.detect_language(audio)
    assert found is not None
    assert (found.language, found.is_sure) == (name[:2], True)


def test_a_language_that_little_speech_told_is_not_sure(engine: FasterWhisper) -> None:
    audio, _, _ = load_talk("en-1")
    word = Audio(samples=audio.samples[: round(0.9 * RECOGNITION_RATE)], sample_rate=RECOGNITION_RATE)

    found = engine.detect_language(word)
    transcript = engine.transcribe(word, language=None, context=NO_CONTEXT)
    told = engine.transcribe(word, language=EN, context=NO_CONTEXT)

    assert found is not None
    assert not found.is_sure
    assert (transcript.language, transcript.language_heard_s) == (found.language, found.heard_s)
    assert told.language_heard_s is None


def test_where_nobody_speaks_there_is_no_language(engine: FasterWhisper) -> None:
    assert engine.detect_language(silence(5.0, RECOGNITION_RATE)) is None


@pytest.mark.parametrize("name", ["en-3", "vi-3"])
def test_hot_words_do_not_show_where_they_were_not_said(engine: FasterWhisper, name: str) -> None:
    audio, text, _ = load_talk(name)
    context = RecognitionContext(hot_words=("Hanoi", "budget", "Tuan"))

    transcript = engine.transcribe(audio, language=Language(name[:2]), context=context)

    assert jiwer.wer(bare(text), bare(transcript.text)) <= 0.2


@pytest.mark.parametrize(
    "audio",
    [silence(65.0, RECOGNITION_RATE), noise(65.0, 0.001), noise(65.0, 0.05)],
    ids=["silence", "hum", "noise"],
)
def test_a_minute_without_speech_has_no_words(engine: FasterWhisper, audio: Audio) -> None:
    assert engine.transcribe(audio, language=EN, context=NO_CONTEXT).words == ()


def words_with(tuning: FileTuning, audio: Audio) -> tuple[Word, ...]:
    engine = open_engine(WHISPER, threads=1, tuning=tuning)
    try:
        return engine.transcribe(audio, language=EN, context=NO_CONTEXT).words
    finally:
        engine.close()


def test_doubtful_words_are_tried_at_every_temperature_and_the_likeliest_are_taken() -> None:
    audio, text, _ = load_talk("en-1")
    always_in_doubt = HallucinationLimits(mean_logprob=0.0)

    words = words_with(FileTuning(limits=always_in_doubt), audio)

    assert bare(" ".join(word.text for word in words)) == bare(text)


def test_with_every_gate_open_noise_is_still_left_without_words() -> None:
    open_gate = VoiceGate(threshold=0.0, min_speech_s=0.0)

    words = words_with(FileTuning(gate=open_gate), noise(20.0, 0.02))

    assert len(words) <= 3


def test_what_is_drawn_at_a_temperature_is_the_same_each_time() -> None:
    model = SamplingWhisper(WHISPER, threads=1)
    audio, text, _ = load_talk("en-2")
    encoded = model.encode(audio.samples, window_frames=FULL_WINDOW_FRAMES)
    prompt = model.tokens.prompt(EN, previous_text="", max_previous=0)

    drawn = [model.sample(encoded, prompt, max_tokens=60, temperature=0.4, tries=3) for _ in range(2)]

    assert drawn[0] == drawn[1]
    words = model.tokens.words(drawn[0].tokens, EN)
    assert jiwer.wer(bare(text), bare(" ".join(word.text for word in words))) <= 0.3
    model.unload()


def test_a_model_for_vietnamese_alone_needs_no_language(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(WHISPER, tmp_path / "phowhisper-pico"))
    (folder / "dragoman.json").write_text('{"id": "phowhisper-pico", "languages": ["vi"]}', encoding="utf-8")
    audio, text, _ = load_talk("vi-4")
    engine = open_engine(folder, threads=1)

    transcript = engine.transcribe(audio, language=None, context=NO_CONTEXT)

    assert (transcript.language, transcript.model_used) == (VI, "faster_whisper:phowhisper-pico")
    assert bare(transcript.text) == bare(text)
    engine.close()
