"""Belief: words and what is known of them in, words to keep out."""

import pytest

from dragoman.ground.languages import Language
from dragoman.ground.speech import Word
from dragoman.recognition.believing import Belief
from dragoman.recognition.tuning import RecognitionTuning


def belief() -> Belief:
    return Belief(language=Language("en"), tuning=RecognitionTuning())


def say(text: str, *, probability: float | None = 0.9) -> list[Word]:
    return [
        Word(text=word, start_s=place / 2, end_s=place / 2 + 0.4, probability=probability)
        for place, word in enumerate(text.split())
    ]


def texts(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words)


def test_what_was_said_is_kept() -> None:
    kept = belief().keep((), say("We have ten minutes left."), no_speech=0.0, voiced_s=2.0, pitched=True)

    assert texts(kept) == "We have ten minutes left."


def test_a_phantom_phrase_is_dropped_when_hardly_anything_was_voiced() -> None:
    phantom = say("Thank you.")

    assert belief().keep((), phantom, no_speech=0.0, voiced_s=0.2, pitched=True) == ()


def test_a_real_thank_you_is_kept() -> None:
    assert texts(belief().keep((), say("Thank you."), no_speech=0.0, voiced_s=0.9, pitched=True)) == "Thank you."


def test_a_phrase_at_the_end_of_committed_words_is_no_phantom() -> None:
    committed = say("We are done.")

    assert texts(belief().keep(committed, say("Thank you."), no_speech=0.5, voiced_s=0.2, pitched=True)) == "Thank you."


def test_a_loop_is_cut_off_where_it_begins_to_repeat() -> None:
    kept = belief().keep((), say("well " + "no " * 12), no_speech=0.0, voiced_s=6.0, pitched=True)

    assert texts(kept) == "well no"


def test_a_loop_that_began_among_the_committed_words_is_cut_off_too() -> None:
    committed = say("so on and " * 3)

    assert belief().before_loop(committed, say("so on and")) == 0


def test_an_unlikely_last_word_is_taken_for_a_click() -> None:
    words = [*say("That is all"), Word(text="uh", start_s=2.0, end_s=2.1, probability=0.05)]

    assert texts(belief().keep((), words, no_speech=0.0, voiced_s=2.0, pitched=True)) == "That is all"


@pytest.mark.parametrize("duration_s", [0.1, 2.4])
@pytest.mark.parametrize(
    ("probability", "kept"), [(0.4, "That is all"), (0.6, "That is all it"), (None, "That is all it")]
)
def test_a_last_word_of_an_unusual_length_must_be_likely(
    duration_s: float, probability: float | None, kept: str
) -> None:
    last = Word(text="it", start_s=2.0, end_s=2.0 + duration_s, probability=probability)

    words = belief().keep((), [*say("That is all"), last], no_speech=0.0, voiced_s=2.0, pitched=True)

    assert texts(words) == kept


def test_an_unsure_last_word_of_a_usual_length_is_kept() -> None:
    last = Word(text="it", start_s=2.0, end_s=2.2, probability=0.4)

    words = belief().keep((), [*say("That is all"), last], no_speech=0.0, voiced_s=2.0, pitched=True)

    assert texts(words) == "That is all it"


@pytest.mark.parametrize("probability", [None, 0.9])
def test_a_likely_last_word_is_kept(probability: float | None) -> None:
    kept = belief().keep((), say("That is all", probability=probability), no_speech=0.0, voiced_s=2.0, pitched=True)

    assert texts(kept) == "That is all"


def test_unsure_words_without_a_voice_s_pitch_are_noise() -> None:
    unsure = say("the survey of March", probability=0.6)

    assert belief().keep((), unsure, no_speech=0.0, voiced_s=3.0, pitched=False) == ()
    assert belief().is_noise(unsure, pitched=False)
    assert texts(belief().keep((), unsure, no_speech=0.0, voiced_s=3.0, pitched=True)) == "the survey of March"


def test_who_whispers_clearly_is_heard() -> None:
    sure = say("shall we begin", probability=0.9)

    assert texts(belief().keep((), sure, no_speech=0.0, voiced_s=1.0, pitched=False)) == "shall we begin"


def test_words_without_a_probability_are_not_taken_for_noise() -> None:
    plain = say("shall we begin", probability=None)

    assert texts(belief().keep((), plain, no_speech=0.0, voiced_s=1.0, pitched=False)) == "shall we begin"
