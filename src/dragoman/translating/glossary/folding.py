"""Make spellings comparable: one case, one kind of space, apostrophe and hyphen. To matcher.py and forms.py.

Folding changes lengths ("ß" becomes "ss"), so each folded character knows where it came from.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

from dragoman.ground.languages import Language

_ALIKE: Final = {"\u2019": "'", "\u02bc": "'", "\u2018": "'", "\u2010": "-", "\u2011": "-"}
_MARKS_ARE_LETTERS: Final = frozenset(
    map(Language, ("vi", "th", "lo", "my", "km", "hi", "ar", "zh", "zh-TW", "ja", "ko"))
)
"""Where a mark makes another word or is a vowel: "bàn" is a table, and "bán" is to sell."""
_BARE: Final = str.maketrans("łđøħŧ", "ldoht")
"""Letters with a stroke, which do not come apart into letter and mark."""

_UNSPACED: Final = (
    ("\u0e00", "\u0eff"),  # Thai, Lao
    ("\u1000", "\u109f"),  # Burmese
    ("\u1780", "\u17ff"),  # Khmer
    ("\u3005", "\u30ff"),  # kana and what stands among Chinese characters
    ("\u3400", "\u9fff"),
    ("\uf900", "\ufaff"),
    ("\U00020000", "\U0003ffff"),
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text."""

    text: str
    places: list[int]
    """Of each folded character: the index of the character it came from; and one more, the length of the original."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Give where folded characters ``start`` to ``end`` stand in the original."""
        return self.places[start], self.places[end - 1] + 1


def fold(text: str) -> Folded:
    """Fold ``text``, which is in composed characters (NFC): places count in it."""
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        if character.isspace():
            if folded and folded[-1] == " ":
                continue
            plain = " "
        else:
            plain = _ALIKE.get(character) or character.casefold()
        folded.append(plain)
        places.extend([place] * len(plain))
    places.append(len(text))
    return Folded("".join(folded), places)


def without_marks(folded: str, language: Language) -> str:
    """Take the accents off folded text, in languages where they do not make other words."""
    if language in _MARKS_ARE_LETTERS or folded.isascii():
        return folded
    apart = unicodedata.normalize("NFD", folded)
    bare = "".join(character for character in apart if unicodedata.category(character) != "Mn")
    return unicodedata.normalize("NFC", bare.translate(_BARE))


def is_border(text: str, place: int) -> bool:
    """Say whether a word may begin or end between ``text[place - 1]`` and ``text[place]``.

    Where words are written without spaces this is between any two characters, but never before an accent.
    """
    if place <= 0 or place >= len(text):
        return True
    before, after = text[place - 1], text[place]
    if unicodedata.category(after)[0] == "M":
        return False
    if not _is_word(before) or not _is_word(after):
        return True
    return _is_unspaced(before) or _is_unspaced(after)


def _is_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN" or character == "_"


def _is_unspaced(character: str) -> bool:
    return any(first <= character <= last for first, last in _UNSPACED)
