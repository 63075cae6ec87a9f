"""Pitch: YIN finds how high a voice is, and nothing where there is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.humming import hum

from dragoman.voicing.pitch import frame_pitch, median_pitch


@given(st.floats(min_value=75, max_value=350), st.sampled_from([16_000, 22_050, 24_000, 48_000]))
def test_the_pitch_of_a_voice_is_found_at_any_rate(pitch_hz: float, rate: int) -> None:
    assert frame_pitch(hum(pitch_hz, rate), rate) == pytest.approx(pitch_hz, rel=0.03)


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 800).astype(np.float32)

    assert frame_pitch(noise, 16_000) is None
    assert frame_pitch(np.zeros(800, np.float32), 16_000) is None


def test_a_frame_that_is_too_short_is_refused_with_what_would_do() -> None:
    with pytest.raises(ValueError, match=r"0\.04 s at least"):
        frame_pitch(np.zeros(100, np.float32), 16_000)


def test_single_octave_errors_do_not_move_the_median() -> None:
    assert median_pitch([120, 119, 240, 121, 60, 120]) == 120
    assert median_pitch([120.0, 121.0]) is None
