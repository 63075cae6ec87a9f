"""A router keeps to the glossary it is given: by engines that honour terms, and with those that do not."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from dragoman.engines.pool import EnginePool
from dragoman.ground.engines import EngineInfo
from dragoman.ground.errors import EngineOutputInvalid
from dragoman.ground.events import EngineFailed
from dragoman.ground.glossary import NO_TERMS, TermBase, TermState, make_term, make_term_base
from dragoman.ground.languages import Language
from dragoman.testing.engines import FakeTranslator
from dragoman.testing.observers import RecordingObserver
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


async def test_whole_texts_keep_to_their_glossary() -> None:
    with EnginePool(workers=2, observer=RecordingObserver()) as pool:
        translator = TextTranslator(TranslationRouter(engines=[FakeTranslator()], pool=pool, observer=pool.observer))

        async with asyncio.timeout(20):
            (outcome,) = await translator.translate(
                ["The report. A report.\nNothing."], source=EN, target=ES, deadline_s=10, terms=base("informe")
            )

    assert isinstance(outcome, TranslatedText)
    assert outcome.text.casefold().count("informe") == 2
