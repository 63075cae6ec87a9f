"""Find the speech in long sound and cut it into pieces that one pass of Whisper takes. To ``faster_whisper.py``.

``find_speech`` decides, from voice activity alone; ``VoicedPieces`` asks Silero and cuts. What lies between two pieces
is not recognised at all: Whisper invents words for silence.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

import numpy as np

from dragoman.engines.speech_to_text.speech_pieces import MAX_PIECE_S, MAX_SINGLE_S, SpeechPiece, cut_in_pauses
from dragoman.ground.audio import RECOGNITION_RATE, Samples
from dragoman.ground.engines import VoiceActivity

_HYSTERESIS: Final = 0.15
"""Speech goes on while the probability stays above the threshold less this (Silero's own rule)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceGate:
    """When sound counts as speech. The defaults are those that recordings are transcribed with in the field."""

    threshold: float = 0.5
    """Speech probability from which a window is voiced."""
    min_speech_s: float = 0.25
    """Shorter sounds are clicks and breaths."""
    min_silence_s: float = 0.5
    """Shorter pauses belong to the speech around them."""
    padding_s: float = 0.4
    """Sound taken along on both sides: soft beginnings and ends."""
    max_speech_s: float = MAX_SINGLE_S
    """Longer speech is cut in its pauses; 30 s is all that a pass takes."""
    join_s: float = 2.0
    """Speech that goes on after a pause of at most this is recognised together: what was said helps what follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechRegion:
    """A stretch of speech, in windows of voice activity."""

    first: int
    end: int
    """Behind its last window."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VoicedPiece:
    """What one pass recognises, and how much of it is speech."""

    piece: SpeechPiece
    voiced_s: float


def find_speech(probabilities: Sequence[float], *, window_s: float, gate: VoiceGate) -> list[SpeechRegion]:
    """Find the stretches of speech in windows of ``window_s`` seconds, in order, without their padding."""
    min_silence = max(1, round(gate.min_silence_s / window_s))
    regions: list[SpeechRegion] = []
    first: int | None = None
    last = 0
    for index, probability in enumerate(probabilities):
        if probability >= (gate.threshold if first is None else gate.threshold - _HYSTERESIS):
            first = index if first is None else first
            last = index
        elif first is not None and index - last >= min_silence:
            regions.append(SpeechRegion(first=first, end=last + 1))
            first = None
    if first is not None:
        regions.append(SpeechRegion(first=first, end=last + 1))
    return [region for region in regions if (region.end - region.first) * window_s >= gate.min_speech_s]


class VoicedPieces:
    """Cuts sound with the help of ``voice_activity``, which stays the caller's to close."""

    def __init__(self, voice_activity: VoiceActivity, gate: VoiceGate) -> None:
        self._voice_activity = voice_activity
        self._gate = gate

    def cut(self, samples: Samples) -> list[VoicedPiece]:
        """Cut 16 kHz ``samples`` into pieces of at most 30 s that hold all speech, in order, nothing twice."""
        window = self._voice_activity.window_samples
        regions = find_speech(self._probabilities(samples), window_s=window / RECOGNITION_RATE, gate=self._gate)
        pieces: list[VoicedPiece] = []
        groups = self._joined(regions, window)
        nexts = [group[0].first * window for group in groups[1:]]
        taken = 0
        for group, next_speech in zip_longest(groups, nexts):
            begin, end = self._padded(group, taken, next_speech, len(samples))
            taken = end
            voiced_s = sum(region.end - region.first for region in group) * window / RECOGNITION_RATE
            pieces += _cut_long(samples[begin:end], begin, voiced_s, self._gate.max_speech_s)
        return pieces

    def _probabilities(self, samples: Samples) -> list[float]:
        window = self._voice_activity.window_samples
        stream = self._voice_activity.open()
        padded = np.pad(samples, (0, -len(samples) % window))
        return [stream.speech_probability(piece) for piece in padded.reshape(-1, window)]

    def _joined(self, regions: Sequence[SpeechRegion], window: int) -> list[list[SpeechRegion]]:
        """Put regions together while the pauses between them are short and all of it fits into one pass."""
        groups: list[list[SpeechRegion]] = []
        for region in regions:
            group = groups[-1] if groups else None
            if group is not None:
                pause_s = (region.first - group[-1].end) * window / RECOGNITION_RATE
                length_s = (region.end - group[0].first) * window / RECOGNITION_RATE + 2 * self._gate.padding_s
                if pause_s <= self._gate.join_s and length_s <= min(MAX_PIECE_S, self._gate.max_speech_s):
                    group.append(region)
                    continue
            groups.append([region])
        return groups

    def _padded(
        self, group: Sequence[SpeechRegion], taken: int, next_speech: int | None, length: int
    ) -> tuple[int, int]:
        """Give the samples of a group with what sounds around it; of a short pause both groups beside it get half."""
        window = self._voice_activity.window_samples
        padding = round(self._gate.padding_s * RECOGNITION_RATE)
        speech_end = group[-1].end * window
        end = speech_end + padding
        if next_speech is not None:
            end = min(end, (speech_end + next_speech) // 2)
        elif length - speech_end <= 2 * padding:
            end = length  # the last breath of the sound: nothing else will take it
        return max(taken, group[0].first * window - padding, 0), min(end, length)


def _cut_long(samples: Samples, begin: int, voiced_s: float, max_speech_s: float) -> list[VoicedPiece]:
    """Cut what no single pass takes; the speech of its parts is taken to be as dense as that of the whole."""
    if len(samples) <= max_speech_s * RECOGNITION_RATE:
        parts = [SpeechPiece(start_s=0.0, samples=samples)]
    else:
        parts = cut_in_pauses(samples, longest_s=max_speech_s)
    density = voiced_s * RECOGNITION_RATE / max(1, len(samples))
    return [
        VoicedPiece(
            piece=SpeechPiece(start_s=begin / RECOGNITION_RATE + part.start_s, samples=part.samples),
            voiced_s=density * len(part.samples) / RECOGNITION_RATE,
        )
        for part in parts
    ]
