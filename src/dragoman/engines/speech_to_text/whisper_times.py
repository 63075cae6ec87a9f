"""Give words the times at which they sound. From the alignment of ``whisper_model.py``; to ``faster_whisper.py``.

The alignment says where each token begins, and lets a word begin or end somewhere in the pause beside it: the path has
to pass the pause in some token. What is silent at a word's ends is therefore cut off again. The token of a full stop or
comma often begins while its word still sounds, so a word with one goes on for as long as the sound does.
"""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dragoman.engines.speech_to_text.log_mel import FRAMES_PER_S, HOP_SAMPLES
from dragoman.engines.speech_to_text.speech_pieces import SpeechPiece
from dragoman.engines.speech_to_text.whisper_model import Alignment
from dragoman.engines.speech_to_text.whisper_tokens import TokenWord
from dragoman.ground.audio import RECOGNITION_RATE, Samples
from dragoman.ground.speech import Word

_SILENT_BELOW: Final = 1e-4
"""Part of the loud frames' power: 40 dB below, where only pauses of a clean microphone lie."""
_LOUD_PERCENTILE: Final = 95
_SOUNDING_ABOVE: Final = 3e-3
"""The same: 25 dB below, so that a room's noise does not pass for the end of a word."""
_PAUSE_FRAMES: Final = 12
"""Silence within a word is shorter, that before a p or t of it too; in frames of 10 ms."""
_LONGEST_END_S: Final = 0.6
"""How far a full stop's token was seen to begin before the end of its word."""


def place_words(
    found: Sequence[TokenWord], alignment: Alignment, piece: SpeechPiece, *, not_before_s: float = 0.0
) -> list[Word]:
    """Give each word its times in seconds of the utterance: ascending, and within ``piece``.

    ``not_before_s`` counts from the start of the piece: words before it have their times already.
    """
    voiced = np.flatnonzero(_is_loud(piece.samples, above=_SILENT_BELOW))
    sounding = np.flatnonzero(_is_loud(piece.samples, above=_SOUNDING_ABOVE))
    duration_s = len(piece.samples) / RECOGNITION_RATE
    words = []
    floor_s = not_before_s
    for word, following in pairwise([*found, None]):
        assert word is not None  # noqa: S101  only the last is None
        start_s = min(max(alignment.starts_s[word.first], floor_s), duration_s)
        end_s = min(max(alignment.starts_s[word.end], start_s), duration_s)
        if word.end < len(alignment.starts_s) - 1 and (following is None or word.end < following.first):
            until_s = duration_s if following is None else alignment.starts_s[following.first]
            end_s = max(end_s, min(_sounds_until(end_s, sounding), end_s + _LONGEST_END_S, until_s))
        start_s, end_s = _trim(start_s, end_s, voiced)
        floor_s = end_s
        words.append(
            Word(
                text=word.text,
                start_s=piece.start_s + start_s,
                end_s=piece.start_s + end_s,
                probability=fmean(alignment.probabilities[word.first : word.end]),
            )
        )
    return words


def _is_loud(samples: Samples, *, above: float) -> NDArray[np.bool_]:
    """Say of each whole 10 ms whether it has more than that part of the loud frames' power."""
    frames = len(samples) // HOP_SAMPLES
    if frames == 0:
        return np.zeros(0, np.bool_)
    power = np.square(samples[: frames * HOP_SAMPLES].reshape(frames, HOP_SAMPLES)).mean(axis=1)
    loud: NDArray[np.bool_] = power > np.percentile(power, _LOUD_PERCENTILE) * above
    return loud


def _sounds_until(second: float, sounding: NDArray[np.intp]) -> float:
    """Say where the sound that goes on at ``second`` pauses."""
    at = round(second * FRAMES_PER_S)
    ahead = sounding[np.searchsorted(sounding, at) :]
    if not len(ahead) or ahead[0] - at >= _PAUSE_FRAMES:
        return second
    pauses = np.flatnonzero(np.diff(ahead) > _PAUSE_FRAMES)
    return float(ahead[pauses[0] if len(pauses) else -1] + 1) / FRAMES_PER_S


def _trim(start_s: float, end_s: float, voiced: NDArray[np.intp]) -> tuple[float, float]:
    """Shrink a stretch to its first and last loud frame; a stretch without any stays as it is."""
    first, last = np.searchsorted(voiced, (round(start_s * FRAMES_PER_S), round(end_s * FRAMES_PER_S)))
    if first == last:
        return start_s, end_s
    trimmed_start_s = max(start_s, float(voiced[first]) / FRAMES_PER_S)
    return trimmed_start_s, max(trimmed_start_s, min(end_s, float(voiced[last - 1] + 1) / FRAMES_PER_S))
