"""Phonemes from a kept-open espeak-ng, clause by clause."""

import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.engines.text_to_speech.espeak_phonemes import EspeakPhonemizer, split_clauses
from dragoman.ground.errors import EngineCrashed, EngineUnavailable, TextNotReadable


@pytest.fixture(scope="module")
def english() -> Iterator[EspeakPhonemizer]:
    phonemizer = EspeakPhonemizer("en-us")
    yield phonemizer
    phonemizer.close()


def letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum())


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=500))
def test_no_letter_is_lost_between_the_clauses_and_none_is_too_long(text: str) -> None:
    clauses = split_clauses(text)

    assert letters("".join(clause for clause, _ in clauses)) == letters(text)
    assert all(len(clause) <= 200 and mark in {"", *",.;:!?"} for clause, mark in clauses)


@pytest.mark.parametrize(
    ("sentence", "clauses"),
    [
        ("Hello, world. How are you?", [("Hello", ","), ("world", "."), ("How are you", "?")]),
        ("It costs 3.50 at 10:30", [("It costs 3.50 at 10:30", "")]),
        ("你好，世界。", [("你好", ","), ("世界", ".")]),
        ("كيف حالك؟", [("كيف حالك", "?")]),
        ("... !", []),
    ],
)
def test_clauses_end_at_their_marks(sentence: str, clauses: list[tuple[str, str]]) -> None:
    assert split_clauses(sentence) == clauses


def test_marks_stand_again_behind_the_phonemes(english: EspeakPhonemizer) -> None:
    assert english.phonemes("Hello, world! Yes?") == "həlˈoʊ, wˈɜːld! jˈɛs?"


def test_phonemes_are_decomposed_and_say_nothing_of_other_languages() -> None:
    phonemizer = EspeakPhonemizer("de")

    phonemes = phonemizer.phonemes("Ich habe ein Meeting mit very nice Leuten.")
    phonemizer.close()

    assert "(" not in phonemes
    assert phonemes == unicodedata.normalize("NFD", phonemes)


@pytest.mark.parametrize("text", ["[[h@l'oU]]", "<b>hello</b>", "\x01+10S hello", "-v fr hello", "a\nb", "x" * 900])
def test_odd_text_is_text_and_the_next_answer_is_in_step(english: EspeakPhonemizer, text: str) -> None:
    assert english.phonemes(text)
    assert english.phonemes("Yes.") == "jˈɛs."


def test_text_without_anything_to_speak_is_an_error(english: EspeakPhonemizer) -> None:
    with pytest.raises(TextNotReadable):
        english.phonemes("... !")


def test_threads_get_the_phonemes_of_their_own_words(english: EspeakPhonemizer) -> None:
    words = ["one", "two", "three", "four"] * 5
    alone = [english.phonemes(word) for word in words]

    with ThreadPoolExecutor(4) as executor:
        assert list(executor.map(english.phonemes, words)) == alone


def test_a_voice_that_espeak_lacks_is_an_error_that_names_it() -> None:
    phonemizer = EspeakPhonemizer("qqq")

    with pytest.raises(EngineCrashed, match="qqq"):
        phonemizer.phonemes("Hello")
    phonemizer.close()


def test_after_closing_it_says_that_it_is_closed() -> None:
    phonemizer = EspeakPhonemizer("en-us")
    phonemizer.phonemes("Hello")

    phonemizer.close()
    phonemizer.close()

    with pytest.raises(EngineUnavailable):
        phonemizer.phonemes("Hello")
