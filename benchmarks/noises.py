"""Sound in which nobody speaks, made from a seed: noise, hum, keys, claps and something like music. To ``noise.py``.

16 kHz, mono, at levels that a microphone has: -40 to -15 dBFS.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dragoman.ground.audio import RECOGNITION_RATE, Samples

Signal = NDArray[np.float64]
Maker = Callable[[int, np.random.Generator], Signal]

_A4_HZ: Final = 440.0
_SCALE: Final = (0, 2, 4, 5, 7, 9, 11)


def make_noise(kind: str, *, seconds: float, seed: int) -> Samples:
    """Make ``seconds`` of one of ``NOISES``; the same seed gives the same sound."""
    count = round(seconds * RECOGNITION_RATE)
    return NOISES[kind](count, np.random.default_rng([seed, *kind.encode()])).astype(np.float32)


def _coloured(count: int, random: np.random.Generator, *, slope: float, level: float) -> Signal:
    """Make noise whose power falls with the frequency to the power of ``slope``, from 20 Hz up."""
    spectrum = np.fft.rfft(random.standard_normal(count))
    frequency = np.maximum(np.fft.rfftfreq(count, 1 / RECOGNITION_RATE), 20.0)
    return _at_level(np.fft.irfft(spectrum / frequency ** (slope / 2), count), level)


def _at_level(signal: Signal, level: float) -> Signal:
    """Scale to a root mean square of ``level``."""
    return signal * level / max(float(np.sqrt(np.mean(np.square(signal)))), 1e-12)


def _times(count: int) -> Signal:
    return np.arange(count) / RECOGNITION_RATE


def _white(count: int, random: np.random.Generator) -> Signal:
    return _coloured(count, random, slope=0.0, level=0.05)


def _pink(count: int, random: np.random.Generator) -> Signal:
    return _coloured(count, random, slope=1.0, level=0.08)


def _brown(count: int, random: np.random.Generator) -> Signal:
    return _coloured(count, random, slope=2.0, level=0.15)


def _hum(count: int, random: np.random.Generator) -> Signal:
    """Mains at 50 Hz with its harmonics."""
    tones = [np.sin(2 * np.pi * 50 * n * _times(count) + random.uniform(0, 6)) / n for n in range(1, 12)]
    return _at_level(np.sum(tones, axis=0), 0.1) + _coloured(count, random, slope=1.0, level=0.002)


def _fan(count: int, random: np.random.Generator) -> Signal:
    """Pink noise that turns: its strength moves with the blades."""
    blades = 1 + 0.3 * np.sin(2 * np.pi * random.uniform(8, 14) * _times(count))
    return _coloured(count, random, slope=1.3, level=0.08) * blades


def _murmur(count: int, random: np.random.Generator) -> Signal:
    """Noise with the spectrum and the syllables of a room full of people: no voice in it, but their rhythm."""
    frequency = np.fft.rfftfreq(count, 1 / RECOGNITION_RATE)
    total = np.zeros(count)
    for _ in range(8):
        middle_hz = random.uniform(300, 2500)
        band = np.exp(-(((frequency - middle_hz) / (0.3 * middle_hz)) ** 2))
        carrier = np.fft.irfft(np.fft.rfft(random.standard_normal(count)) * band, count)
        syllables = np.clip(np.sin(2 * np.pi * random.uniform(2.5, 5.5) * _times(count) + random.uniform(0, 6)), 0, 1)
        total += carrier * syllables
    return _at_level(total, 0.06)


def _keys(count: int, random: np.random.Generator) -> Signal:
    """Key strokes: short bursts, eight a second, with pauses."""
    return _bursts(count, random, per_s=6.0, decay_s=0.006, level=0.3, low_hz=1500.0)


def _claps(count: int, random: np.random.Generator) -> Signal:
    return _bursts(count, random, per_s=2.5, decay_s=0.03, level=0.7, low_hz=700.0)


def _bursts(
    count: int, random: np.random.Generator, *, per_s: float, decay_s: float, level: float, low_hz: float
) -> Signal:
    signal = _coloured(count, random, slope=1.0, level=0.002)
    length = round(8 * decay_s * RECOGNITION_RATE)
    fall = np.exp(-_times(length) / decay_s)
    at = 0
    while (at := at + round(random.exponential(1 / per_s) * RECOGNITION_RATE)) < count - length:
        colour = np.sin(2 * np.pi * random.uniform(low_hz, 3 * low_hz) * _times(length))
        signal[at : at + length] += level * random.uniform(0.4, 1.0) * fall * random.standard_normal(length) * colour
    return np.clip(signal, -1, 1)


def _chords(count: int, random: np.random.Generator) -> Signal:
    """Held chords of four rich tones, a new one every two seconds."""
    signal = np.zeros(count)
    for begin in range(0, count, 2 * RECOGNITION_RATE):
        length = min(2 * RECOGNITION_RATE, count - begin)
        root = random.integers(-24, 0)
        steps = [root, root + random.choice([3, 4]), root + 7, root + 12]
        signal[begin : begin + length] = sum(_note(int(step), length, decay_s=3.0) for step in steps)
    return _at_level(signal, 0.08)


def _melody(count: int, random: np.random.Generator) -> Signal:
    """A plucked tune over a drum."""
    signal = np.zeros(count)
    beat = round(0.25 * RECOGNITION_RATE)
    step = 0
    for number, begin in enumerate(range(0, count, beat)):
        length = min(4 * beat, count - begin)
        step = int(np.clip(step + random.integers(-2, 3), -7, 7))
        height = 12 * (step // 7) + _SCALE[step % 7]
        signal[begin : begin + length] += _note(height, length, decay_s=0.4)
        if number % 4 == 0:
            drum = np.exp(-_times(length) / 0.08) * np.sin(2 * np.pi * 70 * _times(length))
            signal[begin : begin + length] += 2.0 * drum
        elif number % 2 == 0:
            signal[begin : begin + length] += 0.5 * np.exp(-_times(length) / 0.03) * random.standard_normal(length)
    return _at_level(signal, 0.08)


def _note(semitones: int, length: int, *, decay_s: float) -> Signal:
    """Sound a tone with eight harmonics, ``semitones`` above A4."""
    hz = _A4_HZ * 2 ** (semitones / 12)
    harmonics = [
        np.sin(2 * np.pi * hz * number * _times(length)) / number
        for number in range(1, 9)
        if hz * number < RECOGNITION_RATE / 2
    ]
    attack = np.clip(_times(length) / 0.01, 0, 1)
    return np.asarray(attack * np.exp(-_times(length) / decay_s) * np.sum(harmonics, axis=0))


NOISES: Final[dict[str, Maker]] = {
    "white noise": _white,
    "pink noise": _pink,
    "brown noise": _brown,
    "mains hum": _hum,
    "fan": _fan,
    "murmur": _murmur,
    "keys": _keys,
    "claps": _claps,
    "chords": _chords,
    "melody": _melody,
}
