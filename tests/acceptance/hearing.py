"""Judge speech: word errors by jiwer, engines asked alone, pauses cut out of recordings, one sound found in another."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import jiwer
import numpy as np
import soundfile
import soxr

from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples
from dragoman.ground.engines import RecognitionContext, SpeechToText
from dragoman.ground.languages import Language

PAUSE_S = 0.15
"""What is left of a pause: far too short to end an utterance, and no breath to cut at."""
_FRAME_S = 0.01
_QUIET = 0.01
"""Of the loudest 10 ms: the pauses of synthetic speech are silent."""
_SHORTEST_PAUSE_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class WordErrors:
    """How far a text is from what was said."""

    words: int
    """Words that were said."""
    substitutions: int
    deletions: int
    insertions: int

    @property
    def rate(self) -> float:
        return (self.substitutions + self.deletions + self.insertions) / self.words

    def __str__(self) -> str:
        return f"{self.rate:6.1%} ({self.substitutions}s {self.deletions}d {self.insertions}i)"


def plain(text: str) -> str:
    """Take case and punctuation away."""
    return " ".join(re.sub(r"[^\w\s']", " ", text.casefold()).split())


def word_errors(*, said: str, heard: str) -> WordErrors:
    """Align by words; case and punctuation do not count."""
    found = jiwer.process_words(plain(said), plain(heard))
    return WordErrors(
        words=len(plain(said).split()),
        substitutions=found.substitutions,
        deletions=found.deletions,
        insertions=found.insertions,
    )


def total(errors: Iterable[WordErrors]) -> WordErrors:
    """Add the errors of several files."""
    every = list(errors)
    return WordErrors(
        words=sum(one.words for one in every),
        substitutions=sum(one.substitutions for one in every),
        deletions=sum(one.deletions for one in every),
        insertions=sum(one.insertions for one in every),
    )


def doubled_words(text: str) -> list[str]:
    """Give the words that follow themselves."""
    return [first for first, second in pairwise(plain(text).split()) if first == second]


def load(path: Path) -> Audio:
    """Read a mono file at 16 kHz."""
    samples, rate = soundfile.read(path, dtype="float32")
    return at_rate(Audio(samples=np.asarray(samples, np.float32), sample_rate=rate), RECOGNITION_RATE)


def at_rate(audio: Audio, rate: int) -> Audio:
    samples = soxr.resample(audio.samples, audio.sample_rate, rate).astype(np.float32)
    return Audio(samples=samples, sample_rate=rate)


def hear(engine: SpeechToText, audio: Audio, language: str) -> str:
    """Let an engine alone recognise ``audio`` as a whole."""
    heard = engine.transcribe(
        at_rate(audio, RECOGNITION_RATE), language=Language(language), context=RecognitionContext()
    )
    return heard.text


def sounds(audio: Audio, *, gap_s: float = _SHORTEST_PAUSE_S) -> list[tuple[float, float]]:
    """Give the (start, end) seconds of what lies between pauses of at least ``gap_s``."""
    frame = round(_FRAME_S * audio.sample_rate)
    whole = audio.samples[: len(audio.samples) // frame * frame].reshape(-1, frame)
    loudness = np.sqrt(np.mean(np.square(whole), axis=1))
    loud = np.flatnonzero(loudness > _QUIET * loudness.max())
    found: list[tuple[float, float]] = []
    for place in loud.tolist():
        start_s, end_s = place * _FRAME_S, (place + 1) * _FRAME_S
        if found and start_s - found[-1][1] < gap_s:
            found[-1] = (found[-1][0], end_s)
        else:
            found.append((start_s, end_s))
    return found


def without_pauses(pieces: Iterable[Audio]) -> Audio:
    """Join recordings (16 kHz) and leave ``PAUSE_S`` of every pause."""
    pause = np.zeros(round(PAUSE_S * RECOGNITION_RATE), np.float32)
    joined: list[Samples] = []
    for audio in pieces:
        for start_s, end_s in sounds(audio):
            # A little more than the loud part: soft beginnings and ends of words belong to them.
            first = max(0, round((start_s - 0.03) * RECOGNITION_RATE))
            joined += [audio.samples[first : round((end_s + 0.03) * RECOGNITION_RATE)], pause]
    return Audio(samples=np.concatenate(joined), sample_rate=RECOGNITION_RATE)


def likeness(wanted: Samples, place: Samples) -> float:
    """Give the best normalised cross-correlation of ``wanted`` within ``place``, 0 to 1; the same rate for both."""
    if len(place) < len(wanted):
        place = np.pad(place, (0, len(wanted) - len(place)))
    size = 1 << (len(place) + len(wanted)).bit_length()
    product = np.fft.rfft(place, size) * np.conj(np.fft.rfft(wanted, size))
    shifts = len(place) - len(wanted) + 1
    correlation = np.fft.irfft(product, size)[:shifts]
    energy = np.concatenate([[0.0], np.cumsum(np.square(place, dtype=np.float64))])
    beneath = energy[len(wanted) :][:shifts] - energy[:shifts]
    scale = np.sqrt(np.maximum(beneath, 1e-9) * np.sum(np.square(wanted, dtype=np.float64)))
    return float(np.max(correlation / scale))
