"""The seams: what an engine must do, wherever it runs.

Engines block; they are called in a pool (``engines/pool.py``), never on the event loop. A remote engine keeps the same
protocol over HTTP, a fake keeps it in memory, and one contract suite per seam holds all three to it.
Only ``Recognizer`` is asynchronous: it is a stream, and the interpreter listens to many at once.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from dragoman.ground.audio import Audio, Samples
from dragoman.ground.languages import Language
from dragoman.ground.speech import FoundLanguage, RecognitionEvent, Transcript, Word


class EngineKind(StrEnum):
    """The four kinds of engine, by the job they do."""

    SPEECH_TO_TEXT = "speech-to-text"
    TRANSLATION = "translation"
    TEXT_TO_SPEECH = "text-to-speech"
    VOICE_ACTIVITY = "voice-activity"


class Capability(StrEnum):
    """What some translators can do beyond sentence in, sentence out; the others ignore what they cannot honour."""

    TERMS = "terms"
    """Honours ``Glossary.terms`` itself."""
    CONTEXT = "context"
    """Honours ``Glossary.background``."""
    PREFIX = "prefix"
    """Continues ``committed_prefix``."""
    CHOICES = "choices"
    """Honours ``Glossary.choices``."""
    QUICK = "quick"
    """Answers within a few tenths of a second on two cores: previews are asked of it, whatever stands before it."""


LanguagePair = tuple[Language, Language]
"""Source and target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """What an engine says of itself."""

    name: str
    """Key in the registry: ``pocketsphinx``, ``apertium``."""
    kind: EngineKind
    model: str = ""
    """Id or folder of the model, empty for engines that bring their own."""
    version: str = ""
    """Changes when program or model do, so that what was measured of them is measured anew; empty if nobody says."""
    languages: tuple[Language, ...] = ()
    """Languages recognised or spoken; empty for translators."""
    pairs: frozenset[LanguagePair] = frozenset()
    """Pairs translated; empty for the others."""
    sample_rate: int = 0
    """Hertz taken (listening engines) or given (speaking ones); 0 for translators."""
    licence: str
    """SPDX identifier of the program and the weights together, the stricter one."""
    commercial: bool
    """May be used commercially."""
    attribution: str = ""
    word_timestamps: bool = False
    streaming: bool = False
    """Speech-to-text: words while the audio comes (``IncrementalSpeechToText``). Text-to-speech: sound of the first
    sentence while the next ones are made."""
    honours_speed: bool = False
    """Text-to-speech: ``speed`` is given to the synthesiser itself."""
    clones: bool = False
    """Text-to-speech: its model can take a person's voice from a recording."""
    needs_transcript: bool = False
    """Text-to-speech: to clone, it must be given the words of the recording too."""
    jobs_only: bool = False
    """Text-to-speech: too slow for calls; background jobs alone may use it."""
    online: bool = False
    """What it is given leaves this machine, for somebody else's."""
    capabilities: frozenset[Capability] = frozenset()
    """Translation: what it can do beyond sentence in, sentence out."""
    remote: bool = False

    @property
    def label(self) -> str:
        """Name the engine and its model, as ``model_used`` does."""
        return f"{self.name}:{self.model}" if self.model else self.name


class Engine(Protocol):
    """What all engines share."""

    @property
    def info(self) -> EngineInfo: ...

    def warm_up(self) -> None:
        """Load what is loaded late, so that the first call is as quick as the others. Raises ``EngineError``."""
        ...

    def cpu_s(self) -> float:
        """CPU seconds used so far outside the calling thread: child processes and native threads."""
        ...

    def close(self) -> None:
        """Let go of processes and memory. May be called twice; calls after it raise ``EngineUnavailable``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionContext:
    """What helps to recognise the next words."""

    previous_text: str = ""
    """What the same speaker said just before."""
    hot_words: tuple[str, ...] = ()
    """Names and terms likely to be said."""


class SpeechToText(Engine, Protocol):
    """Recognises a whole utterance."""

    def transcribe(self, audio: Audio, *, language: Language | None, context: RecognitionContext) -> Transcript:
        """Recognise ``audio`` (mono, 16 kHz). ``language=None`` lets the engine detect it, where it can.

        Silence or noise gives a transcript without words. Raises ``LanguageNotSupported``, ``EngineTimeout``,
        ``EngineCrashed`` or ``EngineUnavailable``.
        """
        ...


class SpeechStream(Protocol):
    """One utterance being recognised while it is spoken."""

    def accept(self, audio: Audio) -> tuple[Word, ...]:
        """Take the next audio (16 kHz); give the provisional words of the whole utterance so far."""
        ...

    def finish(self) -> Transcript:
        """Give the utterance's final words. The stream is over after it."""
        ...

    def cancel(self) -> None:
        """Drop the utterance. Does nothing on a stream that is over."""
        ...


class IncrementalSpeechToText(SpeechToText, Protocol):
    """A recogniser that can also follow an utterance; its ``info.streaming`` is true."""

    def open_stream(self, *, language: Language, context: RecognitionContext) -> SpeechStream: ...


@runtime_checkable
class DetectsLanguage(Protocol):
    """A recogniser that tells a language from the sound, without writing down what is said."""

    def detect_language(self, audio: Audio) -> FoundLanguage | None:
        """Say what is spoken in ``audio`` (mono, 16 kHz); None where nobody speaks. Raises ``EngineError``."""
        ...


class RecognitionSession(Protocol):
    """One microphone's live recognition. Iterate over it for events until it ends after ``finish``."""

    async def push(self, audio: Audio) -> None:
        """Give the next audio (16 kHz, contiguous). Waits only when more than 30 s lie unprocessed."""
        ...

    async def change_context(self, context: RecognitionContext) -> None:
        """Let ``context`` help from the next utterance on; the one that is open keeps its own.

        Does nothing on a session that is finished or over.
        """
        ...

    async def finish(self) -> None:
        """Say that no audio follows; the open utterance becomes final, then iteration ends."""
        ...

    async def close(self) -> None:
        """Drop everything at once. May be called twice."""
        ...

    def __aiter__(self) -> AsyncIterator[RecognitionEvent]: ...


class Recognizer(Protocol):
    """Opens live sessions: what the interpreter talks to, local or remote."""

    async def open(self, *, language: Language, context: RecognitionContext) -> RecognitionSession: ...


class VoiceActivityStream(Protocol):
    """Voice activity along one microphone."""

    def speech_probability(self, window: Samples) -> float:
        """Say how likely ``window`` holds speech, 0 to 1. Exactly ``window_samples`` of 16 kHz float32."""
        ...


class VoiceActivity(Engine, Protocol):
    """Finds speech in sound."""

    @property
    def window_samples(self) -> int:
        """Samples per call: 512 at 16 kHz, 32 ms."""
        ...

    def open(self) -> VoiceActivityStream: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GlossaryTerm:
    """How one term is to be translated."""

    source: str
    target: str
    """Equal to ``source`` for a term that stays untranslated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glossary:
    """The terms of a room, and what it is about."""

    terms: tuple[GlossaryTerm, ...] = ()
    background: str = ""
    """What helps to understand the sentences, in any language: the subject, who takes part. Never translated."""
    choices: int = 1
    """Translations wanted of each sentence, at most, so that one with the right terms can be chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """One sentence in the target language."""

    text: str
    model_used: str
    """Engine and model that answered; a chain of pairs says so: ``apertium:en-es+es-fr``."""
    others: tuple[str, ...] = ()
    """The next best ones, where ``Glossary.choices`` asked for them."""
    second_best: bool = False
    """Another engine is preferred for the pair and did not answer this time. Said by routes; engines do not know."""


class Translator(Engine, Protocol):
    """Translates sentences."""

    def translate(
        self,
        sentences: Sequence[str],
        *,
        source: Language,
        target: Language,
        glossary: Glossary | None = None,
        committed_prefix: str = "",
        deadline_s: float | None = None,
    ) -> list[Translation]:
        """Translate each sentence for itself, in order; as many come back as were given.

        ``committed_prefix`` (one sentence only) is target text that is shown already and should stay;
        ``deadline_s`` is how many seconds from now the answer is of use. Engines ignore what they cannot honour;
        ``info.capabilities`` says what they can.
        Raises ``LanguageNotSupported``, ``EngineTimeout``, ``EngineCrashed``, ``EngineOutputInvalid`` or
        ``EngineUnavailable``.
        """
        ...


class Gender(StrEnum):
    """How a stock voice sounds, in its makers' words."""

    FEMALE = "female"
    MALE = "male"


@runtime_checkable
class SentenceBySentence(Protocol):
    """A translator that gains nothing from sentences which share a call: it translates them one after the other."""

    @property
    def calls_at_once(self) -> int:
        """Calls that it works on side by side."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A way of speaking that an engine offers or a person owns. Name and owner make it the same voice or another."""

    name: str = ""
    """The engine's own name of it; empty for the language's default voice."""
    owner: str | None = None
    """Identity of the person whose cloned voice this is; None for stock voices."""
    gender: Gender | None = field(default=None, compare=False)
    """As the engine's makers state it; None if they do not."""


DEFAULT_VOICE = Voice()

MIN_SPEED, MAX_SPEED = 0.5, 2.0
"""Speech outside these factors cannot be followed; engines raise ``SpeedOutOfRange``."""


class TextToSpeech(Engine, Protocol):
    """Speaks text."""

    def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
        """Speak ``text``; pieces come as they are made, all of one rate. Raises while iterating.

        ``speed`` is a factor: 1.25 is a quarter faster. Raises ``LanguageNotSupported``, ``VoiceNotFound``,
        ``SpeedOutOfRange``, ``TextNotReadable``, ``EngineTimeout``, ``EngineCrashed``, ``EngineOutputInvalid`` or
        ``EngineUnavailable``.
        """
        ...

    def voices(self, language: Language) -> tuple[Voice, ...]:
        """List the voices of ``language``, the default one first; none if it does not speak it."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineChoice:
    """An engine as a person asks for it: ``faster_whisper:whisper-small``."""

    name: str
    model: str = ""
    """Id in the model table, or a folder."""
    further: tuple[str, ...] = ()
    """More models, for an engine that holds several."""
    options: Mapping[str, object] = field(default_factory=dict)
