"""Walk once through a text and let each rule read what it knows. For ``normalise.py``; the rules are its neighbours'.

Rules begin at words and at signs. Time is linear in the text: no rule looks further than its match, and what was read
is never read again.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

BEFORE = r"(?<![\w])"
AFTER = r"(?![\w])"
"""Around what stands by itself: A4 and mp3 are left to the engine."""
OUTSIDE = r"(?<!\w)(?<!\w[.,])"
"""Where a number may begin: not within another one, whose marks are read with it."""
_BEGINS = re.compile(r"\w++|[^\w\s]")
_BEGINS_GLUED = re.compile(r"[A-Za-z0-9_]++|[^A-Za-z0-9_\s]")
_INNER_SPACE = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")


@dataclass(frozen=True, slots=True)
class Rule:
    """What is recognised, and how it is read; None leaves it to the rules that follow."""

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], str | None]

    def among_glued_words(self) -> "Rule":
        """Give the rule for a language that writes its words right beside figures: only Latin letters belong to one."""
        return replace(self, pattern=re.compile(self.pattern.pattern, self.pattern.flags & ~re.UNICODE | re.ASCII))


@dataclass(frozen=True, slots=True)
class Reading:
    """The rules of a language, the first that reads has its way."""

    rules: Sequence[Rule]
    glued: bool = False
    """Words need no space beside figures."""
    spaceless: bool = False
    """Words have no spaces between them."""

    def read(self, text: str) -> str:
        """Give ``text`` in words; what stands next to them is kept apart by a space."""
        parts: list[str] = []
        done = 0
        place = 0
        begins = _BEGINS_GLUED if self.glued else _BEGINS
        while (candidate := begins.search(text, place)) is not None:
            found = self._read_at(text, candidate.start())
            if found is None:
                place = candidate.end()
                continue
            words, end = found
            if done and done == candidate.start() and self._apart(parts[-1][-1:], words[:1]):
                parts.append(" ")
            parts += [text[done : candidate.start()], words]
            if end < len(text) and self._apart(words[-1:], text[end]):
                parts.append(" ")
            done = place = end
        return "".join([*parts, text[done:]])

    def _read_at(self, text: str, place: int) -> tuple[str, int] | None:
        for rule in self.rules:
            match = rule.pattern.match(text, place)
            if match is not None and (words := rule.read(match)):
                apart = " " if place and self._apart(text[place - 1], words[:1]) else ""
                said = _INNER_SPACE.sub("", words) if self.spaceless else words
                return apart + said, match.end()
        return None

    def _apart(self, left: str, right: str) -> bool:
        """Say whether a space belongs between two characters."""
        return not self.glued and _of_a_word(left) and right.isalnum()


def _of_a_word(character: str) -> bool:
    """Letters, digits, and the vowel signs that Hindi words end with."""
    return character.isalnum() or (character != "" and unicodedata.category(character)[0] == "M")


def one_of(words: Sequence[str]) -> str:
    """Write an alternation of literal ``words``, the longest first."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"
