"""What the translation service promises to whoever sends a text: answers in two forms, limits, refusals."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx2
import pytest
from starlette.testclient import TestClient

from dragoman.engines.pool import EnginePool
from dragoman.engines.translation.remote import RemoteTranslator
from dragoman.ground.engines import Capability, Glossary
from dragoman.ground.errors import EngineCrashed, EngineOutputInvalid
from dragoman.ground.languages import LANGUAGES, Language
from dragoman.observe.metrics import Metrics
from dragoman.services.translating_texts.fields import TextLimits
from dragoman.services.translation import translation_app
from dragoman.testing.engines import FakeTranslator
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.script import Fail, Hang
from dragoman.translating.texts import MAX_CONTEXT_CHARACTERS

SECRET = "-".join(["open", "sesame"])
PROBLEM = "application/problem+json"
EN, ES, VI = Language("en"), Language("es"), Language("vi")
OWN = {"text": "Hello.", "source_lang": "en", "target_lang": "es"}
LIBRE = {"q": "Hello.", "source": "en", "target": "es"}


@contextmanager
def service(
    *engines: FakeTranslator,
    limits: TextLimits | None = None,
    token: str | None = None,
    metrics: Metrics | None = None,
) -> Iterator[TestClient]:
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        app = translation_app(engines or [FakeTranslator()], pool=pool, limits=limits, token=token, metrics=metrics)
        with TestClient(app) as client:
            yield client


def refused(answer: httpx2.Response, status: int, code: str, *says: str) -> None:
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["status"]) == (status, code, status)
    assert answer.headers["content-type"] == PROBLEM
    assert problem["error"] == problem["detail"]
    for part in says:
        assert part in problem["detail"]


def test_a_text_is_translated_and_the_answer_says_by_whom() -> None:
    with service() as client:
        answer = client.post("/translate", json={**OWN, "text": "Hello. How are you?"})

    body = answer.json()
    assert answer.status_code == 200
    assert body.pop("processing_time") >= 0
    assert body == {
        "translated_text": "es:Hello. es:How es:are es:you?",
        "source_language": "en",
        "target_language": "es",
        "model_used": "fake:en-es",
    }


@pytest.mark.parametrize(("source", "target"), [("en_US", "spa_Latn"), ("eng", "es-MX"), ("EN", "ES")])
def test_codes_of_every_kind_are_read(source: str, target: str) -> None:
    with service() as client:
        answer = client.post("/translate", json={**OWN, "source_lang": source, "target_lang": target})

    assert (answer.json()["source_language"], answer.json()["target_language"]) == ("en", "es")


@pytest.mark.parametrize("as_form", [True, False])
def test_libretranslates_form_is_answered_in_its_words(as_form: bool) -> None:
    with service() as client:
        answer = client.post("/translate", data=LIBRE) if as_form else client.post("/translate", json=LIBRE)

    assert answer.json() == {"translatedText": "es:Hello."}


def test_a_list_is_answered_with_a_list() -> None:
    with service() as client:
        answer = client.post("/translate", json={**LIBRE, "q": ["Hello.", "Thanks."], "alternatives": 2})

    assert answer.json() == {"translatedText": ["es:Hello.", "es:Thanks."], "alternatives": [[], []]}


def test_the_language_is_found_out_and_named() -> None:
    with service() as client:
        own = client.post("/translate", json={**OWN, "text": "Tôi không biết bạn ở đâu.", "source_lang": "auto"})
        libre = client.post("/translate", json={**LIBRE, "q": "Tôi không biết bạn ở đâu.", "source": "auto"})

    assert own.json()["source_language"] == "vi"
    assert libre.json()["detectedLanguage"]["language"] == "vi"
    assert libre.json()["detectedLanguage"]["confidence"] > 80


def test_a_text_that_tells_no_language_is_refused_and_never_taken_for_english() -> None:
    with service() as client:
        refused(
            client.post("/translate", json={**OWN, "text": "Xyzzy", "source_lang": "auto"}), 422, "language_undetected"
        )


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "Hello."])
def test_the_same_language_gives_the_text_as_it_is(text: str) -> None:
    with service() as client:
        answer = client.post("/translate", json={"text": text, "source_lang": "en", "target_lang": "en-GB"}).json()

    assert (answer["translated_text"], answer["model_used"]) == (text, "none")


@pytest.mark.parametrize(
    ("fields", "code", "says"),
    [
        ({**OWN, **LIBRE}, "field_invalid", "of two forms"),
        ({"text": "a", "source": "en", "target": "es"}, "field_invalid", "of two forms"),
        ({**OWN, "format": "text"}, "field_invalid", "of two forms"),
        (
            {**LIBRE, "glossary": {"report": "informe"}},
            "field_invalid",
            "glossary and q, source, target are of two forms",
        ),
        ({**LIBRE, "model": "fake"}, "field_invalid", "model and q, source, target are of two forms"),
        ({"text": "a", "source_lang": "en"}, "field_invalid", "'target_lang' is missing"),
        ({"q": "a", "source": "en"}, "field_invalid", "'target' is missing"),
        ({}, "field_invalid", "'text' is missing"),
        ({**OWN, "text": 7}, "field_invalid", "holds text"),
        ({**OWN, "text": None}, "field_invalid", "holds text"),
        ({**LIBRE, "format": "html"}, "field_invalid", "format text"),
        ({**OWN, "model": "gpt-9"}, "field_invalid", "fake"),
        ({**OWN, "source_lang": "xx"}, "unknown_language", "en (English), vi (Vietnamese)"),
        ({**OWN, "target_lang": "e" * 100_000}, "unknown_language", "en (English)"),
        ({**OWN, "target_lang": "lo"}, "language_not_supported", "from English there is"),
    ],
)
def test_what_cannot_be_done_is_refused_with_what_would_work(fields: dict[str, object], code: str, says: str) -> None:
    with service() as client:
        refused(client.post("/translate", json=fields), 422, code, says)


@pytest.mark.parametrize(
    ("kind", "content", "status", "code"),
    [
        ("application/json", b"{", 400, "wire_error"),
        ("application/json", b"[" * 100_000, 400, "wire_error"),
        ("application/json", b"\xff\xfe\xfd", 400, "wire_error"),
        ("application/json", b"[]", 422, "field_invalid"),
        ("application/json", b'{"text": "\\ud800", "source_lang": "en", "target_lang": "es"}', 422, "field_invalid"),
        ("application/x-www-form-urlencoded", b"q=%ff%fe", 400, "wire_error"),
        ("application/x-www-form-urlencoded", b"a=1&" * 5000, 400, "wire_error"),
        ("text/plain", b"hello", 415, "media_type_unknown"),
        ("multipart/form-data", b"hello", 415, "media_type_unknown"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(kind: str, content: bytes, status: int, code: str) -> None:
    with service() as client:
        refused(client.post("/translate", content=content, headers={"content-type": kind}), status, code)


def test_too_much_is_refused_with_the_limit() -> None:
    limits = TextLimits(max_characters=1000, max_texts=10)
    batch = {"texts": ["a"] * 11, "source_lang": "en", "target_lang": "es"}

    with service(limits=limits) as client:
        refused(client.post("/translate", json={**OWN, "text": "a " * 501}), 413, "text_too_long", "at most 1000")
        refused(client.post("/translate", json={**OWN, "text": "a" * 1_000_000}), 413, "text_too_long")
        refused(client.post("/batch_translate", json=batch), 413, "text_too_long", "at most 10")
        well = client.post("/translate", json={**OWN, "text": "a " * 500})

    assert well.status_code == 200


def test_a_batch_has_a_translation_or_a_reason_for_each() -> None:
    def refuse(sentences: object) -> None:
        if "Bad." in tuple(sentences):  # type: ignore[arg-type]
            raise EngineOutputInvalid("no")

    texts = [f"Text {number}0." for number in range(1, 12)] + ["Bad."]
    with service(FakeTranslator(before_call=refuse)) as client:
        answer = client.post("/batch_translate", json={"texts": texts, "source_lang": "en", "target_lang": "es"}).json()

    assert [each["translated_text"] for each in answer["translations"][:2]] == ["es:Text es:10.", "es:Text es:20."]
    assert answer["translations"][11]["error"]["code"] == "engine_output_invalid"
    assert (len(answer["translations"]), answer["failed"]) == (12, 1)


@pytest.mark.parametrize("mixed", [{"q": "a"}, {"source": "en"}, {"format": "html"}])
def test_a_batch_in_words_of_both_forms_is_refused(mixed: dict[str, str]) -> None:
    batch = {"texts": ["a"], "source_lang": "en", "target_lang": "es"}

    with service() as client:
        refused(client.post("/batch_translate", json={**batch, **mixed}), 422, "field_invalid", "of two forms", "texts")


def test_a_batch_of_several_languages_is_told_apart() -> None:
    texts = ["Tôi không biết bạn ở đâu.", "I do not know where you are.", "Je ne sais pas où vous êtes."]

    with service() as client:
        answer = client.post("/batch_translate", json={"texts": texts, "source_lang": "auto", "target_lang": "es"})

    assert [each["source_language"] for each in answer.json()["translations"]] == ["vi", "en", "fr"]


def test_an_engine_that_fails_is_followed_by_the_next_and_then_told_of() -> None:
    def bad() -> FakeTranslator:
        return FakeTranslator(name="bad", outcomes=[Fail(error=EngineCrashed("gone"))])

    with service(bad(), FakeTranslator(name="good")) as client:
        answer = client.post("/translate", json=OWN).json()
    with service(bad()) as client:
        refused(client.post("/translate", json=OWN), 502, "engine_crashed", "gone")

    assert answer["model_used"] == "good:en-es"


def test_a_named_model_answers_alone() -> None:
    with service(FakeTranslator(name="first"), FakeTranslator(name="second")) as client:
        answer = client.post("/translate", json={**OWN, "model": "second"}).json()

    assert answer["model_used"] == "second:en-es"


def test_the_language_of_a_text_is_told_in_both_forms() -> None:
    with service() as client:
        own = client.post("/detect", json={"text": "Where is the station?"}).json()
        libre = client.post("/detect", data={"q": "Where is the station?"}).json()
        nothing = client.post("/detect", json={"text": "123"}).json()
        refused(client.post("/detect", json={"text": "a", "q": "b"}), 422, "field_invalid")

    assert own["language"] == "en"
    assert 0.5 < own["confidence"] <= 1
    assert libre[0] == {"language": "en", "confidence": round(100 * own["confidence"], 1)}
    assert nothing == {"language": None, "confidence": 0.0, "candidates": []}


def test_languages_and_models_say_what_can_be_asked() -> None:
    with service(FakeTranslator(pairs=[(EN, VI), (EN, ES), (VI, EN)])) as client:
        languages = client.get("/languages").json()
        models = client.get("/models").json()

    assert languages[0] == {"code": "en", "name": "English", "own_name": "English", "targets": ["vi", "es"]}
    assert [language["code"] for language in languages] == ["en", "vi"]
    assert models["data"][0]["pairs"] == ["en:es", "en:vi", "vi:en"]
    assert {code for language in languages for code in language["targets"]} <= set(LANGUAGES)


def test_what_was_translated_before_is_counted_and_not_translated_again() -> None:
    engine = FakeTranslator()

    with service(engine, metrics=Metrics()) as client:
        for _ in range(3):
            client.post("/translate", json=OWN)
        scrape = client.get("/metrics").text

    assert len(engine.calls) == 1
    assert 'dragoman_translation_cache_lookups_total{result="hit",store="memory",urgency="recording"} 2.0' in scrape
    assert 'dragoman_translation_cache_lookups_total{result="miss",store="memory",urgency="recording"} 1.0' in scrape
    assert "dragoman_translation_cache_sentences 1.0" in scrape


def test_libretranslates_key_is_the_token() -> None:
    with service(token=SECRET) as client:
        keyed = client.post("/translate", data={**LIBRE, "api_key": SECRET})
        as_json = client.post("/translate", json={**LIBRE, "api_key": SECRET})
        listed = client.request("GET", "/languages", data={"api_key": SECRET})
        wrong = client.post("/translate", data={**LIBRE, "api_key": "another"})
        strange = client.post("/translate", json={**LIBRE, "api_key": "a\r\nb"})
        without = client.post("/translate", data=LIBRE)
        header = client.post("/translate", json=OWN, headers={"Authorization": f"Bearer {SECRET}"})

    assert [answer.status_code for answer in (keyed, as_json, listed, header)] == [200] * 4
    assert [answer.status_code for answer in (wrong, strange, without)] == [401] * 3


def test_our_own_processes_ask_by_frames_as_before() -> None:
    with service(token=SECRET) as client:
        client.headers["Authorization"] = f"Bearer {SECRET}"
        (answer,) = RemoteTranslator(client).translate(["hello"], source=EN, target=ES)

    assert answer.text == "es:hello"


async def test_more_than_may_wait_are_asked_to_come_again() -> None:
    begun, go_on = threading.Event(), Hang(limit_s=30.0)
    engine = FakeTranslator(outcomes=[go_on], before_call=lambda _: begun.set())
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        app = translation_app([engine], pool=pool, limits=TextLimits(at_once=1, waiting=1))
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://service") as client:
            first = asyncio.create_task(client.post("/translate", json=OWN))
            await asyncio.to_thread(begun.wait, 30.0)
            others = [asyncio.create_task(client.post("/translate", json=OWN)) for _ in range(2)]
            (refusal,), (waiting,) = await asyncio.wait(others, timeout=30.0, return_when=asyncio.FIRST_COMPLETED)
            go_on.until.set()
            answers = [await first, await waiting]

    third = refusal.result()
    refused(third, 503, "capacity_exhausted", "try again")
    assert third.headers["retry-after"]
    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize("path", ["/translate", "/batch_translate"])
async def test_who_sends_slowly_keeps_nobody_waiting(path: str) -> None:
    limits = TextLimits()
    begun = asyncio.Semaphore(0)

    async def nothing() -> AsyncIterator[bytes]:
        begun.release()
        await asyncio.Event().wait()
        yield b""

    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        transport = httpx2.ASGITransport(app=translation_app([FakeTranslator()], pool=pool, limits=limits))
        async with httpx2.AsyncClient(transport=transport, base_url="http://service") as client:
            kind = {"content-type": "application/json"}
            slow = [
                asyncio.create_task(client.post(path, content=nothing(), headers=kind))
                for _ in range(limits.at_once + limits.waiting)
            ]
            async with asyncio.timeout(30.0):
                for _ in slow:
                    await begun.acquire()
                answer = await client.post("/translate", json=OWN)
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)

    assert answer.status_code == 200


def test_the_context_of_a_text_reaches_an_engine_that_reads_it() -> None:
    engine = FakeTranslator(capabilities=[Capability.CONTEXT])
    with service(engine) as client:
        one = client.post("/translate", json={**OWN, "context": " An airport. "})
        several = {"texts": ["Bye."], "source_lang": "en", "target_lang": "es", "context": "x" * MAX_CONTEXT_CHARACTERS}
        batch = client.post("/batch_translate", json=several)

    assert (one.status_code, batch.status_code) == (200, 200)
    assert engine.told == [Glossary(background="An airport."), Glossary(background="x" * MAX_CONTEXT_CHARACTERS)]


def test_a_context_that_cannot_be_used_is_refused() -> None:
    too_long = "x" * (MAX_CONTEXT_CHARACTERS + 1)
    several = {"texts": ["Bye."], "source_lang": "en", "target_lang": "es"}
    with service() as client:
        refused(client.post("/translate", json={**OWN, "context": too_long}), 422, "field_invalid", "2000", "about")
        refused(client.post("/batch_translate", json={**several, "context": too_long}), 422, "field_invalid", "2000")
        refused(client.post("/translate", json={**OWN, "context": ["airport"]}), 422, "field_invalid", "'context'")
        refused(client.post("/translate", json={**LIBRE, "context": "airport"}), 422, "field_invalid", "of two forms")


def test_the_context_reaches_engines_of_our_own_processes() -> None:
    engine = FakeTranslator(capabilities=[Capability.CONTEXT])
    with service(engine) as client:
        remote = RemoteTranslator(client)
        stated = remote.info.capabilities
        remote.translate(["Hello."], source=EN, target=ES, glossary=Glossary(background="An airport."))

    assert stated == {Capability.CONTEXT}
    assert engine.told == [Glossary(background="An airport.")]
