"""Keep a microphone's sound as long as the time it took. A plain class: times in, silent frames out.

Recognition counts samples, so a stretch that never arrives (a sender's silence that is not transmitted, a network that
is away) would shift every later word to the front. To livekit_microphone.py.
"""

from dragoman.ground.audio import FRAME_S

BEHIND_S = 0.2
"""Frames may be this late before anything is missing: jitter, and a busy event loop."""
PATIENCE_S = 0.3
"""They must stay so late for this long: after a stall of this process, its frames come in a burst."""


class FrameClock:
    """Compares the frames given on with the time that has passed. Times are seconds of one clock that only rises."""

    def __init__(self, first_frame_at_s: float) -> None:
        self._started_s = first_frame_at_s - FRAME_S
        self._given = 0
        self._behind_since_s: float | None = None

    def gave(self) -> None:
        """A frame has been given on."""
        self._given += 1

    def missing(self, now_s: float) -> int:
        """Say how many silent frames must be given on now, before anything else; they count as given."""
        behind_s = now_s - self._started_s - self._given * FRAME_S
        if behind_s < BEHIND_S:
            self._behind_since_s = None
            return 0
        if self._behind_since_s is None:
            self._behind_since_s = now_s
        if now_s - self._behind_since_s < PATIENCE_S:
            return 0
        self._behind_since_s = None
        frames = round(behind_s / FRAME_S) - 1  # the one that is due now may be on its way
        self._given += frames
        return frames
