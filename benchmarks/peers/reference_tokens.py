"""What was said in a window of a talk, in Whisper's own tokens. To ``true_cost.py`` and ``true_cost_twin.py``.

A window is found again in the talk by its samples, and holds the words of the reference whose middle lies in it: whole
words, by the times that the speech synthesis gave. Only the standard library, NumPy and ``tokenizers``: it is also
imported by the Pythons of the peers.
"""

import json
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tokenizers import Tokenizer, pre_tokenizers

RATE = 16_000
NEEDLE_SAMPLES = 1600
"""So much of a window is looked for in the talks; what is equal behind it follows by itself."""


class ReferenceTokens:
    """The words of some talks by their places in the sound. May be asked by several threads."""

    def __init__(self, model: Path, talks: Mapping[Path, Path]) -> None:
        """Read WAVs (16 kHz, mono, 16 bits), each with the JSON of its words, and the vocabulary in ``model``.

        The tests' model has Whisper's vocabulary and merges, and splits numbers into digits; Whisper does not, so they
        are written here as Whisper writes them.
        """
        tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        recordings, middles, words = [], [], []
        begins = 0
        for wav, truth in talks.items():
            recording = _read_wav(wav)
            for text, middle in _read_words(truth):
                if middle < len(recording):  # a talk may have been cut
                    middles.append(begins + middle)
                    words.append(tuple(tokenizer.encode(f" {text}", add_special_tokens=False).ids))
            recordings.append(recording)
            begins += len(recording)
        self._sound = np.concatenate(recordings) if recordings else np.zeros(0, np.int16)
        self._searched = self._sound.tobytes()
        self._middles = np.array(middles, np.int64)
        self._words = words
        self._met: set[int] = set()

    @property
    def met(self) -> float:
        """The share of all words that lay in a window asked for so far."""
        return len(self._met) / len(self._words) if self._words else 1.0

    def tokens_in(self, samples: Any) -> tuple[int, ...] | None:
        """Give the tokens of the words in a window (float32 in [-1, 1]); None if it sounds, and is of no talk.

        Silence may have been put between parts of the talk, or left out.
        """
        window = np.clip(np.rint(np.asarray(samples) * 32768.0), -32768, 32767).astype(np.int16)
        sounding = np.flatnonzero(window)
        tokens: list[int] = []
        at, found = 0, False
        while (place := np.searchsorted(sounding, at)) < len(sounding):
            at = int(sounding[place])
            begin, length = self._find(window[at:])
            if length:
                found = True
                first, end = np.searchsorted(self._middles, (begin, begin + length))
                self._met.update(range(first, end))
                tokens += [token for word in self._words[first:end] for token in word]
            at += length or NEEDLE_SAMPLES
        return tuple(tokens) if found or not len(sounding) else None

    def _find(self, window: Any) -> tuple[int, int]:
        """Give where the longest stretch of the talks begins that the window begins with, and its samples."""
        needle = window[:NEEDLE_SAMPLES].tobytes()
        best = (0, 0)
        byte = self._searched.find(needle)
        while byte >= 0:
            if byte % 2 == 0:
                begin = byte // 2
                there = self._sound[begin : begin + len(window)]
                other = np.flatnonzero(there != window[: len(there)])
                length = int(other[0]) if len(other) else len(there)
                best = max(best, (begin, length), key=lambda stretch: stretch[1])
            byte = self._searched.find(needle, byte + 1)
        return best


def _read_wav(wav: Path) -> Any:
    with wave.open(str(wav)) as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE, 1, 2):
            raise ValueError(f"{wav}: 16 kHz, mono, 16 bits is what the reference is told by")
        return np.frombuffer(file.readframes(file.getnframes()), np.int16)


def _read_words(truth: Path) -> list[tuple[str, int]]:
    """Give each word and the sample in its middle."""
    sentences = json.loads(truth.read_text(encoding="utf-8"))["sentences"]
    return [
        (word["word"], round((word["start"] + word["end"]) / 2 * RATE))
        for sentence in sentences
        for word in sentence["words"]
    ]
