"""Make text safe for a speaking program, cut it, and know how long it may sound. For espeak.py and neural voices."""

import re
import unicodedata

from dragoman.ground.languages import Language
from dragoman.ground.sentence_ends import CLOSING, ends_sentence

MAX_CLAUSE_CHARS = 300
"""One process speaks at most this much: about 20 s of sound, made in 0.1 s."""

_PHONEME_ESCAPE = re.compile(r"\[(?=\[)")
_SPACES = re.compile(r"\s+")
_BREAKS = (re.compile(r"[.!?…。！？।؟]+[\"'”’»)\]]*\s"), re.compile(r"[,;:，；：、،؛–—]\s"), re.compile(r"\s"))
"""Where a long text is cut, the best places first: after sentences, after clause marks, between words."""
_SENTENCE = re.compile(rf".+?(?:[。！？｡]+[{CLOSING}]*|[.!?…؟।]+[{CLOSING}]*(?=\s)|$)")


def neutralise(text: str) -> str:
    """Give ``text`` on one line in which nothing is a command.

    Control characters (espeak-ng's embedded commands begin with one) and the brackets of markup become spaces, and
    ``[[``, which opens phonemes, is pulled apart. Source: espeak-ng's docs/markup.md and docs/commands.md.
    """
    plain = "".join(" " if char in "<>" or unicodedata.category(char) in {"Cc", "Cs"} else char for char in text)
    return _SPACES.sub(" ", _PHONEME_ESCAPE.sub("[ ", plain)).strip()


def cut_clauses(text: str) -> list[str]:
    """Cut ``text`` into pieces of at most ``MAX_CLAUSE_CHARS``; what holds no letter and no digit is left out."""
    clauses = []
    start = 0
    while start < len(text):
        end = _best_end(text, start)
        clauses.append(text[start:end].strip())
        start = end
    return [clause for clause in clauses if any(char.isalnum() for char in clause)]


def cut_sentences(text: str, language: Language) -> list[str]:
    """Cut ``text`` of one line into sentences, and long ones as ``cut_clauses`` does. Abbreviations end none."""
    sentences = []
    open_part = ""
    for match in _SENTENCE.finditer(text):
        open_part += match[0]
        words = open_part.split()
        if match.end() == len(text) or (words and ends_sentence(words[-1], language)):
            sentences += cut_clauses(open_part.strip())
            open_part = ""
    return sentences


def _best_end(text: str, start: int) -> int:
    latest = start + MAX_CLAUSE_CHARS
    if latest >= len(text):
        return len(text)
    for mark in _BREAKS:
        ends = [match.end() for match in mark.finditer(text, start, latest)]
        if ends:
            return ends[-1]
    return latest


def longest_plausible_s(clause: str) -> float:
    """Say how many seconds ``clause`` may sound at speed 1; more is garbage.

    The slowest of espeak-ng's voices need 1.06 s for a character of a foreign script, which they spell out, .92 s for
    a digit, and .4 s for a plain letter that is spelt.
    """
    return 2.0 + sum(0.5 if char.isascii() and not char.isdigit() else 1.2 for char in clause)
