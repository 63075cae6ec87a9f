"""What one recogniser wrote of one talk, as a line of JSON: what every ``hear_with_*.py`` prints. To ``run_arms.py``.

Only the standard library and NumPy: it is also imported by the Pythons of the peers.
"""

import json
import resource
import sys
import time
import wave
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

RATE = 16_000


@dataclass(frozen=True)
class HeardWord:
    """A word that stays."""

    text: str
    at_s: float
    """When it was there, seconds after the first sample was said."""
    heard_s: float
    """Audio that had been said by then, seconds."""


@dataclass(frozen=True)
class HeardTalk:
    """One talk through one recogniser."""

    words: tuple[HeardWord, ...]
    audio_s: float
    cpu_s: float
    """Of the whole process, from the first sample to the last word."""
    peak_mib: float
    """Resident memory of the process at its highest, MiB."""

    def print(self) -> None:
        print(json.dumps(asdict(self), ensure_ascii=False), flush=True)

    @classmethod
    def read(cls, line: str) -> "HeardTalk":
        fields = json.loads(line)
        return cls(**{**fields, "words": tuple(HeardWord(**word) for word in fields["words"])})


class Microphone:
    """A talk that is said in real time, and a watch that runs from its first sample."""

    def __init__(self, wav: Path) -> None:
        with wave.open(str(wav)) as file:
            if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE, 1, 2):
                sys.exit(f"{wav}: 16 kHz, mono, 16 bits is what the recognisers take")
            self.pcm = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        self.audio_s = len(self.pcm) / RATE
        self._words: list[HeardWord] = []
        self._started_s = 0.0
        self._cpu_s = 0.0

    def start(self) -> None:
        self._started_s = time.monotonic()
        self._cpu_s = time.process_time()

    @property
    def now_s(self) -> float:
        return time.monotonic() - self._started_s

    def pieces(self, seconds: float) -> Iterator[tuple[float, np.ndarray]]:
        """Give the talk piece by piece: when the piece has been said, and its samples (int16)."""
        step = round(seconds * RATE)
        for begin in range(0, len(self.pcm), step):
            piece = self.pcm[begin : begin + step]
            yield (begin + len(piece)) / RATE, piece

    def wrote(self, text: str) -> None:
        """Note words that stay from now on."""
        now_s = self.now_s
        self._words += [
            HeardWord(text=word, at_s=round(now_s, 3), heard_s=round(min(now_s, self.audio_s), 3))
            for word in text.split()
        ]

    def done(self) -> HeardTalk:
        return HeardTalk(
            words=tuple(self._words),
            audio_s=self.audio_s,
            cpu_s=time.process_time() - self._cpu_s,
            peak_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        )
