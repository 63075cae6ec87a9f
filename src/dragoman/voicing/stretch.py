"""Play a clause faster or slower at the same pitch, for engines that know one speed only. From clause.py.

An engine that can is asked for the speed itself: that costs nothing and sounds better.
"""

import numpy as np

from dragoman.ground.audio import Audio, Samples
from dragoman.ground.engines import MAX_SPEED, MIN_SPEED
from dragoman.ground.errors import SpeedOutOfRange

STEP_S = 0.4
"""Of the clause that is stretched at once. As long for each: what plays lasts until the next one is made."""
AROUND_S = 0.15
"""Heard before and after a step, so that it sounds there as in the whole clause: a block of the stretch is 0.12 s."""
_SEAM_S = 0.02
_LAG_S = 0.012
"""How far a step moves to meet the one before: a period of the lowest voice."""


def stretch(audio: Audio, speed: float) -> Audio:
    """Give ``audio`` (mono, any rate, which is kept) ``speed`` times as fast: about ``samples / speed`` samples.

    11 ms for each second of sound. Raises ``SpeedOutOfRange`` outside 0.5 to 2. Source: Signalsmith Stretch (phase
    vocoder with vertical and horizontal phase prediction), as the package python-stretch.
    """
    if not MIN_SPEED <= speed <= MAX_SPEED:
        raise SpeedOutOfRange(f"speed is from {MIN_SPEED} to {MAX_SPEED}, not {speed}")
    if speed == 1.0 or not len(audio.samples):
        return audio
    from python_stretch.Signalsmith import Stretch  # only engines without a speed of their own need it

    stretcher = Stretch(0)  # seeded: the same clause sounds the same
    stretcher.preset(1, audio.sample_rate)
    stretcher.setTimeFactor(speed)
    samples = np.asarray(stretcher.process(np.ascontiguousarray(audio.samples[np.newaxis, :], np.float32)), np.float32)
    return Audio(samples=samples[0], sample_rate=audio.sample_rate)


class ClauseStretcher:
    """Of one clause: give it every piece, play what comes back, and ``end`` it.

    The package begins anew with every call, and two calls do not meet in phase. So each step of the clause is stretched
    with what is around it, moved to where it is most like the end of the step before, and faded in. How the clause was
    cut into pieces makes no difference. Twice the work of ``stretch``. Source: the search is that of WSOLA, Verhelst
    and Roelands, ICASSP 1993.
    """

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._held: Samples = np.zeros(0, np.float32)
        """What is not stretched yet, and before it what the next step is to hear."""
        self._before = 0
        """Samples of ``_held`` that were stretched already."""
        self._overlap: Samples | None = None
        """How the last step would go on."""

    def push(self, audio: Audio) -> Audio | None:
        """Give what can be played now: a step as soon as the sound around it is there."""
        rate = audio.sample_rate
        step, around = round(STEP_S * rate), round(AROUND_S * rate)
        self._held = np.concatenate([self._held, audio.samples])
        made: list[Samples] = []
        while len(self._held) >= self._before + step + around:
            heard = self._held[: self._before + step + around]
            made.append(self._step(heard, step, rate))
            kept_from = max(0, self._before + step - around)
            self._before, self._held = self._before + step - kept_from, self._held[kept_from:]
        return Audio(samples=np.concatenate(made), sample_rate=rate) if made else None

    def end(self, sample_rate: int) -> Audio | None:
        """Give the rest of the clause."""
        samples = self._step(self._held, len(self._held) - self._before, sample_rate)
        return Audio(samples=samples, sample_rate=sample_rate) if len(samples) else None

    def _step(self, heard: Samples, step: int, rate: int) -> Samples:
        """Stretch ``step`` samples of ``heard`` that follow those of before, and fade them in."""
        stretched = stretch(Audio(samples=heard, sample_rate=rate), self._speed).samples
        first, last = round(self._before / self._speed), round((self._before + step) / self._speed)
        seam = round(_SEAM_S * rate)
        before, self._overlap = self._overlap, stretched[last : last + seam]
        if before is None or not len(before):
            return stretched[:last]
        first += _best_lag(before, stretched, first, round(_LAG_S * rate))
        met = stretched[first : first + len(before)]
        fade = np.linspace(0.0, 1.0, len(before), dtype=np.float32)
        faded = before * (1.0 - fade) + met * fade
        return np.concatenate([faded, stretched[first + len(before) : last]])


def _best_lag(before: Samples, stretched: Samples, first: int, most: int) -> int:
    """Say how many samples after ``first`` the sound is most like ``before``; silence fits where it is."""
    start = max(0, first - most)
    window = stretched[start : first + most + len(before)]
    if len(window) < len(before):
        return 0
    likeness = np.correlate(window, before, "valid")
    squares = np.cumsum(np.concatenate([[0.0], np.square(window, dtype=np.float64)]))
    energies = squares[len(before) :] - squares[: -len(before)]
    likeness = likeness / np.sqrt(np.maximum(energies, 1e-6))
    best = int(np.argmax(likeness))
    return start + best - first if likeness[best] > 0.0 else 0
