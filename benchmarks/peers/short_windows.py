"""Let faster-whisper encode short windows as Dragoman does, so that a peer's policy can be judged alone."""

import faster_whisper.transcribe
import numpy as np

MARGIN_FRAMES = 128
STEP_FRAMES = 50
FORBIDDEN = 160
"""Frames: CTranslate2 takes a window of twice the mel bands for one that is encoded already."""


def shorten_windows() -> None:
    """Pad each window by a margin of silence, not to 30 s; for the rest of this process."""
    pad = faster_whisper.transcribe.pad_or_trim

    def pad_a_little(array: np.ndarray, length: int = 3000, *, axis: int = -1) -> np.ndarray:
        frames = -(-(array.shape[axis] + MARGIN_FRAMES) // STEP_FRAMES) * STEP_FRAMES
        padded: np.ndarray = pad(array, min(length, frames + (frames == FORBIDDEN)), axis=axis)
        return padded

    faster_whisper.transcribe.pad_or_trim = pad_a_little
