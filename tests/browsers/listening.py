"""What a listener's page sounded, and how loud: the gain of the original under the dub, measured on the sound itself.

The tape comes from ``mouth_and_ears.js``. While a speaker hums a high tone that speech does not have, the level of that
tone in the listener's original shows the gain of the original at any moment, also while nobody says a word.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dragoman.ground.audio import Audio, Samples

HUM_HZ = 9_000.0
"""Above all speech of the fixtures, which ends at 8 kHz."""
HUM_LEVEL = 0.05
FRAME_S = 0.01
SOUNDS_DB = -40.0
"""A dub is heard from here on."""
_FLOOR_DB = -120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From the first to the last sound of a dub, seconds."""

    start_s: float
    end_s: float


class Tape:
    """What sounded in a page: one recording per track, all on one clock."""

    def __init__(self, channels: list[Audio]) -> None:
        self._channels = channels

    @property
    def original(self) -> Audio:
        """What sounded first: nothing is translated before it is said."""
        return min(self._channels, key=_begins_s)

    @cached_property
    def dub(self) -> Audio:
        """What sounded beside the original; silence if nothing did."""
        others = [channel for channel in self._channels if channel is not self.original]
        silent = Audio(samples=np.zeros_like(self.original.samples), sample_rate=self.original.sample_rate)
        return min(others, key=_begins_s) if others else silent

    def original_db(self, hertz: float = HUM_HZ) -> np.ndarray:
        """Give the level of the humming in the original, dB of full scale, every 10 ms."""
        frames = _frames(self.original)
        rate = self.original.sample_rate
        window = np.hanning(frames.shape[1]).astype(np.float32)
        wave = np.exp(-2j * np.pi * hertz * np.arange(frames.shape[1]) / rate) * window
        return _decibels(np.abs(frames @ wave) * 2 / window.sum())

    def dub_spans(self, *, pause_s: float = 0.6) -> list[Span]:
        """Give what the dub said; shorter pauses are inside of it."""
        loud = np.flatnonzero(_decibels(_rms(_frames(self.dub))) > SOUNDS_DB)
        spans: list[Span] = []
        for frame in loud.tolist():
            start_s, end_s = frame * FRAME_S, (frame + 1) * FRAME_S
            if spans and start_s - spans[-1].end_s < pause_s:
                spans[-1] = Span(start_s=spans[-1].start_s, end_s=end_s)
            else:
                spans.append(Span(start_s=start_s, end_s=end_s))
        return spans

    def dub_speech(self) -> Audio:
        """Cut the dub out of the silence around it."""
        spans = self.dub_spans()
        rate = self.dub.sample_rate
        first, last = round(spans[0].start_s * rate), round(spans[-1].end_s * rate)
        return Audio(samples=self.dub.samples[max(0, first - rate // 5) : last + rate // 5], sample_rate=rate)


def seconds_until(
    levels_db: np.ndarray, *, after_s: float, above_db: float = -np.inf, below_db: float = np.inf
) -> float:
    """Say how long after a moment a level first lies between two bounds; infinity if it never does."""
    first = round(after_s / FRAME_S)
    there = np.flatnonzero((levels_db[first:] >= above_db) & (levels_db[first:] <= below_db))
    return float(there[0] * FRAME_S) if len(there) else float("inf")


def lasting(levels_db: np.ndarray, *, window_s: float = 0.2) -> np.ndarray:
    """Give the median over each window: a packet that was late dents a level for less than half of it."""
    windows = np.lib.stride_tricks.sliding_window_view(levels_db, round(window_s / FRAME_S))
    return np.asarray(np.median(windows, axis=1))


def _frames(audio: Audio) -> Samples:
    step = round(FRAME_S * audio.sample_rate)
    frames: Samples = audio.samples[: len(audio.samples) // step * step].reshape(-1, step)
    return frames


def _rms(frames: Samples) -> np.ndarray:
    return np.asarray(np.sqrt(np.mean(np.square(frames), axis=1)))


def _decibels(levels: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(20 * np.log10(np.maximum(levels, 1e-9)), _FLOOR_DB))


def _begins_s(audio: Audio) -> float:
    loud = np.flatnonzero(_decibels(_rms(_frames(audio))) > SOUNDS_DB)
    return float(loud[0] * FRAME_S) if len(loud) else float("inf")
