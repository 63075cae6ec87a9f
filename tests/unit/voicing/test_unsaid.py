"""Nothing is spoken that the caption does not say: what espeak-ng would name or spell is left out before it is asked.

Compared by the phonemes of the real espeak-ng.
"""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.languages import LANGUAGES, Language
from dragoman.voicing.scripts import foreign_script, leave_out_foreign
from dragoman.voicing.spoken_text.normalise import as_spoken

EMOJI = (
    "▶◀ℹ↔↕↖↗↘↙↩↪▪▫◻◼◽◾‼⁉⤴⤵〰〽㊗㊙©®™Ⓜ⌚⌨⏏⏩⏸☀☎☑☔☠♀♂♻⚠⚡⛔✂✅✈✉✏✔✖✨✳❄❌❓❗❤➕➡⬅⬛⭐⭕🀄🃏🅰🆗🈁🈚🌍🎉👍🚀🤖🥳🧠🩷"
)
"""All of the Basic Multilingual Plane that Unicode shows as emoji by kind, and some of each block beyond."""
MIXED = [
    "Москва ok",
    "Tôi ở 東京",
    "kΩ",
    "α",
    "(日本)",
    "ﬁ",
    "Ⅳ",
    "ー",
    "।",
    "ि",
    "नमस्ते",
    "a\u0301",
    "・",
    "ｱ",
    "㈱",
    "〇",
]


def phonemes(text: str, voice: str) -> list[str]:
    """Give what espeak-ng would speak, without its pauses and its breaks between clauses."""
    asked = ["espeak-ng", "-q", "-x", "-v", voice, text]
    said = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=True).stdout
    return said.replace("_:", "").replace("|", "").split()


@pytest.mark.parametrize("code", ["en", "vi", "es", "de", "ru", "ko"])
def test_no_emoji_is_called_by_its_name(code: str) -> None:
    language = Language(code)

    for emoji in EMOJI:
        for written in (f"so {emoji} so", f"so{emoji}\ufe0f so"):
            assert as_spoken(written, language).replace("!!", "").replace("!?", "").split() == ["so", "so"], emoji


@pytest.mark.parametrize(
    ("code", "written", "said"),
    [
        ("vi", "Tôi ở 東京", "Tôi ở"),
        ("vi", "Tôi ở 東京 (日本) hôm nay", "Tôi ở hôm nay"),
        ("vi", "tên là 水", "tên là"),
        ("vi", "Anh Иван và chị Anna", "Anh và chị Anna"),
        ("vi", "ở ㎞ ㈱ ー ・ 々 đây", "ở km đây"),
        ("es", "Москва es grande", "es grande"),
        ("es", "se dice «Москва» aquí", "se dice « » aquí"),
        ("es", "▶ uno ■ dos ℹ tres", "uno dos tres"),
        ("en", "he said नमस्ते to us", "he said to us"),
        ("en", "a café in Zürich, ﬁne, Ⅳ, Ａ", "a café in Zürich, fine, IV, A"),
        ("en", "four ｱｲｳ words", "four words"),
        ("de", "das heißt 안녕하세요 dort", "das heißt dort"),
        ("ru", "Это 東京 и Anna", "Это и Anna"),
        ("ko", "서울 東京 부산", "서울 부산"),
    ],
)
def test_letters_that_a_voice_would_spell_are_left_out(code: str, written: str, said: str) -> None:
    assert phonemes(as_spoken(written, Language(code)), code) == phonemes(said, code)
    assert phonemes(written, code) != phonemes(said, code), "espeak-ng reads this right by itself"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("vi", "Nguyễn Thị Hồng gặp Müller và O'Brien"),
        ("vi", "góc α và số π"),
        ("en", "a resistor of 5 Ω, ten μm"),
        ("ru", "Москва и London"),
        ("sr", "Beograd, Београд"),
        ("mk", "Скопје"),
        ("ja", "東京は「アン・ドゥ」、人々の町です。ｱｲｳ 〇"),
        ("zh", "你好，世界。Ａ１"),
        ("zh-TW", "臺灣ㄅㄆㄇ"),
        ("ko", "서울, Seoul"),
        ("hi", "नमस्ते दुनिया"),
        ("th", "สวัสดีครับ ๑"),
        ("ar", "مَرْحَبًا بالعالم"),
        ("lo", "ສະບາຍດີ"),
        ("my", "မင်္ဂလာပါ"),
        ("km", "សួស្តី"),
    ],
)
def test_letters_of_the_language_names_in_latin_letters_and_single_greek_ones_stay(code: str, text: str) -> None:
    assert leave_out_foreign(text, Language(code)) == text
    assert foreign_script(text, Language(code)) is None


@given(
    st.lists(st.sampled_from(MIXED), max_size=8).map(" ".join) | st.text(max_size=40), st.sampled_from(list(LANGUAGES))
)
def test_what_is_left_has_nothing_foreign_and_twice_changes_nothing(text: str, language: Language) -> None:
    once = as_spoken(text, language)

    assert foreign_script(once, language) is None
    assert as_spoken(once, language) == once
