"""How high somebody speaks: the fundamental frequency of one frame of speech. For speaker_sound.py, stock_pitches.py.

Source: YIN, de Cheveigné and Kawahara, J. Acoust. Soc. Am. 111(4), 2002: difference function, cumulative mean
normalisation, absolute threshold, parabolic interpolation.
"""

import numpy as np
from numpy.typing import NDArray

from dragoman.ground.audio import Samples

LOWEST_HZ, HIGHEST_HZ = 60.0, 400.0
"""Of speech: deep men to children."""
LEAST_FRAME_S = 0.04
"""Two and a half periods of the lowest voice."""
_WORKING_RATE = 8_000
_VOICED_BELOW = 0.15
"""Normalised difference at a period; what has none is noise, breath or silence."""
_SILENT = 1e-3


def frame_pitch(samples: Samples, sample_rate: int) -> float | None:
    """Give the pitch of one frame in hertz, None where no voice sounds; 40 ms and more, 50 ms are usual.

    Mono float32, any rate from 8 kHz. Raises ``ValueError`` for a frame that is too short.
    """
    if len(samples) < LEAST_FRAME_S * sample_rate:
        raise ValueError(f"a frame of pitch lasts {LEAST_FRAME_S:g} s at least, not {len(samples) / sample_rate:g} s")
    if float(np.abs(samples).max()) < _SILENT:
        return None
    step = max(1, sample_rate // _WORKING_RATE)
    frame, rate = _decimate(samples, step), sample_rate / step
    shortest, longest = int(rate / HIGHEST_HZ), min(int(rate / LOWEST_HZ), len(frame) // 2)
    difference = _normalised_difference(frame, longest + 1)
    below = np.flatnonzero(difference[shortest:longest] < _VOICED_BELOW)
    if not len(below):
        return None
    period = shortest + int(below[0])
    while period + 1 < longest and difference[period + 1] < difference[period]:
        period += 1
    return rate / _vertex(difference, period)


def median_pitch(pitches: list[float]) -> float | None:
    """Give the middle of many frames' pitches, which single octave errors do not move; None for too few."""
    return float(np.median(pitches)) if len(pitches) >= LEAST_FRAMES else None


LEAST_FRAMES = 4


def _decimate(samples: Samples, step: int) -> Samples:
    """Keep the mean of each ``step`` samples: all the filter that 60 to 400 Hz need."""
    whole = len(samples) // step * step
    return np.asarray(samples[:whole].reshape(-1, step).mean(axis=1), np.float32)


def _normalised_difference(frame: Samples, lags: int) -> NDArray[np.float64]:
    """Give equation 8 of the paper for lags 0 to ``lags``."""
    window = len(frame) - lags
    size = 1 << (len(frame) + window).bit_length()
    spectrum = np.fft.rfft(frame, size)
    correlation = np.fft.irfft(spectrum * np.conj(np.fft.rfft(frame[:window], size)), size)[: lags + 1]
    total = np.concatenate([[0.0], np.cumsum(np.square(frame, dtype=np.float64))])
    energies = total[window : window + lags + 1] - total[: lags + 1]
    difference = np.maximum(energies[0] + energies - 2 * correlation, 0.0)
    means = np.cumsum(difference[1:]) / np.arange(1, lags + 1)
    return np.concatenate([[1.0], difference[1:] / np.maximum(means, 1e-12)])


def _vertex(values: NDArray[np.float64], at: int) -> float:
    """Give where the parabola through three neighbours is lowest."""
    before, here, after = values[at - 1 : at + 2]
    bend = before - 2 * here + after
    return at + (0.5 * (before - after) / bend if bend > 0 else 0.0)
