"""What the three engine services are asked, to frames and back. The rest of the messages is in ``messages.py``.

``engine`` names one of the service's engines by its label (``EngineInfo.label``); empty means its first one.
"""

from dataclasses import dataclass

from dragoman.ground.audio import Audio, to_pcm16
from dragoman.ground.engines import Glossary, RecognitionContext, Voice
from dragoman.ground.languages import Language
from dragoman.wire.fields import sendable
from dragoman.wire.frames import Header
from dragoman.wire.messages import (
    audio_of,
    open_message,
    read_context,
    read_glossary,
    read_sample_rate,
    read_voice,
    refuse_payload,
    write_context,
    write_glossary,
    write_voice,
)

DEADLINE_HEADER = "dragoman-deadline-ms"
"""HTTP header of a request: milliseconds from its arrival within which an answer is of use.

A duration and not a time of day, because the clocks of two machines agree less well than a network is quick.
"""

PRIORITY_HEADER = "dragoman-priority"
"""HTTP header of a request or a handshake: 0 to 100, which goes first among work of one kind. Without it 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscribeRequest:
    """One utterance for ``SpeechToText.transcribe``; its audio travels as 16-bit PCM (``write_audio``)."""

    audio: Audio
    language: Language | None
    context: RecognitionContext
    engine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest:
    """The first message of a live recognition session."""

    language: Language
    context: RecognitionContext


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslateRequest:
    """Sentences for ``Translator.translate``; the deadline travels as an HTTP header."""

    sentences: tuple[str, ...]
    source: Language
    target: Language
    glossary: Glossary | None
    committed_prefix: str
    engine: str = ""
    preview: bool = False
    """Of words that may still change: finals go first."""
    background: bool = False
    """Of a text or a recording, for which nobody waits at the moment: previews go first as well."""
    repair: bool = False
    """Of sentences that were changed for their terms: others of their urgency go first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakRequest:
    """Text for ``TextToSpeech.speak``."""

    text: str
    language: Language
    voice: Voice
    speed: float
    engine: str = ""


def write_transcribe(request: TranscribeRequest) -> tuple[Header, bytes]:
    header: Header = {
        "type": "transcribe",
        "engine": request.engine,
        "sample_rate": request.audio.sample_rate,
        "language": request.language,
        "context": write_context(request.context),
    }
    return header, to_pcm16(request.audio.samples)


def read_transcribe(header: Header, payload: bytes) -> TranscribeRequest:
    fields = open_message(header, "transcribe")
    request = TranscribeRequest(
        engine=fields.text("engine"),
        audio=audio_of(payload, read_sample_rate(fields)),
        language=fields.optional("language", fields.language),
        context=read_context(fields.value("context")),
    )
    fields.end()
    return request


def write_open(request: OpenRequest) -> Header:
    return {"type": "open", "language": request.language, "context": write_context(request.context)}


def read_open(header: Header, payload: bytes) -> OpenRequest:
    refuse_payload(payload, "open")
    fields = open_message(header, "open")
    request = OpenRequest(language=fields.language("language"), context=read_context(fields.value("context")))
    fields.end()
    return request


def write_context_change(context: RecognitionContext) -> Header:
    """Tell a live session what helps from its next utterance on."""
    return {"type": "context", "context": write_context(context)}


def read_context_change(header: Header, payload: bytes) -> RecognitionContext:
    refuse_payload(payload, "context")
    fields = open_message(header, "context")
    context = read_context(fields.value("context"))
    fields.end()
    return context


def write_translate(request: TranslateRequest) -> Header:
    return {
        "type": "translate",
        "engine": request.engine,
        "sentences": [sendable(sentence) for sentence in request.sentences],
        "source": request.source,
        "target": request.target,
        "glossary": None if request.glossary is None else write_glossary(request.glossary),
        "committed_prefix": sendable(request.committed_prefix),
        "preview": request.preview,
        "background": request.background,
        "repair": request.repair,
    }


def read_translate(header: Header, payload: bytes) -> TranslateRequest:
    refuse_payload(payload, "translate")
    fields = open_message(header, "translate")
    glossary = fields.optional("glossary", fields.value)
    request = TranslateRequest(
        engine=fields.text("engine"),
        sentences=fields.texts("sentences"),
        source=fields.language("source"),
        target=fields.language("target"),
        glossary=None if glossary is None else read_glossary(glossary),
        committed_prefix=fields.text("committed_prefix"),
        preview=fields.flag("preview"),
        background=fields.flag("background"),
        repair=fields.flag("repair"),
    )
    fields.end()
    return request


def write_speak(request: SpeakRequest) -> Header:
    return {
        "type": "speak",
        "engine": request.engine,
        "text": sendable(request.text),
        "language": request.language,
        "voice": write_voice(request.voice),
        "speed": request.speed,
    }


def read_speak(header: Header, payload: bytes) -> SpeakRequest:
    refuse_payload(payload, "speak")
    fields = open_message(header, "speak")
    request = SpeakRequest(
        engine=fields.text("engine"),
        text=fields.text("text"),
        language=fields.language("language"),
        voice=read_voice(fields.value("voice")),
        speed=fields.number("speed"),
    )
    fields.end()
    return request
