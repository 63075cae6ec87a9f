"""What happens inside, for logs, metrics and reports. Observers get events; nothing waits for them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language


class Stage(StrEnum):
    """The stages of a sentence's way that are measured."""

    VOICE_ACTIVITY = "voice_activity"
    RECOGNITION = "recognition"
    TRANSLATION = "translation"
    VOICE = "voice"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptionPublished:
    caption: Caption
    readers: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UtteranceRecognized:
    speaker: str
    language: Language
    words: int
    audio_s: float
    lag_ms: float
    """From the end of speech to the words, the pause that ended the utterance included."""
    endpoint_lag_ms: float
    """Of it, waiting for the pause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoDropped:
    speaker: str
    words: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceStarted:
    """The first sound of a dubbed segment was handed to its track."""

    segment: str
    speaker: str
    language: Language
    lag_ms: float
    """From the end of the segment's last word."""
    speed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceEnded:
    segment: str
    speaker: str
    language: Language
    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceSkipped:
    segment: str
    speaker: str
    language: Language
    reason: str
    """``late``, ``voice_gone``, ``left`` (nobody listens any more)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderChanged:
    speaker: str
    language: Language | None
    level: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFailed:
    stage: Stage
    engine: str
    code: str
    """Stable code of the error."""
    detail: str
    """The error's message; never what people said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineCalled:
    stage: Stage
    engine: str
    wall_ms: float
    thread_cpu_ms: float
    """CPU time of the calling thread; what the engine spends elsewhere is in ``Engine.cpu_s``."""


Event = (
    CaptionPublished
    | UtteranceRecognized
    | EchoDropped
    | VoiceStarted
    | VoiceEnded
    | VoiceSkipped
    | LadderChanged
    | EngineFailed
    | EngineCalled
)


class Observer(Protocol):
    """Takes events. Must be quick and must not raise: it is called on the event loop and in engine threads."""

    def observe(self, event: Event) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Observers:
    """Several observers as one."""

    observers: tuple[Observer, ...] = ()

    def observe(self, event: Event) -> None:
        for observer in self.observers:
            observer.observe(event)
