"""SpeakerSound: how loud and how high somebody speaks, whatever else is in the room."""

import numpy as np
import pytest
from tests.humming import hum

from dragoman.ground.audio import Audio, Samples
from dragoman.voicing.loudness import measure_loudness
from dragoman.voicing.speaker_sound import SpeakerSound

RATE = 16_000


def _hear(*sounds: Samples) -> SpeakerSound:
    sound = SpeakerSound()
    samples = np.concatenate(sounds)
    for first in range(0, len(samples), 800):
        sound.hear(Audio(samples=samples[first : first + 800], sample_rate=RATE))
    return sound


def test_a_voice_is_known_by_its_loudness_and_pitch() -> None:
    voice = hum(118, RATE, seconds=4.0)

    sound = _hear(voice)

    assert sound.lufs == pytest.approx(measure_loudness(voice, RATE), abs=0.5)
    assert sound.pitch_hz == pytest.approx(118, rel=0.03)


def test_pauses_and_noise_between_words_do_not_make_a_speaker_quieter() -> None:
    voice = hum(200, RATE, seconds=2.0)
    noise = np.random.default_rng(1).normal(0, 0.02, 6 * RATE).astype(np.float32)

    sound = _hear(voice, np.zeros(4 * RATE, np.float32), voice, noise)

    assert sound.lufs == pytest.approx(measure_loudness(voice, RATE), abs=1.0)


def test_who_has_said_next_to_nothing_is_not_known() -> None:
    sound = _hear(hum(118, RATE, seconds=0.4))

    assert (sound.lufs, sound.pitch_hz) == (None, None)


def test_real_speech_has_the_pitch_of_its_speaker(speech: dict[str, Audio]) -> None:
    for audio in speech.values():
        pitch_hz = _hear(audio.samples).pitch_hz

        assert pitch_hz is not None
        assert 70 < pitch_hz < 300


@pytest.fixture(scope="module")
def speech() -> dict[str, Audio]:
    """Give two of the recordings under tests/fixtures."""
    from pathlib import Path

    from dragoman.rooms.audio_file import open_recording

    folder = Path(__file__).parents[2] / "fixtures" / "speech"
    found = {}
    for name in ("en-1", "vi-1"):
        with open_recording(folder / f"{name}.wav") as reader:
            found[name] = Audio(samples=reader.read(10 * RATE), sample_rate=RATE)
    return found
