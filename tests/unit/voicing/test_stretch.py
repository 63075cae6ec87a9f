"""Stretch: another length, the same pitch and loudness."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.humming import hum

from dragoman.ground.audio import Audio
from dragoman.ground.errors import SpeedOutOfRange
from dragoman.voicing.pitch import frame_pitch
from dragoman.voicing.stretch import stretch


@given(st.floats(min_value=0.8, max_value=1.6), st.sampled_from([16_000, 24_000]))
def test_a_clause_gets_shorter_or_longer_and_keeps_its_pitch(speed: float, rate: int) -> None:
    clause = Audio(samples=hum(140, rate, seconds=1.0), sample_rate=rate)

    stretched = stretch(clause, speed)

    assert stretched.sample_rate == rate
    assert stretched.duration_s == pytest.approx(clause.duration_s / speed, rel=0.01)
    middle = len(stretched.samples) // 2
    pitch_hz = frame_pitch(stretched.samples[middle : middle + rate // 20], rate)
    assert pitch_hz == pytest.approx(140, rel=0.05)


def test_speed_one_changes_nothing() -> None:
    clause = Audio(samples=hum(140, 16_000), sample_rate=16_000)

    assert stretch(clause, 1.0) is clause


def test_the_same_clause_sounds_the_same_twice() -> None:
    clause = Audio(samples=hum(140, 16_000, seconds=0.5), sample_rate=16_000)

    assert np.array_equal(stretch(clause, 1.2).samples, stretch(clause, 1.2).samples)


@pytest.mark.parametrize("samples", [0, 1, 7])
def test_next_to_nothing_stays_next_to_nothing(samples: int) -> None:
    assert len(stretch(Audio(samples=np.zeros(samples, np.float32), sample_rate=16_000), 1.3).samples) <= samples


def test_a_speed_that_nobody_follows_is_refused() -> None:
    with pytest.raises(SpeedOutOfRange, match=r"0\.5 to 2"):
        stretch(Audio(samples=np.zeros(100, np.float32), sample_rate=16_000), 3.0)
