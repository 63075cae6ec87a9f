"""Terms are brought about step by step, and a translation never becomes worse by it."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.glossary import TermState, make_term
from dragoman.ground.languages import Language
from dragoman.translating.glossary.enforcing import ENOUGH_FAILURES, Enforced, Enforcer, Translated
from dragoman.translating.glossary.matcher import TermMatcher

EN, ES = Language("en"), Language("es")


class Engine:
    """Answers by a function, and remembers what it was asked."""

    def __init__(self, answer: Callable[[str], str | None]) -> None:
        self._answer = answer
        self.asked: list[str] = []

    async def ask(self, texts: Sequence[str]) -> list[str | None]:
        self.asked += texts
        return [self._answer(text) for text in texts]


def translated(sentence: str, plain: str, *terms: tuple[str, str], state: TermState = TermState.FORCED) -> Translated:
    made = [
        make_term(source=one, target=other, source_language=EN, target_language=ES, state=state) for one, other in terms
    ]
    found = TermMatcher(made, source=EN, target=ES).find(sentence)
    return Translated(sentence=sentence, plain=plain, found=found, source=EN, target=ES, engine="fake")


async def enforce(enforcer: Enforcer, it: Translated, engine: Engine, *, within_s: float = 60.0) -> str:
    until_s = asyncio.get_running_loop().time() + within_s
    return (await enforcer.enforce(it, ask=engine.ask, until_s=until_s)).text


SENTENCE, PLAIN = "The invoice is ready for you.", "La factura está lista para usted."
TERM = ("invoice", "nota")


async def test_what_is_right_already_costs_nothing() -> None:
    engine = Engine(lambda _: None)

    text = await enforce(Enforcer(), translated(SENTENCE, PLAIN, ("invoice", "factura")), engine)

    assert (text, engine.asked) == (PLAIN, [])


async def test_a_term_written_into_the_source_is_taken_over() -> None:
    engine = Engine(lambda text: PLAIN.replace("factura", "nota") if "nota" in text else None)

    text = await enforce(Enforcer(), translated(SENTENCE, PLAIN, TERM), engine)

    assert text == "La nota está lista para usted."
    assert engine.asked == ["The nota is ready for you."]


async def test_the_first_of_several_translations_that_has_the_term_is_taken() -> None:
    async def several(_: str) -> Sequence[str]:
        return [PLAIN, "La nota está lista para usted.", "La nota ya está lista para usted."]

    engine = Engine(lambda _: None)
    until_s = asyncio.get_running_loop().time() + 60
    enforced = await Enforcer().enforce(
        translated(SENTENCE, PLAIN, TERM), ask=engine.ask, ask_several=several, until_s=until_s
    )

    assert (enforced.text, engine.asked) == ("La nota está lista para usted.", [])


async def test_several_translations_are_not_asked_for_any_more_once_they_never_had_the_term() -> None:
    asked: list[str] = []

    async def several(text: str) -> Sequence[str]:
        asked.append(text)
        return [PLAIN]

    enforcer, engine = Enforcer(), Engine(lambda _: None)
    for _ in range(5):
        until_s = asyncio.get_running_loop().time() + 60
        it = translated(SENTENCE, PLAIN, TERM)
        await enforcer.enforce(it, ask=engine.ask, ask_several=several, until_s=until_s)

    assert len(asked) == 3


async def test_what_is_not_translated_goes_behind_a_placeholder_that_the_engine_copies() -> None:
    it = translated("The Cloud is ready for you.", "La nube está lista para usted.")
    kept = make_term(source="Cloud", state=TermState.DO_NOT_TRANSLATE)
    found = TermMatcher([kept], source=EN, target=ES).find(it.sentence)
    it = Translated(sentence=it.sentence, plain=it.plain, found=found, source=EN, target=ES, engine="fake")
    engine = Engine(lambda text: "La [1] está lista para usted." if "[1]" in text else "La nube es mala.")

    assert await enforce(Enforcer(), it, engine) == "La Cloud está lista para usted."


async def test_an_engine_that_copies_nothing_shows_by_what_changes_where_the_term_is() -> None:
    wrong = {"X1": "silla", "[1]": "mesa", "__1__": "puerta"}
    engine = Engine(
        lambda text: next((PLAIN.replace("factura", it) for mark, it in wrong.items() if mark in text), None)
    )

    enforcer, it = Enforcer(), translated(SENTENCE, PLAIN, TERM)
    before = enforcer.replace_known(it)

    assert await enforce(enforcer, it, engine) == "La nota está lista para usted."
    assert (before, enforcer.replace_known(it)) == (PLAIN, "La nota está lista para usted.")


async def test_a_rendering_that_is_known_is_replaced_without_asking() -> None:
    enforcer = Enforcer()
    marks = {"X1": "silla", "[1]": "mesa"}
    engine = Engine(lambda text: next((PLAIN.replace("factura", it) for mark, it in marks.items() if mark in text), ""))
    for _ in range(ENOUGH_FAILURES):
        await enforce(enforcer, translated(SENTENCE, PLAIN, TERM), engine)
    engine.asked.clear()

    text = await enforce(enforcer, translated("An invoice came.", "Factura que vino hoy.", TERM), engine)

    assert (text, engine.asked) == ("Nota que vino hoy.", [])


async def test_a_banned_translation_is_replaced_by_the_right_one_of_the_same_term() -> None:
    terms = [
        make_term(source="invoice", target=target, source_language=EN, target_language=ES, state=state)
        for target, state in (("factura", TermState.BANNED), ("nota", TermState.FORCED))
    ]
    found = TermMatcher(terms, source=EN, target=ES).find(SENTENCE)
    it = Translated(sentence=SENTENCE, plain=PLAIN, found=found, source=EN, target=ES, engine="fake")

    assert await enforce(Enforcer(), it, Engine(lambda _: None)) == "La nota está lista para usted."


async def test_a_preferred_term_is_never_put_in_by_force() -> None:
    engine = Engine(lambda text: "La [1] está lista para usted." if "[1]" in text else None)
    it = translated(SENTENCE, PLAIN, TERM, state=TermState.PREFERRED)

    assert await enforce(Enforcer(), it, engine) == PLAIN
    assert engine.asked == ["The nota is ready for you."]


@pytest.mark.parametrize(
    "worse",
    [
        "Nota.",
        "nota nota nota nota nota nota nota nota nota nota nota nota nota nota",
        "La nota es un animal de color verde que vuela.",
        "La nota está lista para usted",
        "",
    ],
)
async def test_a_worse_sentence_is_not_taken_for_its_term(worse: str) -> None:
    engine = Engine(lambda _: worse)

    assert await enforce(Enforcer(), translated(SENTENCE, PLAIN, TERM), engine) == PLAIN


async def test_a_repair_that_loses_another_term_is_not_taken() -> None:
    it = translated(SENTENCE, PLAIN, TERM, ("ready", "lista"))
    engine = Engine(lambda text: "La nota está hecha para usted." if text == "The nota is ready for you." else None)

    assert await enforce(Enforcer(), it, engine) == PLAIN


async def test_no_time_is_taken_that_is_not_given() -> None:
    engine = Engine(lambda _: "La nota está lista para usted.")

    assert await enforce(Enforcer(), translated(SENTENCE, PLAIN, TERM), engine, within_s=-1) == PLAIN
    assert engine.asked == []


async def test_an_engine_that_hangs_is_given_up_on() -> None:
    async def hang(_: Sequence[str]) -> Sequence[str | None]:
        await asyncio.Event().wait()
        return []

    until_s = asyncio.get_running_loop().time() + 0.05
    enforced = await Enforcer().enforce(translated(SENTENCE, PLAIN, TERM), ask=hang, until_s=until_s)

    assert enforced == Enforced(text=PLAIN, is_settled=False)


WITH_TERM = "La nota está lista para usted."


async def enforce_choosing(enforcer: Enforcer, *, answer: str | None, several: Sequence[str] | None) -> Enforced:
    """Enforce with an engine that answers everything with ``answer``, or gives ``several`` to choose from."""

    async def choices(_: str) -> Sequence[str] | None:
        return several

    return await enforcer.enforce(
        translated(SENTENCE, PLAIN, TERM),
        ask=Engine(lambda _: answer).ask,
        ask_several=choices,
        until_s=asyncio.get_running_loop().time() + 60,
    )


async def test_an_engine_that_was_too_busy_to_answer_is_asked_again_with_the_next_sentence() -> None:
    enforcer, busy = Enforcer(), Engine(lambda _: None)
    for _ in range(2 * ENOUGH_FAILURES):
        await enforce(enforcer, translated(SENTENCE, PLAIN, TERM), busy)

    by_terms = await enforce(enforcer, translated(SENTENCE, PLAIN, TERM), Engine(lambda _: WITH_TERM))
    marked = Engine(lambda text: "La [1] está lista para usted." if "[1]" in text else "")
    by_placeholder = await enforce(enforcer, translated(SENTENCE, PLAIN, TERM), marked)

    assert (by_terms, by_placeholder) == (WITH_TERM, WITH_TERM)


async def test_choices_that_were_refused_are_asked_for_again_with_the_next_sentence() -> None:
    enforcer = Enforcer()
    for _ in range(2 * ENOUGH_FAILURES):
        await enforce_choosing(enforcer, answer="", several=None)

    enforced = await enforce_choosing(enforcer, answer="", several=[PLAIN, WITH_TERM])

    assert enforced.text == WITH_TERM


@pytest.mark.parametrize(
    ("answer", "several", "text", "is_settled"),
    [
        ("", [], PLAIN, True),
        (None, [], PLAIN, False),
        ("", None, PLAIN, False),
        (WITH_TERM, None, WITH_TERM, True),
    ],
    ids=["nothing helped", "refused", "choices refused", "refused first, then helped"],
)
async def test_a_translation_without_its_terms_is_settled_only_if_everything_was_answered(
    answer: str | None, several: Sequence[str] | None, text: str, is_settled: bool
) -> None:
    enforced = await enforce_choosing(Enforcer(), answer=answer, several=several)

    assert enforced == Enforced(text=text, is_settled=is_settled)


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_engines_answer_the_terms_are_there_or_nothing_is_changed(plain: str, answer: str) -> None:
    it = translated(SENTENCE, plain, TERM)
    engine = Engine(lambda _: answer)

    text = asyncio.run(enforce(Enforcer(), it, engine))

    assert text == plain or "nota" in text.casefold()
