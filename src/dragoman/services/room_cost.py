"""What an interpreted microphone costs around the engines: our own process, with the threads of LiveKit's library.

Measured while people are interpreted, for no test before it would be like a call. From load.py, to
interpreting/admission.py; remembered by calibration.py until the next start.
"""

import math
from collections import deque
from typing import Final

UNKNOWN_ROOM: Final = 0.1
"""Of a core, where nobody was interpreted yet. On two cores (EPYC) it was 0.05 with silence and 0.15 with a dub."""
MOST_ROOM: Final = 0.3
"""Whatever was measured: a machine that others use for an hour must not be taken for small from then on."""
ENOUGH: Final = 30
"""Measurements, each of a second or more, before they outweigh what was known."""
_KEPT: Final = 600
_QUANTILE: Final = 0.9
"""Most of the time most microphones are silent; a speaker costs what they cost while somebody speaks."""


class RoomCost:
    """Begins with what is ``remembered``, if anything is."""

    def __init__(self, remembered: float | None = None) -> None:
        self._known = UNKNOWN_ROOM if remembered is None else remembered
        self._seen: deque[float] = deque(maxlen=_KEPT)

    @property
    def learned(self) -> float | None:
        """What was measured since the start; None as long as it is too little."""
        if len(self._seen) < ENOUGH:
            return None
        return min(MOST_ROOM, sorted(self._seen)[math.ceil(_QUANTILE * len(self._seen)) - 1])

    @property
    def per_speaker(self) -> float:
        """Cores that a speaker takes."""
        return self._known if self.learned is None else self.learned

    def took(self, cores: float, *, speakers: int) -> None:
        """Take what the process took in the last moments, with so many microphones open, interpreted or refused."""
        if speakers > 0:
            self._seen.append(cores / speakers)
