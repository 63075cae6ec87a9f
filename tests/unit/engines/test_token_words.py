"""Tokens of a transducer become words."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dragoman.engines.speech_to_text.token_words import Token, words_of_tokens
from dragoman.ground.languages import Language

EN, ZH = Language("en"), Language("zh")


def tokens(*texts: str) -> list[Token]:
    return [Token(text=text, at_s=0.4 * place, logprob=-0.5) for place, text in enumerate(texts)]


def test_tokens_with_a_space_before_them_begin_words() -> None:
    words = words_of_tokens(tokens(" WE", " MEE", "T"), " WE MEET", language=EN, offset_s=10.0, end_s=20.0)

    assert [(word.text, word.start_s, word.end_s) for word in words] == [("WE", 10.0, 10.12), ("MEET", 10.4, 10.92)]


def test_a_word_of_which_nothing_was_found_yet_is_none() -> None:
    words = words_of_tokens(tokens(" we", " "), " we ", language=EN, offset_s=0.0, end_s=2.0)

    assert [word.text for word in words] == ["we"]


def test_without_spaces_every_token_is_a_word() -> None:
    words = words_of_tokens(tokens("你", "好", "吗"), "你好吗", language=ZH, offset_s=0.0, end_s=2.0)

    assert [(word.text, word.start_s) for word in words] == [("你", 0.0), ("好", 0.4), ("吗", 0.8)]


def test_a_token_without_letters_is_no_word() -> None:
    words = words_of_tokens(tokens(" ", "你", " ", "好"), "你好", language=ZH, offset_s=0.0, end_s=2.0)

    assert [(word.text, round(word.start_s, 3)) for word in words] == [("你", 0.4), ("好", 1.2)]


def test_tokens_that_are_bytes_leave_the_letters_to_the_text() -> None:
    words = words_of_tokens(tokens("<0xE4>", "<0xBD>", "<0xA0>", "好"), "你好", language=ZH, offset_s=0.0, end_s=2.0)

    assert "".join(word.text for word in words) == "你好"


def test_nothing_gives_nothing() -> None:
    assert words_of_tokens([], "", language=EN, offset_s=0.0, end_s=1.0) == ()


@given(
    rows=st.lists(st.tuples(st.sampled_from([" a", "b", " ", "ç", " d", "<0xE1>"]), st.floats(0, 0.5)), max_size=20),
    text=st.text(alphabet="ab ç", max_size=20),
    language=st.sampled_from([EN, ZH]),
)
def test_whatever_comes_words_are_in_order_within_the_sound(
    rows: list[tuple[str, float]], text: str, language: Language
) -> None:
    at_s, given_tokens = 0.0, []
    for symbol, gap_s in rows:
        at_s += gap_s
        given_tokens.append(Token(text=symbol, at_s=at_s, logprob=None))

    words = words_of_tokens(given_tokens, text, language=language, offset_s=1.0, end_s=4.0)

    assert all(1.0 <= word.start_s <= word.end_s <= 4.0 for word in words)
    assert all(before.start_s <= after.start_s for before, after in pairwise(words))
    assert not any(word.text != word.text.strip() or not word.text for word in words)
    if any(token.text.strip() for token in given_tokens):
        assert "".join(word.text for word in words) == "".join(text.split())
