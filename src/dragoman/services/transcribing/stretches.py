"""Cut a recording, while it is decoded, into stretches that an engine takes at once. To ``hearing.py``.

Never more than a minute of sound is in memory, however long the recording is.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from dragoman.engines.speech_to_text.speech_pieces import cut_in_pauses
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples
from dragoman.rooms.audio_file import RecordingReader

STRETCH_S: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretch:
    """A part of a recording."""

    start_s: float
    audio: Audio

    @property
    def end_s(self) -> float:
        return self.start_s + self.audio.duration_s


class Stretches:
    """Of one recording, in order, nothing twice. ``reader`` gives 16 kHz and stays the caller's to close."""

    def __init__(self, reader: RecordingReader, *, longest_s: float = STRETCH_S) -> None:
        self._reader = reader
        self._longest_s = longest_s
        self._kept: Samples = np.zeros(0, np.float32)
        self._given = 0
        self.duration_s = 0.0
        """Decoded so far; the recording's length once ``next`` has given None."""

    def next(self) -> Stretch | None:
        """Give the next stretch, cut in a pause; None at the end. Raises ``AudioTooLong`` and ``AudioUnreadable``."""
        wanted = round(self._longest_s * RECOGNITION_RATE)
        read = self._reader.read(wanted - len(self._kept))
        samples = np.concatenate([self._kept, read])
        self.duration_s += len(read) / RECOGNITION_RATE
        end = len(samples)
        if end == wanted:
            # Where the last piece begins there is a pause, and what follows it may belong to what is not read yet.
            end = round(cut_in_pauses(samples)[-1].start_s * RECOGNITION_RATE)
        if not end:
            return None
        start_s = self._given / RECOGNITION_RATE
        self._given += end
        self._kept = samples[end:]
        return Stretch(start_s=start_s, audio=Audio(samples=samples[:end], sample_rate=RECOGNITION_RATE))
