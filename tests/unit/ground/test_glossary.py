"""Terms: what can be one, and what stands for them all."""

import pytest

from dragoman.ground.glossary import (
    MAX_HOT_WORDS,
    MAX_TERM_CHARS,
    MAX_TERMS,
    NO_TERMS,
    GlossaryInvalid,
    Term,
    TermState,
    make_term,
    make_term_base,
)
from dragoman.ground.languages import Language

EN, VI = Language("en"), Language("vi")


def term(source: str, target: str = "bản tin", state: TermState = TermState.FORCED) -> Term:
    return make_term(source=source, target=target, source_language=EN, target_language=VI, state=state)


def test_both_sides_are_brought_onto_one_line_of_composed_characters() -> None:
    made = term(" price\n list\u200b ", "ba\u0309n  gia\u0301")

    assert (made.source, made.target) == ("price list", "bản giá")


@pytest.mark.parametrize(
    ("source", "target", "languages", "state"),
    [
        ("", "x", (EN, VI), TermState.FORCED),
        ("...", "x", (EN, VI), TermState.FORCED),
        ("report", "", (EN, VI), TermState.PREFERRED),
        ("report", "bản tin", (EN, None), TermState.FORCED),
        ("report", "bản tin", (EN, EN), TermState.BANNED),
        ("report", "bản tin", (EN, VI), TermState.DO_NOT_TRANSLATE),
        ("x" * (MAX_TERM_CHARS + 1), "x", (EN, VI), TermState.FORCED),
        ("x", "x" * 100_000, (EN, VI), TermState.FORCED),
    ],
)
def test_what_cannot_be_a_term_is_refused_with_what_would_work(
    source: str, target: str, languages: tuple[Language, Language | None], state: TermState
) -> None:
    with pytest.raises(GlossaryInvalid) as refusal:
        make_term(source=source, target=target, source_language=languages[0], target_language=languages[1], state=state)

    assert ";" in str(refusal.value)


def test_a_glossary_is_named_by_its_terms_and_their_order() -> None:
    first, second = term("report"), term("invoice")

    assert make_term_base([first, second]).version == make_term_base([first, second, first]).version
    assert make_term_base([first, second]).version != make_term_base([second, first]).version
    assert NO_TERMS.version == make_term_base([]).version == ""


def test_a_thousand_terms_are_taken_and_one_more_is_not() -> None:
    terms = [term(f"report {number}") for number in range(MAX_TERMS + 1)]

    assert len(make_term_base(terms[:-1]).terms) == MAX_TERMS
    with pytest.raises(GlossaryInvalid):
        make_term_base(terms)


def test_recognisers_are_told_what_may_be_said_in_their_language_and_of_nothing_banned() -> None:
    kept = make_term(source="Dragoman", state=TermState.DO_NOT_TRANSLATE)
    base = make_term_base([term("report"), kept, term("call", "gọi", TermState.BANNED)])

    assert base.hot_words(EN) == ("report", "Dragoman", "call")
    assert base.hot_words(VI) == ("Dragoman", "bản tin")
    assert len(make_term_base(term(f"word {number}") for number in range(90)).hot_words(EN)) == MAX_HOT_WORDS
