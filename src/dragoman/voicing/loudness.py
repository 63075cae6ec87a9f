"""How loud sound is to ears: loudness of speech after ITU-R BS.1770-4, in LUFS. For ``levelling.py``.

The K weighting is applied in the frequency domain, which takes a hundredth of the time that filters in Python take.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dragoman.ground.audio import Samples

BLOCK_S, HOP_S = 0.4, 0.1
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
_RINGING_S = 0.1
"""What the filters still ring after the last sample; shorter, and it would come in again at the front."""

Energies = NDArray[np.float64]


def measure_loudness(samples: Samples, sample_rate: int) -> float | None:
    """Give the gated loudness of mono ``samples`` in LUFS; None for silence. Any rate from 8 kHz.

    What is shorter than a block of 0.4 s counts as one block.
    """
    return loudness_of(block_energies(samples, sample_rate))


def block_energies(samples: Samples, sample_rate: int) -> Energies:
    """Give the mean square of each K-weighted block of 0.4 s, one every 0.1 s."""
    if not len(samples):
        return np.zeros(0)
    weighted = _weigh(samples, sample_rate)
    window, hop = min(round(BLOCK_S * sample_rate), len(weighted)), round(HOP_S * sample_rate)
    total = np.concatenate([[0.0], np.cumsum(np.square(weighted))])
    starts = np.arange(0, len(weighted) - window + 1, hop)
    return np.asarray((total[starts + window] - total[starts]) / window)


def loudness_of(energies: Energies) -> float | None:
    """Gate the blocks twice, as the standard does, and give their loudness."""
    loud = energies[energies > _energy(ABSOLUTE_GATE_LUFS)]
    if not len(loud):
        return None
    kept = loud[loud > float(loud.mean()) * 10 ** (RELATIVE_GATE_LU / 10)]
    return float(-0.691 + 10 * np.log10(kept.mean()))


def _energy(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))


def _weigh(samples: Samples, sample_rate: int) -> NDArray[np.float32]:
    length = _quick_length(len(samples) + round(_RINGING_S * sample_rate))
    spectrum = np.fft.rfft(samples, length)
    spectrum *= _k_weight(length, sample_rate)
    return np.asarray(np.fft.irfft(spectrum, length)[: len(samples)], np.float32)


def _quick_length(least: int) -> int:
    """Give a length that transforms quickly: few small factors, at most an eighth longer than asked."""
    step = 1 << max(0, least.bit_length() - 4)
    return -(-least // step) * step


@lru_cache(maxsize=32)
def _k_weight(length: int, sample_rate: int) -> NDArray[np.complex128]:
    """Evaluate both filters of the standard on the unit circle, its constants as analogue prototypes.

    Source: ITU-R BS.1770-4, annex 1; the prototypes are those of libebur128.
    """
    delay = np.exp(-2j * np.pi * np.fft.rfftfreq(length))

    def biquad(above: tuple[float, float, float], below: tuple[float, float, float]) -> NDArray[np.complex128]:
        over, under = np.polyval(above[::-1], delay), np.polyval(below[::-1], delay)
        return np.asarray(over / under)

    quality, turn = 0.7071752369554196, np.tan(np.pi * 1681.974450955533 / sample_rate)
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    norm = 1 + turn / quality + turn * turn
    shelf = biquad(
        (
            (high + band * turn / quality + turn * turn) / norm,
            2 * (turn * turn - high) / norm,
            (high - band * turn / quality + turn * turn) / norm,
        ),
        (1.0, 2 * (turn * turn - 1) / norm, (1 - turn / quality + turn * turn) / norm),
    )
    quality, turn = 0.5003270373238773, np.tan(np.pi * 38.13547087602444 / sample_rate)
    norm = 1 + turn / quality + turn * turn
    high_pass = biquad((1.0, -2.0, 1.0), (1.0, 2 * (turn * turn - 1) / norm, (1 - turn / quality + turn * turn) / norm))
    return shelf * high_pass
