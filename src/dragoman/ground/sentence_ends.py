"""Where sentences end: the marks that end them, and what has a full stop without ending one.

For whoever cuts words that come one by one (``interpreting/sentences.py``, ``services/transcribing/transcription.py``)
and for whoever cuts a text (``translating/splitting.py``). The lists are in ``sentence_marks.toml``.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from dragoman.ground.languages import Language

MARKS_FILE: Final = "sentence_marks.toml"
CLOSING: Final = "\"'”’»)\\]」』）】》"
"""Quotes and brackets that may stand behind the mark, as they stand in a set of a regular expression."""
END: Final = re.compile(rf"[.!?…。！？｡؟।॥။។]+[{CLOSING}]*")
DOTTED: Final = re.compile(r"(?:[^\W\d_]{1,2}\.)+[^\W\d_]{1,2}")
"""Short for several words, without its last stop: ``e.g``, ``z.B``, ``a.m``."""

_AT_END: Final = re.compile(rf"{END.pattern}$")
_ONE_LETTER_WORDS: Final = frozenset({"i", "a", "y", "o"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceMarks:
    """The lists, by language; small letters, the last stop left out."""

    abbreviations: Mapping[str, frozenset[str]]
    before_number: frozenset[str]
    """Short for something if a number follows."""
    after_ordinal: Mapping[str, frozenset[str]]
    """What may stand, capitalised, behind a number with a stop."""
    polite_ends: Mapping[str, tuple[str, ...]]
    """Words that end a sentence where no mark does."""


@cache
def sentence_marks() -> SentenceMarks:
    """Read the lists that come with the program."""
    text = resources.files("dragoman.ground").joinpath(MARKS_FILE).read_text(encoding="utf-8")
    tables: dict[str, dict[str, str]] = tomllib.loads(text)
    return SentenceMarks(
        abbreviations={code: frozenset(words.split()) for code, words in tables["abbreviations"].items()},
        before_number=frozenset(tables["before_number"]["any"].split()),
        after_ordinal={code: frozenset(words.split()) for code, words in tables["after_ordinal"].items()},
        polite_ends={code: tuple(words.split()) for code, words in tables["polite_ends"].items()},
    )


def has_end_mark(word: str) -> bool:
    """Say whether ``word`` carries a mark that ends sentences, an abbreviation's stop included."""
    return _AT_END.search(word) is not None


def ends_sentence(word: str, language: Language) -> bool:
    """Say whether a sentence ends with ``word``, of which nobody knows yet what follows it."""
    return has_end_mark(word) and not _is_abbreviation(word, language)


def _is_abbreviation(word: str, language: Language) -> bool:
    if not word.endswith(".") or word.endswith(".."):
        return False
    stem = word[:-1].casefold()
    initial = len(stem) == 1 and stem.isalpha() and stem not in _ONE_LETTER_WORDS
    known = stem in sentence_marks().abbreviations.get(language, frozenset())
    return initial or known or DOTTED.fullmatch(stem) is not None
