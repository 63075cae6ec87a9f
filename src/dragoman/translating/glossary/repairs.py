"""Propose better translations: other sources to translate, renderings to replace. For enforcing.py."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from dragoman.ground.languages import LANGUAGES, Language
from dragoman.translating.glossary.folding import fold, is_border
from dragoman.translating.glossary.matcher import Found, Wanted

PLACEHOLDERS: Final = ("X1", "[1]", "__1__", "Kovač")
"""What translators copy: which one they do differs by model, so all are tried and the answer decides."""
MAX_RENDERING_WORDS: Final = 4
"""A longer stretch that changed is no rendering of one term."""

_PIECE: Final = re.compile(r"\w+|[^\w\s]")


def with_terms(sentence: str, found: Iterable[Found], wanted: Sequence[Wanted]) -> str:
    """Write the targets of ``wanted`` into the source."""
    return _substituted(sentence, found, {it: it.targets[0] for it in wanted if it.targets})


def with_placeholder(sentence: str, found: Iterable[Found], wanted: Wanted, placeholder: str) -> str:
    """Hide one term behind a ``placeholder``."""
    return _substituted(sentence, found, {wanted: placeholder})


def reveal(answer: str, placeholder: str, target: str, *, times: int) -> str | None:
    """Put ``target`` where the ``placeholder`` is; None if that is not there ``times`` times."""
    places = [match.start() for match in re.finditer(re.escape(placeholder), answer)]
    if len(places) != times or any(_cuts_a_word(answer, place, place + len(placeholder)) for place in places):
        return None
    return answer.replace(placeholder, target)


def find_rendering(plain: str, others: Iterable[str], target: Language) -> str | None:
    """Say how a term was rendered in ``plain``: what changes when the term alone is replaced in the source.

    ``others`` are translations with something else in its place, however bad. A stretch counts that two of them agree
    on, the widest that the votes are for; None if there is none.
    """
    votes: Counter[str] = Counter()
    for other in dict.fromkeys(others):
        stretch = _changed_stretch(plain, other, target)
        if stretch is not None:
            votes[stretch] += 1
    agreed = [stretch for stretch, count in votes.items() if count >= 2]
    return max(agreed, key=lambda stretch: (votes[stretch], len(stretch)), default=None)


def replace_rendering(plain: str, rendering: str, target: str, *, times: int, keep_case: bool) -> str | None:
    """Write ``target`` for the ``rendering``; None if that is not there ``times`` times, as whole words.

    A capital at the start of the sentence stays, unless the target's case is its own.
    """
    folded, wanted = fold(plain), fold(rendering).text
    spans = [
        folded.span(match.start(), match.end())
        for match in re.finditer(re.escape(wanted), folded.text)
        if not _cuts_a_word(folded.text, match.start(), match.end())
    ]
    if not wanted or len(spans) != times:
        return None
    for start, end in reversed(spans):
        is_first = not any(character.isalnum() for character in plain[:start])
        form = target if keep_case or not (is_first and plain[start].isupper()) else target[:1].upper() + target[1:]
        plain = plain[:start] + form + plain[end:]
    return plain


def _substituted(sentence: str, found: Iterable[Found], forms: dict[Wanted, str]) -> str:
    for it in sorted(found, key=lambda it: -it.start):
        if it.wanted in forms:
            sentence = sentence[: it.start] + forms[it.wanted] + sentence[it.end :]
    return sentence


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Words and marks of a text, or its characters where words are written without spaces."""

    folded: list[str]
    spans: list[tuple[int, int]]


def _pieces(text: str, language: Language) -> _Pieces:
    if LANGUAGES[language].words_have_spaces:
        spans = [match.span() for match in _PIECE.finditer(text)]
    else:
        spans = [(place, place + 1) for place, character in enumerate(text) if not character.isspace()]
    return _Pieces([text[start:end].casefold() for start, end in spans], spans)


def _changed_stretch(plain: str, other: str, target: Language) -> str | None:
    """Give the one stretch of ``plain`` that is not in ``other``, as it stands there; None if they differ otherwise."""
    own, its = _pieces(plain, target), _pieces(other, target)
    changes = [
        it for it in SequenceMatcher(a=own.folded, b=its.folded, autojunk=False).get_opcodes() if it[0] != "equal"
    ]
    if not changes:
        return None
    first, last = changes[0][1], changes[-1][2]
    while last > first and not any(character.isalnum() for character in own.folded[last - 1]):
        last -= 1
    kept = len(own.folded) - (last - first)
    if first == last or last - first > MAX_RENDERING_WORDS or kept < 1:
        return None
    stretch = plain[own.spans[first][0] : own.spans[last - 1][1]]
    return stretch if stretch[0].isalnum() else None


def _cuts_a_word(text: str, start: int, end: int) -> bool:
    return not (is_border(text, start) and is_border(text, end))
