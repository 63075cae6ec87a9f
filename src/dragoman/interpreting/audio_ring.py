"""The last half minute of one microphone: what a recogniser that takes over must hear again. To microphone.py.

A plain class. Frames are pushed at the end, read once at a cursor, and kept until their words are safe (``settle``).
All times are stream seconds: they count from the microphone's first sample, whatever session hears it.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np

from dragoman.ground.audio import RECOGNITION_RATE, Audio
from dragoman.ground.languages import Language

KEEP_S = 30.0

SPEAKING_FRAMES = 8
"""So many loud frames, 0.4 s, are more than a click or a cough."""

LOUD = 0.01
"""Root mean square above which a frame may have been speech: -40 dB of full scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RingFrame:
    """One frame with its place."""

    audio: Audio
    first: int
    """Place of its first sample in the stream."""
    language: Language
    """What its speaker had chosen to speak."""
    loud: bool
    """It may be speech."""

    @property
    def end(self) -> int:
        return self.first + len(self.audio.samples)

    @property
    def starts_s(self) -> float:
        return self.first / RECOGNITION_RATE

    @property
    def ends_s(self) -> float:
        return self.end / RECOGNITION_RATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Sound that nobody will recognise any more, in stream seconds; there may be silence in it."""

    start_s: float
    end_s: float
    language: Language


class AudioRing:
    """Of one microphone."""

    def __init__(self, *, keep_s: float = KEEP_S) -> None:
        self._keep_s = keep_s
        self._frames: deque[RingFrame] = deque()
        self._cursor = 0
        """Place in ``_frames`` of the next one to be read."""
        self._end = 0
        """Samples taken so far."""
        self._loud = 0
        """Frames that may be speech."""
        self._lost: Lost | None = None
        self.started_at_s = 0.0
        """Clock time of stream second 0.

        A frame is never there before its last sample was spoken, so the earliest of all guesses is the best: sound that
        had to wait for its reader comes in a burst, and is dated to when it was said.
        """

    @property
    def ends_s(self) -> float:
        return self._end / RECOGNITION_RATE

    @property
    def unread_s(self) -> float:
        frame = self.peek()
        return 0.0 if frame is None else self.ends_s - frame.starts_s

    @property
    def kept_s(self) -> float:
        return self.ends_s - self._frames[0].starts_s if self._frames else 0.0

    def speaking_since_s(self) -> float | None:
        """Say since when something is being said that is not settled; None while there is only a click or silence."""
        if self._loud < SPEAKING_FRAMES:
            return None
        return next(frame.starts_s for frame in self._frames if frame.loud)

    def push(self, audio: Audio, *, language: Language, now_s: float) -> None:
        """Take the next frame, 16 kHz; ``now_s`` is the clock's.

        Beyond 30 s the oldest goes, and is lost if nobody has read it.
        """
        first = self._end
        self._end += len(audio.samples)
        guess_s = now_s - self.ends_s
        self.started_at_s = min(self.started_at_s, guess_s) if first else guess_s
        loud = _is_loud(audio)
        self._loud += loud
        self._frames.append(RingFrame(audio=audio, first=first, language=language, loud=loud))
        while self.kept_s > self._keep_s:
            unread = self._cursor == 0
            self._drop_first(lost=unread)

    def peek(self) -> RingFrame | None:
        """Give the frame that is read next; None while all are read."""
        return self._frames[self._cursor] if self._cursor < len(self._frames) else None

    def advance(self) -> None:
        """The frame that ``peek`` gave is read."""
        self._cursor += 1

    def rewind(self) -> None:
        """Read again what is not settled."""
        self._cursor = 0

    def settle(self, until_s: float) -> None:
        """What was said before ``until_s`` is safe, and never read again."""
        until = round(until_s * RECOGNITION_RATE)
        while self._frames and self._frames[0].end <= until:
            self._drop_first(lost=False)
        if self._frames and self._frames[0].first < until:
            first = self._frames[0]
            samples = first.audio.samples[until - first.first :]
            rest = Audio(samples=samples, sample_rate=RECOGNITION_RATE)
            self._frames[0] = RingFrame(audio=rest, first=until, language=first.language, loud=first.loud)

    def give_up(self, until_s: float) -> None:
        """Nobody can recognise what was said before ``until_s``: it is lost."""
        until = round(until_s * RECOGNITION_RATE)
        while self._frames and self._frames[0].first < until:
            self._drop_first(lost=True)

    def peek_first(self) -> RingFrame | None:
        """Give the oldest frame that is not settled."""
        return self._frames[0] if self._frames else None

    def take_lost(self) -> Lost | None:
        """Say once what was lost since it was asked last; None if that was only silence."""
        lost, self._lost = self._lost, None
        return lost

    def _drop_first(self, *, lost: bool) -> None:
        frame = self._frames.popleft()
        self._cursor = max(0, self._cursor - 1)
        self._loud -= frame.loud
        if lost and frame.loud:
            start_s = frame.starts_s if self._lost is None else self._lost.start_s
            self._lost = Lost(start_s=start_s, end_s=frame.ends_s, language=frame.language)


def _is_loud(audio: Audio) -> bool:
    return len(audio.samples) > 0 and float(np.sqrt(np.mean(np.square(audio.samples)))) > LOUD
