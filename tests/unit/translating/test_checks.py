"""check_translation and find_doubt: nothing, noise and loops are no translations, and some others may be bad ones."""

import time
from contextlib import suppress

import pytest

from dragoman.ground.errors import EngineOutputInvalid
from dragoman.ground.languages import Language
from dragoman.translating.checks import check_translation, find_doubt


@pytest.mark.parametrize(
    "target",
    ["", "  ", "a\x00b", "so " * 40, "and then and then and then and then and then and then and then", "x" * 2000],
)
def test_what_cannot_be_a_translation_is_refused(target: str) -> None:
    with pytest.raises(EngineOutputInvalid):
        check_translation("We will see you tomorrow at the market.", target, engine="some")


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Good morning.", "Buenos días."),
        ("早上好。", "Good morning to all of you, ladies and gentlemen."),
        ("No, no, no, no.", "Không, không, không, không."),
        ("", ""),
        ("😀", "😀"),
    ],
)
def test_what_can_be_one_passes(source: str, target: str) -> None:
    check_translation(source, target, engine="some")


@pytest.mark.parametrize(
    ("pair", "source", "target"),
    [
        (
            "en-vi",
            "We will see you tomorrow at the market near the old bridge in the city of Huế, will we not?",
            "Vâng.",
        ),
        ("zh-en", "早上好。", "Good morning to all of you, " * 5),
        ("zh-ja", "我们明天在市场见。", "市場で会いましょう" * 20),
        ("en-th", "Good morning.", "สวัสดี" * 30),
        ("en-zh", "Good morning to you.", "早" * 30),
    ],
)
def test_an_answer_of_an_impossible_length_is_refused(pair: str, source: str, target: str) -> None:
    one, other = pair.split("-")

    with pytest.raises(EngineOutputInvalid):
        check_translation(source, target, engine="some", languages=(Language(one), Language(other)))


@pytest.mark.parametrize(
    ("pair", "source", "target"),
    [
        (
            "zh-en",
            "我们明天在市场见，请不要忘记带钱。",
            "We will see each other tomorrow at the market, please remember your money.",
        ),
        (
            "en-zh",
            "We will see each other tomorrow at the market, please remember your money.",
            "我们明天在市场见，请不要忘记带钱。",
        ),
        ("en-vi", "Yes.", "Vâng, đúng như vậy ạ."),
        ("ja-vi", "はい、そうです。", "Vâng, đúng như vậy đấy ạ."),
    ],
)
def test_honest_lengths_pass(pair: str, source: str, target: str) -> None:
    one, other = pair.split("-")

    check_translation(source, target, engine="some", languages=(Language(one), Language(other)))


@pytest.mark.parametrize(
    ("pair", "source", "target", "doubt"),
    [
        ("en-vi", "It costs 1,500,000 dong.", "Giá là 1.500.000 đồng.", ""),
        ("en-vi", "It costs 3.5 million.", "Giá là 3,5 triệu.", ""),
        ("en-zh", "It costs 10,000 yuan.", "价格是1万元。", ""),
        ("en-ar", "We meet at 12:30.", "نلتقي في ١٢:٣٠.", ""),
        ("en-fr", "I have 3 cats.", "J'ai trois chats.", ""),
        ("en-vi", "It costs 1,500,000 dong.", "Giá là 150.500 đồng.", "numbers"),
        ("en-vi", "Gate 12 at 14:35.", "Cổng 12.", "numbers"),
        ("en-vi", "We need 500 chairs.", "Chúng ta cần 20 cái ghế.", "numbers"),
        ("en-vi", "We will see you at the market.", "We will see you at the market.", "untranslated"),
        ("en-vi", "Ho Chi Minh City", "Ho Chi Minh City", ""),
        ("en-vi", "We will meet at the market.", "We are going to see you there at the market.", "language"),
        ("en-ru", "We will meet at the market.", "We are going to see you there.", "language"),
        ("en-ru", "We use Microsoft Windows.", "Мы используем Microsoft Windows.", ""),
        ("en-ja", "We will meet at the market.", "市場で会いましょう。", ""),
        ("zh-ja", "我们明天在市场见。", "明日市場で会いましょう。", ""),
        ("zh-vi", "我们明天在市场见。", "Ngày mai chúng ta gặp nhau ở chợ.", ""),
    ],
)
def test_bad_signs_are_doubted_and_honest_answers_are_not(pair: str, source: str, target: str, doubt: str) -> None:
    one, other = pair.split("-")

    found = find_doubt(source, target, source_language=Language(one), target_language=Language(other))

    assert (doubt in found) if doubt else found == ""


def test_a_loop_without_spaces_is_one_too() -> None:
    with pytest.raises(EngineOutputInvalid, match="repeats"):
        check_translation("We will see you tomorrow at the old market.", "市場へ" * 12, engine="some")


@pytest.mark.parametrize("unit", ["a", "word ", "12 ", "1.", "😀", "\u202e\u05d0\u202c", "市場へ", "\u0301", "12:30,"])
def test_the_time_is_linear(unit: str) -> None:
    def took_s(repeats: int) -> float:
        source, target = "x" + unit * repeats, "y" + unit * repeats
        began = time.thread_time()
        with suppress(EngineOutputInvalid):
            check_translation(source, target, engine="some")
        find_doubt(source, target, source_language=Language("en"), target_language=Language("vi"))
        return time.thread_time() - began

    took_s(100)

    assert took_s(40_000) < 20 * took_s(10_000) + 0.5
