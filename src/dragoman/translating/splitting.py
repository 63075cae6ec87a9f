"""Cut text into sentences: translators drop the second of two. Plain functions; from ``texts.py`` to ``router.py``.

Rules and lists of abbreviations (``ground/sentence_ends.py``) instead of a model: what is cut here can be foretold.
Live captions are cut by ``interpreting/sentences.py``, which also has pauses to go by. Time is linear in the text's
length.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from dragoman.ground.languages import LANGUAGES, Language
from dragoman.ground.sentence_ends import CLOSING, DOTTED, END, sentence_marks

MAX_SENTENCE: Final = 400
"""Characters of a sentence; a longer one is cut behind a comma, else in a space. Engines forget the end of more."""
MAX_SENTENCE_UNSPACED: Final = 160
"""The same where words are written without spaces."""
_LONGEST_WORD: Final = 24
"""Characters in front of a stop that are looked at."""

_LINE: Final = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+")
_UNSPACED_ENDS: Final = frozenset("。！？｡।॥။។")
"""Marks that need no space behind them."""
_OPENING: Final = "\"'“‘«([「『（【《¿¡-–—"
_QUOTED_GOES_ON: Final = frozenset("とっ、，。,はがのをにでもへやな")
"""Behind a closing bracket these carry a Japanese or Chinese sentence on."""
_INITIAL: Final = re.compile(r"[A-ZÀ-ÖØ-ÞĀ-ŽĐА-ЯЁ]")
_HOURS: Final = frozenset({"a.m", "p.m"})
_NO_SPACE: Final = re.compile(r"\S")
_NUMBER: Final = re.compile(r"\d{1,3}")
_CLAUSE: Final = re.compile(r"[,;:،؛、，；：—–][\"'”’»)\]」』）]*")
_THAI_SHORT: Final = re.compile(r"[\u0e00-\u0eff.]{1,5}")
_ENGLISH: Final = Language("en")
_NO_STOP: Final = frozenset({Language("th"), Language("lo")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A sentence, and what stands before it."""

    gap: str
    """Spaces and line ends in front of the sentence."""
    text: str
    """Without spaces around it; empty only for the last piece, whose gap is what stands behind the last sentence."""


def split_sentences(text: str, language: Language) -> list[str]:
    """Give the sentences of ``text`` without the spaces around them, in order; a line's end ends a sentence."""
    return [piece.text for piece in cut_pieces(text, language) if piece.text]


def cut_pieces(text: str, language: Language) -> list[Piece]:
    """Cut ``text`` into sentences without losing anything: gaps and texts in order make ``text`` again."""
    pieces: list[Piece] = []
    written = 0
    for line in _LINE.finditer(text):
        for place in _sentences(line[0], language):
            start, end = _stripped(line[0], *place)
            if start < end:
                first = line.start() + start
                pieces.append(Piece(gap=text[written:first], text=text[first : line.start() + end]))
                written = line.start() + end
    if written < len(text) or not pieces:
        pieces.append(Piece(gap=text[written:], text=""))
    return pieces


def _stripped(line: str, start: int, end: int) -> tuple[int, int]:
    while start < end and line[start].isspace():
        start += 1
    while end > start and line[end - 1].isspace():
        end -= 1
    return start, end


def _sentences(line: str, language: Language) -> Iterator[tuple[int, int]]:
    """Give the places of a line's sentences, the long ones cut."""
    start = 0
    for end in _ends(line, language):
        if end > start:
            yield from _parts(line, start, end, language)
            start = end


def _ends(line: str, language: Language) -> Iterator[int]:
    """Give where sentences end, in order; the line's end is the last."""
    start = _first_character(line, 0)
    polite = _polite(language)
    for mark in (polite or END).finditer(line):
        if not END.match(mark[0]) or _is_end(line, start, mark, language):
            yield mark.end()
            start = _first_character(line, mark.end())
    yield len(line)


def _first_character(line: str, start: int) -> int:
    """Give the place of the first character at or behind ``start`` that is no space; the line's end without one."""
    found = _NO_SPACE.search(line, start)
    return found.start() if found else len(line)


@cache
def _polite(language: Language) -> re.Pattern[str] | None:
    words = sentence_marks().polite_ends.get(language)
    if not words:
        return None
    return re.compile(rf"{END.pattern}|(?:{'|'.join(map(re.escape, words))})(?=\s)")


def _is_end(line: str, start: int, mark: re.Match[str], language: Language) -> bool:
    """Say whether ``mark`` ends the sentence whose first character stands at ``start``."""
    after = line[mark.end() : mark.end() + _LONGEST_WORD]
    if not after.strip():
        return True
    unspaced = mark[0][0] in _UNSPACED_ENDS or mark[0].rstrip(CLOSING)[-1:] in _UNSPACED_ENDS
    if unspaced:
        return not (mark[0][-1] in CLOSING and after[0] in _QUOTED_GOES_ON)
    if not after[0].isspace():
        return False
    following = after.lstrip().lstrip(_OPENING)[:1]
    if following.islower():
        return False
    if mark[0][0] != "." or mark[0].startswith(".."):
        return True
    return not _is_abbreviation(line, start, mark, after, language)


def _is_abbreviation(line: str, start: int, mark: re.Match[str], after: str, language: Language) -> bool:
    """Say whether the stop at ``mark`` belongs to the word before it."""
    before = line[max(start, mark.start() - _LONGEST_WORD) : mark.start()]
    word = before.split()[-1].lstrip(_OPENING) if before and not before[-1].isspace() else ""
    word = re.split("['’]", word)[-1]  # "l'ing. Verdi"
    plain = word.casefold()
    marks = sentence_marks()
    following = after.split(maxsplit=1)[0]
    if _NUMBER.fullmatch(word):
        begins_line = start >= mark.start() - len(word)
        named = following.casefold().rstrip(".,;:!?")
        return begins_line or named in marks.after_ordinal.get(language, frozenset())
    return (
        plain in marks.abbreviations.get(language, frozenset())
        or (plain in marks.before_number and following[0].isdigit())
        or (_INITIAL.fullmatch(word) is not None and (word, language) != ("I", _ENGLISH))
        or (DOTTED.fullmatch(word) is not None and plain not in _HOURS)
        or (language in _NO_STOP and _THAI_SHORT.fullmatch(word) is not None)
    )


def _parts(line: str, start: int, end: int, language: Language) -> Iterator[tuple[int, int]]:
    """Cut a sentence that is too long: behind a clause mark, else in a space, else between two characters."""
    spaced = LANGUAGES[language].words_have_spaces
    longest = MAX_SENTENCE if spaced else MAX_SENTENCE_UNSPACED
    while end - start > longest:
        window = line[start : start + longest]
        clause = max((match.end() for match in _CLAUSE.finditer(window, longest // 3)), default=0)
        cut = start + (clause or window.rfind(" ", longest // 3) + 1 or _between_characters(line, start, longest))
        yield start, cut
        start = cut
    yield start, end


def _between_characters(line: str, start: int, longest: int) -> int:
    """Give a length after which no accent, vowel sign or joined emoji is torn off."""
    for length in range(longest, longest // 2, -1):
        following, last = line[start + length], line[start + length - 1]
        joined = unicodedata.category(following)[0] == "M" or "\u200d" in (following, last)
        if not joined and following not in _VARIATIONS:
            return length
    return longest


_VARIATIONS: Final = frozenset("\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
"""Selectors and skin tones, which belong to what stands before them."""
