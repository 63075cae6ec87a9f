"""The original steps back while a dub sounds, and comes back: measured on samples."""

import numpy as np
import pytest

from dragoman.rooms.ducking import DUCKED_GAIN, DuckingCurve

RATE = 24_000


def decibels(curve: DuckingCurve, at_s: float) -> float:
    return float(20 * np.log10(curve.gains(round(at_s * RATE), 1, RATE)[0]))


def test_without_a_dub_nothing_changes() -> None:
    gains = DuckingCurve([]).gains(0, RATE, RATE)

    assert (gains == 1.0).all()


def test_the_original_is_12_db_down_within_200_ms() -> None:
    curve = DuckingCurve([(1.0, 4.0)])

    assert decibels(curve, 0.999) == 0
    assert decibels(curve, 1.2) <= -12
    assert decibels(curve, 3.9) == pytest.approx(20 * np.log10(DUCKED_GAIN), abs=0.01)


def test_it_is_back_within_a_second_of_the_end() -> None:
    curve = DuckingCurve([(1.0, 4.0)])

    assert decibels(curve, 4.55) < -12
    assert decibels(curve, 5.0) >= -0.5


def test_a_pause_between_sentences_does_not_pump() -> None:
    curve = DuckingCurve([(2.4, 3.0), (1.0, 2.0)])

    gains = curve.gains(round(1.1 * RATE), RATE, RATE)

    assert gains.max() == pytest.approx(DUCKED_GAIN, abs=1e-6)


@pytest.mark.parametrize("gap_s", [0.0, 0.59, 0.61, 0.8, 0.99, 1.0, 1.5])
def test_the_gain_never_steps(gap_s: float) -> None:
    curve = DuckingCurve([(0.0, 0.02), (0.02 + gap_s, 2.0), (2.0 + gap_s, 2.5 + gap_s), (2.1 + gap_s, 2.2 + gap_s)])

    gains = curve.gains(0, 6 * RATE, RATE)

    assert np.abs(np.diff(20 * np.log10(gains))).max() < 0.01  # 15 dB over 80 ms is .008 dB per sample
    assert gains[-1] == 1.0


def test_blocks_join_without_a_seam() -> None:
    curve = DuckingCurve([(0.3, 0.7)])

    in_blocks = np.concatenate([curve.gains(start, 1_000, RATE) for start in range(0, 48_000, 1_000)])

    np.testing.assert_array_equal(in_blocks, curve.gains(0, 48_000, RATE))
