"""What ``POST /synthesize`` and OpenAI's address promise to whoever sends a text: sound, mark, refusals, cache."""

import base64
import io
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager

import httpx2
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from tests.translating_server import serve_app

from dragoman.engines.pool import EnginePool
from dragoman.engines.text_to_speech.remote import RemoteTextToSpeech
from dragoman.ground.audio import Audio, from_pcm16
from dragoman.ground.engines import Voice
from dragoman.ground.errors import EngineCrashed, EngineTimeout, TextNotReadable
from dragoman.ground.languages import Language
from dragoman.observe.metrics import Metrics
from dragoman.services.saying.desk import WAITING, SayingLimits
from dragoman.services.text_to_speech import text_to_speech_app
from dragoman.testing.engines import FakeTextToSpeech
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.script import Answer, Fail, Hang
from dragoman.testing.tones import hear_tones

PROBLEM = "application/problem+json"
MARK = "AI-generated speech"
NAMES_OF_MARKS = frozenset("and at five".split())
"""What the marks and the figure in ``JUNK`` are called."""
JUNK = (*"😀 👩‍👩‍👧 <speak> [[h@l]] ... &amp;".split(), "\x00", "\x01r5", "\u200b", "\u202e")
"""What must not become a command or a word."""


@contextmanager
def service(*engines: FakeTextToSpeech, limits: SayingLimits | None = None) -> Iterator[TestClient]:
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        app = text_to_speech_app(engines or (FakeTextToSpeech(),), pool=pool, limits=limits, metrics=Metrics())
        with TestClient(app) as client:
            yield client


def synthesize(client: TestClient, text: str = "we start", **fields: object) -> httpx2.Response:
    return client.post("/synthesize", json={"text": text, "language": "en"} | fields)


def speech(client: TestClient, text: str = "we start", **fields: object) -> httpx2.Response:
    return client.post("/v1/audio/speech", json={"model": "tts-1", "voice": "alloy", "input": text} | fields)


def read(content: bytes) -> tuple[Audio, str]:
    with soundfile.SoundFile(io.BytesIO(content)) as file:
        # What was streamed does not know its own length.
        return Audio(samples=file.read(2_000_000, dtype="float32"), sample_rate=file.samplerate), file.comment


def heard(content: bytes) -> str:
    return " ".join(word.text for word in hear_tones(read(content)[0]))


def refused(answer: httpx2.Response, status: int, code: str, *says: str) -> bool:
    """Say whether an answer is the problem that is expected; every one says what would work."""
    problem = answer.json()
    assert answer.headers["content-type"] == PROBLEM
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code), problem
    assert all(part in problem["detail"] for part in says), problem["detail"]
    return True


def test_a_text_is_answered_with_its_sound_and_the_mark_of_synthetic_speech() -> None:
    with service() as client:
        answer = synthesize(client)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/wav"
    assert heard(answer.content) == "we start"
    assert MARK in read(answer.content)[1]
    assert (answer.headers["x-tts-method"], answer.headers["x-cached"]) == ("fake", "false")


def test_json_holds_the_sound_and_how_it_was_made() -> None:
    with service() as client:
        answer = synthesize(client, answer="json", voice="en-second").json()
        by_header = client.post(
            "/synthesize", json={"text": "we start", "language": "en"}, headers={"Accept": "application/json"}
        ).json()

    assert heard(base64.b64decode(answer["audio"])) == "we start"
    assert answer["tts_method"] == "fake"
    assert answer["latency_ms"] > 0
    assert answer["cached"] is False
    assert (answer["voice"], answer["ai_generated"], answer["format"]) == ("en-second", True, "wav")
    assert by_header["tts_method"] == "fake"


@pytest.mark.parametrize("path", ["synthesize", "speech"])
@pytest.mark.parametrize("name", ["wav", "flac", "mp3", "opus"])
def test_every_format_can_be_read_and_carries_the_mark(path: str, name: str) -> None:
    with service() as client:
        if path == "synthesize":
            answer = synthesize(client, "we start at nine in the morning", format=name)
        else:
            answer = speech(client, "we start at nine in the morning", response_format=name)

    audio, comment = read(answer.content)
    assert audio.duration_s == pytest.approx(31 * 0.05, abs=0.3)
    assert float(np.abs(audio.samples).max()) > 0.05
    assert MARK in comment


def test_bare_pcm_is_what_openai_calls_so() -> None:
    with service(FakeTextToSpeech(sample_rate=16_000)) as client:
        answer = speech(client, response_format="pcm")

    samples = from_pcm16(answer.content)
    assert [word.text for word in hear_tones(Audio(samples=samples, sample_rate=24_000))] == ["we", "start"]


@pytest.mark.parametrize("name", ["pcm", "wav"])
def test_the_headers_say_that_speech_is_synthetic_for_bare_pcm_has_no_other_mark(name: str) -> None:
    with service() as client:
        answers = [synthesize(client, format=name), speech(client, response_format=name)]

    assert [answer.headers["x-ai-generated"] for answer in answers] == ["true", "true"]


def test_speed_and_slow_reach_the_engine() -> None:
    engine = FakeTextToSpeech()

    with service(engine) as client:
        synthesize(client, speed=1.5)
        synthesize(client, slow=True)

    assert [speed for _, _, speed in engine.spoken] == [1.5, 0.75]


def test_what_was_said_already_comes_from_the_cache_until_it_is_cleared() -> None:
    engine = FakeTextToSpeech()

    with service(engine) as client:
        first, second = synthesize(client), synthesize(client)
        other = synthesize(client, speed=1.25)
        cleared = client.delete("/clear_cache").json()
        third = synthesize(client)
        metrics = client.get("/metrics").text

    assert [answer.headers["x-cached"] for answer in (first, second, other, third)] == [
        "false",
        "true",
        "false",
        "false",
    ]
    # Kept with 16 bits: a sample is a step or two off at most.
    assert np.abs(read(first.content)[0].samples - read(second.content)[0].samples).max() <= 2.5 / 32768
    assert len(engine.spoken) == 3
    assert cleared["cleared"] == 2
    assert cleared["freed_bytes"] > 0
    assert 'dragoman_voice_cache_events_total{what="hit"} 1.0' in metrics
    assert 'dragoman_voice_cache_events_total{what="miss"} 3.0' in metrics


def test_a_stand_in_is_said_to_be_one_and_is_not_kept() -> None:
    broken = FakeTextToSpeech(name="best", outcomes=[Answer.SILENCE] * 2)

    with service(broken, FakeTextToSpeech(name="other")) as client:
        first, second = synthesize(client), synthesize(client)

    assert first.headers["x-tts-method"] == "other"
    assert (second.headers["x-tts-method"], second.headers["x-cached"]) == ("best", "false")


def test_figures_are_spoken_in_words_and_pictures_not_at_all() -> None:
    engine = FakeTextToSpeech()

    with service(engine) as client:
        synthesize(client, "😀 21 km")

    assert [text for text, _, _ in engine.spoken] == ["twenty-one kilometers"]


@pytest.mark.parametrize(
    ("fields", "status", "code", "says"),
    [
        ({"text": ""}, 422, "text_not_speakable", "letters or figures"),
        ({"text": " \n\t"}, 422, "text_not_speakable", "letters or figures"),
        ({"text": "😀🎉"}, 422, "text_not_speakable", "pictures are not read"),
        ({"text": "x" * 100_000}, 422, "text_not_speakable", "send it in parts"),
        ({"text": "你好世界"}, 422, "text_not_speakable", "cannot read CJK letters"),
        ({"text": "say Привет"}, 422, "text_not_speakable", "Cyrillic"),
        ({"text": 7}, 422, "field_invalid", "text is a text"),
        ({"language": ""}, 422, "field_invalid", "the language is missing"),
        ({"language": "tlh"}, 422, "unknown_language", "vi (Vietnamese)"),
        ({"language": "eo"}, 422, "language_not_supported", "nothing here speaks Esperanto"),
        ({"voice": "en-third"}, 422, "voice_not_found", "en-first, en-second"),
        ({"voice": "piper-gone"}, 422, "voice_not_found", "dragoman models list"),
        ({"engine": "piper"}, 503, "engine_unavailable", "there are: fake"),
        ({"speed": 0}, 422, "speed_out_of_range", "from 0.5 to 2"),
        ({"speed": 10}, 422, "speed_out_of_range", "from 0.5 to 2"),
        ({"speed": 10**400}, 422, "speed_out_of_range", "from 0.5 to 2"),
        ({"speed": "fast"}, 422, "field_invalid", "speed is a number"),
        ({"slow": "yes"}, 422, "field_invalid", "true or false"),
        ({"slow": True, "speed": 1.5}, 422, "field_invalid", "do not fit"),
        ({"format": "aac"}, 422, "field_invalid", "wav, mp3, opus, flac, pcm"),
        ({"answer": "xml"}, 422, "field_invalid", "audio, json"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_spoken_is_refused_with_what_can(
    fields: dict[str, object], status: int, code: str, says: str
) -> None:
    engine = FakeTextToSpeech()

    with service(engine) as client:
        answer = client.post("/synthesize", json={"text": "hello", "language": "en"} | fields)

    assert refused(answer, status, code, says)
    assert engine.spoken == []


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"", "application/json", 400, "wire_error"),
        (b"[1]", "application/json", 400, "wire_error"),
        (b"[" * 50_000, "application/json", 400, "wire_error"),
        (b'{"text": "\\ud800"}', "application/json", 422, "field_invalid"),
        (b"\xff\xfe", "application/json", 400, "wire_error"),
        (b"x" * 200_000, "application/json", 422, "text_not_speakable"),
        (b"hello", "text/plain", 415, "media_type_unknown"),
    ],
    ids=["empty", "a list", "deep", "half a character", "no text", "huge", "plain"],
)
def test_a_body_that_is_no_wish_is_refused(content: bytes, kind: str, status: int, code: str) -> None:
    with service() as client:
        answer = client.post("/synthesize", content=content, headers={"Content-Type": kind})

    assert refused(answer, status, code)


def test_openai_s_clients_are_refused_in_their_own_words() -> None:
    with service() as client:
        answer = speech(client, response_format="aac")

    error = answer.json()["error"]
    assert (answer.status_code, error["type"], error["code"]) == (422, "invalid_request_error", "field_invalid")
    assert "wav, mp3" in error["message"]


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({"input": ""}, "text_not_speakable", "letters or figures"),
        ({"input": "😀🎉"}, "text_not_speakable", "pictures are not read"),
        ({"input": "x" * 100_000}, "text_not_speakable", "send it in parts"),
        ({"input": "Привет", "language": "en"}, "text_not_speakable", "cannot read Cyrillic letters"),
        ({"input": ["hello"]}, "field_invalid", "input is a text"),
        ({"voice": "nobody"}, "voice_not_found", "en-first, en-second"),
        ({"voice": "piper-gone"}, "voice_not_found", "dragoman models list"),
        ({"model": "piper:gone"}, "engine_unavailable", "dragoman models list"),
        ({"speed": 0}, "speed_out_of_range", "from 0.5 to 2"),
        ({"speed": 10}, "speed_out_of_range", "from 0.5 to 2"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_openai_s_clients_too_are_told_what_would_work(fields: dict[str, object], code: str, says: str) -> None:
    engine = FakeTextToSpeech()

    with service(engine) as client:
        asked = {"model": "tts-1", "voice": "alloy", "input": "we start"} | fields
        answer = client.post("/v1/audio/speech", json=asked)

    error = answer.json()["error"]
    assert answer.status_code in (422, 503)
    assert error["code"] == code
    assert says in error["message"]
    assert engine.spoken == []


@given(
    words=st.lists(st.sampled_from("hello meeting starts tomorrow Vienna".split()), min_size=1, max_size=6),
    between=st.lists(st.sampled_from(JUNK), min_size=6, max_size=6),
)
@settings(max_examples=40, deadline=None)
def test_nothing_is_spoken_that_the_text_does_not_say(words: list[str], between: list[str]) -> None:
    text = "".join(f"{word} {junk} " for word, junk in zip(words, between, strict=False))
    engine = FakeTextToSpeech()

    with service(engine) as client:
        answer = synthesize(client, text)

    shown = re.findall(r"[^\W\d_]+", text)
    spoken = re.findall(r"[^\W\d_]+", engine.spoken[0][0])
    assert answer.status_code == 200
    assert [word for word in spoken if word in words] == words
    assert set(spoken) <= {*shown, *NAMES_OF_MARKS}


def test_an_engine_that_fails_is_a_clear_refusal_on_both_addresses() -> None:
    failures = [Fail(error=EngineCrashed("gone"))] * 4

    with service(FakeTextToSpeech(outcomes=failures)) as client:
        one, other = synthesize(client), speech(client)

    assert refused(one, 502, "engine_crashed")
    assert other.json()["error"]["code"] == "engine_crashed"


def test_a_text_that_no_voice_here_can_read_is_a_refusal_that_says_so_on_all_addresses() -> None:
    failures = [Fail(error=TextNotReadable("the voice does not know 'ð'; it reads another script"))] * 3

    with service(FakeTextToSpeech(outcomes=failures)) as client:
        one, other = synthesize(client), speech(client)
        with pytest.raises(TextNotReadable, match="'ð'"):
            list(RemoteTextToSpeech(client).speak("we start", language=Language("en"), voice=Voice(), speed=1.0))

    assert refused(one, 422, "text_not_readable", "'ð'")
    assert (other.status_code, other.json()["error"]["code"]) == (422, "text_not_readable")


@pytest.mark.parametrize(
    ("fields", "spoken"),
    [
        ({"voice": "vi", "input": "chao"}, ("vi", "")),
        ({"voice": "vi-second", "input": "chao"}, ("vi", "vi-second")),
        ({"voice": "alloy", "input": "Xin chào, được không?"}, ("vi", "vi-first")),
        ({"voice": "alloy", "input": "Anh cũng nghĩ"}, ("vi", "vi-first")),
        ({"voice": "alloy", "input": "Xin chào, voilà, não"}, ("en", "en-first")),
        ({"voice": "ash", "input": "Привет"}, ("ru", "ru-second")),
        ({"voice": "alloy", "input": "hello"}, ("en", "en-first")),
        ({"voice": "alloy", "input": "salut", "language": "fr"}, ("fr", "fr-first")),
    ],
    ids=lambda value: str(value)[:40],
)
def test_openai_s_clients_need_not_name_the_language(fields: dict[str, str], spoken: tuple[str, str]) -> None:
    engine = FakeTextToSpeech()

    with service(engine) as client:
        answer = speech(client, **fields)

    assert answer.status_code == 200
    assert engine.spoken[0][1].name == spoken[1]


@pytest.mark.parametrize(
    ("voice", "language", "spoken"),
    [
        ("vi-VN", "vi", ""),
        ("vi_VN", "vi", ""),
        ("vie", "vi", ""),
        ("VI", "vi", ""),
        ("zh-TW", "zh-TW", ""),
        ("zh_tw", "zh-TW", ""),
        # A voice that is called as a place speaks itself.
        ("en-us", "en", "en-us"),
        # One that is called as its language is that language's default, whoever speaks it best.
        ("en", "en", ""),
    ],
)
def test_a_language_in_place_of_a_voice_is_its_default_voice_however_it_is_written(
    voice: str, language: str, spoken: str
) -> None:
    class NamedAsPlaces(FakeTextToSpeech):
        def voices(self, language: Language) -> tuple[Voice, ...]:
            names = ("en-first", "en", "en-us") if language == "en" else (f"{language}-first",)
            return tuple(Voice(name=name) for name in names)

    engine = NamedAsPlaces(languages=(Language("en"), Language("vi"), Language("zh-TW"), Language("zh")))

    with service(engine) as client:
        answer = speech(client, "we start", voice=voice)
        field = speech(client, "we start again", voice=voice, language=language)

    assert (answer.status_code, field.status_code) == (200, 200), answer.text
    assert [voice.name for _, voice, _ in engine.spoken] == [spoken, spoken]


def test_voices_and_languages_are_listed() -> None:
    with service(FakeTextToSpeech()) as client:
        voices = client.get("/voices?language=vi").json()["voices"]
        everything = client.get("/voices").json()["voices"]
        languages = client.get("/languages").json()["languages"]
        unknown = client.get("/voices?language=tlh")

    assert [(voice["name"], voice["default"]) for voice in voices] == [("vi-first", True), ("vi-second", False)]
    assert len(everything) == 2 * len(languages)
    assert {"code": "vi", "name": "Vietnamese", "own_name": "Tiếng Việt", "engines": ["fake"]} in languages
    assert refused(unknown, 422, "unknown_language")


@pytest.mark.parametrize(("name", "least_bytes"), [("wav", 48_000), ("pcm", 48_000), ("mp3", 4_000), ("opus", 4_000)])
def test_openai_s_clients_hear_the_beginning_while_the_rest_is_not_spoken_yet(name: str, least_bytes: int) -> None:
    heard_first = threading.Event()

    class Waiting(FakeTextToSpeech):
        """Speaks on when somebody has heard how it began."""

        def speak(self, text: str, *, language: Language, voice: Voice, speed: float) -> Iterator[Audio]:
            for piece in super().speak(text, language=language, voice=voice, speed=speed):
                yield piece
                if piece.duration_s > 1.0 and not heard_first.wait(timeout=10.0):
                    raise EngineTimeout("nobody has heard the beginning")

    text = "a-long-word-for-the-beginning-of-it and its end"
    asked = {"model": "tts-1", "voice": "en", "input": text, "response_format": name}
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        app = text_to_speech_app([Waiting()], pool=pool, metrics=Metrics())
        with serve_app(app) as address, httpx2.Client(trust_env=False, timeout=20.0) as client:
            received = b""
            with client.stream("POST", f"{address}/v1/audio/speech", json=asked) as answer:
                for part in answer.iter_bytes():
                    received += part
                    if len(received) >= least_bytes:
                        heard_first.set()

    assert heard_first.is_set()
    assert len(received) > least_bytes


def test_texts_beyond_those_that_may_wait_are_asked_to_come_again() -> None:
    hang = Hang()
    engine = FakeTextToSpeech(outcomes=[hang])
    most = 1 + WAITING

    with service(engine, limits=SayingLimits(at_once=1)) as client, ThreadPoolExecutor(most + 1) as people:
        asked = [people.submit(synthesize, client, f"text {place}") for place in range(most + 1)]
        first = next(as_completed(asked, timeout=30)).result()
        hang.until.set()
        answers = [each.result(timeout=30) for each in asked]

    assert refused(first, 503, "capacity_exhausted", "try again")
    assert first.headers["retry-after"]
    assert [answer.status_code for answer in answers].count(200) == most
