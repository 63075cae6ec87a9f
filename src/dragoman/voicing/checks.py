"""Does this sound like speech? Cheap checks of what any engine spoke. A plain class; from router.py."""

import numpy as np

from dragoman.ground.audio import Audio
from dragoman.ground.errors import EngineOutputInvalid
from dragoman.voicing.trimming import SILENT

LIMIT_S = 2.0
"""Of a text of no length, at speed 1 as all that follow: more for each character."""
S_PER_CHARACTER = 0.3
"""Slow speech in a language of long syllables needs less than this."""
S_PER_CAPITAL = 1.0
S_PER_DIGIT = 1.2
"""Capitals may be spelt, and digits named one by one: the slowest of espeak-ng's languages, Basque, needs 1.1 s for a W
and 0.97 s for a 7. Where short words are spelt that have no capitals, www, ``LIMIT_S`` is for them."""
LEAST_S_PER_CHARACTER = 0.012
"""Of letters and figures; the quickest speech takes three times as long."""
BELIEVED_S = 0.4
"""Sound of this length is passed on; whether it is too short for its text is known at the end."""
_SHORT_CHARACTERS = 10
"""Texts up to here may be of any length: "No!"."""
CLIPPED = 0.999
CLIPPED_SHARE = 0.02
"""A voice that is merely loud touches full scale in a sample of a thousand."""


class VoiceCheck:
    """Of one clause: give it every piece, then ask for the end."""

    def __init__(self, text: str, *, engine: str, speed: float) -> None:
        self.engine = engine
        """Its label."""
        self._limit_s = (LIMIT_S + sum(map(_longest_s, text))) / speed
        letters = sum(character.isalnum() for character in text)
        self._least_s = LEAST_S_PER_CHARACTER * letters / speed if letters > _SHORT_CHARACTERS else 0.0
        self._spoken_s = 0.0
        self._peak = 0.0
        self._samples = 0
        self._clipped = 0

    @property
    def believed(self) -> bool:
        """True once so much has sounded that it may be played: a voice that breaks off at once can be replaced."""
        return self._peak >= SILENT and self._spoken_s >= min(BELIEVED_S, self._least_s)

    def push(self, audio: Audio) -> None:
        """Raise ``EngineOutputInvalid`` if what came so far is no speech of this text."""
        if not np.isfinite(audio.samples).all():
            raise EngineOutputInvalid(f"{self.engine} spoke numbers that are none")
        self._spoken_s += audio.duration_s
        if len(audio.samples):
            magnitudes = np.abs(audio.samples)
            self._peak = max(self._peak, float(magnitudes.max()))
            self._samples += len(magnitudes)
            self._clipped += int(np.count_nonzero(magnitudes >= CLIPPED))
        if self._clipped > CLIPPED_SHARE * self._samples:
            raise EngineOutputInvalid(f"{self.engine} spoke so loud that it is clipped")
        if self._spoken_s > self._limit_s:
            raise EngineOutputInvalid(f"{self.engine} spoke longer than {self._limit_s:.1f} s for so short a text")

    def end(self) -> None:
        """Raise ``EngineOutputInvalid`` if the clause as a whole was silent, or broke off."""
        if self._peak < SILENT:
            raise EngineOutputInvalid(f"{self.engine} spoke nothing")
        if self._spoken_s < self._least_s:
            raise EngineOutputInvalid(f"{self.engine} spoke {self._spoken_s:.1f} s, which is too short for its text")


def _longest_s(character: str) -> float:
    if character.isdigit():
        return S_PER_DIGIT
    return S_PER_CAPITAL if character.isupper() else S_PER_CHARACTER
