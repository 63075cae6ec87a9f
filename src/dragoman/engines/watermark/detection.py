"""What can be said of watermarks without a model: the sound they are made for, and what was found in it.

From ``audioseal.py``, which brings onnxruntime; whoever marks or detects only if there is a model does without.
"""

from dataclasses import dataclass
from typing import Final

SAMPLE_RATE: Final = 16_000
HOP: Final = 320
"""Samples of one step of the encoder (8 x 5 x 4 x 2): sound is padded to a multiple of it."""
WINDOW: Final = 500 * HOP
"""Samples computed at once, 10 s, so that memory does not grow with the sound."""
FOUND: Final = 0.5
"""Share of marked samples from which sound counts as marked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What the detector says of a stretch of sound."""

    probability: float
    """Share of its samples that are marked, 0 to 1."""
    payload: int | None
    """The 16 bits, as a whole number; None from a detector that does not read them."""

    @property
    def found(self) -> bool:
        return self.probability >= FOUND
