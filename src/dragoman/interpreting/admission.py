"""Who can be interpreted on this machine, by what it was measured to carry. A plain class; to interpreter.py."""

from dataclasses import dataclass

from dragoman.interpreting.ladder import Level

SHARE_OF_CORES = 0.7
"""The rest is for the room, the system and for bursts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """CPU seconds per second of speech, measured on this machine (``services/calibration.py``)."""

    recognition: float
    voice: float
    """Translation and voice of one target language."""


class Admission:
    """Shares the machine among speakers, first come, first served."""

    def __init__(self, *, cores: int, costs: Costs) -> None:
        self._budget = SHARE_OF_CORES * cores
        self._costs = costs
        self._granted: dict[str, float] = {}

    def admit(self, speaker: str, *, voices: int) -> Level:
        """Give the best level at which the machine can carry one more speaker, dubbed into ``voices`` languages.

        The first speaker is never refused: late captions are better than none.
        """
        self.release(speaker)
        left = self._budget - sum(self._granted.values())
        full = self._costs.recognition + max(1, voices) * self._costs.voice
        if not self._granted or left >= full:
            level, cost = Level.FULL, full
        elif left >= self._costs.recognition:
            level, cost = Level.CAPTIONS_ONLY, self._costs.recognition
        else:
            return Level.ORIGINAL_ONLY
        self._granted[speaker] = cost
        return level

    def release(self, speaker: str) -> None:
        self._granted.pop(speaker, None)

    @property
    def speakers_at_once(self) -> int:
        """How many speakers fit with voice and captions, at least one."""
        return max(1, int(self._budget / max(self._costs.recognition + self._costs.voice, 1e-6)))
