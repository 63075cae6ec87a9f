"""Batching: sentences of many become one call, and each has its own deadline, its own failure and its own end."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence

import pytest

from dragoman.engines.broker import Urgency
from dragoman.engines.pool import EnginePool
from dragoman.ground.engines import Glossary, GlossaryTerm, Translation
from dragoman.ground.errors import EngineCrashed, EngineTimeout, EngineUnavailable
from dragoman.ground.events import EngineCalled, EngineFailed, TranslationBatched, TranslationLost
from dragoman.ground.languages import Language
from dragoman.ground.virtual_time import run_in_virtual_time
from dragoman.testing.engines import FakeTranslator
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.script import Hang
from dragoman.translating.batching import Batching, Sentences

EN, ES, VI = Language("en"), Language("es"), Language("vi")
FINAL, PARTIAL = Urgency.FINAL, Urgency.PARTIAL

Ask = Callable[..., Coroutine[None, None, list[Translation]]]


def play(engine: FakeTranslator, scene: Callable[[Ask], Awaitable[object]]) -> RecordingObserver:
    """Run ``scene``, which asks ``engine`` by way of one ``Batching``."""
    observer = RecordingObserver()

    async def run() -> None:
        with EnginePool(workers=3, observer=observer) as pool:
            batching = Batching(pool)

            async def ask(
                *texts: str,
                target: Language = ES,
                deadline_s: float = 5.0,
                urgency: Urgency = FINAL,
                glossary: Glossary | None = None,
                committed_prefix: str = "",
                is_repair: bool = False,
            ) -> list[Translation]:
                return await batching.translate(
                    Sentences(
                        engine=engine,
                        texts=texts,
                        source=EN,
                        target=target,
                        deadline_s=deadline_s,
                        urgency=urgency,
                        glossary=glossary,
                        committed_prefix=committed_prefix,
                        is_repair=is_repair,
                    )
                )

            await scene(ask)

    run_in_virtual_time(run)
    return observer


def breaks_on(word: str) -> Callable[[Sequence[str]], None]:
    def before_call(sentences: Sequence[str]) -> None:
        if any(word in sentence for sentence in sentences):
            raise EngineCrashed(f"cannot do {word}")

    return before_call


def test_sentences_of_many_speakers_become_one_call_and_everybody_gets_their_own() -> None:
    engine, answers = FakeTranslator(), list[list[Translation]]()

    async def scene(ask: Ask) -> None:
        answers.extend(await asyncio.gather(*(ask(f"number {number}") for number in range(5))))

    observer = play(engine, scene)

    assert len(engine.calls) == 1
    assert [each.text for (each,) in answers] == [f"es:number es:{number}" for number in range(5)]
    (batched,) = observer.of(TranslationBatched)
    assert (batched.urgency, batched.requests, batched.sentences) == ("final", 5, 5)


def test_another_pair_another_glossary_and_another_urgency_are_calls_of_their_own() -> None:
    engine = FakeTranslator()
    glossary = Glossary(terms=(GlossaryTerm(source="one", target="uno"),))

    async def scene(ask: Ask) -> None:
        await asyncio.gather(
            ask("one"), ask("one", target=VI), ask("one", glossary=glossary), ask("one", urgency=PARTIAL)
        )

    play(engine, scene)

    assert engine.calls == [("one",)] * 4


def test_what_continues_shown_text_has_a_call_to_itself() -> None:
    engine = FakeTranslator()

    async def scene(ask: Ask) -> None:
        await asyncio.gather(*(ask(text, urgency=PARTIAL, committed_prefix="es:one") for text in ("one", "one two")))

    play(engine, scene)

    assert engine.calls == [("one",), ("one two",)]


def test_a_sentence_that_breaks_the_engine_does_not_cost_its_neighbours_their_translation() -> None:
    engine, answers = FakeTranslator(before_call=breaks_on("xyzzy")), list[list[Translation] | EngineCrashed]()

    async def scene(ask: Ask) -> None:
        async def one(text: str) -> None:
            try:
                answers.append(await ask(text))
            except EngineCrashed as error:
                answers.append(error)

        await asyncio.gather(one("hello"), one("xyzzy"), one("thanks"))

    observer = play(engine, scene)

    assert [it.code if isinstance(it, EngineCrashed) else it[0].text for it in answers] == [
        "es:hello",
        "engine_crashed",
        "es:thanks",
    ]
    assert len(engine.calls) == 4
    assert len(observer.of(EngineFailed)) == 2


def test_finals_do_not_wait_for_previews_that_came_before_them() -> None:
    release = threading.Event()
    engine = FakeTranslator(outcomes=[Hang(until=release)])

    async def scene(ask: Ask) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(ask("running"))
            await asyncio.sleep(0.1)
            tasks.create_task(ask("preview", urgency=PARTIAL))
            tasks.create_task(ask("final"))
            await asyncio.sleep(0.05)
            release.set()

    play(engine, scene)

    assert engine.calls == [("running",), ("final",), ("preview",)]


def test_the_deadline_of_one_does_not_end_the_call_of_the_others() -> None:
    release = threading.Event()
    engine, answers = FakeTranslator(outcomes=[Hang(until=release)]), list[list[Translation]]()

    async def scene(ask: Ask) -> None:
        async def hurried() -> None:
            with pytest.raises(EngineTimeout):
                await ask("hurried", deadline_s=0.2)
            release.set()

        async def patient() -> None:
            answers.append(await ask("patient"))

        await asyncio.gather(hurried(), patient())

    observer = play(engine, scene)

    assert answers[0][0].text == "es:patient"
    assert engine.calls == [("hurried", "patient")]
    assert [(it.urgency, it.outcome) for it in observer.of(TranslationLost)] == [("final", "late")]


def test_a_cancelled_request_is_not_translated_and_costs_the_others_nothing() -> None:
    engine, answers = FakeTranslator(), list[list[Translation]]()

    async def scene(ask: Ask) -> None:
        async with asyncio.TaskGroup() as tasks:
            gone = tasks.create_task(ask("gone"))
            there = tasks.create_task(ask("there"))
            await asyncio.sleep(0)
            gone.cancel()
        answers.append(there.result())

    play(engine, scene)

    assert engine.calls == [("there",)]
    assert answers[0][0].text == "es:there"


def test_half_a_sentence_that_fails_is_not_counted_against_the_engine() -> None:
    engine = FakeTranslator(before_call=breaks_on("half"))

    async def scene(ask: Ask) -> None:
        with pytest.raises(EngineCrashed):
            await ask("half", urgency=PARTIAL)

    observer = play(engine, scene)

    assert observer.of(EngineFailed) == []
    assert len(observer.of(EngineCalled)) == 1


def test_a_repair_that_fails_is_not_counted_against_the_engine_and_shares_no_call_with_finals() -> None:
    engine = FakeTranslator(before_call=breaks_on("X1"))

    async def scene(ask: Ask) -> None:
        async def repair() -> None:
            with pytest.raises(EngineCrashed):
                await ask("the X1 is here", is_repair=True)

        await asyncio.gather(repair(), ask("the report is here"))

    observer = play(engine, scene)

    assert engine.calls == [("the report is here",), ("the X1 is here",)]
    assert observer.of(EngineFailed) == []


def test_a_closed_pool_is_an_engine_that_cannot_be_had() -> None:
    observer = RecordingObserver()

    async def run() -> None:
        pool = EnginePool(workers=1, observer=observer)
        pool.close()
        with pytest.raises(EngineUnavailable, match="closed"):
            await Batching(pool).translate(
                Sentences(engine=FakeTranslator(), texts=("hello",), source=EN, target=ES, deadline_s=1.0)
            )

    run_in_virtual_time(run)


def test_a_call_that_runs_is_time_that_the_next_one_waits() -> None:
    go_on, runs = threading.Event(), threading.Event()

    def hold(_: Sequence[str]) -> None:
        runs.set()
        assert go_on.wait(20)

    engine = FakeTranslator(before_call=hold)
    expected_s = []

    async def run() -> None:
        with EnginePool(workers=2, observer=RecordingObserver()) as pool:
            batching = Batching(pool)
            asked = Sentences(engine=engine, texts=("hello",), source=EN, target=ES, deadline_s=20.0)
            other = Sentences(engine=FakeTranslator(), texts=("hello",), source=EN, target=ES, deadline_s=20.0)
            async with asyncio.TaskGroup() as tasks:
                expected_s.append(batching.answered_in_s(asked))
                tasks.create_task(batching.translate(asked))
                assert await asyncio.to_thread(runs.wait, 20)
                await asyncio.sleep(0.01)
                expected_s.append(batching.answered_in_s(asked))
                expected_s.append(batching.answered_in_s(other))
                go_on.set()
            expected_s.append(batching.answered_in_s(asked))

    run_in_virtual_time(run)

    before, while_it_runs, of_another, afterwards = expected_s
    assert while_it_runs > 0.0
    assert (before, of_another, afterwards) == (0.0, 0.0, 0.0)
