"""Clause: what an engine with one speed speaks is heard at another, while it is still being spoken."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.humming import hum

from dragoman.ground.audio import Audio, Samples
from dragoman.ground.errors import EngineOutputInvalid
from dragoman.voicing.checks import VoiceCheck
from dragoman.voicing.clause import Clause
from dragoman.voicing.levelling import ClauseLeveller, VoiceLevel
from dragoman.voicing.pitch import frame_pitch
from dragoman.voicing.stretch import ClauseStretcher, stretch

RATE = 24_000
TEXT = "a sentence that takes three seconds to be spoken"


def cut(samples: Samples, *, piece_s: float) -> list[Audio]:
    length = round(piece_s * RATE)
    return [Audio(samples=samples[at : at + length], sample_rate=RATE) for at in range(0, len(samples), length)]


def in_pieces(samples: Samples, speed: float, *, piece_s: float) -> list[Samples]:
    stretcher = ClauseStretcher(speed)
    made = [stretcher.push(piece) for piece in cut(samples, piece_s=piece_s)]
    return [audio.samples for audio in (*made, stretcher.end(RATE)) if audio is not None]


def gliding() -> Samples:
    """Hum three seconds, the pitch rising and falling as in speech."""
    at_s = np.arange(3 * RATE) / RATE
    phase = 2 * np.pi * (140 * at_s - 30 * np.cos(2 * at_s) / 2)
    return np.asarray(0.2 * sum(np.sin(k * phase + k) / k for k in range(1, 25)), np.float32)


@pytest.mark.parametrize("speed", [0.8, 1.25, 1.6])
def test_a_voice_without_a_speed_of_its_own_is_heard_before_it_has_spoken_to_the_end(speed: float) -> None:
    made: list[Audio] = []

    def speak() -> Iterator[Audio]:
        for piece in cut(gliding(), piece_s=0.3):
            made.append(piece)
            yield piece

    clause = Clause(
        check=VoiceCheck(TEXT, engine="one", speed=1.0), leveller=ClauseLeveller(VoiceLevel()), stretch_by=speed
    )
    sounds = clause.sounds(speak)
    first = next(sounds)
    made_at_first = len(made)
    rest = list(sounds)

    assert made_at_first == 2
    assert len(made) == 10
    total_s = first.duration_s + sum(piece.duration_s for piece in rest)
    assert total_s == pytest.approx(3.0 / speed, rel=0.02)


@pytest.mark.parametrize("peak", [0.0, 1.0e-3, 1.5e-3, 1.9e-3, 2.1e-3, 0.1])
@pytest.mark.parametrize("speed", [1.0, 1.3])
def test_a_clause_sounds_or_is_an_error_however_quiet_it_is(peak: float, speed: float) -> None:
    samples = gliding()
    quiet = np.asarray(samples * (peak / np.abs(samples).max()), np.float32)
    clause = Clause(
        check=VoiceCheck(TEXT, engine="one", speed=1.0), leveller=ClauseLeveller(VoiceLevel()), stretch_by=speed
    )

    try:
        sounds = list(clause.sounds(lambda: iter(cut(quiet, piece_s=0.3))))
    except EngineOutputInvalid as error:
        assert "spoke nothing" in str(error)
        assert peak < 3e-3
    else:
        assert sounds


def test_what_falls_silent_when_it_is_made_faster_is_an_error_too() -> None:
    click = np.zeros(RATE, np.float32)
    click[RATE // 2] = 2.1e-3
    clause = Clause(
        check=VoiceCheck("No!", engine="one", speed=1.0), leveller=ClauseLeveller(VoiceLevel()), stretch_by=1.6
    )

    with pytest.raises(EngineOutputInvalid, match="one spoke nothing"):
        list(clause.sounds(lambda: iter(cut(click, piece_s=0.3))))


@settings(deadline=None, max_examples=15)
@given(st.floats(min_value=0.6, max_value=1.9), st.floats(min_value=0.01, max_value=3.0))
def test_however_it_was_cut_a_clause_gets_as_long_as_when_it_is_stretched_whole(speed: float, piece_s: float) -> None:
    clause = gliding()

    made = np.concatenate(in_pieces(clause, speed, piece_s=piece_s))

    whole = stretch(Audio(samples=clause, sample_rate=RATE), speed).samples
    assert len(made) == pytest.approx(len(whole), rel=0.03)
    assert np.array_equal(made, np.concatenate(in_pieces(clause, speed, piece_s=0.2)))


@pytest.mark.parametrize("speed", [0.7, 1.3, 1.8])
def test_steps_meet_without_a_click_and_without_a_hole(speed: float) -> None:
    clause = gliding()

    made = np.concatenate(in_pieces(clause, speed, piece_s=0.1))

    whole = stretch(Audio(samples=clause, sample_rate=RATE), speed).samples
    inner = slice(RATE // 10, -RATE // 10)
    # A click is heard above the voice, which ends at 4 kHz. Pieces that are stretched one by one give -2 dB and more.
    assert _loudest_above_db(made[inner], 7_500) <= max(-50.0, _loudest_above_db(whole[inner], 7_500))
    assert _levels(made[inner]).min() >= 0.9 * _levels(whole[inner]).min()


def test_the_pitch_stays_across_the_seams() -> None:
    made = np.concatenate(in_pieces(hum(140, RATE, seconds=3.0), 1.3, piece_s=0.1))

    frames = made[RATE // 10 : -RATE // 10]
    length = RATE // 20
    pitches = [frame_pitch(frames[at : at + length], RATE) for at in range(0, len(frames) - length, length)]
    assert pitches == pytest.approx([140] * len(pitches), rel=0.05)


@pytest.mark.parametrize("samples", [0, 1, 7, 2000, 13_000])
def test_a_clause_shorter_than_a_step_is_stretched_whole(samples: int) -> None:
    clause = gliding()[:samples]

    made = in_pieces(clause, 1.3, piece_s=0.1)

    whole = stretch(Audio(samples=clause, sample_rate=RATE), 1.3).samples
    assert sum(map(len, made)) == pytest.approx(len(whole), abs=1)


def _levels(samples: Samples) -> Samples:
    """Give the root mean square of each 20 ms."""
    length = RATE // 50
    frames = samples[: len(samples) // length * length].reshape(-1, length)
    return np.asarray(np.sqrt(np.mean(np.square(frames), axis=1)), np.float32)


def _loudest_above_db(samples: Samples, least_hz: float) -> float:
    """Give the energy above ``least_hz`` of the 20 ms that have most of it."""
    length = RATE // 50
    frames = samples[: len(samples) // length * length].reshape(-1, length) * np.hanning(length)
    powers = np.square(np.abs(np.fft.rfft(frames, axis=1)))[:, round(least_hz * length / RATE) :].sum(axis=1)
    return float(10 * np.log10(powers.max() + 1e-9))
