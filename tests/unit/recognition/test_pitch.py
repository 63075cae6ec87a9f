"""Pitch: sound in, whether a voice may be in it out."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from benchmarks.noises import make_noise
from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.audio import RECOGNITION_RATE, Samples
from dragoman.recognition.pitch import Pitch

SPEECH = Path(__file__).parent.parent.parent / "fixtures" / "speech"


def speech(name: str) -> Samples:
    samples, _ = soundfile.read(SPEECH / f"{name}.wav", dtype="float32")
    return np.asarray(samples)


def judge(samples: Samples, *, piece: int = 1536) -> Pitch:
    pitch = Pitch()
    for begin in range(0, len(samples), piece):
        pitch.push(samples[begin : begin + piece])
    return pitch


@pytest.mark.parametrize("name", ["en-1", "en-2", "en-5", "vi-1", "vi-2", "vi-6"])
def test_every_voice_of_the_fixtures_has_pitch_from_its_first_second_on(name: str) -> None:
    samples = speech(name)

    assert all(judge(samples[:end]).found for end in range(RECOGNITION_RATE, len(samples), RECOGNITION_RATE))


def test_a_voice_as_loud_as_the_noise_around_it_has_pitch() -> None:
    voice = speech("en-1")
    noise = make_noise("pink noise", seconds=len(voice) / RECOGNITION_RATE, seed=2)[: len(voice)]

    assert judge(voice + noise * (np.sqrt(np.mean(voice**2)) / np.sqrt(np.mean(noise**2)))).found


@pytest.mark.parametrize("kind", ["white noise", "pink noise", "brown noise", "fan", "murmur", "keys", "claps"])
def test_noise_has_none(kind: str) -> None:
    assert not judge(make_noise(kind, seconds=12, seed=4)).found


def test_a_voice_after_long_noise_is_found() -> None:
    noise = make_noise("murmur", seconds=8, seed=4)

    assert judge(np.concatenate([noise, speech("vi-1")])).found


def test_silence_says_nothing_against_a_voice() -> None:
    assert judge(np.zeros(5 * RECOGNITION_RATE, np.float32)).found


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=12))
def test_how_sound_is_cut_into_pieces_changes_nothing(pieces: list[int]) -> None:
    samples = speech("en-3")[: sum(pieces)]
    pitch = Pitch()
    begin = 0
    for piece in pieces:
        pitch.push(samples[begin : begin + piece])
        begin += piece

    assert pitch.found == judge(samples, piece=max(1, len(samples))).found


@pytest.mark.parametrize("value", [0.0, 1.0, -1.0, 1e-20])
def test_constant_sound_is_no_trouble(value: float) -> None:
    with np.errstate(divide="raise", invalid="raise", over="raise"):
        judge(np.full(RECOGNITION_RATE, value, np.float32))
