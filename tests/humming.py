"""A voice without words, of any pitch: for tests of what is measured in voices."""

import numpy as np

from dragoman.ground.audio import Samples


def hum(pitch_hz: float, rate: int, *, seconds: float = 0.05) -> Samples:
    """Buzz as a throat does: many harmonics, the higher the weaker."""
    at_s = np.arange(round(seconds * rate)) / rate
    harmonics = range(1, int(min(4_000, rate / 2.2) / pitch_hz))
    return np.asarray(0.2 * sum(np.sin(2 * np.pi * pitch_hz * k * at_s + k) / k for k in harmonics), np.float32)
