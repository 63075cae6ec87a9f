"""Our words for a number sound as espeak-ng reads its digits: its tables were made by others, so ours are checked.

Its own digits are recorded with other vowels than the same words in a text, so sounds are compared loosely, and a
number has to be nearer to itself than to any other.
"""

import re
import subprocess
from functools import cache

import pytest

from dragoman.engines.text_to_speech.arabic_vowels import with_short_vowels
from dragoman.ground.languages import Language
from dragoman.voicing.spoken_text.normalise import SPOKEN_LANGUAGES

SOFT = frozenset("aeiouyAEIOUYVO@2~#.^jvwnhH")
"""Vowels, half vowels, and what a language drops beside others."""
_OF_PARTS = (*range(31), 38, 40, 47, 50, 56, 60, 65, 70, 74, 80, 83, 90, 92)
SMALLER = {
    "ru": _OF_PARTS,
    "ar": _OF_PARTS,
    "ko": _OF_PARTS,
    "id": _OF_PARTS,
    "ms": _OF_PARTS,
    "hi": tuple(range(100)),
}
"""All that have a word of their own."""
LARGER = [100, 115, 200, 342, 999, 1_012, 2_000, 5_678, 11_345, 40_404, 200_000, 1_000_000, 1_234_567]

READ_OTHERWISE = {"ru": {13, 1_012, 1_000_000, 1_234_567}, "hi": {94}, "ar": {100}}
"""By espeak-ng: Russian тринадцать with other sounds, a thousand as "one thousand" and a million as "one thousand",
Hindi चौरानवे with m, Arabic مئة without its t.
"""


def sounds(texts: list[str], voice: str) -> list[str]:
    """Give the phonemes of each text, without stress and pauses. Of several at once espeak-ng may cut one in two."""
    return [_sound(text, voice) for text in texts]


def _sound(text: str, voice: str) -> str:
    asked = ["espeak-ng", "-q", "-x", "-v", voice, f"{text}."]
    said = subprocess.run(asked, capture_output=True, text=True, timeout=60, check=True).stdout
    # Of Arabic digits it reads a sound that was never set, another one each time, and complains among the sounds.
    said = re.sub(r"Invalid phoneme code \d+", "", said)
    return re.sub(r"[^A-Za-z0-9@#~.^]", "", said.replace("_:", ""))


def distance(one: str, other: str) -> float:
    """Count what is changed between two sounds; what is soft counts for little."""
    row = [0.0]
    for sound in other:
        row.append(row[-1] + _weight(sound))
    for sound in one:
        above, row = row, [row[0] + _weight(sound)]
        for place, wanted in enumerate(other, 1):
            row.append(
                min(
                    above[place] + _weight(sound),
                    row[-1] + _weight(wanted),
                    above[place - 1] + _change(sound, wanted),
                )
            )
    return row[-1]


def _weight(sound: str) -> float:
    return 0.3 if sound in SOFT else 1


def _change(one: str, other: str) -> float:
    if one == other:
        return 0
    return 0.3 if one.lower() == other.lower() or (one in SOFT and other in SOFT) or {one, other} <= {"v", "b"} else 1


@cache
def voices() -> frozenset[str]:
    listed = subprocess.run(["espeak-ng", "--voices"], capture_output=True, text=True, timeout=20, check=True).stdout
    return frozenset(line.split()[1] for line in listed.splitlines()[1:])


@pytest.mark.parametrize("code", sorted(SMALLER))
def test_each_number_sounds_as_espeak_reads_its_digits(code: str) -> None:
    if code not in voices():
        pytest.skip(f"this espeak-ng has no voice for {code}")
    numbers = [number for number in [*SMALLER[code], *LARGER] if number not in READ_OTHERWISE.get(code, ())]
    cardinal = SPOKEN_LANGUAGES[Language(code)].cardinal

    digits = sounds([str(number) for number in numbers], code)
    words = sounds([with_short_vowels(cardinal(number)) for number in numbers], code)

    assert all(digits) and all(words)
    mistaken = {}
    for number, read, said in zip(numbers, digits, words, strict=True):
        nearest = read if said == read else min(digits, key=lambda each: distance(said, each))
        if nearest != read:
            mistaken[number] = numbers[digits.index(nearest)]
    assert not mistaken


@pytest.mark.parametrize("word", ["خمسة", "وعشرون", "ثلاثمئة", "وألفان", "مليون"])
def test_arabic_numbers_have_their_short_vowels(word: str) -> None:
    vowelled = with_short_vowels(f"في {word} كتاب")

    assert re.sub("[\u064c-\u0652]", "", vowelled) == f"في {word} كتاب"
    assert vowelled != f"في {word} كتاب"


def test_other_words_and_scripts_keep_their_letters() -> None:
    for text in ("والدي في البيت", "one two", "Привет", "کتاب"):
        assert with_short_vowels(text) == text
