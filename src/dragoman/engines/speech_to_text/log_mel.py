"""Turn sound into the log-mel spectrogram that Whisper reads. To ``whisper_model.py``.

Source: "Robust Speech Recognition via Large-Scale Weak Supervision", Radford et al., 2022, section 2.2, and the mel
scale of Slaney's Auditory Toolbox (1998): linear below 1 kHz, logarithmic above, triangles of equal area.
"""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dragoman.ground.audio import RECOGNITION_RATE, Samples

HOP_SAMPLES: Final = 160
"""10 ms: one frame."""
WINDOW_SAMPLES: Final = 400
"""25 ms."""
FRAMES_PER_S: Final = RECOGNITION_RATE // HOP_SAMPLES

_FLOOR_POWER: Final = 1e-10
_RANGE_DECADES: Final = 8.0

Spectrogram = NDArray[np.float32]


def count_frames(samples: int) -> int:
    """Count the 10 ms frames that ``samples`` fill, a last part frame included."""
    return -(-samples // HOP_SAMPLES)


def log_mel(samples: Samples, *, n_mels: int, frames: int) -> Spectrogram:
    """Compute the log-mel spectrogram, shape ``(n_mels, frames)`` float32, of ``samples`` followed by silence.

    ``samples`` is mono 16 kHz float32, at most ``frames`` times 10 ms long. Values lie within 2 of each other.
    """
    if len(samples) > frames * HOP_SAMPLES:
        raise ValueError(f"{len(samples)} samples do not fit into {frames} frames")
    half = WINDOW_SAMPLES // 2
    # Frames that reach no sound hold the floor: only those that do are computed.
    sounding = min(frames, count_frames(len(samples)) + 2)
    padded = np.zeros(sounding * HOP_SAMPLES + (half if sounding < frames else 0), np.float32)
    padded[: len(samples)] = samples
    padded = np.pad(padded, half, mode="reflect")
    # One frame more would fit, centred on the very end; Whisper leaves it out.
    pieces = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[::HOP_SAMPLES][:sounding]
    power = np.abs(np.fft.rfft(pieces * _hann_window(), axis=1)) ** 2
    # Not "@": BLAS wakes threads of its own for so small a product, and they spin (111 ms CPU per second, not 63).
    mel_power = np.einsum("mf,tf->mt", _mel_filters(n_mels), power)
    log_power = np.full((n_mels, frames), np.log10(_FLOOR_POWER), power.dtype)
    log_power[:, :sounding] = np.log10(np.maximum(mel_power, _FLOOR_POWER))
    log_power = np.maximum(log_power, log_power.max() - _RANGE_DECADES)
    return np.ascontiguousarray((log_power + 4.0) / 4.0, dtype=np.float32)


@lru_cache(maxsize=1)
def _hann_window() -> Samples:
    """Give the periodic Hann window: its end would be the next period's start."""
    window: Samples = np.hanning(WINDOW_SAMPLES + 1)[:-1].astype(np.float32)
    return window


@lru_cache(maxsize=2)
def _mel_filters(n_mels: int) -> Spectrogram:
    """Give the triangular filters, shape ``(n_mels, 201)``, from 0 Hz to 8 kHz."""
    bins_hz = np.linspace(0.0, RECOGNITION_RATE / 2, WINDOW_SAMPLES // 2 + 1)
    top_mel = float(_to_mel(RECOGNITION_RATE / 2))
    edges_hz = np.array([_to_hz(mel) for mel in np.linspace(0.0, top_mel, n_mels + 2)])
    lower, centre, upper = edges_hz[:-2, None], edges_hz[1:-1, None], edges_hz[2:, None]
    rising = (bins_hz - lower) / (centre - lower)
    falling = (upper - bins_hz) / (upper - centre)
    triangles = np.clip(np.minimum(rising, falling), 0.0, None)
    filters: Spectrogram = (triangles * (2.0 / (upper - lower))).astype(np.float32)
    return filters


_LINEAR_HZ_PER_MEL: Final = 200.0 / 3.0
_BREAK_HZ: Final = 1000.0
_BREAK_MEL: Final = _BREAK_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP: Final = float(np.log(6.4)) / 27.0


def _to_mel(hz: float) -> float:
    if hz < _BREAK_HZ:
        return hz / _LINEAR_HZ_PER_MEL
    return _BREAK_MEL + float(np.log(hz / _BREAK_HZ)) / _LOG_STEP


def _to_hz(mel: float) -> float:
    if mel < _BREAK_MEL:
        return mel * _LINEAR_HZ_PER_MEL
    return _BREAK_HZ * float(np.exp(_LOG_STEP * (mel - _BREAK_MEL)))
