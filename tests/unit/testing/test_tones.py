"""Tones carry text through everything that sound goes through here."""

import numpy as np
import pytest
import soxr
from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.audio import RECOGNITION_RATE, Audio, from_pcm16, join_audio, silence, to_pcm16
from dragoman.ground.languages import Language
from dragoman.testing.tones import hear_tones, say_as_tones

TEXT = "Xin chào các bạn, hôm nay trời đẹp quá! Hello 0123456789 ~{}"


def read(audio: Audio) -> str:
    return " ".join(word.text for word in hear_tones(audio))


@pytest.mark.parametrize("speed", [0.5, 1.0, 1.25, 1.6, 2.0])
@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 48_000])
def test_text_survives_resampling_speed_level_and_pcm(rate: int, speed: float) -> None:
    spoken = say_as_tones(TEXT, sample_rate=rate, speed=speed)

    samples = soxr.resample(spoken.samples, rate, RECOGNITION_RATE) * 0.1
    heard = Audio(samples=from_pcm16(to_pcm16(samples)), sample_rate=RECOGNITION_RATE)

    assert read(heard) == TEXT


@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=6), min_size=1, max_size=4))
def test_any_words_come_back(words: list[str]) -> None:
    assert read(say_as_tones(" ".join(words))) == " ".join(words)


def test_speed_is_honoured_to_the_sample() -> None:
    assert say_as_tones(TEXT, speed=2.0).duration_s == pytest.approx(say_as_tones(TEXT).duration_s / 2)


def test_words_have_their_places() -> None:
    audio = join_audio([silence(1.0, RECOGNITION_RATE), say_as_tones("one two")], RECOGNITION_RATE)

    one, two = hear_tones(audio)

    assert one.start_s == pytest.approx(1.0, abs=0.01)
    assert one.end_s == pytest.approx(1.135, abs=0.01)
    assert two.start_s == pytest.approx(1.2, abs=0.01)


def test_languages_without_spaces_have_a_word_for_each_character() -> None:
    heard = hear_tones(say_as_tones("今日は"), Language("ja"))

    assert [word.text for word in heard] == ["今", "日", "は"]


@pytest.mark.parametrize("cut_samples", range(0, 8000, 1230))
def test_a_cut_loses_only_what_was_cut(cut_samples: int) -> None:
    audio = say_as_tones("aaa bbb ccc ddd")

    heard = read(Audio(samples=audio.samples[cut_samples:], sample_rate=RECOGNITION_RATE))

    assert "aaa bbb ccc ddd".endswith(heard[1:])
    assert "ddd" in heard


def test_noise_hum_and_silence_hold_no_words() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 32_000).astype(np.float32)
    hum = (0.3 * np.sin(np.arange(32_000) * 0.1)).astype(np.float32)

    for samples in (noise, hum, np.zeros(32_000, np.float32), np.zeros(3, np.float32)):
        assert hear_tones(Audio(samples=samples, sample_rate=RECOGNITION_RATE)) == ()
