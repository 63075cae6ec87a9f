"""prepare and restore: an engine gets a clean written sentence, people get back what they had."""

import time
import unicodedata

import pytest

from dragoman.ground.languages import BASE_LANGUAGES, Language
from dragoman.translating.hygiene import clean_text, has_words, prepare

EN, VI = Language("en"), Language("vi")


@pytest.mark.parametrize(
    ("code", "text", "given"),
    [
        ("en", "hello there", "hello there."),
        ("en", "  We   will\tgo.\n", "We will go."),
        ("en", "WE WILL MEET TOMORROW", "We will meet tomorrow."),
        ("en", "NATO", "NATO."),
        ("en", "Really?", "Really?"),
        ("en", "first,", "first,"),
        ("zh", "今天天气很好", "今天天气很好。"),
        ("ja", "今日は雨です", "今日は雨です。"),
        ("hi", "मैं ठीक हूँ", "मैं ठीक हूँ।"),
        ("th", "สวัสดีครับ", "สวัสดีครับ"),
        ("vi", "Tôi khoẻ, hoà bình, thuỷ thủ, quý vị", "Tôi khỏe, hòa bình, thủy thủ, quý vị."),
        ("vi", "hoàng HOÀ toán", "hoàng HÒA toán."),
        ("en", "a\x00b\u202ec\u200bd", "abcd."),
    ],
)
def test_a_sentence_is_written_as_engines_know_it(code: str, text: str, given: str) -> None:
    assert prepare(text, Language(code)).text == given


@pytest.mark.parametrize("code", BASE_LANGUAGES)
def test_text_is_composed_in_every_language(code: Language) -> None:
    decomposed = unicodedata.normalize("NFD", "Tiếng Việt é 한국어 が")

    assert clean_text(decomposed, code) == unicodedata.normalize("NFC", decomposed)


def test_joiners_and_emoji_stay_whole() -> None:
    text = "क्\u200dष 👨\u200d👩\u200d👧 ok."

    assert clean_text(text, Language("hi")) == text


@pytest.mark.parametrize(
    ("text", "answer", "restored"),
    [
        ("hello there", "Xin chào.", "Xin chào"),
        ("Hello there.", "Xin chào.", "Xin chào."),
        ("hello there", "Xin chào...", "Xin chào..."),
        ("hello", "你好。", "你好"),
    ],
)
def test_what_was_added_is_taken_away_again(text: str, answer: str, restored: str) -> None:
    assert prepare(text, EN).restore(answer) == restored


@pytest.mark.parametrize("text", ["", " ", "😀😀", "12:30", "3,5 %", "...", "\x00\x01"])
def test_there_are_no_words_in_numbers_and_emoji(text: str) -> None:
    assert not has_words(prepare(text, VI).text)


@pytest.mark.parametrize("unit", ["a\u0301\u0316", "\u0301\u0316", "\u200b", "\x00", "hoà ", "A", "👍🏽"])
def test_the_time_is_linear(unit: str) -> None:
    def took_s(repeats: int) -> float:
        began = time.thread_time()
        prepare("x" + unit * repeats, VI)
        return time.thread_time() - began

    assert took_s(80_000) < 20 * took_s(20_000) + 0.5
