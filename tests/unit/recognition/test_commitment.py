"""Commitment: hypotheses in, words that stay out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.ground.languages import Language
from dragoman.ground.speech import Word
from dragoman.ground.windows import WindowWord
from dragoman.recognition.commitment import Commitment
from dragoman.recognition.speech_window import SpeechWindow
from dragoman.recognition.tuning import RecognitionTuning

TUNING = RecognitionTuning()


def hear(text: str, *, from_s: float = 0.0, probability: float | None = 0.9) -> list[WindowWord]:
    """A hypothesis in which every word takes half a second."""
    return [
        WindowWord(
            word=Word(text=word, start_s=from_s + place / 2, end_s=from_s + place / 2 + 0.4, probability=probability),
            settled_s=from_s + (place + 1) / 2,
        )
        for place, word in enumerate(text.split())
    ]


def texts(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words)


def test_a_likely_word_is_committed_once_the_speaker_has_left_it_half_a_second_behind() -> None:
    commitment = Commitment(TUNING)

    new = commitment.push(hear("good morning everybody"), heard_s=1.25)

    assert texts(new) == "good"
    assert texts(commitment.tail) == "morning everybody"


def test_a_word_that_two_looks_agree_on_is_committed_earlier() -> None:
    commitment = Commitment(TUNING)
    commitment.push(hear("good morning every"), heard_s=0.9)

    new = commitment.push(hear("good morning everybody"), heard_s=1.15)

    assert texts(new) == "good morning"


def test_an_unlikely_word_waits_for_the_second_witness() -> None:
    commitment = Commitment(TUNING)
    unsure = hear("good morning everybody", probability=0.2)

    first = commitment.push(unsure, heard_s=1.5)
    second = commitment.push(unsure, heard_s=1.5)

    assert texts(first) == ""
    assert texts(second) == "good morning"


def test_an_engine_without_probabilities_is_believed_when_it_says_the_same_twice() -> None:
    commitment = Commitment(TUNING)
    words = hear("good morning everybody", probability=None)

    first = commitment.push(words, heard_s=1.2)
    second = commitment.push(words, heard_s=1.2)

    assert texts(first) == ""
    assert texts(second) == "good morning"


def test_the_last_word_waits_for_what_follows_it_however_long_ago_it_was() -> None:
    commitment = Commitment(TUNING)

    commitment.push(hear("good morning"), heard_s=60.0)
    new = commitment.push(hear("morning", from_s=0.5), heard_s=61.0)

    assert texts(new) == ""
    assert texts(commitment.committed) == "good"


def test_capitals_and_punctuation_do_not_part_the_witnesses() -> None:
    commitment = Commitment(TUNING)
    commitment.push(hear("good morning. every"), heard_s=0.9)

    new = commitment.push(hear("Good morning, everybody"), heard_s=1.15)

    assert texts(new) == "Good morning,"


def test_no_word_is_committed_behind_one_that_is_not_safe() -> None:
    commitment = Commitment(TUNING)
    words = [*hear("good", probability=0.2), *hear("morning everybody now", from_s=0.5)]

    assert commitment.push(words, heard_s=5.0) == ()


def test_the_end_of_the_utterance_keeps_all_that_is_left() -> None:
    commitment = Commitment(TUNING)
    commitment.push(hear("good morning everybody"), heard_s=1.25)

    rest = commitment.finish(commitment.tail)

    assert texts(rest) == "morning everybody"
    assert texts(commitment.committed) == "good morning everybody"
    assert commitment.tail == ()


letters = some.sampled_from(["a", "b", "c", "A.", "b,"])
guesses = some.lists(
    some.tuples(letters, some.floats(0.01, 1.5), some.one_of(some.none(), some.floats(0.0, 1.0))), max_size=12
)
looks = some.lists(some.tuples(guesses, some.floats(0.1, 2.0)), max_size=25)


def place(guess: list[tuple[str, float, float | None]], *, from_s: float, heard_s: float) -> list[WindowWord]:
    """Any words at all, in ascending order, within what was heard."""
    words, at_s = [], from_s
    for text, length_s, probability in guess:
        start_s, end_s = min(at_s + 0.3 * length_s, heard_s), min(at_s + length_s, heard_s)
        word = Word(text=text, start_s=start_s, end_s=end_s, probability=probability)
        words.append(WindowWord(word=word, settled_s=end_s))
        at_s = end_s
    return words


@pytest.mark.parametrize("window_limit_s", [2.0, 6.0])
@settings(max_examples=60, deadline=None)
@given(heard=looks)
def test_whatever_is_hypothesised_and_cut_what_was_committed_stays(
    heard: list[tuple[list[tuple[str, float, float | None]], float]], window_limit_s: float
) -> None:
    tuning = RecognitionTuning(window_limit_s=window_limit_s)
    commitment = Commitment(tuning)
    window = SpeechWindow(language=Language("en"), previous_text="", tuning=tuning)
    told: list[Word] = []
    heard_s = 0.0

    for guess, new_s in heard:
        heard_s += new_s
        from_s = max(told[-1].end_s if told else 0.0, window.start_s)
        start_before = window.start
        hypothesis = place(guess, from_s=from_s, heard_s=heard_s)
        new = commitment.push(hypothesis, heard_s=heard_s)
        told += new
        window.commit(new, commitment.tail, heard_s=heard_s)

        assert commitment.committed == tuple(told)
        assert (*new, *commitment.tail) == tuple(word.word for word in hypothesis)
        assert window.words == tuple(told[len(told) - len(window.words) :])
        assert start_before <= window.start <= heard_s * RECOGNITION_RATE
        gone = told[: len(told) - len(window.words)]
        assert all(word.end_s * RECOGNITION_RATE <= window.start + 1 for word in gone)
        assert all(word.start_s * RECOGNITION_RATE >= window.start - 1 for word in window.words)
