"""What a speaker's own voice is like: how loud and how high, of what they said lately. For room_voices.py.

Kept in memory only, as a few numbers, and forgotten with the speaker; no sound is kept. A plain class.
"""

from collections import deque

import numpy as np

from dragoman.ground.audio import FRAME_S, Audio, Samples
from dragoman.voicing.loudness import BLOCK_S, Energies, block_energies, loudness_of
from dragoman.voicing.pitch import frame_pitch, median_pitch

RECENT_BLOCKS = 50
"""Blocks of 0.4 s that hold a voice: the last 20 s of speech."""
LEAST_BLOCKS = 3
"""Fewer say little about how loud somebody is."""
RECENT_PITCHES = 200
_QUIET = 1e-3
"""Root mean square below which a block is not looked at: -60 dB."""
_PITCHES_PER_BLOCK = 2
"""Looked for in the loudest frames: 0.5 ms for each block."""


class SpeakerSound:
    """Of one speaker: give it every frame of the microphone."""

    def __init__(self) -> None:
        self._block: list[Samples] = []
        self._block_s = 0.0
        self._energies: deque[Energies] = deque(maxlen=RECENT_BLOCKS)
        self._pitches: deque[float] = deque(maxlen=RECENT_PITCHES)

    def hear(self, audio: Audio) -> None:
        """Take the next sound, any rate from 8 kHz. Costs 1 ms in each 0.4 s of speech, nothing in silence."""
        self._block.append(audio.samples)
        self._block_s += audio.duration_s
        if self._block_s >= BLOCK_S:
            block, self._block, self._block_s = np.concatenate(self._block), [], 0.0
            self._look_at(block, audio.sample_rate)

    @property
    def lufs(self) -> float | None:
        """Gated loudness of the recent speech (ITU-R BS.1770-4, blocks that do not overlap); None until it is known."""
        return loudness_of(np.concatenate(self._energies)) if len(self._energies) >= LEAST_BLOCKS else None

    @property
    def pitch_hz(self) -> float | None:
        """Median fundamental frequency of the voiced frames; None until it is known."""
        return median_pitch(list(self._pitches))

    def _look_at(self, block: Samples, sample_rate: int) -> None:
        if float(np.sqrt(np.mean(np.square(block)))) < _QUIET:
            return
        length = round(FRAME_S * sample_rate)
        frames = block[: len(block) // length * length].reshape(-1, length)
        loudest = np.argsort(-np.square(frames).sum(axis=1))[:_PITCHES_PER_BLOCK]
        pitches = [pitch for place in loudest if (pitch := frame_pitch(frames[place], sample_rate)) is not None]
        if pitches:  # noise and music of the room are no measure of the voice
            self._pitches.extend(pitches)
            self._energies.append(block_energies(block, sample_rate))
