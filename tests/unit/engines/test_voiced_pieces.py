"""Speech is found, padded, joined, and cut where one pass of Whisper ends."""

from itertools import pairwise

import numpy as np
import pytest

from dragoman.engines.speech_to_text.voiced_pieces import SpeechRegion, VoicedPieces, VoiceGate, find_speech
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples, join_audio, silence
from dragoman.testing.engines import FakeVoiceActivity

WINDOW_S = 0.032
GATE = VoiceGate()


def windows(*stretches: tuple[float, float]) -> list[float]:
    """Give the probabilities of stretches of ``(seconds, probability)``."""
    return [probability for seconds, probability in stretches for _ in range(round(seconds / WINDOW_S))]


def tone(seconds: float) -> Audio:
    times = np.arange(round(seconds * RECOGNITION_RATE)) / RECOGNITION_RATE
    samples: Samples = (0.3 * np.sin(2 * np.pi * 300 * times)).astype(np.float32)
    return Audio(samples=samples, sample_rate=RECOGNITION_RATE)


def pause(seconds: float) -> Audio:
    return silence(seconds, RECOGNITION_RATE)


def cut(*parts: Audio, gate: VoiceGate = GATE) -> list[tuple[float, float]]:
    """Give start and end of each piece."""
    pieces = VoicedPieces(FakeVoiceActivity(), gate).cut(join_audio(parts, RECOGNITION_RATE).samples)
    return [(it.piece.start_s, it.piece.start_s + len(it.piece.samples) / RECOGNITION_RATE) for it in pieces]


def test_speech_begins_at_the_threshold_and_goes_on_a_little_below_it() -> None:
    probabilities = windows((1.6, 0.45), (1.6, 0.5), (1.6, 0.36), (1.6, 0.34))

    assert find_speech(probabilities, window_s=WINDOW_S, gate=GATE) == [SpeechRegion(first=50, end=150)]


@pytest.mark.parametrize(("pause_s", "regions"), [(0.3, 1), (0.48, 1), (0.56, 2)])
def test_only_half_a_second_of_silence_ends_speech(pause_s: float, regions: int) -> None:
    probabilities = windows((0.96, 0.9), (pause_s, 0.0), (0.96, 0.9))

    assert len(find_speech(probabilities, window_s=WINDOW_S, gate=GATE)) == regions


def test_a_click_is_no_speech() -> None:
    probabilities = windows((1.6, 0.0), (0.192, 0.9), (1.6, 0.0), (0.288, 0.9))

    assert len(find_speech(probabilities, window_s=WINDOW_S, gate=GATE)) == 1


def test_silence_gives_no_piece() -> None:
    assert cut(pause(5.0)) == []
    assert cut() == []


def test_a_piece_has_its_padding_on_both_sides() -> None:
    [(start_s, end_s)] = cut(pause(3.0), tone(2.0), pause(3.0))

    assert start_s == pytest.approx(2.6, abs=0.04)
    assert end_s == pytest.approx(5.4, abs=0.04)


def test_the_last_breath_of_the_sound_is_taken_along() -> None:
    [(start_s, end_s)] = cut(pause(0.2), tone(2.0), pause(0.6))

    assert start_s == 0.0
    assert end_s == pytest.approx(2.8)


def test_speech_after_a_short_pause_is_recognised_together_and_after_a_long_one_apart() -> None:
    together = cut(tone(2.0), pause(1.5), tone(2.0), pause(1.0))
    apart = cut(tone(2.0), pause(3.0), tone(2.0), pause(1.0))

    assert len(together) == 1
    assert len(apart) == 2


def test_no_piece_is_longer_than_one_pass_and_none_overlaps() -> None:
    sentences = [part for _ in range(12) for part in (tone(5.0), pause(0.8))]

    pieces = cut(*sentences)

    assert all(end_s - start_s <= 30.0 for start_s, end_s in pieces)
    assert all(before[1] <= after[0] for before, after in pairwise(pieces))
    assert len(pieces) == 3


@pytest.mark.parametrize("longest_s", [5.0, 12.0, 30.0])
def test_the_longest_speech_can_be_shorter_than_a_pass(longest_s: float) -> None:
    sentences = [part for _ in range(12) for part in (tone(4.0), pause(0.8))]

    pieces = cut(*sentences, tone(40.0), gate=VoiceGate(max_speech_s=longest_s))

    assert all(end_s - start_s <= longest_s for start_s, end_s in pieces)
    assert sum(end_s - start_s for start_s, end_s in pieces) == pytest.approx(12 * 4.8 + 40.0, abs=0.1)


def test_speech_without_a_pause_is_cut_all_the_same_and_nothing_is_lost() -> None:
    pieces = cut(tone(70.0))

    assert pieces[0][0] == 0.0
    assert pieces[-1][1] == pytest.approx(70.0)
    assert all(end_s - start_s <= 30.0 for start_s, end_s in pieces)
    assert [end_s for _, end_s in pieces[:-1]] == [start_s for start_s, _ in pieces[1:]]
