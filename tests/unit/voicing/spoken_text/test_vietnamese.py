"""Vietnamese numbers: mốt, tư, lăm, linh, mươi, không trăm, tỷ."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.voicing.spoken_text.language import LARGEST
from dragoman.voicing.spoken_text.vi import cardinal

DIGITS = {
    word: value
    for value, words in enumerate("không;một mốt;hai;ba;bốn tư;năm lăm;sáu;bảy;tám;chín".split(";"))
    for word in words.split()
}


def read_back(words: str) -> int:
    """Understand a number as a Vietnamese does, written apart from the code that says it."""
    total = million = thousand = hundred = tens = last = 0
    for word in words.split():
        group = hundred + tens + last
        match word:
            case "tỷ":
                total = (total + million + thousand + group) * 10**9
                million = thousand = hundred = tens = last = 0
            case "triệu":
                million, hundred, tens, last = million + group * 10**6, 0, 0, 0
            case "nghìn":
                thousand, hundred, tens, last = thousand + group * 1000, 0, 0, 0
            case "trăm":
                hundred, tens, last = last * 100, 0, 0
            case "mươi":
                tens, last = last * 10, 0
            case "mười":
                tens, last = 10, 0
            case "linh":
                last = 0
            case _:
                last = DIGITS[word]
    return total + million + thousand + hundred + tens + last


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (4, "bốn"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (14, "mười bốn"),
        (15, "mười lăm"),
        (20, "hai mươi"),
        (21, "hai mươi mốt"),
        (24, "hai mươi tư"),
        (25, "hai mươi lăm"),
        (55, "năm mươi lăm"),
        (100, "một trăm"),
        (101, "một trăm linh một"),
        (104, "một trăm linh bốn"),
        (105, "một trăm linh năm"),
        (110, "một trăm mười"),
        (115, "một trăm mười lăm"),
        (131, "một trăm ba mươi mốt"),
        (1_000, "một nghìn"),
        (1_001, "một nghìn không trăm linh một"),
        (1_015, "một nghìn không trăm mười lăm"),
        (2_024, "hai nghìn không trăm hai mươi tư"),
        (10_000, "mười nghìn"),
        (21_000, "hai mươi mốt nghìn"),
        (1_000_005, "một triệu không trăm linh năm"),
        (1_002_000, "một triệu không trăm linh hai nghìn"),
        (1_000_000_000, "một tỷ"),
        (3_000_000_021, "ba tỷ không trăm hai mươi mốt"),
        (5_000_000_000_000, "năm nghìn tỷ"),
    ],
)
def test_numbers_are_read_as_vietnamese_do(number: int, words: str) -> None:
    assert cardinal(number) == words


@given(st.integers(min_value=0, max_value=LARGEST - 1))
def test_every_number_is_understood_again(number: int) -> None:
    assert read_back(cardinal(number)) == number
