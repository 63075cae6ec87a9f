"""Loudness as BS.1770 has it, and clauses that are brought to it. The oracle is pyloudnorm."""

import numpy as np
import pyloudnorm
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.engines.text_to_speech.espeak import EspeakTextToSpeech
from dragoman.ground.audio import Audio, Samples, join_audio
from dragoman.ground.engines import DEFAULT_VOICE
from dragoman.ground.languages import Language
from dragoman.voicing.levelling import CEILING, TARGET_LUFS, ClauseLeveller, VoiceLevel, limit
from dragoman.voicing.loudness import measure_loudness

RATE = 24_000


def voice(seconds: float, *, peak: float = 0.3, rate: int = RATE, seed: int = 1) -> Samples:
    """Noise with the rhythm of syllables."""
    time_s = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(seed).normal(0.0, 0.3, len(time_s))
    sound = noise * (0.55 + 0.45 * np.sin(2 * np.pi * 4 * time_s))
    return np.asarray(sound / np.abs(sound).max() * peak, np.float32)


def level(clauses: list[Samples], *, piece: int = 10**9, target_lufs: float | None = None) -> list[Samples]:
    known = VoiceLevel()
    levelled = []
    for clause in clauses:
        leveller = ClauseLeveller(known, target_lufs=target_lufs)
        pieces = [
            leveller.push(Audio(samples=clause[at : at + piece], sample_rate=RATE))
            for at in range(0, len(clause), piece)
        ]
        leveller.end()
        levelled.append(join_audio(pieces, RATE).samples)
    return levelled


def loudness(samples: Samples) -> float:
    lufs = measure_loudness(samples, RATE)
    assert lufs is not None
    return lufs


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100, 48_000])
def test_it_measures_what_the_oracle_measures(rate: int) -> None:
    sound = np.concatenate([voice(2.0, rate=rate), np.zeros(rate, np.float32), voice(1.5, rate=rate, peak=0.1)])

    measured = measure_loudness(sound, rate)

    assert measured == pytest.approx(pyloudnorm.Meter(rate).integrated_loudness(sound.astype(float)), abs=0.15)


def test_a_full_tone_of_a_kilohertz_is_three_below_full_scale() -> None:
    tone = np.sin(2 * np.pi * 997 * np.arange(2 * 48_000) / 48_000).astype(np.float32)

    assert measure_loudness(tone, 48_000) == pytest.approx(-3.01, abs=0.05)


def test_silence_has_no_loudness_and_short_sound_has_one() -> None:
    assert measure_loudness(np.zeros(RATE, np.float32), RATE) is None
    assert measure_loudness(np.zeros(0, np.float32), RATE) is None
    assert measure_loudness(voice(0.1), RATE) is not None


@pytest.mark.parametrize("peak", [0.05, 0.2, 0.6, 1.0])
@pytest.mark.parametrize("target", [None, -16.0, -23.0])
def test_a_clause_comes_within_one_unit_of_its_target(peak: float, target: float | None) -> None:
    (levelled,) = level([voice(2.0, peak=peak)], target_lufs=target)

    assert loudness(levelled) == pytest.approx(TARGET_LUFS if target is None else target, abs=1.0)


def test_clauses_of_one_voice_sound_equally_loud() -> None:
    clauses = [voice(1.5, peak=peak, seed=seed) for seed, peak in enumerate((0.1, 0.5, 0.2, 0.9, 0.05))]

    levels = [loudness(clause) for clause in level(clauses)]

    assert max(levels) - min(levels) < 1.0


def test_a_word_alone_is_played_as_the_clauses_before_it() -> None:
    clause, word = voice(2.0), voice(0.15)

    levelled, short = level([clause, word])

    assert short / word == pytest.approx(float(np.median(levelled / clause)), rel=0.05)


def test_a_voice_in_pieces_glides_to_its_level_without_a_jump() -> None:
    tone = (0.05 * np.sin(2 * np.pi * 500 * np.arange(3 * RATE) / RATE)).astype(np.float32)

    (levelled,) = level([np.concatenate([0.5 * tone[:RATE], tone])], piece=4_800)

    # No sample is further from the last one than the tone itself is at the loudest.
    assert float(np.abs(np.diff(levelled)).max()) < 1.3 * float(np.abs(levelled).max()) * 2 * np.pi * 500 / RATE


@settings(max_examples=30)
@given(st.floats(min_value=0.01, max_value=4.0), st.integers(min_value=0, max_value=50))
def test_nothing_clips_and_nothing_changes_below_the_ceiling(gain: float, seed: int) -> None:
    sound = np.asarray(voice(0.3, peak=1.0, seed=seed) * gain, np.float32)

    limited = limit(sound, RATE)

    assert len(limited) == len(sound)
    assert float(np.abs(limited).max()) <= CEILING + 1e-6
    assert gain > CEILING or np.array_equal(limited, sound)


def test_spoken_clauses_come_to_their_level_with_a_true_peak_below_three_decibels() -> None:
    engine = EspeakTextToSpeech()
    try:
        pieces = list(engine.speak("Chúng tôi sẽ trả tiền.", language=Language("vi"), voice=DEFAULT_VOICE, speed=1.0))
    finally:
        engine.close()
    leveller = ClauseLeveller(VoiceLevel())

    spoken = join_audio([leveller.push(piece) for piece in pieces], pieces[0].sample_rate)

    measured = measure_loudness(spoken.samples, spoken.sample_rate)
    assert measured == pytest.approx(TARGET_LUFS, abs=1.0)
    true_peak = float(np.abs(soxr.resample(spoken.samples, spoken.sample_rate, 4 * spoken.sample_rate)).max())
    assert 20 * np.log10(true_peak) <= -3.0
