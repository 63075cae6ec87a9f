"""Mix the originals under the dub into ``dub.<language>.wav``, a second at a time.

From ``dub_recording.py`` and ``audio_file.py``, with the gain of ``ducking.py``; to ``wav_writer.py``.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dragoman.ground.audio import Samples
from dragoman.ground.marking import describe_synthetic
from dragoman.rooms.audio_file import DEFAULT_LIMIT_S, RecordingReader, open_recording
from dragoman.rooms.disk import writing_to
from dragoman.rooms.dub_recording import DUB_RATE, DubRecording
from dragoman.rooms.ducking import DuckingCurve
from dragoman.rooms.wav_writer import WavWriter

_KNEE = 0.8
"""Amplitude below which the limiter changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A recording to be heard under the dub."""

    path: Path
    starts_at_s: float = 0.0
    """Room seconds of its first sample."""
    ducked: bool = True
    """False for somebody who speaks the language of the dub: they are understood, and stay as loud as they are."""


def write_mixdown(
    path: Path,
    *,
    originals: Sequence[Original],
    dub: DubRecording,
    engines: Sequence[str] = (),
    limit_s: float = DEFAULT_LIMIT_S,
) -> float:
    """Write originals and dub to a 24 kHz 16-bit mono WAV and give its length in seconds; no originals: the dub alone.

    The file says that its speech is synthetic, by ``engines``, so that people and programs can tell. Blocks; memory
    does not grow with the length. Raises ``OutputNotWritable`` if the disk is full, and what ``open_recording`` raises
    for the originals.
    """
    comment = describe_synthetic(engines=engines, also="it translates what people say in this recording")
    curve = DuckingCurve((interval.start_s, interval.end_s) for interval in dub.intervals)
    with ExitStack() as stack:
        layers = [
            _Layer(stack.enter_context(open_recording(original.path, sample_rate=DUB_RATE, limit_s=limit_s)), original)
            for original in originals
        ]
        stack.enter_context(writing_to(path.parent))
        wav = stack.enter_context(WavWriter(path, sample_rate=DUB_RATE, comment=comment))
        position = 0
        while position < dub.spool.samples or any(not layer.at_end for layer in layers):
            block = _mix_block(layers, dub, curve, position)
            wav.write(soft_limit(block))
            position += len(block)
        return position / DUB_RATE


def soft_limit(samples: Samples) -> Samples:
    """Bend what is louder than 0.8 so that any sum stays inside [-1, 1]; quieter samples stay as they are."""
    loudness = np.abs(samples)
    bent = _KNEE + (1 - _KNEE) * np.tanh((loudness - _KNEE) / (1 - _KNEE))
    return np.where(loudness > _KNEE, np.copysign(bent, samples), samples).astype(np.float32)


class _Layer:
    """One original, read along the room's time line."""

    def __init__(self, reader: RecordingReader, original: Original) -> None:
        self.ducked = original.ducked
        self.at_end = False
        self._reader = reader
        self._silent_samples = round(original.starts_at_s * DUB_RATE)

    def read(self, samples: int) -> Samples:
        """Give the next samples, fewer or none after the end."""
        silent = min(self._silent_samples, samples)
        self._silent_samples -= silent
        sound = self._reader.read(samples - silent)
        self.at_end = len(sound) < samples - silent
        return np.concatenate([np.zeros(silent, np.float32), sound])


def _mix_block(layers: Sequence[_Layer], dub: DubRecording, curve: DuckingCurve, position: int) -> Samples:
    """Mix the second at ``position``, as much of it as any layer or the dub has."""
    mix = np.zeros(DUB_RATE, np.float32)
    longest = min(DUB_RATE, max(0, dub.spool.samples - position))
    gains = curve.gains(position, DUB_RATE, DUB_RATE)
    for layer in layers:
        sound = layer.read(DUB_RATE)
        longest = max(longest, len(sound))
        mix[: len(sound)] += sound * gains[: len(sound)] if layer.ducked else sound
    return (mix + dub.spool.read(position, DUB_RATE))[:longest]
