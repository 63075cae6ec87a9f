"""Walk once through a text and let each rule read what it knows. For ``normalise.py``; the rules are its neighbours'.

Rules begin at words and at signs. Time is linear in the text: no rule looks further than its match, and what was read
is never read again.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

BEFORE = r"(?<![\w])"
AFTER = r"(?![\w])"
"""Around what stands by itself: A4 and mp3 are left to the engine."""
OUTSIDE = r"(?<!\w)(?<!\w[.,])"
"""Where a number may begin: not within another one, whose marks are read with it."""
_BEGINS = re.compile(r"\w++|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Rule:
    """What is recognised, and how it is read; None leaves it to the rules that follow."""

    pattern: re.Pattern[str]
    read: Callable[[re.Match[str]], str | None]


@dataclass(frozen=True, slots=True)
class Reading:
    """The rules of a language, the first that reads has its way."""

    rules: Sequence[Rule]

    def read(self, text: str) -> str:
        """Give ``text`` in words; what stands next to them is kept apart by a space."""
        parts: list[str] = []
        done = 0
        place = 0
        while (candidate := _BEGINS.search(text, place)) is not None:
            found = self._read_at(text, candidate.start())
            if found is None:
                place = candidate.end()
                continue
            words, end = found
            if done and done == candidate.start() and parts[-1][-1:].isalnum() and words[:1].isalnum():
                parts.append(" ")
            parts += [text[done : candidate.start()], words]
            if end < len(text) and text[end].isalnum() and words[-1:].isalnum():
                parts.append(" ")
            done = place = end
        return "".join([*parts, text[done:]])

    def _read_at(self, text: str, place: int) -> tuple[str, int] | None:
        for rule in self.rules:
            match = rule.pattern.match(text, place)
            if match is not None and (words := rule.read(match)):
                apart = " " if place and text[place - 1].isalnum() else ""
                return apart + words, match.end()
        return None


def one_of(words: Sequence[str]) -> str:
    """Write an alternation of literal ``words``, the longest first."""
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"
