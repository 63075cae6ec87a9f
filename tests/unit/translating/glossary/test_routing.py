"""A router keeps to glossary and context: by engines that honour them, and with those that do not."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace

from dragoman.engines.broker import Urgency
from dragoman.engines.pool import EnginePool
from dragoman.ground.engines import Capability, EngineInfo, Glossary, GlossaryTerm, Translation
from dragoman.ground.errors import EngineOutputInvalid, EngineUnavailable
from dragoman.ground.events import EngineFailed
from dragoman.ground.glossary import NO_TERMS, TermBase, TermState, make_term, make_term_base
from dragoman.ground.languages import Language
from dragoman.testing.engines import FakeTranslator
from dragoman.testing.observers import RecordingObserver
from dragoman.testing.script import Answer, Fail, Hang, Outcome
from dragoman.translating.batching import Batching, Sentences
from dragoman.translating.glossary.desk import REPAIR_S
from dragoman.translating.router import TranslationRouter
from dragoman.translating.texts import TextTranslator, TranslatedText

EN, ES = Language("en"), Language("es")


def base(target: str, *, source: str = "report", state: TermState = TermState.FORCED) -> TermBase:
    term = make_term(source=source, target=target, source_language=EN, target_language=ES, state=state)
    return make_term_base([term])


async def test_an_engine_that_honours_terms_is_told_only_those_of_the_sentence() -> None:
    engine = FakeTranslator()
    terms = make_term_base([*base("informe").terms, *base("factura", source="invoice").terms])
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        router = TranslationRouter(engines=[engine], pool=pool, observer=pool.observer)

        answer = await router.translate("the report is here", source=EN, target=ES, deadline_s=5, terms=terms)

    assert answer.text == "es:the informe es:is es:here"


async def test_a_preview_has_the_terms_that_the_engine_honours() -> None:
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        router = TranslationRouter(engines=[FakeTranslator()], pool=pool, observer=pool.observer)

        preview = await router.preview("the report is", source=EN, target=ES, deadline_s=5, terms=base("informe"))

    assert preview == "es:the informe es:is"


async def test_another_glossary_is_another_translation_and_leaves_other_sentences_remembered() -> None:
    engine = FakeTranslator()
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        router = TranslationRouter(engines=[engine], pool=pool, observer=pool.observer)

        async def translate(text: str, terms: TermBase) -> str:
            return (await router.translate(text, source=EN, target=ES, deadline_s=5, terms=terms)).text

        texts = [
            await translate("the report is here", terms)
            for terms in (NO_TERMS, base("informe"), base("memoria"), base("informe"))
        ]
        calls = len(engine.calls)
        others = [await translate("good morning", terms) for terms in (NO_TERMS, base("informe"), base("memoria"))]

    assert texts == [
        "es:the es:report es:is es:here",
        "es:the informe es:is es:here",
        "es:the memoria es:is es:here",
        "es:the informe es:is es:here",
    ]
    assert len(set(others)) == 1
    assert len(engine.calls) == calls + 1


class Deaf(FakeTranslator):
    """Knows nothing of terms, and only sentences in English."""

    @property
    def info(self) -> EngineInfo:
        return replace(super().info, capabilities=frozenset())


async def test_repairs_that_fail_are_no_failures_of_the_engine() -> None:
    def refuse_repairs(sentences: Sequence[str]) -> None:
        if list(sentences) != ["the report is here."]:
            raise EngineOutputInvalid("only the first sentence is known")

    observer = RecordingObserver()
    engine = Deaf(before_call=refuse_repairs)
    with EnginePool(workers=2, observer=observer) as pool:
        router = TranslationRouter(engines=[engine], pool=pool, observer=observer)

        answer = await router.translate("the report is here", source=EN, target=ES, deadline_s=5, terms=base("informe"))

    assert answer.text == "es:the es:report es:is es:here"
    assert len(engine.calls) > 1
    assert not [event for event in observer.events if isinstance(event, EngineFailed)]


class Loaded(Batching):
    """Refuses previews while it is told to, as under load."""

    def __init__(self, pool: EnginePool) -> None:
        super().__init__(pool)
        self.is_loaded = True

    async def translate(self, asked: Sentences) -> list[Translation]:
        if self.is_loaded and asked.urgency is Urgency.PARTIAL:
            raise EngineUnavailable("too much to do")
        return await super().translate(asked)


async def _translate_under_load(urgency: Urgency) -> tuple[list[str], list[str]]:
    """Translate sentences with one term under load and, the same ones, without."""
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        batching = Loaded(pool)
        router = TranslationRouter(engines=[Deaf()], pool=pool, observer=pool.observer, batching=batching)

        async def translate() -> list[str]:
            texts = [f"the report is here {place}" for place in ("again", "now", "at last", "for good")]
            outcomes = await router.translate_all(
                texts, source=EN, target=ES, deadline_s=10, urgency=urgency, terms=base("informe")
            )
            return [outcome.text for outcome in outcomes if isinstance(outcome, Translation)]

        loaded = await translate()
        batching.is_loaded = False
        return loaded, await translate()


async def test_a_short_load_costs_texts_their_terms_only_while_it_lasts() -> None:
    loaded, afterwards = await _translate_under_load(Urgency.RECORDING)

    assert ["informe" in text for text in loaded] == [False] * 4
    assert ["informe" in text for text in afterwards] == [True] * 4


async def test_what_is_said_live_has_its_terms_under_load() -> None:
    loaded, _ = await _translate_under_load(Urgency.FINAL)

    assert ["informe" in text for text in loaded] == [True] * 4


async def test_a_repair_that_was_cut_off_is_tried_again_the_next_time() -> None:
    hang = Hang(limit_s=REPAIR_S + 5.0)
    engine = Deaf(outcomes=[Answer.WELL, hang])
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        router = TranslationRouter(engines=[engine], pool=pool, observer=pool.observer)

        async def translate() -> str:
            answer = await router.translate(
                "the report is here", source=EN, target=ES, deadline_s=5, terms=base("informe")
            )
            return answer.text

        cut_off = await translate()
        hang.until.set()
        whole = await translate()

    assert ("informe" in cut_off, "informe" in whole) == (False, True)


class Slow(Deaf):
    """Takes so long for every call."""

    def __init__(self, slow_s: float, outcomes: Sequence[Outcome] = ()) -> None:
        super().__init__(outcomes=outcomes, before_call=lambda _: time.sleep(slow_s))


async def _calls_of_a_sentence_said_twice(engine: FakeTranslator, *, busy: bool = False) -> int:
    """Say how many calls the second time takes; ``busy`` lets another sentence be under way the first time."""
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        router = TranslationRouter(engines=[engine], pool=pool, observer=pool.observer)

        async def translate(text: str, terms: TermBase) -> None:
            await router.translate(text, source=EN, target=ES, deadline_s=20, terms=terms)

        async with asyncio.TaskGroup() as tasks:
            if busy:
                tasks.create_task(translate("good morning", NO_TERMS))
                await asyncio.sleep(0.1)
            await translate("the report is here", base("informe"))
        before = len(engine.calls)
        await translate("the report is here", base("informe"))
        return len(engine.calls) - before


async def test_what_an_engine_too_slow_for_repairs_has_translated_is_remembered() -> None:
    assert await _calls_of_a_sentence_said_twice(Slow(REPAIR_S + 0.1)) == 0


async def test_an_engine_that_others_kept_busy_repairs_the_same_sentence_another_time() -> None:
    no_repair = Fail(error=EngineUnavailable("too much to do"))
    engine = Slow(0.7 * REPAIR_S, [Answer.WELL, Answer.WELL, no_repair])

    assert await _calls_of_a_sentence_said_twice(engine, busy=True) > 0


async def test_whole_texts_keep_to_their_glossary() -> None:
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        translator = TextTranslator(TranslationRouter(engines=[FakeTranslator()], pool=pool, observer=pool.observer))

        async with asyncio.timeout(20):
            (outcome,) = await translator.translate(
                ["The report. A report.\nNothing."], source=EN, target=ES, deadline_s=10, terms=base("informe")
            )

    assert isinstance(outcome, TranslatedText)
    assert outcome.text.casefold().count("informe") == 2


async def _translate_with(engine: FakeTranslator, *contexts: str, terms: TermBase = NO_TERMS) -> None:
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        translator = TextTranslator(TranslationRouter(engines=[engine], pool=pool, observer=pool.observer))
        for context in contexts:
            await translator.translate(
                ["the report is here"], source=EN, target=ES, deadline_s=10, terms=terms, context=context
            )


async def test_an_engine_that_declares_it_is_told_the_context() -> None:
    engine = FakeTranslator(capabilities=[Capability.CONTEXT])

    await _translate_with(engine, "An airport.")

    assert engine.told == [Glossary(background="An airport.")]


async def test_terms_and_context_are_told_together() -> None:
    engine = FakeTranslator(capabilities=[Capability.CONTEXT, Capability.TERMS])

    await _translate_with(engine, "An airport.", terms=base("informe"))

    terms = (GlossaryTerm(source="report", target="informe"),)
    assert engine.told == [Glossary(terms=terms, background="An airport.")]


async def test_repairs_for_the_glossary_keep_the_context() -> None:
    engine = FakeTranslator(capabilities=[Capability.CONTEXT])

    await _translate_with(engine, "An airport.", terms=base("informe"))

    assert len(engine.told) > 1
    assert set(engine.told) == {Glossary(background="An airport.")}


async def test_an_engine_that_can_answer_in_several_ways_is_asked_to_for_the_glossary() -> None:
    engine = FakeTranslator(capabilities=[Capability.CHOICES])

    await _translate_with(engine, "", terms=base("informe"))

    assert engine.told[:2] == [None, Glossary(choices=4)]


async def test_an_engine_that_does_not_declare_it_never_sees_the_context_and_is_not_asked_again_for_another() -> None:
    engine = FakeTranslator(capabilities=[Capability.TERMS])

    await _translate_with(engine, "An airport.", "A harbour.", "")

    assert engine.told == [None]


async def test_what_was_translated_with_one_context_does_not_answer_for_another() -> None:
    engine = FakeTranslator(capabilities=[Capability.CONTEXT])

    await _translate_with(engine, "", "An airport.", "A harbour.", "An airport.", "")

    assert [it.background if it else "" for it in engine.told] == ["", "An airport.", "A harbour."]
