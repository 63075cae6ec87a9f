"""Where words are put in time: by the alignment, and by the sound where that says more."""

import numpy as np
import pytest

from dragoman.engines.speech_to_text.speech_pieces import SpeechPiece
from dragoman.engines.speech_to_text.whisper_model import Alignment
from dragoman.engines.speech_to_text.whisper_times import place_words
from dragoman.engines.speech_to_text.whisper_tokens import TokenWord
from dragoman.ground.audio import RECOGNITION_RATE, Samples
from dragoman.ground.speech import Word

DONE = TokenWord(text="done.", first=0, end=1)
NEXT = TokenWord(text="next", first=2, end=3)


def sound(*stretches: tuple[float, float], noise: float = 0.0, seconds: float = 3.0) -> Samples:
    """Sound a tone from one second to another, over noise."""
    times = np.arange(round(seconds * RECOGNITION_RATE)) / RECOGNITION_RATE
    loud = np.any([(times >= begin) & (times < end) for begin, end in stretches], axis=0)
    tone = 0.3 * np.sin(2 * np.pi * 220 * times) * loud
    mixed: Samples = (tone + noise * np.random.default_rng(1).standard_normal(len(times))).astype(np.float32)
    return mixed


def place(samples: Samples, words: list[TokenWord], *starts_s: float) -> list[Word]:
    alignment = Alignment(starts_s=list(starts_s), probabilities=[0.9] * (len(starts_s) - 1))
    return place_words(words, alignment, SpeechPiece(start_s=10.0, samples=samples))


def test_a_word_with_a_full_stop_ends_where_its_sound_does_and_not_where_the_stop_was_aligned() -> None:
    done, following = place(sound((0.2, 1.0), (1.8, 2.2)), [DONE, NEXT], 0.2, 0.6, 1.7, 2.3)

    assert (done.start_s, done.end_s) == pytest.approx((10.2, 11.0), abs=0.011)
    assert (following.start_s, following.end_s) == pytest.approx((11.8, 12.2), abs=0.011)


def test_a_short_silence_as_before_a_plosive_does_not_end_it() -> None:
    [done] = place(sound((0.2, 0.7), (0.78, 1.0)), [DONE], 0.2, 0.6, 2.9)

    assert done.end_s == pytest.approx(11.0, abs=0.011)


def test_it_does_not_reach_into_the_next_word() -> None:
    done, following = place(sound((0.2, 2.2)), [DONE, NEXT], 0.2, 0.6, 1.0, 2.3)

    assert done.end_s == pytest.approx(11.0, abs=0.011)
    assert following.start_s == pytest.approx(11.0, abs=0.011)


def test_the_noise_of_a_room_is_not_taken_for_its_end() -> None:
    [done] = place(sound((0.2, 0.8), noise=0.005), [DONE], 0.2, 0.6, 2.9)

    assert done.end_s == pytest.approx(10.8, abs=0.03)


def test_a_word_without_one_ends_where_the_next_token_begins() -> None:
    word = TokenWord(text="half", first=0, end=1)

    [half, _] = place(sound((0.2, 2.2)), [word, TokenWord(text="way", first=1, end=2)], 0.2, 0.6, 1.0)

    assert half.end_s == pytest.approx(10.6, abs=0.011)
