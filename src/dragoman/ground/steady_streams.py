"""The seam of recognisers that follow an utterance and hardly ever take a word back: transducers.

Beside ``engines.py``, whose ``SpeechStream`` may change all of its words until the end; ``recognition/followers.py``
commits the words of a steady stream while the speaker goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from dragoman.ground.audio import Audio
from dragoman.ground.engines import IncrementalSpeechToText, SpeechStream
from dragoman.ground.speech import Word


@runtime_checkable
class SteadyStream(SpeechStream, Protocol):
    """A stream whose words stay once others follow them."""

    steady: bool
    """Always true: its being there is what tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRequest:
    """A stream that is to hear more, among others."""

    stream: SpeechStream
    audio: Audio


@runtime_checkable
class JointStreams(IncrementalSpeechToText, Protocol):
    """Lets the streams of several speakers hear more in one call, for less than one after the other."""

    def accept_together(self, requests: Sequence[StreamRequest]) -> list[tuple[Word, ...]]:
        """Give what each stream's ``accept`` would give. The streams differ and are this engine's.

        Raises an ``EngineError`` if one of them cannot hear it; each still says by its own ``accept`` whether it lives.
        """
        ...
