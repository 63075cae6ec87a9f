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
    """From the end of speech to the words, the pause that ended the utterance included; of words that were committed
    before it, from the end of the last one to its being there."""
    endpoint_lag_ms: float
    """Of it, waiting for the pause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordsCommitted:
    """Words are there for good: while their speaker goes on, or with the end of the utterance."""

    speaker: str
    language: Language
    lags_ms: tuple[float, ...]
    """Of each word, from its end."""


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
    """``late``, ``voice_gone``, ``room_gone`` (the call did not take it), ``left`` (nobody listens any more),
    ``nothing_to_speak`` (pictures, or letters that no voice of the language can read)."""


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
class EngineRests:
    """An engine failed so often that it is left out for a while, or is back."""

    stage: Stage
    engine: str
    rests: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineCalled:
    stage: Stage
    engine: str
    wall_ms: float
    thread_cpu_ms: float
    """CPU time of the calling thread; what the engine spends elsewhere is in ``Engine.cpu_s``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowCut:
    """Committed words left, with their sound, what is heard again of an utterance that goes on."""

    language: Language
    at_s: float
    """Seconds of the session's audio: from here on it is heard again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionTurn:
    """A call that recognises got its turn, or did not."""

    urgency: str
    """``final``, ``partial``, ``recording``."""
    outcome: str
    """``taken``, ``replaced`` (by newer words of the same speaker), ``late``, ``refused``, ``left`` (cancelled)."""
    waited_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionRefused:
    """Somebody who wanted to be heard was not let in, and was told to come again."""

    what: str
    """``speaker``, ``recording``."""
    reason: str
    """``load`` (live speech takes too much), ``queue`` (enough recordings wait)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionBatch:
    """Windows of live speech were read in one call of an engine, or streams of it heard more."""

    engine: str
    windows: int
    """Or streams; 1 where nothing else waited that could have been read with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionOpened:
    """Somebody is going to be recognised."""

    language: Language
    first: str
    """Engine that hears an utterance while it is spoken, unless it fails."""
    last: str
    """Engine that hears its last words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionLoad:
    """What live recognition takes, and what is left out because of it."""

    share: float
    """Measured real-time factor, as a share of what can be: of all calls at once, or of the busiest model."""
    degree: int
    """0 nothing, 1 words that may still change, 2 every other look, 3 all looks, 4 the larger model for last words."""
    changed: bool
    """The degree is not what it was."""
    waiting: int
    """Calls that wait for their turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationBatched:
    """Requests for translation became one call."""

    urgency: str
    """``final``, ``partial``, ``recording`` (a text)."""
    requests: int
    sentences: int
    waited_ms: tuple[float, ...]
    """Of each request, for its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationLost:
    """A request for translation had no turn, or no answer in time."""

    urgency: str
    outcome: str
    """``late``, ``refused``, ``displaced`` (a preview, by a final), ``busy`` (a preview, under load)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationLoad:
    """What the translation of live speech takes."""

    share: float
    """Of the last seconds, by the busiest model."""
    waiting: int
    """Requests that wait for their turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslationLooked:
    """A sentence was looked for among those translated before."""

    urgency: str
    store: str
    """``memory``, ``redis``."""
    hit: bool


Event = (
    CaptionPublished
    | UtteranceRecognized
    | WordsCommitted
    | EchoDropped
    | VoiceStarted
    | VoiceEnded
    | VoiceSkipped
    | LadderChanged
    | EngineFailed
    | EngineCalled
    | WindowCut
    | RecognitionTurn
    | RecognitionRefused
    | RecognitionBatch
    | RecognitionOpened
    | RecognitionLoad
    | TranslationBatched
    | TranslationLost
    | TranslationLoad
    | TranslationLooked
    | EngineRests
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
