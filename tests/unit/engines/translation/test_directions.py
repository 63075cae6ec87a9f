"""Pairs by way of a third language, and long sentences in parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.engines.translation.directions import chain_name, find_chains, require_pair
from dragoman.engines.translation.sentence_parts import cut_long
from dragoman.ground.engines import EngineInfo, EngineKind
from dragoman.ground.errors import LanguageNotSupported
from dragoman.ground.languages import Language

EN, ES, FR, VI = (Language(code) for code in ("en", "es", "fr", "vi"))


def test_what_has_no_model_goes_through_a_third_language() -> None:
    chains = find_chains([(VI, EN), (EN, ES)])

    assert chains == {(VI, EN): ((VI, EN),), (EN, ES): ((EN, ES),), (VI, ES): ((VI, EN), (EN, ES))}
    assert chain_name(chains[VI, ES]) == "vi-en+en-es"


def test_a_model_of_its_own_goes_before_a_chain() -> None:
    assert find_chains([(VI, EN), (EN, ES), (VI, ES)])[VI, ES] == ((VI, ES),)


def test_chains_go_only_through_the_language_that_is_wanted() -> None:
    pairs = [(FR, ES), (ES, EN), (FR, EN), (EN, VI), (ES, VI)]

    assert find_chains(pairs, by_way_of=EN)[FR, VI] == ((FR, EN), (EN, VI))
    assert (FR, VI) not in find_chains([(FR, ES), (ES, VI)], by_way_of=EN)
    assert (EN, VI) not in find_chains([(EN, FR), (FR, VI)], apart=[EN, VI])


def test_a_refusal_names_what_is_possible() -> None:
    info = EngineInfo(
        name="e", kind=EngineKind.TRANSLATION, pairs=frozenset({(EN, ES)}), licence="MIT", commercial=True
    )

    with pytest.raises(LanguageNotSupported, match=r"English into French; from there .* es \(Spanish\)"):
        require_pair(info, EN, FR)
    with pytest.raises(LanguageNotSupported, match="does not read it"):
        require_pair(info, VI, EN)


tidy_texts = st.lists(st.text("abcde", min_size=1, max_size=30), min_size=1, max_size=30).map(" ".join)


@given(tidy_texts, st.integers(1, 40))
def test_parts_are_short_enough_and_together_the_whole(text: str, most: int) -> None:
    parts = cut_long(text, most=most, measure=lambda part: len(part.replace(" ", "")))

    assert all(len(part.replace(" ", "")) <= most for part in parts)
    assert "".join(parts).replace(" ", "") == text.replace(" ", "")


@given(tidy_texts)
def test_between_words_nothing_is_cut_that_fits(text: str) -> None:
    parts = cut_long(text, most=30, measure=lambda part: len(part.replace(" ", "")))

    assert " ".join(parts) == text


def test_a_word_whose_letters_count_more_than_one_is_cut_small_enough() -> None:
    parts = cut_long("好" * 100, most=30, measure=lambda part: 3 * len(part))

    assert "".join(parts) == "好" * 100
    assert all(3 * len(part) <= 30 for part in parts)
