"""The translation service: what many clients ask for at the same time becomes few calls, and the scrape says so."""

import asyncio
from collections.abc import Sequence

import httpx2
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dragoman.engines.broker import Urgency
from dragoman.engines.pool import EnginePool
from dragoman.engines.translation.remote import RemoteTranslator
from dragoman.ground.engines import Translation
from dragoman.ground.errors import EngineCrashed, EngineOutputInvalid
from dragoman.ground.events import EngineFailed, Observers
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.observe.metrics import Metrics, MetricsObserver
from dragoman.services.translation import translation_app
from dragoman.testing.engines import FakeTranslator
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.script import Fail
from dragoman.translating.batching import Batching, Sentences
from dragoman.translating.router import TranslationRouter
from dragoman.wire.frames import pack_frame, unpack_frame
from dragoman.wire.messages import read_translations
from dragoman.wire.requests import TranslateRequest, write_translate

EN, ES = Language("en"), Language("es")


async def _ask(client: httpx2.AsyncClient, text: str, urgency: Urgency) -> str:
    request = TranslateRequest(
        sentences=(text,),
        source=EN,
        target=ES,
        glossary=None,
        committed_prefix="",
        preview=urgency is Urgency.PARTIAL,
        background=urgency is Urgency.RECORDING,
    )
    answer = await client.post("/translate", content=pack_frame(write_translate(request)))
    header, _ = unpack_frame(answer.content)
    return read_translations(header)[0].text if answer.status_code == 200 else str(header["code"])


def _serve_and_ask(engine: FakeTranslator, *asked: tuple[str, Urgency]) -> tuple[list[str], str]:
    """Ask all at the same time; give the answers and the scrape."""
    metrics = Metrics()

    async def run(app: Starlette) -> tuple[list[str], str]:
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://here") as client:
            answers = await asyncio.gather(*(_ask(client, *each) for each in asked))
            return answers, (await client.get("/metrics")).text

    observer = Observers(observers=(MetricsObserver(metrics),))
    with EnginePool(workers=2, observer=observer) as pool:
        app = translation_app([engine], pool=pool, metrics=metrics)
        return run_in_virtual_time(lambda: run(app))


def test_eight_speakers_at_once_are_one_call_of_the_engine() -> None:
    engine = FakeTranslator()

    answers, scrape = _serve_and_ask(engine, *((f"speaker {number}", Urgency.FINAL) for number in range(8)))

    assert answers == [f"es:speaker es:{number}" for number in range(8)]
    assert len(engine.calls) == 1
    assert 'dragoman_translation_batch_sentences_sum{urgency="final"} 8.0' in scrape
    assert 'dragoman_translation_wait_seconds_count{urgency="final"} 8.0' in scrape


def test_previews_of_other_processes_wait_for_finals_and_texts_for_both() -> None:
    engine = FakeTranslator()

    _serve_and_ask(
        engine,
        ("of a recording", Urgency.RECORDING),
        ("half a", Urgency.PARTIAL),
        ("a whole sentence", Urgency.FINAL),
    )

    assert engine.calls == [("a whole sentence",), ("half a",), ("of a recording",)]


def test_the_client_tells_the_service_how_urgent_it_is() -> None:
    metrics = Metrics()
    observer = Observers(observers=(MetricsObserver(metrics),))
    with EnginePool(workers=2, observer=observer) as pool:
        app = translation_app([FakeTranslator()], pool=pool, metrics=metrics)
        with TestClient(app) as client, EnginePool(workers=2, observer=Observers()) as own_pool:
            engine = RemoteTranslator(client)
            engine.warm_up()
            router = TranslationRouter(engines=[engine], pool=own_pool, observer=Observers())

            async def translate() -> None:
                for number, urgency in enumerate((Urgency.FINAL, Urgency.RECORDING, Urgency.RECORDING)):
                    said = [f"speaker {number}"]
                    await router.translate_all(said, source=EN, target=ES, deadline_s=10.0, urgency=urgency)
                await router.preview("Hello", source=EN, target=ES, deadline_s=10.0)

            asyncio.run(translate())
            scrape = client.get("/metrics").text

    for urgency, count in (("final", 1), ("partial", 1), ("recording", 2)):
        assert f'dragoman_translation_wait_seconds_count{{urgency="{urgency}"}} {count}.0' in scrape


def test_an_engine_that_breaks_over_the_whole_call_is_asked_for_each_by_itself() -> None:
    engine = FakeTranslator(outcomes=[Fail(error=EngineCrashed("gone"))])

    answers, _ = _serve_and_ask(engine, ("one", Urgency.FINAL), ("two", Urgency.FINAL))

    assert answers == ["es:one", "es:two"]
    assert engine.calls == [("one", "two"), ("one",), ("two",)]


def test_a_repair_at_the_service_lets_finals_go_first_and_is_no_failure_of_the_engine() -> None:
    def garbage(sentences: Sequence[str]) -> None:
        if any("X1" in sentence for sentence in sentences):
            raise EngineOutputInvalid("no sentence")

    observer, engine = RecordingObserver(), FakeTranslator(before_call=garbage)
    with (
        EnginePool(workers=2, observer=observer) as pool,
        EnginePool(workers=2, observer=observer) as own_pool,
        TestClient(translation_app([engine], pool=pool)) as client,
    ):
        remote = RemoteTranslator(client)
        remote.warm_up()
        batching = Batching(own_pool)

        async def ask(text: str, *, is_repair: bool) -> list[Translation] | BaseException:
            asked = Sentences(engine=remote, texts=(text,), source=EN, target=ES, deadline_s=20.0, is_repair=is_repair)
            (answer,) = await asyncio.gather(batching.translate(asked), return_exceptions=True)
            return answer

        async def run() -> list[list[Translation] | BaseException]:
            asked = [ask("the X1 is here", is_repair=True), ask("the report is here", is_repair=False)]
            return await asyncio.gather(*asked)

        repair, final = asyncio.run(run())

    assert isinstance(repair, EngineOutputInvalid)
    assert isinstance(final, list)
    assert sorted(engine.calls) == [("the X1 is here",), ("the report is here",)]
    assert observer.of(EngineFailed) == []
