"""Cut the silence around a spoken clause, and pauses that are too long inside, so that it flows. From clause.py.

Engines leave 0.2 to 0.4 s of silence at the end of each clause: dead air that makes the dub late, and keeps the
original ducked while nothing sounds. Some also rest for a second and more at a comma or a line's end. A plain class.
"""

import numpy as np
from numpy.typing import NDArray

from dragoman.ground.audio import Audio, Samples

LEADING_S = 0.02
TRAILING_S = 0.12
"""What is left is the gap to the next clause."""
MOST_PAUSE_S = 0.5
"""Inside a clause. People pause for 0.2 to 0.5 s between phrases; what is longer only makes the dub late."""
SILENT = 2e-3
"""Amplitude below which sound counts as silence, here and in checks.py: -54 dB."""


class SilenceTrimmer:
    """Of one clause: give it every piece, and play what comes back."""

    def __init__(self) -> None:
        self.sounded = False
        """Whether there was anything but silence so far."""
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
        loud += len(sound) - last
        # Before the first sound nothing has been played: there is no pause yet.
        ends = np.concatenate([[-1], loud]) if self.sounded else loud
        sound = _without_long_pauses(sound, ends, most=round(MOST_PAUSE_S * audio.sample_rate))
        if not self.sounded:
            sound = sound[max(0, int(loud[0]) - round(LEADING_S * audio.sample_rate)) :]
        self.sounded = True
        self._held = [audio.samples[last:]]
        return Audio(samples=sound, sample_rate=audio.sample_rate)

    def end(self, sample_rate: int) -> Audio | None:
        """Give what is left of the silence at the end; nothing, if nothing sounded."""
        if not self.sounded:
            return None
        rest = np.concatenate(self._held)[: round(TRAILING_S * sample_rate)]
        return Audio(samples=rest, sample_rate=sample_rate) if len(rest) else None


def _without_long_pauses(sound: Samples, loud: NDArray[np.intp], *, most: int) -> Samples:
    """Cut what exceeds ``most`` samples between two places of ``loud`` out of the middle of the pause."""
    pauses = np.diff(loud) - 1
    kept = np.ones(len(sound), np.bool_)
    for place in np.flatnonzero(pauses > most):
        first = int(loud[place]) + 1 + most // 2
        kept[first : first + int(pauses[place]) - most] = False
    return sound if kept.all() else sound[kept]
