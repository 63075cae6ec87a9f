"""split_sentences: one sentence a piece in all fifteen languages, nothing lost, in linear time."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.languages import BASE_LANGUAGES, Language
from dragoman.translating.splitting import MAX_SENTENCE, MAX_SENTENCE_UNSPACED, cut_pieces, split_sentences

SENTENCES = {
    "en": [
        ["Dr. Smith met Mr. J. K. Rowling at 3 p.m.", "They talked.", "Did it help?", "Yes!"],
        ["The U.S. Army paid $3.50, i.e. nothing.", "So do I.", "See No. 5 in vol. 2."],
        ['"Really?" he asked.', "“I am sure.”", "Wait... what?"],
        ["1. First point.", "She said no.", "We left."],
    ],
    "vi": [
        ["TP. Hồ Chí Minh có 22 quận.", "ThS. Lan và GS. TS. Nguyễn Văn A. đến lúc 7 giờ."],
        ["Tôi ở Q. 1, P. Bến Nghé.", "Còn bạn?", "Giá là 1.500.000 đồng.", "Rẻ quá!"],
        ["PGS. Hà dạy ở ĐH. Bách khoa v.v. và nơi khác.", "Xin cảm ơn."],
    ],
    "zh": [["今天天气很好。", "你好吗？", "太好了！", "他说：“我不去。”", "我们走了。"], ["价格是3.5元。", "好。"]],
    "ja": [["今日は雨です。", "「行きます。」と彼は言った。", "本当ですか？", "はい！"]],
    "ko": [["안녕하세요.", "저는 민수입니다.", "네.", "정말요?", "좋아요!"]],
    "fr": [["M. Dupont et Mme. Durand sont là.", "Comment ça va ?", "Bien !", "C'est de l'art.", "Voir art. 12."]],
    "de": [["Dr. Weber kommt am 3. Oktober, z.B. um 9.30 Uhr.", "Das ist gut.", "Er kam auf den 2. Platz.", "Ja!"]],
    "es": [["El Sr. García y la Dra. Ruiz llegan hoy.", "¿Cómo está Ud. hoy?", "¡Muy bien!", "Fui al mar.", "Volví."]],
    "it": [["Il sig. Rossi e la dott.ssa Bianchi sono qui.", "Come va?", "Bene!", "Arriva l'ing. Verdi."]],
    "pt": [["O Sr. Silva e a Dra. Costa chegaram.", "Fui ao mar.", "Tudo bem?", "Sim!"]],
    "ru": [["А. С. Пушкин родился в 1799 г. в Москве, т.е. в столице.", "Да?", "Он жил на ул. Мира.", "Хорошо!"]],
    "ar": [["قال د. أحمد إن الجو جميل.", "هل أنت بخير؟", "نعم!", "شكرا لك."]],
    "hi": [["डॉ. शर्मा आज आएंगे।", "आप कैसे हैं?", "मैं ठीक हूँ।", "वाह!"]],
    "th": [
        ["สวัสดีครับ", "ผมชื่อสมชาย เป็นคนไทย ไปไหนมาคะ", "ไปตลาดมา"],
        ["เกิดเมื่อ พ.ศ. 2540 ที่ กทม. ใช่ไหม?", "ใช่ค่ะ", "ดร. สมศรีสอนดีมาก.", "ทุกคนชอบ"],
    ],
    "id": [["Dr. Budi dan Prof. Siti datang pukul 9.30 WIB.", "Apa kabar?", "Baik!", "Terima kasih."]],
}


def test_there_are_sentences_of_every_base_language() -> None:
    assert set(SENTENCES) == set(BASE_LANGUAGES)


@pytest.mark.parametrize(("code", "expected"), [(code, case) for code, cases in SENTENCES.items() for case in cases])
def test_sentences_are_cut_where_people_cut_them(code: str, expected: list[str]) -> None:
    joint = "" if code in {"zh", "ja"} else " "

    assert split_sentences(joint.join(expected), Language(code)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("zh-TW", ["今天天氣很好。", "你好嗎？"]),
        ("my", ["မင်္ဂလာပါ။", "နေကောင်းလား။"]),
        ("km", ["សួស្តី។", "អ្នកសុខសប្បាយទេ?"]),
        ("ms", ["Dr. Ali tiba di Jln. Ampang.", "Apa khabar?"]),
        ("tl", ["Si G. Cruz ay narito.", "Kumusta ka?"]),
    ],
)
def test_the_neighbours_are_cut_too(code: str, expected: list[str]) -> None:
    assert split_sentences(" ".join(expected), Language(code)) == expected


def test_a_lines_end_ends_a_sentence_and_every_gap_is_kept() -> None:
    text = "  Title without a stop\r\n\n\tFirst line. Second one.  \n"

    pieces = cut_pieces(text, Language("en"))

    assert [piece.text for piece in pieces] == ["Title without a stop", "First line.", "Second one.", ""]
    assert "".join(piece.gap + piece.text for piece in pieces) == text


def test_a_long_sentence_is_cut_behind_a_comma_or_in_a_space_or_at_all() -> None:
    commas = split_sentences("a quiet word here, and there " * 40, Language("en"))
    spaces = split_sentences("words and " * 200, Language("en"))
    nothing = split_sentences("天" * 1000, Language("zh"))

    assert all(piece.endswith(",") for piece in commas[:-1])
    assert max(map(len, commas + spaces)) <= MAX_SENTENCE
    assert max(map(len, nothing)) <= MAX_SENTENCE_UNSPACED
    assert "".join(nothing) == "天" * 1000


def test_a_joined_emoji_is_not_torn_apart() -> None:
    family = "👨\u200d👩\u200d👧"

    pieces = split_sentences(family * 300, Language("zh"))

    assert all(piece.count("👨") == piece.count("👧") for piece in pieces)


@given(text=st.text(max_size=300), code=st.sampled_from(BASE_LANGUAGES))
def test_nothing_is_ever_lost(text: str, code: Language) -> None:
    pieces = cut_pieces(text, code)

    assert "".join(piece.gap + piece.text for piece in pieces) == text
    assert not any(piece.gap.strip() for piece in pieces)
    assert all(piece.text == piece.text.strip() for piece in pieces)


@pytest.mark.parametrize("code", ["en", "vi", "th", "zh", "de"])
@pytest.mark.parametrize(
    "unit", ["a", "a.", ". ", "Dr. A. ", "1. ", "1. Januar ", "ครับ ", "。", "?!", "\u0301", "\u200d", ") ", ",", " \n"]
)
def test_the_time_is_linear(unit: str, code: str) -> None:
    def took_s(repeats: int) -> float:
        began = time.thread_time()
        cut_pieces(unit * repeats, Language(code))
        return time.thread_time() - began

    took_s(1000)

    assert took_s(40_000) < 20 * took_s(10_000) + 0.5
