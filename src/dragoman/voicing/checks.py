"""Does this sound like speech? Cheap checks of what any engine spoke. A plain class; from router.py."""

import numpy as np

from dragoman.ground.audio import Audio
from dragoman.ground.errors import EngineOutputInvalid

SILENCE = 1e-3
"""Peak below which a clause counts as silent."""
MIN_LIMIT_S = 2.0
S_PER_CHARACTER = 0.3
"""Slow speech in a language of long syllables, at half speed, needs less than this."""


class VoiceCheck:
    """Of one clause: give it every piece, then ask for the end."""

    def __init__(self, text: str, *, engine: str, speed: float) -> None:
        self._engine = engine
        self._limit_s = max(MIN_LIMIT_S, S_PER_CHARACTER * len(text) / speed)
        self._spoken_s = 0.0
        self._peak = 0.0

    def push(self, audio: Audio) -> None:
        """Raise ``EngineOutputInvalid`` if what came so far is no speech of this text."""
        if not np.isfinite(audio.samples).all():
            raise EngineOutputInvalid(f"{self._engine} spoke numbers that are none")
        self._spoken_s += audio.duration_s
        if len(audio.samples):
            self._peak = max(self._peak, float(np.abs(audio.samples).max()))
        if self._spoken_s > self._limit_s:
            raise EngineOutputInvalid(f"{self._engine} spoke longer than {self._limit_s:.1f} s for so short a text")

    def end(self) -> None:
        """Raise ``EngineOutputInvalid`` if the clause as a whole was silent."""
        if self._peak < SILENCE:
            raise EngineOutputInvalid(f"{self._engine} spoke nothing")
