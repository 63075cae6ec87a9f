"""What recognition yields: words with times, and events of a live session."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dragoman.ground.languages import Language, join_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One recognised word."""

    text: str
    """As spelt, punctuation attached, no spaces around it."""
    start_s: float
    """Seconds from the start of the audio (or of the session) to its first sound."""
    end_s: float
    """Seconds to its last sound."""
    probability: float | None = None
    """0 to 1, where the engine tells."""


TELLING_S: Final = 3.0
"""Shorter speech says little of its language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLanguage:
    """What is spoken, as it was told from the sound."""

    language: Language
    heard_s: float | None
    """Seconds of speech that it was told by; None of an engine that does not say, or hears no other language."""

    @property
    def is_sure(self) -> bool:
        return self.heard_s is None or self.heard_s >= TELLING_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """The words of one stretch of audio."""

    words: tuple[Word, ...]
    language: Language
    model_used: str
    """Engine and model that answered, such as ``faster_whisper:whisper-small``."""
    language_heard_s: float | None = None
    """As ``FoundLanguage.heard_s``; None also where the engine was told the language."""

    @property
    def text(self) -> str:
        return join_words((word.text for word in self.words), self.language)


class WordState(StrEnum):
    """How sure the words of an event are."""

    PROVISIONAL = "provisional"
    """The whole tail that is not committed yet; the next event may replace it."""
    COMMITTED = "committed"
    """New words behind those committed before; never taken back."""
    FINAL = "final"
    """The last words of the utterance (none, if all were committed); the utterance is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionEvent:
    """One step of a live recognition session. All times are seconds of the session's own audio."""

    utterance: int
    """Counts up from 1 within the session."""
    state: WordState
    words: tuple[Word, ...]
    language: Language
    audio_time_s: float
    """How much audio the session had been given when these words were found."""
    speech_end_s: float
    """Where the last voiced sound heard so far ends; of a final event, where the utterance ends."""
    endpoint_s: float | None = None
    """Of a final event: the audio time at which the pause was long enough to end the utterance."""
    model_used: str = ""
    failure: str | None = None
    """Code of the error if the utterance could not be recognised; it then has no words."""
