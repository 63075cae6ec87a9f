"""What is said in a measured call, and when each sentence of it truly ends. To ``call_run.py`` and ``load_run.py``."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from benchmarks.scenes import FIXTURES, SAMPLES

from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples, join_audio, silence
from dragoman.rooms.audio_file import measure_recording, open_recording

FRAME_S = 0.01
PAUSE_S = 0.4
"""Between sentences of the bundled talk; the pauses within them are shorter."""
LOUD = 0.02
"""Of the loudest frame: what belongs to a word."""
TALK = SAMPLES / "talk.flac"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Seconds from the beginning of what is said."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """Something to say, mono at 16 kHz."""

    audio: Audio
    sentences: tuple[Sentence, ...]


def read_talk(seconds: float | None = None) -> Speech:
    """Give the bundled talk, or its whole sentences within ``seconds``; they end where its sound ends."""
    audio = _read(TALK)
    sentences = find_sentences(audio)
    if seconds is not None:
        sentences = tuple(sentence for sentence in sentences if sentence.end_s <= seconds) or sentences[:1]
    return _cut(audio, sentences)


@cache
def read_talk_pieces(sentences_each: int) -> tuple[Speech, ...]:
    """Cut the bundled talk into turns of a few sentences."""
    audio = _read(TALK)
    every = find_sentences(audio)
    whole = len(every) // sentences_each * sentences_each
    return tuple(_cut(audio, every[first : first + sentences_each]) for first in range(0, whole, sentences_each))


@cache
def read_fixture(name: str) -> Speech:
    """Give a recording of the tests; they know when each word was spoken."""
    audio = _read(FIXTURES / "speech" / f"{name}.wav")
    told = json.loads((FIXTURES / "speech" / f"{name}.json").read_text(encoding="utf-8"))["sentences"]
    return Speech(audio=audio, sentences=tuple(Sentence(start_s=one["start"], end_s=one["end"]) for one in told))


def find_sentences(audio: Audio) -> tuple[Sentence, ...]:
    """Find what lies between pauses of ``PAUSE_S``, to 10 ms."""
    levels = loudness(audio)
    found: list[tuple[float, float]] = []
    for place in np.flatnonzero(levels > LOUD * levels.max()).tolist():
        start_s, end_s = place * FRAME_S, (place + 1) * FRAME_S
        if found and start_s - found[-1][1] < PAUSE_S:
            found[-1] = (found[-1][0], end_s)
        else:
            found.append((start_s, end_s))
    return tuple(Sentence(start_s=start_s, end_s=end_s) for start_s, end_s in found)


def loudness(audio: Audio) -> Samples:
    """Root mean square of each 10 ms, shape ``(frames,)``."""
    frame = round(FRAME_S * audio.sample_rate)
    whole = audio.samples[: len(audio.samples) // frame * frame].reshape(-1, frame)
    levels: Samples = np.sqrt(np.mean(np.square(whole), axis=1))
    return levels


def _cut(audio: Audio, sentences: tuple[Sentence, ...]) -> Speech:
    """Take what the sentences span, with 0.3 s of quiet before and after."""
    rate, around_s = audio.sample_rate, 0.3
    first_s, last_s = sentences[0].start_s, sentences[-1].end_s
    spoken = Audio(samples=audio.samples[round(first_s * rate) : round(last_s * rate)], sample_rate=rate)
    moved = tuple(
        Sentence(start_s=one.start_s - first_s + around_s, end_s=one.end_s - first_s + around_s) for one in sentences
    )
    return Speech(audio=join_audio([silence(around_s, rate), spoken, silence(around_s, rate)], rate), sentences=moved)


def _read(path: Path) -> Audio:
    with open_recording(path, sample_rate=RECOGNITION_RATE) as reader:
        samples = reader.read(round(measure_recording(path).duration_s * RECOGNITION_RATE))
    return Audio(samples=samples, sample_rate=RECOGNITION_RATE)
