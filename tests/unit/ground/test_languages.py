"""The table of languages: every way of writing a code is read, and nothing unknown is taken for something else."""

import pytest

from dragoman.ground.errors import UnknownLanguage
from dragoman.ground.languages import BASE_LANGUAGES, LANGUAGES, parse_language


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("vi", "vi"),
        (" VI ", "vi"),
        ("vi_VN", "vi"),
        ("vi-VN", "vi"),
        ("vi_VN.UTF-8", "vi"),
        ("vie", "vi"),
        ("vie_Latn", "vi"),
        ("en-US", "en"),
        ("es-419", "es"),
        ("de-1996", "de"),
        ("ca_ES@valencia", "ca"),
        ("sr-Cyrl-RS", "sr"),
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("zh-Hans", "zh"),
        ("cmn-Hans-TW", "zh"),
        ("zho_Hans", "zh"),
        ("chi", "zh"),
        ("zh-TW", "zh-TW"),
        ("zh_tw", "zh-TW"),
        ("zh-HK", "zh-TW"),
        ("zh-Hant", "zh-TW"),
        ("zh-Hant-CN", "zh-TW"),
        ("zho_Hant", "zh-TW"),
        ("zt", "zh-TW"),
        ("arb_Arab", "ar"),
        ("ara", "ar"),
        ("zsm_Latn", "ms"),
        ("fil", "tl"),
        ("tgl_Latn", "tl"),
        ("lao_Laoo", "lo"),
        ("bur", "my"),
        ("khm_Khmr", "km"),
    ],
)
def test_codes_are_read_as_people_write_them(written: str, code: str) -> None:
    assert parse_language(written) == code


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_is_found_by_its_own_codes(code: str) -> None:
    entry = LANGUAGES[parse_language(code)]

    assert parse_language(code) == code
    assert parse_language(code.upper()) == code
    assert parse_language(entry.flores) == code


def test_no_code_stands_for_two_languages() -> None:
    spellings = [spelling for code, entry in LANGUAGES.items() for spelling in (code.lower(), *entry.also)]

    assert len(spellings) == len(set(spellings))
    assert len({entry.flores for entry in LANGUAGES.values()}) == len(LANGUAGES)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "  ",
        "xx",
        "english",
        "en!",
        "en us",
        "vi_",
        "vi_VN_",
        "yue",
        "vietnamese",
        "vi/../en",
        "e\u0301n",
        "a" * 1_000_000,
    ],
)
def test_an_unknown_code_is_refused_with_the_choices(written: str) -> None:
    with pytest.raises(UnknownLanguage, match=r"there are: en \(English\), vi \(Vietnamese\)") as refusal:
        parse_language(written)

    assert len(str(refusal.value)) < 1000


def test_the_base_languages_are_the_promised_fifteen() -> None:
    assert tuple("en vi zh ja ko fr de es it pt ru ar hi th id".split()) == BASE_LANGUAGES
    assert {"zh-TW", "ms", "tl", "lo", "my", "km"} <= set(LANGUAGES)
