"""SentenceCutter: committed words in, segments out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.languages import Language
from dragoman.ground.speech import Word
from dragoman.interpreting.sentences import SentenceCutter
from dragoman.interpreting.tuning import InterpretingTuning

EN, VI = Language("en"), Language("vi")


def _words(text: str, *, word_s: float = 0.3, gap_s: float = 0.02, start_s: float = 0.0) -> list[Word]:
    """Speak ``text`` evenly; a ``|`` is a pause of 0.3 s, ``||`` one of a second."""
    words, at = [], start_s
    for token in text.split():
        if set(token) == {"|"}:
            at += 0.3 if len(token) == 1 else 1.0
            continue
        words.append(Word(text=token, start_s=at, end_s=at + word_s))
        at += word_s + gap_s
    return words


def _cut(text: str, language: Language = EN, *, word_s: float = 0.3) -> list[str]:
    cutter = SentenceCutter(language=language, tuning=InterpretingTuning())
    return [segment.text for segment in cutter.push(_words(text, word_s=word_s)) + cutter.flush()]


def test_sentence_marks_close_a_segment() -> None:
    assert _cut("Good morning. How are you? Fine!") == ["Good morning.", "How are you?", "Fine!"]


def test_abbreviations_and_initials_do_not() -> None:
    assert _cut("Dr. Lan met J. Smith today.") == ["Dr. Lan met J. Smith today."]
    assert _cut("ThS. Lan ở TP. Huế.", VI) == ["ThS. Lan ở TP. Huế."]


def test_numbers_with_points_inside_stay_whole() -> None:
    assert _cut("It costs 3.50 euros.") == ["It costs 3.50 euros."]


def test_a_pause_closes_a_segment_without_any_mark() -> None:
    assert _cut("we meet at nine || the doctor is late") == ["we meet at nine", "the doctor is late"]


def test_a_comma_closes_only_a_long_segment() -> None:
    long = " ".join(f"word{number}" for number in range(14))

    assert _cut(f"yes, {long}, and more.", word_s=0.1) == [f"yes, {long},", "and more."]
    assert _cut("yes, no.") == ["yes, no."]


def test_long_speech_without_marks_is_cut_at_its_longest_pause() -> None:
    text = "one two three four five six seven | eight nine ten eleven twelve thirteen fourteen"

    assert _cut(text, word_s=0.35) == [
        "one two three four five six seven",
        "eight nine ten eleven twelve thirteen fourteen",
    ]


def test_long_speech_without_any_pause_stays_whole_up_to_thirty_words() -> None:
    assert len(_cut(" ".join(["word"] * 25))) == 1
    assert all(len(piece.split()) <= 30 for piece in _cut(" ".join(["word"] * 70)))


def test_words_of_languages_without_spaces_are_joined_without_them() -> None:
    cutter = SentenceCutter(language=Language("zh"), tuning=InterpretingTuning())

    assert [segment.text for segment in cutter.push(_words("你 好 。"))] == ["你好。"]


@given(st.lists(st.sampled_from(["one", "two,", "three.", "Dr.", "four?", "|", "||"]), max_size=120))
def test_every_word_comes_out_exactly_once_and_in_order(tokens: list[str]) -> None:
    words = _words(" ".join(tokens))
    cutter = SentenceCutter(language=EN, tuning=InterpretingTuning())

    out = [word for segment in [*cutter.push(words), *cutter.flush()] for word in segment.words]

    assert out == words


@pytest.mark.parametrize("size", [1, 3, 7])
def test_words_that_come_in_pieces_are_cut_as_if_they_came_at_once(size: int) -> None:
    words = _words("Good morning. We meet || at nine, and the doctor comes later today. Bye")
    whole = SentenceCutter(language=EN, tuning=InterpretingTuning())
    parts = SentenceCutter(language=EN, tuning=InterpretingTuning())

    at_once = [*whole.push(words), *whole.flush()]
    piecewise = [s for i in range(0, len(words), size) for s in parts.push(words[i : i + size])] + parts.flush()

    assert piecewise == at_once
