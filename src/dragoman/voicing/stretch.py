"""Play a clause faster or slower at the same pitch, for engines that know one speed only. From clause.py.

An engine that can is asked for the speed itself: that costs nothing and sounds better.
"""

import numpy as np

from dragoman.ground.audio import Audio
from dragoman.ground.engines import MAX_SPEED, MIN_SPEED
from dragoman.ground.errors import SpeedOutOfRange


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
