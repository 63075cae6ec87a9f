"""Bring each clause to one loudness, without clipping or jumps. From ``router.py``; measured in ``loudness.py``.

Plain classes: push what an engine spoke, play what comes back.
"""

import numpy as np
from numpy.typing import NDArray

from dragoman.ground.audio import Audio, Samples
from dragoman.voicing.loudness import BLOCK_S, Energies, block_energies, loudness_of

TARGET_LUFS = -18.0
"""In the middle of what rooms sound like, -16 to -19."""
LOUDEST_TARGET_LUFS, QUIETEST_TARGET_LUFS = -16.0, -24.0
"""A speaker who shouts or whispers into the microphone is followed so far."""
CEILING = 10 ** (-4.0 / 20)
"""Of the samples; what lies between them is at most 1 dB higher in speech: -3 dBFS true peak."""
MOST_GAIN_DB = 24.0
"""More would raise the noise of what is hardly a voice."""
MOST_STEP_DB = 6.0
"""Between two pieces of a clause: it was measured by its first ones, and glides on from there."""
MOST_MAKE_UP_DB = 3.0
"""For what the limiter takes: a voice of nothing but peaks is better a little quiet than flat."""
_NOTICED_LU = 0.2
_GLIDE_S = 0.1
_LOOK_S = 0.003
"""The limiter turns down so long before a peak, and up again after it."""
_BELIEVED_S = BLOCK_S
"""Less sound says nothing about how loud a voice is."""


class VoiceLevel:
    """What is known of one voice: how loud its clauses were."""

    def __init__(self) -> None:
        self._lufs: float | None = None

    @property
    def lufs(self) -> float | None:
        return self._lufs

    def learn(self, lufs: float) -> None:
        """Take a clause into account; the voice's level follows slowly, so that one odd clause moves little."""
        self._lufs = lufs if self._lufs is None else 0.7 * self._lufs + 0.3 * lufs


class ClauseLeveller:
    """Of one clause: give it every piece, in order, and ``end`` it."""

    def __init__(self, voice: VoiceLevel, *, target_lufs: float | None = None) -> None:
        """Level to ``target_lufs``, the speaker's own loudness, within limits; None for ``TARGET_LUFS``."""
        wanted = TARGET_LUFS if target_lufs is None else target_lufs
        self._target_lufs = min(LOUDEST_TARGET_LUFS, max(QUIETEST_TARGET_LUFS, wanted))
        self._voice = voice
        self._energies: list[Energies] = []
        self._heard_s = 0.0
        self._gain_db: float | None = None

    def push(self, audio: Audio) -> Audio:
        """Give ``audio`` at its level, of the same length and rate, no sample above ``CEILING``."""
        if not len(audio.samples):
            return audio
        self._energies.append(block_energies(audio.samples, audio.sample_rate))
        self._heard_s += audio.duration_s
        gain_db = self._wanted_gain_db()
        before_db = gain_db if self._gain_db is None else self._gain_db
        self._gain_db = min(before_db + MOST_STEP_DB, max(before_db - MOST_STEP_DB, gain_db))
        gains = _glide(before_db, self._gain_db, audio)
        return Audio(samples=limit_alike(audio.samples * gains, audio.sample_rate), sample_rate=audio.sample_rate)

    def end(self) -> None:
        """Remember how loud the clause was."""
        lufs = loudness_of(np.concatenate([np.zeros(0), *self._energies]))
        if lufs is not None and self._heard_s >= _BELIEVED_S:
            self._voice.learn(lufs)

    def _wanted_gain_db(self) -> float:
        heard = loudness_of(np.concatenate(self._energies))
        known = self._voice.lufs
        lufs = heard if known is None else known if heard is None or self._heard_s < _BELIEVED_S else heard
        return 0.0 if lufs is None else min(MOST_GAIN_DB, self._target_lufs - lufs)


def _glide(before_db: float, after_db: float, audio: Audio) -> NDArray[np.float32]:
    """Give a gain for each sample, going from one to the other in at most 0.1 s."""
    gains = np.full(len(audio.samples), 10 ** (after_db / 20), np.float32)
    if before_db != after_db:
        length = min(len(gains), round(_GLIDE_S * audio.sample_rate))
        gains[:length] = 10 ** (np.linspace(before_db, after_db, length) / 20)
    return gains


def limit_alike(samples: Samples, sample_rate: int) -> Samples:
    """Turn peaks down as ``limit`` does, and raise the rest by the loudness that this takes."""
    limited = limit(samples, sample_rate)
    before, after = (loudness_of(block_energies(sound, sample_rate)) for sound in (samples, limited))
    if before is None or after is None or before - after < _NOTICED_LU:
        return limited
    made_up = 10 ** (min(before - after, MOST_MAKE_UP_DB) / 20)
    return limit(np.asarray(samples * made_up, np.float32), sample_rate)


def limit(samples: Samples, sample_rate: int) -> Samples:
    """Turn down what exceeds ``CEILING``, gently around each peak; the rest stays as it is."""
    magnitudes = np.abs(samples)
    if float(magnitudes.max(initial=0.0)) <= CEILING:
        return np.asarray(samples, np.float32)
    look = max(1, round(_LOOK_S * sample_rate))
    needed = np.minimum(1.0, CEILING / np.maximum(magnitudes, 1e-9))
    # The least gain within reach of each sample, then a mean over as far: it never lies above what a sample needs.
    lowest = _sliding_minimum(np.pad(needed, 2 * look, constant_values=1.0), 2 * look + 1)
    total = np.concatenate([[0.0], np.cumsum(lowest)])
    smooth = (total[2 * look + 1 :] - total[: -2 * look - 1]) / (2 * look + 1)
    return np.asarray(np.clip(samples * smooth, -CEILING, CEILING), np.float32)


def _sliding_minimum(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Give the minimum of each ``width`` neighbours, by windows that double."""
    done = 1
    while done < width:
        step = min(done, width - done)
        values = np.minimum(values[:-step], values[step:])
        done += step
    return values
