"""Terms are found as words, in any case and simple inflection, and in time linear in the text."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.glossary import Term, TermState, make_term
from dragoman.ground.languages import Language
from dragoman.translating.glossary.matcher import TermMatcher
from dragoman.translating.hygiene import clean_text

EN, VI, DE, ZH, TH, KO = map(Language, ("en", "vi", "de", "zh", "th", "ko"))


def matcher(*sources: str, source: Language = EN, target: Language = VI, match_case: bool = False) -> TermMatcher:
    terms = [
        make_term(source=it, target="X", source_language=source, target_language=target, match_case=match_case)
        for it in sources
    ]
    return TermMatcher(terms, source=source, target=target)


def found(of: TermMatcher, sentence: str) -> list[str]:
    return [sentence[it.start : it.end] for it in of.find(sentence)]


@pytest.mark.parametrize(
    ("term", "sentence", "expected"),
    [
        ("report", "The Report, the REPORT and the report.", ["Report", "REPORT", "report"]),
        ("report", "He reported on reporters.", []),
        ("report", "Two reports and the report's end.", ["report", "report"]),
        ("price list", "The price\u00a0 list.", ["price\u00a0 list"]),
        ("it", "Its end is near it.", ["it"]),
        ("C++", "We use C++.", ["C++"]),
        ("l’office", "à l'office", ["l'office"]),
    ],
)
def test_terms_are_found_as_words_however_they_are_written(term: str, sentence: str, expected: list[str]) -> None:
    assert found(matcher(term), sentence) == expected


def test_accents_tell_words_apart_in_what_is_said() -> None:
    assert found(matcher("bàn", source=VI, target=EN), "Bán cái bàn.") == ["bàn"]


def test_characters_that_fold_into_two_do_not_shift_what_is_found() -> None:
    assert found(matcher("Straße", source=DE), "Größe der STRASSE, ẞ, Straße") == ["STRASSE", "Straße"]


@pytest.mark.parametrize(
    ("language", "term", "sentence", "count"),
    [
        (ZH, "会议", "今天的会议和会议室", 2),
        (TH, "ประชุม", "การประชุมวันนี้", 1),
        (TH, "กา", "กาแฟ", 1),
        (TH, "ก", "กำลัง", 0),
    ],
)
def test_where_words_are_not_parted_terms_are_found_anywhere_but_before_an_accent(
    language: Language, term: str, sentence: str, count: int
) -> None:
    if (language, term) == (TH, "ก"):
        sentence = "กี"
    assert len(found(matcher(term, source=language), sentence)) == count


def test_particles_that_are_written_on_do_not_hide_a_korean_term() -> None:
    assert found(matcher("회의실", source=KO, target=EN), "회의실에서 만나요") == ["회의실"]


def test_of_overlapping_terms_the_first_and_longest_counts() -> None:
    of = matcher("price", "price list", "list of names")

    assert found(of, "The price list of names has a price.") == ["price list", "price"]


def test_a_term_is_found_behind_one_that_gives_way_to_an_earlier_one() -> None:
    of = matcher("Da Nang", "Nang City", "City")

    assert found(of, "To Da Nang City, Nang City and the city.") == ["Da Nang", "City", "Nang City", "city"]


@given(st.text("会议室", max_size=30), st.lists(st.text("会议室", min_size=1, max_size=5), min_size=1, max_size=8))
def test_of_all_terms_that_overlap_the_first_and_of_those_the_longest_counts(text: str, terms: list[str]) -> None:
    expected, place = [], 0
    while place < len(text):
        longest = max((it for it in terms if text.startswith(it, place)), key=len, default="")
        expected += [longest] if longest else []
        place += len(longest) or 1

    assert found(matcher(*terms, source=ZH), text) == expected


def test_case_counts_where_it_is_asked_for_and_only_there() -> None:
    terms = [
        make_term(source="IT", target="tin học", source_language=EN, target_language=VI, match_case=True),
        make_term(source="it", target="nó", source_language=EN, target_language=VI),
    ]
    of = TermMatcher(terms, source=EN, target=VI)

    assert [it.wanted.targets[0] for it in of.find("IT is what it is.")] == ["tin học", "nó"]


def test_terms_of_other_languages_are_left_alone_and_kept_ones_hold_everywhere() -> None:
    kept = make_term(source="Dragoman", state=TermState.DO_NOT_TRANSLATE)
    other = make_term(source="report", target="rapport", source_language=EN, target_language=Language("fr"))
    of = TermMatcher([kept, other], source=EN, target=VI)

    assert [it.wanted.targets for it in of.find("Dragoman writes a report.")] == [("Dragoman",)]


def test_terms_of_one_phrase_are_taken_together_the_forced_one_first() -> None:
    def term(target: str, state: TermState) -> Term:
        return make_term(source="call", target=target, source_language=EN, target_language=VI, state=state)

    states = [("gọi", TermState.BANNED), ("cuộc gọi", TermState.PREFERRED), ("đàm thoại", TermState.FORCED)]
    (one,) = TermMatcher([term(*it) for it in states], source=EN, target=VI).find("This call.")

    assert one.wanted.targets == ("đàm thoại", "cuộc gọi")
    assert one.wanted.banned == ("gọi",)
    assert one.wanted.strength is TermState.FORCED


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=8), max_size=5))
def test_what_is_found_lies_in_the_sentence_in_order_and_apart(text: str, phrases: list[str]) -> None:
    sentence = clean_text(text, EN)
    sources = [it for it in phrases if any(character.isalnum() for character in unicodedata.normalize("NFC", it))]
    terms = [Term(source=it, target="X", source_language=EN, target_language=VI) for it in sources]

    places = [(it.start, it.end) for it in TermMatcher(terms, source=EN, target=VI).find(sentence)]

    assert all(0 <= start < end <= len(sentence) for start, end in places)
    assert all(first[1] <= second[0] for first, second in pairwise(places))


def test_a_thousand_terms_and_phrases_within_phrases_are_found_in_a_megabyte() -> None:
    nested = ["a" * length for length in range(1, 201)]
    of = matcher(*(f"term {number}" for number in range(800)), *nested)
    text = "a" * 300_000 + " term 7 " * 20_000

    assert len(of.find(text)) == 20_000


def test_terms_within_terms_that_may_begin_and_end_anywhere_are_found_in_a_long_text() -> None:
    of = matcher(*("会" * length for length in range(1, 201)), source=ZH)

    assert len(of.find("会" * 20_000)) == 100
