"""How loud the original is while a dub sounds. Plain arithmetic; ``mixdown.py`` multiplies.

The same numbers as in the page: down to 0.18 within 80 ms, held for 600 ms after the dub, back within 400 ms more. The
ramps are straight in decibels, so that no step clicks.
"""

from collections.abc import Iterable

import numpy as np

from dragoman.ground.audio import Samples

DUCKED_GAIN = 0.18
"""-15 dB: listeners want the voice 15 LU above what lies under it (JAES 67(12), 2019)."""
ATTACK_S = 0.08
HOLD_S = 0.6
"""Longer than the pause between two sentences, so that the original does not pump."""
RELEASE_S = 0.4


class DuckingCurve:
    """The gain of the original over time, for dubs that sound at ``intervals``."""

    def __init__(self, intervals: Iterable[tuple[float, float]]) -> None:
        """``intervals`` are (start, end) seconds of dubs, in any order, overlapping or not."""
        times, depths = [0.0], [0.0]
        for start, end in _merge_close(intervals):
            # Where a release is under way, the attack begins at the depth that it has reached.
            reached = max(0.0, depths[-2] * (1 - (start - times[-2]) / RELEASE_S)) if len(times) > 1 else 0.0
            if len(times) > 1 and start < times[-1]:
                times.pop()
                depths.pop()
            times += [start, start + (1 - reached) * ATTACK_S, end + HOLD_S, end + HOLD_S + RELEASE_S]
            depths += [reached, 1.0, 1.0, 0.0]
        self._times_s = np.array(times)
        self._depths = np.array(depths)
        """0 for untouched, 1 for ducked; straight lines between ``_times_s``."""

    def gains(self, first_sample: int, samples: int, sample_rate: int) -> Samples:
        """Give the gain of each of ``samples`` samples from ``first_sample`` on, float32 in [0.18, 1]."""
        times = (first_sample + np.arange(samples)) / sample_rate
        depths = np.interp(times, self._times_s, self._depths)
        gains: Samples = np.power(DUCKED_GAIN, depths).astype(np.float32)
        return gains


def _merge_close(intervals: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Join intervals between which the hold does not run out."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1] + HOLD_S:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
