"""What the headers of frames mean: every ground type that crosses a process border, to a frame and back.

A message is a header with a ``type`` and, where sound travels, a payload of PCM (``frames.py`` packs the two).
``write_*`` never fails (half characters become question marks); ``read_*`` raises ``WireError``, naming the field, for
a message with a missing, unknown or wrong-typed one, and nothing else. Requests of the three services are in
``requests.py``; the readers of single fields in ``fields.py``.
"""

from collections.abc import Iterable, Sequence

from dragoman.ground.audio import Audio, from_pcm16, to_pcm16
from dragoman.ground.engines import (
    Capability,
    EngineInfo,
    EngineKind,
    Gender,
    Glossary,
    GlossaryTerm,
    RecognitionContext,
    Translation,
    Voice,
)
from dragoman.ground.errors import CapacityExhausted, DragomanError, EngineError, WireError
from dragoman.ground.languages import Language
from dragoman.ground.speech import RecognitionEvent, Transcript, Word, WordState
from dragoman.wire.fields import Fields, sendable
from dragoman.wire.frames import Header, JsonValue

MIN_SAMPLE_RATE, MAX_SAMPLE_RATE = 1_000, 192_000
"""Hertz. What lies outside is a mistake, not sound."""

MAX_DETAIL_CHARS = 2_000
"""Of an error's message: enough for a list of choices."""


def message_type(header: Header) -> str:
    """Say what a message is. Raises ``WireError`` for a header without ``type``."""
    return Fields(header, of="a message").text("type")


def open_message(header: Header, expected: str) -> Fields:
    """Start to read a message of type ``expected``. Raises ``WireError`` for another type."""
    fields = Fields(header, of=expected)
    found = fields.text("type")
    if found != expected:
        raise WireError(f"expected {expected!r}, and {found[:40]!r} came")
    return fields


def read_signal(header: Header, expected: str) -> None:
    """Check a message that says no more than its type: ``finish``, ``opened``, ``end``."""
    open_message(header, expected).end()


def refuse_payload(payload: bytes, of: str) -> None:
    """Raise ``WireError`` if sound came where none belongs."""
    if payload:
        raise WireError(f"{of} has no payload, and {len(payload)} bytes came")


# Sound


def write_audio(audio: Audio) -> tuple[Header, bytes]:
    """Write sound as 16-bit PCM.

    What is lost: samples come back within 1/16384 of what was given (``to_pcm16`` scales by 32767, ``from_pcm16`` by
    32768), and what lay outside [-1, 1] is clipped. The rate is kept.
    """
    return {"type": "audio", "sample_rate": audio.sample_rate}, to_pcm16(audio.samples)


def read_audio(header: Header, payload: bytes) -> Audio:
    fields = open_message(header, "audio")
    sample_rate = read_sample_rate(fields)
    fields.end()
    return audio_of(payload, sample_rate)


def read_sample_rate(fields: Fields) -> int:
    sample_rate = fields.count("sample_rate")
    if not MIN_SAMPLE_RATE <= sample_rate <= MAX_SAMPLE_RATE:
        raise WireError(f"field 'sample_rate' is from {MIN_SAMPLE_RATE} to {MAX_SAMPLE_RATE} Hz, not {sample_rate}")
    return sample_rate


def audio_of(payload: bytes, sample_rate: int) -> Audio:
    """Turn a payload into sound. Raises ``WireError`` for half a sample."""
    if len(payload) % 2:
        raise WireError(f"a payload of 16-bit samples has an even number of bytes, not {len(payload)}")
    return Audio(samples=from_pcm16(payload), sample_rate=sample_rate)


# Speech


def write_word(word: Word) -> Header:
    return {
        "text": sendable(word.text),
        "start_s": word.start_s,
        "end_s": word.end_s,
        "probability": word.probability,
    }


def read_word(value: JsonValue) -> Word:
    fields = Fields(value, of="word")
    word = Word(
        text=fields.text("text"),
        start_s=fields.seconds("start_s"),
        end_s=fields.seconds("end_s"),
        probability=fields.optional("probability", fields.number),
    )
    fields.end()
    return word


def write_transcript(transcript: Transcript) -> Header:
    return {
        "type": "transcript",
        "words": _write_words(transcript.words),
        "language": transcript.language,
        "model_used": transcript.model_used,
        "language_heard_s": transcript.language_heard_s,
    }


def read_transcript(header: Header) -> Transcript:
    fields = open_message(header, "transcript")
    transcript = Transcript(
        words=_read_words(fields),
        language=fields.language("language"),
        model_used=fields.text("model_used"),
        language_heard_s=fields.optional("language_heard_s", fields.seconds),
    )
    fields.end()
    return transcript


def write_context(context: RecognitionContext) -> Header:
    return {
        "previous_text": sendable(context.previous_text),
        "hot_words": [sendable(term) for term in context.hot_words],
    }


def read_context(value: JsonValue) -> RecognitionContext:
    fields = Fields(value, of="context")
    context = RecognitionContext(previous_text=fields.text("previous_text"), hot_words=fields.texts("hot_words"))
    fields.end()
    return context


def write_event(event: RecognitionEvent) -> Header:
    return {
        "type": "event",
        "utterance": event.utterance,
        "state": event.state.value,
        "words": _write_words(event.words),
        "language": event.language,
        "audio_time_s": event.audio_time_s,
        "speech_end_s": event.speech_end_s,
        "endpoint_s": event.endpoint_s,
        "model_used": event.model_used,
        "failure": event.failure,
    }


def read_event(header: Header) -> RecognitionEvent:
    fields = open_message(header, "event")
    event = RecognitionEvent(
        utterance=fields.count("utterance"),
        state=_read_state(fields),
        words=_read_words(fields),
        language=fields.language("language"),
        audio_time_s=fields.seconds("audio_time_s"),
        speech_end_s=fields.seconds("speech_end_s"),
        endpoint_s=fields.optional("endpoint_s", fields.seconds),
        model_used=fields.text("model_used"),
        failure=fields.optional("failure", fields.text),
    )
    fields.end()
    return event


def write_taken(audio_s: float) -> Header:
    """Acknowledge how many seconds of a session's audio its recognizer has taken since the start."""
    return {"type": "taken", "audio_s": audio_s}


def read_taken(header: Header) -> float:
    fields = open_message(header, "taken")
    audio_s = fields.seconds("audio_s")
    fields.end()
    return audio_s


def _write_words(words: Iterable[Word]) -> JsonValue:
    return [write_word(word) for word in words]


def _read_words(fields: Fields) -> tuple[Word, ...]:
    return tuple(read_word(item) for item in fields.items("words"))


def _read_state(fields: Fields) -> WordState:
    state = fields.text("state")
    if state not in set(WordState):
        raise WireError(f"field 'state' of event is one of {', '.join(WordState)}, not {state[:40]!r}")
    return WordState(state)


# Translation and voices


def write_glossary(glossary: Glossary) -> JsonValue:
    terms: JsonValue = [{"source": sendable(term.source), "target": sendable(term.target)} for term in glossary.terms]
    return {"terms": terms, "background": sendable(glossary.background), "choices": glossary.choices}


def read_glossary(value: JsonValue) -> Glossary:
    fields = Fields(value, of="glossary")
    terms = tuple(_read_term(item) for item in fields.items("terms"))
    glossary = Glossary(terms=terms, background=fields.text("background"), choices=fields.count("choices"))
    fields.end()
    return glossary


def _read_term(value: JsonValue) -> GlossaryTerm:
    fields = Fields(value, of="glossary term")
    term = GlossaryTerm(source=fields.text("source"), target=fields.text("target"))
    fields.end()
    return term


def write_translations(translations: Sequence[Translation]) -> Header:
    items: list[JsonValue] = [
        {
            "text": sendable(item.text),
            "model_used": item.model_used,
            "others": [sendable(other) for other in item.others],
        }
        for item in translations
    ]
    return {"type": "translations", "translations": items}


def read_translations(header: Header) -> list[Translation]:
    fields = open_message(header, "translations")
    translations = [_read_translation(item) for item in fields.items("translations")]
    fields.end()
    return translations


def _read_translation(value: JsonValue) -> Translation:
    fields = Fields(value, of="translation")
    translation = Translation(
        text=fields.text("text"), model_used=fields.text("model_used"), others=fields.texts("others")
    )
    fields.end()
    return translation


def write_voice(voice: Voice) -> Header:
    return {"name": sendable(voice.name), "owner": voice.owner, "gender": voice.gender}


def read_voice(value: JsonValue) -> Voice:
    fields = Fields(value, of="voice")
    voice = Voice(
        name=fields.text("name"),
        owner=fields.optional("owner", fields.text),
        gender=_read_gender(fields.optional("gender", fields.text)),
    )
    fields.end()
    return voice


def _read_gender(stated: str | None) -> Gender | None:
    if stated is not None and stated not in set(Gender):
        raise WireError(f"field 'gender' of voice is one of {', '.join(Gender)}, not {stated[:40]!r}")
    return None if stated is None else Gender(stated)


def write_voices(voices: Sequence[Voice]) -> Header:
    return {"type": "voices", "voices": [write_voice(voice) for voice in voices]}


def read_voices(header: Header) -> tuple[Voice, ...]:
    fields = open_message(header, "voices")
    voices = tuple(read_voice(item) for item in fields.items("voices"))
    fields.end()
    return voices


# Engines


def write_info(info: EngineInfo) -> Header:
    return {
        "name": info.name,
        "kind": info.kind.value,
        "model": info.model,
        "version": info.version,
        "languages": list(info.languages),
        "pairs": [[source, target] for source, target in sorted(info.pairs)],
        "sample_rate": info.sample_rate,
        "licence": info.licence,
        "commercial": info.commercial,
        "attribution": info.attribution,
        "word_timestamps": info.word_timestamps,
        "streaming": info.streaming,
        "honours_speed": info.honours_speed,
        "clones": info.clones,
        "needs_transcript": info.needs_transcript,
        "jobs_only": info.jobs_only,
        "online": info.online,
        "capabilities": [capability.value for capability in sorted(info.capabilities)],
        "remote": info.remote,
    }


def read_info(value: JsonValue) -> EngineInfo:
    fields = Fields(value, of="engine")
    info = EngineInfo(
        name=fields.text("name"),
        kind=_read_kind(fields),
        model=fields.text("model"),
        version=fields.text("version"),
        languages=fields.languages("languages"),
        pairs=frozenset(_read_pair(item) for item in fields.items("pairs")),
        sample_rate=fields.count("sample_rate"),
        licence=fields.text("licence"),
        commercial=fields.flag("commercial"),
        attribution=fields.text("attribution"),
        word_timestamps=fields.flag("word_timestamps"),
        streaming=fields.flag("streaming"),
        honours_speed=fields.flag("honours_speed"),
        clones=fields.flag("clones"),
        needs_transcript=fields.flag("needs_transcript"),
        jobs_only=fields.flag("jobs_only"),
        online=fields.flag("online"),
        capabilities=frozenset(_read_capability(name) for name in fields.texts("capabilities")),
        remote=fields.flag("remote"),
    )
    fields.end()
    return info


def write_infos(infos: Iterable[EngineInfo]) -> Header:
    return {"type": "engines", "engines": [write_info(info) for info in infos]}


def read_infos(header: Header) -> tuple[EngineInfo, ...]:
    fields = open_message(header, "engines")
    infos = tuple(read_info(item) for item in fields.items("engines"))
    fields.end()
    return infos


def _read_kind(fields: Fields) -> EngineKind:
    kind = fields.text("kind")
    if kind not in set(EngineKind):
        raise WireError(f"field 'kind' of engine is one of {', '.join(EngineKind)}, not {kind[:40]!r}")
    return EngineKind(kind)


def _read_capability(name: str) -> Capability:
    if name not in set(Capability):
        raise WireError(f"field 'capabilities' of engine holds {', '.join(Capability)}, not {name[:40]!r}")
    return Capability(name)


def _read_pair(value: JsonValue) -> tuple[Language, Language]:
    if not isinstance(value, list) or len(value) != 2:
        raise WireError("field 'pairs' of engine holds [source, target]")
    source, target = Fields({"pairs": value}, of="engine").languages("pairs")
    return source, target


# Errors


def write_error(error: DragomanError) -> Header:
    """Write code and message, and ``retry_after_s`` where it is known."""
    header: Header = {"type": "error", "code": error.code, "message": sendable(str(error)[:MAX_DETAIL_CHARS])}
    if isinstance(error, CapacityExhausted) and error.retry_after_s is not None:
        header["retry_after_s"] = error.retry_after_s
    return header


def read_error(header: Header) -> DragomanError:
    """Read an error as the class of ours that has its code; a code we do not know becomes an ``EngineError``."""
    fields = open_message(header, "error")
    code, message = fields.text("code"), fields.text("message")
    retry_after_s = fields.seconds("retry_after_s") if "retry_after_s" in header else None
    fields.end()
    if code == CapacityExhausted.code:
        return CapacityExhausted(message, retry_after_s=retry_after_s)
    known = _errors_by_code().get(code)
    return known(message) if known else EngineError(f"{code}: {message}")


def _errors_by_code() -> dict[str, type[DragomanError]]:
    found: dict[str, type[DragomanError]] = {}
    waiting: list[type[DragomanError]] = [DragomanError]
    while waiting:
        error = waiting.pop()
        found[error.code] = error
        # Only those of the drawn tree: others are made with more than a message, and are nobody's on the other side.
        waiting.extend(kind for kind in error.__subclasses__() if kind.__module__ == DragomanError.__module__)
    return found
