"""Say which numbers of a sentence its translation lacks, however each language writes them. Plain; for checks.py.

1,500 is 1.500 in Vietnamese and 1 500 in French; 5,000,000 is 5 triệu, and 120 million 1億2000万 in Japanese. What can
be read in two ways counts as both: a number is missed only where no reading of it is there. Time is linear.
"""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Final

from dragoman.ground.languages import LANGUAGES, Language

SCALES_FILE: Final = "scale_words.toml"
LONGEST_NUMBER: Final = 18
"""Digits; longer ones are names of something, and stay as they are."""

_DIGITS: Final = (
    r"\d{1,2}(?:,\d{2})+,\d{3}(?!\d)"  # 12,34,567, as in India
    r"|\d{1,3}(?:[.,'٬ ]\d{3}(?!\d))+(?:[.,٫]\d+)?|\d+(?:[.,٫]\d+)?"
)
_SUFFIXES: Final = {"k": 1_000, "m": 1_000_000, "b": 1_000_000_000, "bn": 1_000_000_000}
"""Written without a space in many languages; they may be units as well (4k, 5m)."""
_POINT_GROUPS: Final = frozenset("vi fr de es it pt ru id km lo ca gl eo hr bs sr mk eu is".split())
"""Languages in which the point stands between thousands, and the comma before the fraction."""
_SPACE_GROUPS: Final = frozenset("fr ru es pt it de eo ca gl eu hr bs sr mk".split())
"""Languages in which 1 500 is one number as a rule; elsewhere it may be two."""
_SPACES: Final = str.maketrans({"\u00a0": " ", "\u202f": " ", "’": "'"})
_ROMAN: Final = re.compile(r"(?<!\w)[XVI]{2,6}(?:e|ème)?(?!\w)")
_ROMAN_DIGITS: Final = {"I": 1, "V": 5, "X": 10}
_SPELT: Final = {
    "en": dict(
        zip(
            "ten eleven twelve fifteen twenty thirty forty fifty sixty seventy eighty ninety".split(),
            (10, 11, 12, 15, 20, 30, 40, 50, 60, 70, 80, 90),
            strict=True,
        )
    )
}

Key = Decimal | str
"""A number's value; its digits, where it is too long to have one."""
Way = tuple[Key, ...]
"""The values that a stretch of text stands for in one reading: one, or those of its parts."""


@dataclass(frozen=True, slots=True)
class _Token:
    """A number in a text, with the words that multiply it."""

    start: int
    end: int
    ways: tuple[Way, ...]
    scale: Decimal
    """What it was multiplied by; 1 for nothing, 0 where there is no telling."""


def missing_numbers(source: str, target: str, *, source_language: Language, target_language: Language) -> int:
    """Count the numbers of ``source`` that ``target`` lacks; those below ten may be spelt out, and do not count."""
    there: Counter[Key] = Counter()
    for ways in _read(target, target_language):
        there.update({key for way in ways for key in way})
    there.update(_spelt_out(target, target_language))
    return sum(not _take(there, ways) for ways in _read(source, source_language))


def _take(there: Counter[Key], ways: tuple[Way, ...]) -> bool:
    """Look for one of the ways to read a number, and use it up."""
    for way in ways:
        looked_for = [key for key in way if not _may_be_spelt_out(key)]
        if all(there[key] > 0 for key in looked_for):
            there.subtract(looked_for)
            return True
    return False


def _may_be_spelt_out(key: Key) -> bool:
    return isinstance(key, Decimal) and key < 10 and key == key.to_integral_value()


def _read(text: str, language: Language) -> Iterator[tuple[Way, ...]]:
    """Give for each number of ``text`` the ways to read it; 1億2000万 and 2 triệu 500 nghìn are one number each."""
    run: list[_Token] = []
    clean = _clean(text)
    for token in _tokens(clean, language):
        if run and not (_continues(run[-1], token) and clean[run[-1].end : token.start] in {"", " "}):
            yield _together(run)
            run = []
        run.append(token)
    if run:
        yield _together(run)


def _continues(before: _Token, after: _Token) -> bool:
    value = after.ways[0][0]
    return before.scale > 1 and after.scale > 0 and isinstance(value, Decimal) and value < before.scale


def _together(run: list[_Token]) -> tuple[Way, ...]:
    if len(run) == 1:
        return run[0].ways
    firsts = [key for token in run for key in token.ways[0]]
    return (sum((key for key in firsts if isinstance(key, Decimal)), Decimal(0)),), tuple(firsts)


def _tokens(text: str, language: Language) -> Iterator[_Token]:
    for match in _number_pattern(language).finditer(text):
        written, words, suffix = match["number"], match["scales"], match["suffix"]
        ways = _ways(written, language)
        if _is_hour(text, match.end("number"), ways):
            value = ways[0][0]
            ways = (*ways, (value - 12 if value > 12 else value + 12,)) if isinstance(value, Decimal) else ways
        scale = Decimal(_product(words, language))
        if scale > 1:
            ways = tuple((key * scale,) for way in ways for key in way[:1] if isinstance(key, Decimal)) or ways
        elif suffix:
            ways = (*(_times(way, _SUFFIXES[suffix]) for way in ways), *ways)
            scale = Decimal(0)
        yield _Token(match.start(), match.end(), ways, scale)


def _times(way: Way, scale: int) -> Way:
    return tuple(key * scale if isinstance(key, Decimal) else key for key in way)


def _ways(written: str, language: Language) -> tuple[Way, ...]:
    """Give the ways to read digits with their marks, the likeliest first."""
    digits = "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in written)
    marks = [each for each in digits if not each.isdigit()]
    plain = "".join(each for each in digits if each.isdigit())
    if len(plain) > LONGEST_NUMBER:
        return ((plain,),)
    whole: Way = (Decimal(plain),)
    if not marks:
        return (whole,)
    last = digits.rindex(marks[-1])
    head, tail = "".join(each for each in digits[:last] if each.isdigit()), digits[last + 1 :]
    if marks[-1] == "٫" or len(set(marks)) > 1:
        return ((Decimal(f"{head}.{tail}"),),)
    if len(marks) > 1:
        return (whole,)
    return _ways_of_two(marks[0], head, tail, language)


def _ways_of_two(mark: str, head: str, tail: str, language: Language) -> tuple[Way, ...]:
    """Give the ways to read digits with one mark between them."""
    whole, fraction, parts = (Decimal(head + tail),), (Decimal(f"{head}.{tail}"),), (Decimal(head), Decimal(tail))
    if mark in "'٬ ":
        return (whole, parts) if mark == " " and language not in _SPACE_GROUPS else (whole,)
    if len(tail) == 3 and len(head) <= 3 and head.strip("0"):
        groups = "." if language in _POINT_GROUPS else ","
        return (whole,) if mark == groups else (fraction, whole)
    looks_like_a_time = len(tail) == 2 and int(head) <= 31 and int(tail) <= 59
    return (fraction, parts) if looks_like_a_time else (fraction,)


def _is_hour(text: str, end: int, ways: tuple[Way, ...]) -> bool:
    """Say whether a number is the hour of a time, which goes to 12 or to 24."""
    value = ways[0][0]
    is_followed = text[end : end + 1] == ":" and text[end + 1 : end + 3].isdecimal()
    return is_followed and isinstance(value, Decimal) and value <= 24


def _product(words: str, language: Language) -> int:
    product = 1
    for match in _scale_pattern(language).finditer(words):
        product *= _value_of(match[0], language)
    return product


def _spelt_out(text: str, language: Language) -> Iterator[Key]:
    """Give what may stand there in words or in Roman numerals: "hai trăm" has a hundred times something below ten."""
    clean = _clean(text)
    spelt = _SPELT.get(str(language), {})
    for word in re.findall(r"[^\W\d_]+", clean) if spelt else ():
        if word in spelt:
            yield Decimal(spelt[word])
    for match in _lone_pattern(language).finditer(clean):
        scale = _product(match[0], language)
        yield from (Decimal(scale * times) for times in range(1, 10))
    for match in _ROMAN.finditer(text):
        values = [_ROMAN_DIGITS[each] for each in match[0].rstrip("eèm")]
        pairs = zip(values, [*values[1:], 0], strict=True)
        yield Decimal(sum(-one if one < following else one for one, following in pairs))


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text).translate(_SPACES).casefold()


@cache
def _scales() -> dict[str, dict[str, int]]:
    text = resources.files("dragoman.translating").joinpath(SCALES_FILE).read_text(encoding="utf-8")
    return {
        language: {
            unicodedata.normalize("NFC", word): int(value) for value, words in scales.items() for word in words.split()
        }
        for language, scales in tomllib.loads(text)["words"].items()
    }


def _scales_of(language: Language) -> dict[str, int]:
    return _scales().get(str(language).partition("-")[0], {})


def _value_of(word: str, language: Language) -> int:
    scales = _scales_of(language)
    if word in scales:
        return scales[word]
    return next(value for stem, value in scales.items() if stem.endswith("*") and word.startswith(stem[:-1]))


def _scale(language: Language) -> str:
    """Write the pattern of one scale word."""
    has_spaces = LANGUAGES[language].words_have_spaces and language != "ko"
    words = sorted(_scales_of(language), key=len, reverse=True)
    written = (rf"{re.escape(word[:-1])}\w*" if word.endswith("*") else re.escape(word) for word in words)
    # 千米 and 千克 are units, 百分 is of percents.
    after = r"(?!\w)" if has_spaces else r"(?<!千(?=[米克瓦卡]))(?<!百(?=分))"
    return f"(?:{'|'.join(written)}){after}" if words else "(?!)"


@cache
def _scale_pattern(language: Language) -> re.Pattern[str]:
    return re.compile(_scale(language))


@cache
def _number_pattern(language: Language) -> re.Pattern[str]:
    scale = _scale(language)
    return re.compile(
        rf"(?P<number>{_DIGITS})(?:(?P<suffix>bn|[kmb])(?![a-zà-ỹ]))?"
        rf"(?P<scales>(?:[ -]?[多余餘]?{scale}(?:\.(?=\s))?)*)"
    )


@cache
def _lone_pattern(language: Language) -> re.Pattern[str]:
    """Match scale words that no digit stands before."""
    scale = _scale(language)
    return re.compile(rf"(?<![\w-]){scale}(?: {scale})*" if LANGUAGES[language].words_have_spaces else rf"(?:{scale})+")
