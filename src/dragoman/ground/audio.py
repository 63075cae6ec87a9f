"""Sound as the house passes it around: mono float32 with its rate. PCM for process borders is in ``wire/``."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RECOGNITION_RATE = 16_000
"""Hertz. Everything that listens (voice activity, speech-to-text) takes this rate; rooms resample to it."""

FRAME_S = 0.05
"""Seconds in a microphone frame: 50 ms keeps the per-frame cost of twelve microphones small."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Audio:
    """A stretch of mono sound."""

    samples: Samples
    """Shape ``(samples,)``, float32 in [-1, 1]."""
    sample_rate: int
    """Hertz."""

    @property
    def duration_s(self) -> float:
        return len(self.samples) / self.sample_rate


def silence(duration_s: float, sample_rate: int) -> Audio:
    """Make ``duration_s`` seconds of digital silence."""
    return Audio(samples=np.zeros(round(duration_s * sample_rate), np.float32), sample_rate=sample_rate)


def join_audio(pieces: Iterable[Audio], sample_rate: int) -> Audio:
    """Put ``pieces`` one after the other; all must have ``sample_rate``. No pieces make an empty ``Audio``."""
    samples = []
    for piece in pieces:
        if piece.sample_rate != sample_rate:
            raise ValueError(f"cannot join {piece.sample_rate} Hz to {sample_rate} Hz")
        samples.append(piece.samples)
    joined = np.concatenate(samples) if samples else np.zeros(0, np.float32)
    return Audio(samples=joined, sample_rate=sample_rate)


def to_pcm16(samples: Samples) -> bytes:
    """Turn float32 samples into little-endian 16-bit PCM; what lies outside [-1, 1] is clipped."""
    return (np.clip(samples, -1.0, 1.0) * 32767.0).round().astype("<i2").tobytes()


def from_pcm16(pcm: bytes | bytearray | memoryview) -> Samples:
    """Turn little-endian 16-bit PCM into float32 samples in [-1, 1]."""
    return np.frombuffer(pcm, dtype="<i2").astype(np.float32) / 32768.0
