"""The log-mel spectrogram, against faster-whisper's as oracle."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from faster_whisper.feature_extractor import FeatureExtractor

from dragoman.engines.speech_to_text.log_mel import count_frames, log_mel

SPEECH = Path(__file__).parent.parent.parent / "fixtures" / "speech"


@pytest.mark.parametrize("n_mels", [80, 128])
@pytest.mark.parametrize("frames", [700, 3000])
def test_it_equals_the_spectrogram_that_whisper_was_trained_on(n_mels: int, frames: int) -> None:
    samples, _ = soundfile.read(SPEECH / "vi-1.wav", dtype="float32")
    padded = np.zeros(frames * 160, np.float32)
    padded[: len(samples)] = samples
    expected = FeatureExtractor(feature_size=n_mels)(padded, padding=0)

    spectrogram = log_mel(samples, n_mels=n_mels, frames=frames)

    assert spectrogram.shape == (n_mels, frames)
    assert spectrogram.dtype == np.float32
    assert spectrogram.flags.c_contiguous
    np.testing.assert_allclose(spectrogram, expected[:, :frames], atol=1e-3)


def test_silence_is_flat() -> None:
    spectrogram = log_mel(np.zeros(0, np.float32), n_mels=80, frames=350)

    assert np.ptp(spectrogram) < 1e-6


def test_a_part_frame_counts() -> None:
    assert [count_frames(samples) for samples in (0, 1, 160, 161)] == [0, 1, 1, 2]


def test_sound_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        log_mel(np.zeros(161, np.float32), n_mels=80, frames=1)
