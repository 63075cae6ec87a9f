"""espeak-ng's voices and clauses, and what a program in its place may do wrong."""

import struct
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from dragoman.engines.text_to_speech.espeak import EspeakTextToSpeech
from dragoman.engines.text_to_speech.spoken_clauses import MAX_CLAUSE_CHARS, cut_clauses, neutralise
from dragoman.engines.text_to_speech.wav_stream import read_wav_stream
from dragoman.ground.audio import Audio, Samples, to_pcm16
from dragoman.ground.engines import DEFAULT_VOICE, Voice
from dragoman.ground.errors import (
    EngineCrashed,
    EngineOutputInvalid,
    EngineTimeout,
    EngineUnavailable,
    LanguageNotSupported,
    VoiceNotFound,
)
from dragoman.ground.languages import Language

EN, VI = Language("en"), Language("vi")
LISTS = """case "$1" in
--voices) echo head; echo " 5 en-us --/M English gmw/en-US"; exit;;
--voices=variant) echo head; exit;;
esac
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[EspeakTextToSpeech]:
    engine = EspeakTextToSpeech()
    yield engine
    engine.close()


def speak(engine: EspeakTextToSpeech, text: str, language: Language = EN, voice: Voice = DEFAULT_VOICE) -> list[Audio]:
    return list(engine.speak(text, language=language, voice=voice, speed=1.0))


def stand_in(folder: Path, speaking: str, *, timeout_s: float = 5.0) -> EspeakTextToSpeech:
    """Open the engine on a script that lists one voice and speaks by the shell commands ``speaking``."""
    script = folder / "espeak-ng"
    script.write_text(f"#!/bin/sh\n{LISTS}{speaking}\n")
    script.chmod(0o755)
    return EspeakTextToSpeech(program=str(script), timeout_s=timeout_s)


def wav(samples: Samples, *, rate: int = 22_050, size: int = 0x7FFFF000) -> bytes:
    """Write a WAV as a program does that cannot go back: with a length that is not true."""
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI", b"RIFF", size, b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16, b"data", size
    )
    return header + to_pcm16(samples)


@pytest.mark.parametrize("code", ["en", "vi", "ko", "fr", "de", "es", "it", "pt", "ru", "ar", "hi", "id"])
def test_speaks_twelve_of_the_base_languages(engine: EspeakTextToSpeech, code: str) -> None:
    assert Language(code) in engine.info.languages


@pytest.mark.parametrize(("code", "why"), [("zh", "English"), ("ja", "kanji"), ("th", "understood")])
def test_says_why_it_leaves_a_language_to_captions(engine: EspeakTextToSpeech, code: str, why: str) -> None:
    with pytest.raises(LanguageNotSupported, match=f"{why}.*captions only"):
        speak(engine, "1", Language(code))


def test_vietnamese_has_three_dialects_each_with_men_and_women(engine: EspeakTextToSpeech) -> None:
    names = [voice.name for voice in engine.voices(VI)]

    assert names[0] == "vi"
    assert {"vi+m3", "vi+f2", "vi-vn-x-central", "vi-vn-x-south", "vi-vn-x-south+f4"} <= set(names)


def test_voices_sound_different(engine: EspeakTextToSpeech) -> None:
    spoken = [speak(engine, "Xin chào.", VI, Voice(name=name))[0].samples for name in ("vi", "vi+f2", "vi-vn-x-south")]

    assert not np.array_equal(spoken[0], spoken[1])
    assert not np.array_equal(spoken[0], spoken[2])


def test_does_not_lend_a_stock_voice_to_somebody_who_has_a_cloned_one(engine: EspeakTextToSpeech) -> None:
    with pytest.raises(VoiceNotFound, match="cloned"):
        speak(engine, "hello", EN, Voice(name="en-us", owner="an"))


def test_phoneme_escapes_are_pulled_apart_and_commands_removed() -> None:
    assert neutralise("a [[h@]] [[[b \x01+10S <b>c</b>\x00") == "a [ [h@]] [ [ [b +10S b c /b"


def test_long_text_is_cut_after_sentences_then_clauses_then_words_then_anywhere() -> None:
    sentence, clause = "Word " * 30 + "end.", "word " * 30 + "end,"

    assert cut_clauses(f"{sentence} {sentence} {sentence}") == [sentence] * 3
    assert cut_clauses(f"{clause} {clause} x") == [clause, f"{clause} x"]
    assert all(len(piece) <= MAX_CLAUSE_CHARS and piece.endswith("word") for piece in cut_clauses("word " * 200))
    assert [len(piece) for piece in cut_clauses("x" * 700)] == [300, 300, 100]


def test_cutting_loses_no_word() -> None:
    text = " ".join(f"word{number}{',.'[number % 2] if number % 7 == 0 else ''}" for number in range(2000))

    assert " ".join(cut_clauses(text)).split() == text.split()


def test_a_hundred_kilobytes_come_clause_by_clause_the_first_at_once(engine: EspeakTextToSpeech) -> None:
    pieces = engine.speak("word, and " * 10_000, language=EN, voice=DEFAULT_VOICE, speed=2.0)
    began_s = time.monotonic()

    first = next(pieces)

    assert time.monotonic() - began_s < 3
    assert 1 < first.duration_s < 60


def test_a_missing_program_is_named_with_its_package() -> None:
    with pytest.raises(EngineUnavailable, match="apt-get install espeak-ng"):
        EspeakTextToSpeech(program="no-such-espeak")


def test_a_program_without_our_voices_is_unavailable(tmp_path: Path) -> None:
    script = tmp_path / "espeak-ng"
    script.write_text("#!/bin/sh\necho head\n")
    script.chmod(0o755)

    with pytest.raises(EngineUnavailable, match="no voice"):
        EspeakTextToSpeech(program=str(script))


def test_a_program_that_hangs_is_ended_at_its_limit(tmp_path: Path) -> None:
    engine = stand_in(tmp_path, "sleep 60", timeout_s=0.3)
    began_s = time.monotonic()

    with pytest.raises(EngineTimeout):
        speak(engine, "hello")

    assert time.monotonic() - began_s < 5


def test_a_program_that_fails_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(EngineCrashed, match=r"no data$"):
        speak(stand_in(tmp_path, "echo no data >&2; exit 1"), "hello")


@pytest.mark.parametrize(
    ("sound", "complaint"),
    [
        (b"", "WAV"),
        (b"garbage" * 100, "WAV"),
        (wav(np.zeros(0, np.float32)), "said nothing"),
        (wav(np.zeros(22_050, np.float32)), "said nothing"),
        (wav(np.zeros(22_050, np.float32))[:40], "without sound"),
        (wav(np.full(22_050, 0.5, np.float32), rate=16_000), "16000 Hz"),
        (wav(np.full(22_050 * 20, 0.5, np.float32)), "wrote more"),
    ],
    ids=["nothing", "garbage", "no samples", "silence", "half a header", "another rate", "absurd length"],
)
def test_garbage_is_refused(tmp_path: Path, sound: bytes, complaint: str) -> None:
    (tmp_path / "sound.wav").write_bytes(sound)

    with pytest.raises(EngineOutputInvalid, match=complaint):
        speak(stand_in(tmp_path, f"cat > /dev/null; cat {tmp_path}/sound.wav"), "hello")


@pytest.mark.parametrize("size", [0, 0x7FFFF000, 0xFFFFFFFF])
def test_a_length_that_is_not_true_loses_no_sound(size: int) -> None:
    samples = np.linspace(-0.5, 0.5, 1000, dtype=np.float32)

    audio = read_wav_stream(wav(samples, size=size), program="x")

    assert audio.sample_rate == 22_050
    assert np.allclose(audio.samples, samples, atol=1e-4)
