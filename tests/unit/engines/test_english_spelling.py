"""spell_english: what is never written small in English."""

import pytest

from dragoman.engines.speech_to_text.english_spelling import spell_english


@pytest.mark.parametrize(
    ("heard", "written"),
    [("i", "I"), ("i'm", "I'm"), ("spanish", "Spanish"), ("friday's", "Friday's"), ("vietnam", "Vietnam")],
)
def test_words_that_are_always_capitalised_are(heard: str, written: str) -> None:
    assert spell_english(heard) == written


@pytest.mark.parametrize("word", ["may", "march", "polish", "it's", "in", "doctor", ""])
def test_other_words_stay_as_they_are(word: str) -> None:
    assert spell_english(word) == word
