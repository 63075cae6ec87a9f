"""Decide when an utterance is looked at again: as often as the looks are cheap. To window_follower.py; a plain class.

What a look takes is measured where it is waited for, so that the other speakers' looks, for which it has to wait, count
too: many speakers, a large model or a busy machine all make looks rarer by themselves.
"""

from math import inf

from dragoman.engines.overload import Degree
from dragoman.recognition.tuning import RecognitionTuning

_NEW_SHARE = 0.3
"""How much of the moving mean the latest look is."""


class Cadence:
    """Of one microphone. ``plain`` is said of engines that take whole stretches only."""

    def __init__(self, tuning: RecognitionTuning, *, plain: bool = False) -> None:
        self._tuning = tuning
        self._least_s = tuning.plain_look_interval_s if plain else tuning.look_interval_s
        self._mean_s: float | None = None

    @property
    def interval_s(self) -> float:
        """Least new audio before the next look."""
        wanted_s = self._tuning.look_load * (self._mean_s or 0.0)
        return min(max(wanted_s, self._least_s), self._tuning.max_look_interval_s)

    def interval_under(self, degree: Degree) -> float:
        """Do as ``interval_s`` while the whole machine has too much to do."""
        if degree >= Degree.LOOKS:
            return inf
        return self.interval_s * (2.0 if degree >= Degree.HALF_THE_LOOKS else 1.0)

    def took(self, seconds: float, *, last: bool = False) -> None:
        """Take what a look took, waiting included.

        The ``last`` one of an utterance hears most and may run beside others: it counts only where it was quick.
        """
        mean_s = seconds if self._mean_s is None else self._mean_s
        if last and seconds > mean_s:
            return
        self._mean_s = mean_s + _NEW_SHARE * (seconds - mean_s)
