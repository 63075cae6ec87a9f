"""The seam of recognisers that follow an utterance and hardly ever take a word back: transducers.

Beside ``engines.py``, whose ``SpeechStream`` may change all of its words until the end; ``recognition/followers.py``
commits the words of a steady stream while the speaker goes on.
"""

from typing import Protocol, runtime_checkable

from dragoman.ground.engines import SpeechStream


@runtime_checkable
class SteadyStream(SpeechStream, Protocol):
    """A stream whose words stay once others follow them."""

    steady: bool
    """Always true: its being there is what tells."""
