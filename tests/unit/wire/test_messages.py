"""What crosses a process border comes back as it was, and garbage is refused by name."""

import json
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.audio import Audio
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
from dragoman.ground.errors import (
    CapacityExhausted,
    DragomanError,
    EngineError,
    EngineTimeout,
    VoiceNotFound,
    WireError,
)
from dragoman.ground.languages import LANGUAGES, Language
from dragoman.ground.speech import RecognitionEvent, Transcript, Word, WordState
from dragoman.wire import messages, requests
from dragoman.wire.frames import Header, JsonValue, pack_frame, unpack_frame

T = TypeVar("T")

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
languages = st.sampled_from(list(LANGUAGES))
seconds = st.floats(0, 1e6)
words = st.builds(Word, text=texts, start_s=seconds, end_s=seconds, probability=st.none() | st.floats(0, 1))
word_tuples = st.lists(words, max_size=4).map(tuple)
contexts = st.builds(RecognitionContext, previous_text=texts, hot_words=st.lists(texts, max_size=3).map(tuple))
voices = st.builds(Voice, name=texts, owner=st.none() | texts, gender=st.none() | st.sampled_from(Gender))
transcripts = st.builds(
    Transcript, words=word_tuples, language=languages, model_used=texts, language_heard_s=st.none() | seconds
)
events = st.builds(
    RecognitionEvent,
    utterance=st.integers(0, 1 << 40),
    state=st.sampled_from(WordState),
    words=word_tuples,
    language=languages,
    audio_time_s=seconds,
    speech_end_s=seconds,
    endpoint_s=st.none() | seconds,
    model_used=texts,
    failure=st.none() | texts,
)
infos = st.builds(
    EngineInfo,
    name=texts,
    kind=st.sampled_from(EngineKind),
    model=texts,
    version=texts,
    languages=st.lists(languages, max_size=3).map(tuple),
    pairs=st.frozensets(st.tuples(languages, languages), max_size=3),
    sample_rate=st.integers(0, 96_000),
    licence=texts,
    commercial=st.booleans(),
    attribution=texts,
    word_timestamps=st.booleans(),
    streaming=st.booleans(),
    honours_speed=st.booleans(),
    clones=st.booleans(),
    needs_transcript=st.booleans(),
    jobs_only=st.booleans(),
    online=st.booleans(),
    capabilities=st.frozensets(st.sampled_from(Capability)),
    remote=st.booleans(),
)
glossaries = st.builds(
    Glossary,
    terms=st.lists(st.builds(GlossaryTerm, source=texts, target=texts), max_size=3).map(tuple),
    background=texts,
    choices=st.integers(1, 4),
)
translate_requests = st.builds(
    requests.TranslateRequest,
    sentences=st.lists(texts, max_size=3).map(tuple),
    source=languages,
    target=languages,
    glossary=st.none() | glossaries,
    committed_prefix=texts,
    engine=texts,
    preview=st.booleans(),
    background=st.booleans(),
    repair=st.booleans(),
)
speak_requests = st.builds(
    requests.SpeakRequest,
    text=texts,
    language=languages,
    voice=voices,
    speed=st.floats(-10, 10),
    engine=texts,
)
json_values: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def over_the_wire(header: Header, payload: bytes = b"") -> tuple[Header, bytes]:
    return unpack_frame(pack_frame(header, payload))


def there_and_back(value: T, write: Callable[[T], Header], read: Callable[[Header], T]) -> T:
    header, payload = over_the_wire(write(value))
    assert payload == b""
    return read(header)


@given(transcripts)
def test_a_transcript_comes_back_as_it_was(transcript: Transcript) -> None:
    assert there_and_back(transcript, messages.write_transcript, messages.read_transcript) == transcript


@given(events)
def test_an_event_comes_back_as_it_was(event: RecognitionEvent) -> None:
    assert there_and_back(event, messages.write_event, messages.read_event) == event


@given(st.lists(infos, max_size=3).map(tuple))
def test_engines_come_back_as_they_were(found: tuple[EngineInfo, ...]) -> None:
    header, _ = over_the_wire(messages.write_infos(found))

    assert messages.read_infos(header) == found


@given(st.lists(voices, max_size=3).map(tuple))
def test_voices_come_back_as_they_were(found: tuple[Voice, ...]) -> None:
    header, _ = over_the_wire(messages.write_voices(found))

    assert messages.read_voices(header) == found


@given(
    st.lists(
        st.builds(Translation, text=texts, model_used=texts, others=st.lists(texts, max_size=3).map(tuple)), max_size=3
    )
)
def test_translations_come_back_as_they_were(found: list[Translation]) -> None:
    header, _ = over_the_wire(messages.write_translations(found))

    assert messages.read_translations(header) == found


@given(translate_requests)
def test_a_request_to_translate_comes_back_as_it_was(request: requests.TranslateRequest) -> None:
    assert requests.read_translate(*over_the_wire(requests.write_translate(request))) == request


@given(speak_requests)
def test_a_request_to_speak_comes_back_as_it_was(request: requests.SpeakRequest) -> None:
    assert requests.read_speak(*over_the_wire(requests.write_speak(request))) == request


@given(languages, contexts)
def test_a_request_to_open_a_session_comes_back_as_it_was(language: Language, context: RecognitionContext) -> None:
    request = requests.OpenRequest(language=language, context=context)

    assert requests.read_open(*over_the_wire(requests.write_open(request))) == request


@given(st.lists(st.floats(-1, 1, width=32), max_size=50), st.sampled_from([8000, 16_000, 22_050, 48_000]))
def test_audio_keeps_its_rate_and_loses_no_more_than_its_docstring_says(samples: list[float], rate: int) -> None:
    audio = Audio(samples=np.array(samples, np.float32), sample_rate=rate)

    back = messages.read_audio(*over_the_wire(*messages.write_audio(audio)))

    assert back.sample_rate == rate
    assert back.samples.dtype == np.float32
    assert np.allclose(back.samples, audio.samples, rtol=0, atol=1 / 16384)


@given(st.none() | languages, contexts)
def test_a_request_to_transcribe_comes_back_as_it_was(language: Language | None, context: RecognitionContext) -> None:
    audio = Audio(samples=np.zeros(5, np.float32), sample_rate=16_000)
    request = requests.TranscribeRequest(audio=audio, language=language, context=context, engine="e")

    back = requests.read_transcribe(*over_the_wire(*requests.write_transcribe(request)))

    assert (back.language, back.context, back.engine) == (language, context, "e")
    assert np.array_equal(back.audio.samples, audio.samples)


def all_errors(root: type[DragomanError] = DragomanError) -> list[type[DragomanError]]:
    drawn = [child for child in root.__subclasses__() if child.__module__ == DragomanError.__module__]
    return [root, *(found for child in drawn for found in all_errors(child))]


@pytest.mark.parametrize("kind", all_errors())
def test_every_error_of_the_tree_comes_back_as_itself_with_its_message(kind: type[DragomanError]) -> None:
    header, _ = over_the_wire(messages.write_error(kind("say this instead")))

    error = messages.read_error(header)

    assert type(error) is kind
    assert str(error) == "say this instead"


@pytest.mark.parametrize("retry_after_s", [None, 8, 2.5])
def test_a_refusal_for_lack_of_room_says_when_to_come_again(retry_after_s: float | None) -> None:
    refusal = CapacityExhausted("full", retry_after_s=retry_after_s)

    error = messages.read_error(over_the_wire(messages.write_error(refusal))[0])

    assert isinstance(error, CapacityExhausted)
    assert error.retry_after_s == retry_after_s


def test_an_error_of_a_newer_process_becomes_an_engine_error_that_keeps_its_code() -> None:
    error = messages.read_error({"type": "error", "code": "moon_too_bright", "message": "wait for dawn"})

    assert type(error) is EngineError
    assert "moon_too_bright" in str(error)


def test_half_characters_travel_as_question_marks() -> None:
    header, _ = over_the_wire(messages.write_error(EngineTimeout("a \ud800 b")))

    assert str(messages.read_error(header)) == "a ? b"


def test_a_very_long_message_is_cut() -> None:
    header = messages.write_error(VoiceNotFound("x" * 100_000))

    assert len(str(messages.read_error(header))) == messages.MAX_DETAIL_CHARS


READERS: dict[str, Callable[[Header], object]] = {
    "transcript": messages.read_transcript,
    "event": messages.read_event,
    "engines": messages.read_infos,
    "voices": messages.read_voices,
    "translations": messages.read_translations,
    "taken": messages.read_taken,
    "error": messages.read_error,
    "audio": lambda header: messages.read_audio(header, b""),
    "transcribe": lambda header: requests.read_transcribe(header, b""),
    "open": lambda header: requests.read_open(header, b""),
    "context": lambda header: requests.read_context_change(header, b""),
    "translate": lambda header: requests.read_translate(header, b""),
    "speak": lambda header: requests.read_speak(header, b""),
}
WORD: Header = {"text": "hi", "start_s": 0.0, "end_s": 1.0, "probability": None}
GOOD: dict[str, Header] = {
    "transcript": {
        "type": "transcript",
        "words": [WORD],
        "language": "en",
        "model_used": "m",
        "language_heard_s": None,
    },
    "taken": {"type": "taken", "audio_s": 1.0},
    "error": {"type": "error", "code": "engine_timeout", "message": "m"},
    "audio": {"type": "audio", "sample_rate": 16_000},
    "translations": {"type": "translations", "translations": [{"text": "t", "model_used": "m", "others": ["u"]}]},
    "speak": requests.write_speak(requests.SpeakRequest(text="t", language=Language("en"), voice=Voice(), speed=1.0)),
    "open": requests.write_open(requests.OpenRequest(language=Language("en"), context=RecognitionContext())),
    "context": requests.write_context_change(RecognitionContext(previous_text="xin chào", hot_words=("Thảo",))),
}


@pytest.mark.parametrize("kind", READERS)
@given(header=st.dictionaries(st.text(max_size=8), json_values, max_size=5))
def test_garbage_is_a_wire_error_and_nothing_else(kind: str, header: Header) -> None:
    with pytest.raises(WireError):
        READERS[kind]({**header, "type": kind, "": None})


@pytest.mark.parametrize("kind", GOOD)
@given(data=st.data())
def test_one_field_of_another_kind_is_read_or_a_wire_error_naming_it(kind: str, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from([name for name in GOOD[kind] if name != "type"]))
    value = data.draw(json_values)

    try:
        READERS[kind]({**GOOD[kind], field: value})
    except WireError as error:
        assert str(error)


@pytest.mark.parametrize("kind", GOOD)
def test_a_missing_field_is_named(kind: str) -> None:
    for field in GOOD[kind]:
        header = {name: value for name, value in GOOD[kind].items() if name != field}

        with pytest.raises(WireError, match=f"'{field}'"):
            READERS[kind](header)


@pytest.mark.parametrize("kind", GOOD)
def test_an_unknown_field_is_named(kind: str) -> None:
    with pytest.raises(WireError, match="'surprise'"):
        READERS[kind]({**GOOD[kind], "surprise": 1})


@pytest.mark.parametrize(
    ("field", "value"),
    [("start_s", "0"), ("start_s", True), ("end_s", -1.0), ("end_s", float("nan")), ("end_s", 10**400), ("text", 3)],
)
def test_a_wrong_field_of_a_word_is_named(field: str, value: JsonValue) -> None:
    with pytest.raises(WireError, match=f"'{field}' of word"):
        messages.read_word({**WORD, field: value})


@pytest.mark.parametrize("code", ["", "EN", "xx", "en-GB"])
def test_a_language_travels_as_our_code_only(code: str) -> None:
    with pytest.raises(WireError, match="'language'"):
        messages.read_transcript({**GOOD["transcript"], "language": code})


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(WireError, match="even"):
        messages.read_audio({"type": "audio", "sample_rate": 16_000}, b"abc")


@pytest.mark.parametrize("rate", [0, 999, 192_001])
def test_a_rate_that_is_not_of_sound_is_refused(rate: int) -> None:
    with pytest.raises(WireError, match="sample_rate"):
        messages.read_audio({"type": "audio", "sample_rate": rate}, b"")


def test_sound_where_none_belongs_is_refused() -> None:
    with pytest.raises(WireError, match="payload"):
        requests.read_speak(GOOD["speak"], b"\0\0")


def test_headers_are_plain_json() -> None:
    for header in GOOD.values():
        assert json.loads(json.dumps(header)) == header
