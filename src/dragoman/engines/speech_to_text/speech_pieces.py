"""Cut sound that is too long for one pass of a recogniser, in the pauses."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from dragoman.ground.audio import RECOGNITION_RATE, Samples

MAX_SINGLE_S: Final = 30.0
"""Whisper's window; PocketSphinx would take more, but makes the others wait meanwhile."""
MAX_PIECE_S: Final = 28.0
"""Of longer sound: what remains of the 30 s is the margin of silence that Whisper needs to end well."""
_SEARCH_S: Final = 12.0
"""How far before a piece's latest end its pause is sought."""
_PAUSE_S: Final = 0.3
_STEP_SAMPLES: Final = RECOGNITION_RATE // 100
_NEARLY: Final = 1.5
"""Pauses whose power is within this factor of the quietest are as good as it; the latest is taken."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpeechPiece:
    """A part of the sound that one pass recognises."""

    start_s: float
    samples: Samples


def cut_in_pauses(samples: Samples, *, longest_s: float = MAX_SINGLE_S) -> list[SpeechPiece]:
    """Cut 16 kHz ``samples`` into pieces of at most ``longest_s``; together they are the whole, nothing twice."""
    piece_s = min(MAX_PIECE_S, longest_s)
    search_s = min(_SEARCH_S, piece_s / 2)
    pieces = []
    start = 0
    while len(samples) - start > longest_s * RECOGNITION_RATE:
        latest = start + round(piece_s * RECOGNITION_RATE)
        earliest = latest - round(search_s * RECOGNITION_RATE)
        end = earliest + _find_pause(samples[earliest:latest])
        pieces.append(SpeechPiece(start_s=start / RECOGNITION_RATE, samples=samples[start:end]))
        start = end
    pieces.append(SpeechPiece(start_s=start / RECOGNITION_RATE, samples=samples[start:]))
    return pieces


def _find_pause(samples: Samples) -> int:
    """Give the middle of the latest of the quietest stretches of 0.3 s."""
    steps = len(samples) // _STEP_SAMPLES
    power = np.square(samples[: steps * _STEP_SAMPLES].reshape(steps, _STEP_SAMPLES)).mean(axis=1)
    stretch = round(_PAUSE_S * RECOGNITION_RATE) // _STEP_SAMPLES
    smooth = np.convolve(power, np.ones(stretch) / stretch, mode="valid")
    quiet = np.flatnonzero(smooth <= smooth.min() * _NEARLY + 1e-9)
    return (int(quiet[-1]) + stretch // 2) * _STEP_SAMPLES
