"""Cut the silence around a spoken clause, so that clauses follow each other as speech does. From router.py.

Engines leave 0.2 to 0.4 s of silence at the end of each clause: dead air that makes the dub late, and keeps the
original ducked while nothing sounds. A plain class.
"""

import numpy as np

from dragoman.ground.audio import Audio, Samples

LEADING_S = 0.02
TRAILING_S = 0.12
"""What is left is the gap to the next clause."""
SILENT = 2e-3
"""Amplitude below which sound counts as silence: -54 dB."""


class SilenceTrimmer:
    """Of one clause: give it every piece, and play what comes back."""

    def __init__(self) -> None:
        self._sounded = False
        self._held: list[Samples] = []
        """Silence that may be the end."""

    def push(self, audio: Audio) -> Audio | None:
        """Give what can be played now; silence is held back until more sound follows it."""
        loud = np.flatnonzero(np.abs(audio.samples) >= SILENT)
        if not len(loud):
            self._held.append(audio.samples)
            return None
        last = int(loud[-1]) + 1
        sound = np.concatenate([*self._held, audio.samples[:last]])
        if not self._sounded:
            first = len(sound) - last + int(loud[0])
            sound = sound[max(0, first - round(LEADING_S * audio.sample_rate)) :]
        self._sounded = True
        self._held = [audio.samples[last:]]
        return Audio(samples=sound, sample_rate=audio.sample_rate)

    def end(self, sample_rate: int) -> Audio | None:
        """Give what is left of the silence at the end; nothing, if nothing sounded."""
        if not self._sounded:
            return None
        rest = np.concatenate(self._held)[: round(TRAILING_S * sample_rate)]
        return Audio(samples=rest, sample_rate=sample_rate) if len(rest) else None
