"""The numbers of the other languages: as their speakers read them, and no two alike."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.languages import Language
from dragoman.voicing.spoken_text.language import LARGEST
from dragoman.voicing.spoken_text.normalise import SPOKEN_LANGUAGES, as_spoken

NUMBERS = st.integers(min_value=0, max_value=LARGEST - 1) | st.integers(min_value=0, max_value=3000)


@pytest.mark.parametrize(
    ("language", "number", "words"),
    [
        ("en", 342, "three hundred forty-two"),
        ("en", 1_000_000, "one million"),
        ("en", 12_000_000_005, "twelve billion five"),
        ("es", 100, "cien"),
        ("es", 116, "ciento dieciséis"),
        ("es", 21_000, "veintiún mil"),
        ("es", 1_001, "mil uno"),
        ("es", 500_555, "quinientos mil quinientos cincuenta y cinco"),
        ("es", 1_000_000_000, "mil millones"),
        ("fr", 70, "soixante-dix"),
        ("fr", 80, "quatre-vingts"),
        ("fr", 91, "quatre-vingt-onze"),
        ("fr", 200, "deux cents"),
        ("fr", 80_200, "quatre-vingt mille deux cents"),
        ("fr", 1_000_021, "un million vingt et un"),
        ("de", 1, "eins"),
        ("de", 21, "einundzwanzig"),
        ("de", 101, "einhunderteins"),
        ("de", 21_001, "einundzwanzigtausendeins"),
        ("de", 2_000_000, "zwei Millionen"),
        ("it", 21, "ventuno"),
        ("it", 33, "trentatré"),
        ("it", 180, "centottanta"),
        ("it", 1_000, "mille"),
        ("it", 23_003, "ventitremilatré"),
        ("pt", 100, "cem"),
        ("pt", 121, "cento e vinte e um"),
        ("pt", 1_100, "mil e cem"),
        ("pt", 1_500, "mil e quinhentos"),
        ("pt", 1_121, "mil cento e vinte e um"),
        ("pt", 2_000_001, "dois milhões e um"),
    ],
)
def test_numbers_are_read_as_their_speakers_do(language: str, number: int, words: str) -> None:
    assert SPOKEN_LANGUAGES[Language(language)].cardinal(number) == words


@given(NUMBERS, NUMBERS, st.sampled_from(sorted(SPOKEN_LANGUAGES)))
def test_no_two_numbers_sound_alike(one: int, other: int, language: Language) -> None:
    cardinal = SPOKEN_LANGUAGES[language].cardinal

    assert (cardinal(one) == cardinal(other)) is (one == other)


@given(st.integers(min_value=0, max_value=10**9), st.sampled_from(sorted(SPOKEN_LANGUAGES)))
def test_a_number_is_said_without_a_digit(number: int, language: Language) -> None:
    assert not re.search("[0-9]", as_spoken(f"{number}", language))


@pytest.mark.parametrize(
    ("language", "digits"),
    [
        ("ar", "٠١٢٣٤٥٦٧٨٩"),
        ("hi", "०१२३४५६७८९"),
        ("th", "๐๑๒๓๔๕๖๗๘๙"),
        ("lo", "໐໑໒໓໔໕໖໗໘໙"),
        ("ja", "０１２３４５６７８９"),
    ],
)
def test_a_languages_own_digits_are_read_as_the_plain_ones(language: str, digits: str) -> None:
    for number in (7, 42, 1_305):
        own = "".join(digits[int(digit)] for digit in str(number))

        assert as_spoken(own, Language(language)) == as_spoken(str(number), Language(language))


@pytest.mark.parametrize("language", sorted(SPOKEN_LANGUAGES))
def test_the_first_thousands_have_words_of_their_own(language: Language) -> None:
    cardinal = SPOKEN_LANGUAGES[language].cardinal

    assert len({cardinal(number) for number in range(11_000)}) == 11_000
