"""Text as tones: sound that a fake engine can really read back.

Every byte of the UTF-8 text is one symbol: two tones at once (one per half byte), then a short pause. Resampling,
16-bit PCM and any level above -40 dB leave it readable, and so does a cut anywhere: only the symbols cut are lost.
For engines.py, which speaks and recognises it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples
from dragoman.ground.languages import LANGUAGES, Language
from dragoman.ground.speech import Word

SYMBOL_S = 0.05
"""Seconds of one byte at speed 1, its pause included: 20 letters a second, a quick speaker's pace."""

_SOUND_SHARE = 0.7
_RAMP_S = 0.0015
_LEVEL = 0.15
"""Of each of the two tones: peaks at 0.3, about -16 dBFS."""

_LOW_HZ = 500 + 100 * np.arange(16)
_HIGH_HZ = 2300 + 100 * np.arange(16)
"""300 Hz above the highest low tone, so that the two never beat slower than the envelope's window."""

_ENVELOPE_S = 0.005
_SHORTEST_S, _LONGEST_S = 0.011, 0.1
"""A symbol's sound is 17.5 ms at speed 2 and 70 ms at speed 0.5; longer sounds are no symbols."""
_PURITY = 0.5
"""Least share of a symbol's energy in its two tones; noise and voices have less."""
_QUIETEST = 0.005
_PAUSE_S = 0.25
"""Ends a word: longer than the pause around a symbol that was lost, at speed 0.5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Symbol:
    byte: int
    start_s: float
    end_s: float


def say_as_tones(text: str, *, sample_rate: int = RECOGNITION_RATE, speed: float = 1.0) -> Audio:
    """Write ``text`` as tones at ``sample_rate`` (8 kHz and more), ``speed`` times as fast as one byte in 50 ms."""
    symbols = [_tone_pair(byte, sample_rate, speed) for byte in text.encode(errors="replace")]
    samples = np.concatenate(symbols) if symbols else np.zeros(0, np.float32)
    return Audio(samples=samples, sample_rate=sample_rate)


def hear_tones(audio: Audio, language: Language | None = None) -> tuple[Word, ...]:
    """Read the words back, with their times; sound that is not of this code is not heard.

    Where ``language`` is written without spaces, each character is a word.
    """
    symbols = list(_symbols(audio))
    spaced = language is None or LANGUAGES[language].words_have_spaces
    return tuple(word for run in _runs(symbols, spaced=spaced) if (word := _word(run)) is not None)


def _tone_pair(byte: int, sample_rate: int, speed: float) -> Samples:
    whole = round(SYMBOL_S / speed * sample_rate)
    sounding = round(whole * _SOUND_SHARE)
    time_s = np.arange(sounding) / sample_rate
    tones = np.sin(2 * np.pi * _LOW_HZ[byte & 15] * time_s) + np.sin(2 * np.pi * _HIGH_HZ[byte >> 4] * time_s)
    edge = np.clip(np.minimum(time_s, time_s[::-1]) / _RAMP_S, 0.0, 1.0)
    samples = np.zeros(whole, np.float32)
    samples[:sounding] = _LEVEL * edge * tones
    return samples


def _symbols(audio: Audio) -> Iterator[_Symbol]:
    rate = audio.sample_rate
    for start, end in _sounding(audio):
        if not _SHORTEST_S <= (end - start) / rate <= _LONGEST_S:
            continue
        byte = _byte(audio.samples[start:end], rate)
        if byte is not None:
            yield _Symbol(byte=byte, start_s=float(start / rate), end_s=float(end / rate))


def _sounding(audio: Audio) -> NDArray[np.int64]:
    """Find the stretches that sound, shape ``(stretches, 2)``, in samples: from, to."""
    window = max(1, round(_ENVELOPE_S * audio.sample_rate))
    if len(audio.samples) < window:
        return np.zeros((0, 2), np.int64)
    energy = np.concatenate([[0.0], np.cumsum(np.square(audio.samples, dtype=np.float64))])
    envelope = np.sqrt(np.maximum(energy[window:] - energy[:-window], 0.0) / window)
    loud = envelope > max(_QUIETEST, 0.25 * float(envelope.max()))
    edges = np.diff(np.concatenate([[0], loud.astype(np.int8), [0]]))
    return np.stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) + window // 2], axis=1)


def _byte(samples: Samples, rate: int) -> int | None:
    """Read one symbol; None if its energy does not lie in two of our tones."""
    windowed = samples * np.hanning(len(samples))
    length = 1 << max(11, len(samples).bit_length())
    power = np.square(np.abs(np.fft.rfft(windowed, length)))
    total = float(power.sum())
    if total <= 0.0:
        return None
    low, high = _strongest(power, _LOW_HZ, rate / length), _strongest(power, _HIGH_HZ, rate / length)
    # The main lobe of a Hann window is four bins of the unpadded transform wide.
    lobe = round(2 * length / len(samples))
    shares = [float(power[max(0, peak - lobe) : peak + lobe + 1].sum()) / total for _, peak in (low, high)]
    if sum(shares) < _PURITY or min(shares) < 0.1:
        return None
    return low[0] | high[0] << 4


def _strongest(power: NDArray[np.float64], tones_hz: NDArray[np.int64], bin_hz: float) -> tuple[int, int]:
    bins = np.round(tones_hz / bin_hz).astype(np.int64)
    best = int(np.argmax(power[bins]))
    return best, int(bins[best])


def _runs(symbols: list[_Symbol], *, spaced: bool) -> Iterator[list[_Symbol]]:
    """Cut symbols into words: at spaces and pauses, without spaces before every byte that begins a character."""
    run: list[_Symbol] = []
    for symbol in symbols:
        is_space = symbol.byte in b" \n\t"
        begins = not spaced and symbol.byte & 0xC0 != 0x80
        if run and (is_space or begins or symbol.start_s - run[-1].end_s > _PAUSE_S):
            yield run
            run = []
        if not is_space:
            run.append(symbol)
    if run:
        yield run


def _word(run: list[_Symbol]) -> Word | None:
    text = bytes(symbol.byte for symbol in run).decode(errors="ignore")
    if not text.isprintable() or not text:
        return None
    return Word(text=text, start_s=run[0].start_s, end_s=run[-1].end_s, probability=1.0)
