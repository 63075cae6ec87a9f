"""Long sound is cut in its pauses, and nothing of it is lost."""

import numpy as np
import pytest

from dragoman.engines.speech_to_text.speech_pieces import MAX_PIECE_S, MAX_SINGLE_S, cut_in_pauses
from dragoman.ground.audio import RECOGNITION_RATE, Samples


def noise(duration_s: float, level: float = 0.1) -> Samples:
    samples = np.random.default_rng(3).normal(0.0, level, round(duration_s * RECOGNITION_RATE))
    return samples.astype(np.float32)


@pytest.mark.parametrize("duration_s", [0.0, 0.5, 30.0, 30.5, 65.0, 200.0])
def test_the_pieces_are_the_whole(duration_s: float) -> None:
    samples = noise(duration_s)

    pieces = cut_in_pauses(samples)

    np.testing.assert_array_equal(np.concatenate([piece.samples for piece in pieces]), samples)
    starts = np.cumsum([0, *(len(piece.samples) for piece in pieces)])[:-1] / RECOGNITION_RATE
    assert [piece.start_s for piece in pieces] == list(starts)


def test_no_piece_is_longer_than_a_pass_takes() -> None:
    pieces = cut_in_pauses(noise(120.0))

    assert all(len(piece.samples) <= MAX_PIECE_S * RECOGNITION_RATE for piece in pieces[:-1])
    assert len(pieces[-1].samples) <= MAX_SINGLE_S * RECOGNITION_RATE


def test_what_one_pass_takes_stays_in_one_piece() -> None:
    assert len(cut_in_pauses(noise(MAX_SINGLE_S))) == 1


def test_the_cut_lies_in_the_latest_pause() -> None:
    samples = noise(40.0)
    for pause_s in (5.0, 18.0, 24.0):
        start = round(pause_s * RECOGNITION_RATE)
        samples[start : start + RECOGNITION_RATE // 2] *= 0.01

    first, _ = cut_in_pauses(samples)

    assert 24.0 <= len(first.samples) / RECOGNITION_RATE <= 24.5
