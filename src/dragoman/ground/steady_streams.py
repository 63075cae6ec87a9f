"""What some recognisers that follow an utterance can besides: hardly ever take a word back, hear several, be brief.

Beside ``engines.py``, whose ``SpeechStream`` may change all of its words until the end;
``recognition/stream_follower.py`` commits the words of a steady stream while the speaker goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from dragoman.ground.audio import Audio
from dragoman.ground.engines import IncrementalSpeechToText, SpeechStream
from dragoman.ground.speech import Transcript, Word


@runtime_checkable
class SteadyStream(SpeechStream, Protocol):
    """A stream whose words stay once others follow them."""

    steady: bool
    """Always true: its being there is what tells."""


@runtime_checkable
class RehearingStream(SpeechStream, Protocol):
    """A stream that hears its utterance once more as a whole at the end, and can do without."""

    def finish_at_once(self) -> Transcript:
        """Do as ``finish``, with the words that it has: for less, and with a few more mistakes."""
        ...


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
