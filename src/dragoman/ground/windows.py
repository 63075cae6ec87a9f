"""The seam of recognisers that hear a growing window of speech again and again: what live recognition commits from.

Beside ``engines.py``, whose ``SpeechToText`` takes whole utterances; ``recognition/window_follower.py`` asks.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from dragoman.ground.audio import Audio
from dragoman.ground.engines import RecognitionContext, SpeechToText
from dragoman.ground.languages import Language
from dragoman.ground.speech import Word


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowWord:
    """A word of a hypothesis, and where the speaker had left it behind."""

    word: Word
    """Its times count from the window's first sample."""
    settled_s: float
    """Where what follows it begins to sound, in seconds of the window: from there on it cannot grow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowHypothesis:
    """What a window seems to hold behind the words that are committed already."""

    words: tuple[WindowWord, ...]
    doubtful: bool = False
    """The engine's own checks failed even with its longest window: show it at most, commit nothing of it."""
    no_speech: float = 0.0
    """How likely the window holds no speech at all, 0 to 1, where the engine tells."""
    model_used: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of speech to be heard (again)."""

    audio: Audio
    """Mono, 16 kHz, at most 30 s."""
    committed: tuple[Word, ...] = ()
    """Its first words, in order: the hypothesis goes on behind them and leaves them as they are."""
    context: RecognitionContext
    """``previous_text`` is what was said before the window."""
    last: bool = False
    """Nothing will follow: the engine may spend more on it than on a look in between."""


@runtime_checkable
class WindowSpeechToText(SpeechToText, Protocol):
    """Recognises an utterance's growing end, with words that say when they are settled."""

    def hypothesize(self, window: Window, *, language: Language) -> WindowHypothesis:
        """Recognise what follows ``window.committed``. Raises as ``transcribe``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRequest:
    """A window to be heard, among others."""

    window: Window
    language: Language


@runtime_checkable
class JointSpeechToText(WindowSpeechToText, Protocol):
    """Hears windows of several speakers in one call, for less than one after the other."""

    def window_shape(self, window: Window, *, language: Language) -> Hashable:
        """Give what windows must have in common to be heard in one call. Quick, and waits for no other call.

        Raises ``LanguageNotSupported`` or ``EngineUnavailable``.
        """
        ...

    def hypothesize_together(
        self, requests: Sequence[WindowRequest], tell: Callable[[int, WindowHypothesis], None]
    ) -> None:
        """Recognise windows of one shape, and tell each by its place as soon as it is done, once, in any order.

        The words are those of ``hypothesize``. Raises as it does if one of them cannot be heard.
        """
        ...


def pick_words(words: Sequence[WindowWord]) -> tuple[Word, ...]:
    """Give the words themselves."""
    return tuple(word.word for word in words)


@runtime_checkable
class HearsBeside(Protocol):
    """Hears a window while it is at another one."""

    @property
    def calls_at_once(self) -> int: ...
