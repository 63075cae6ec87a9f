"""Is a repaired translation better, and not worse elsewhere? Plain functions; for enforcing.py.

A glossary is worth little if it breaks sentences: whatever a repair gives has to keep what the plain translation says
around the terms, within the changes that another word brings with it.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from dragoman.ground.errors import EngineOutputInvalid
from dragoman.ground.languages import LANGUAGES, Language
from dragoman.translating.checks import check_translation, find_doubt
from dragoman.translating.glossary.demands import unmet
from dragoman.translating.glossary.folding import fold
from dragoman.translating.glossary.matcher import Found, Wanted

CHANGED_WORDS: Final = 2
"""Words around a term that may change with it (articles, endings, measure words), beside those of its rendering."""

_WORD: Final = re.compile(r"\w+")


def is_better(
    candidate: str,
    plain: str,
    *,
    sentence: str,
    found: Sequence[Found],
    missing: Sequence[Wanted],
    languages: tuple[Language, Language],
) -> bool:
    """Say whether ``candidate`` has more of the terms than ``plain``, and nothing else worse.

    ``missing`` is what ``plain`` lacks of what was ``found`` in ``sentence``.
    """
    if _end_mark(candidate) != _end_mark(plain):
        return False
    still = unmet(found, candidate, languages[1])
    if len(still) >= len(missing) or not set(still) <= set(missing):
        return False
    try:
        check_translation(sentence, candidate, engine="a repair", languages=languages)
    except EngineOutputInvalid:
        return False
    doubts = [
        find_doubt(sentence, text, source_language=languages[0], target_language=languages[1])
        for text in (candidate, plain)
    ]
    if doubts[0] and not doubts[1]:
        return False
    repaired = [wanted for wanted in missing if wanted not in still]
    return keeps_the_rest(candidate, plain, repaired=repaired, target=languages[1])


def keeps_the_rest(candidate: str, plain: str, *, repaired: Iterable[Wanted], target: Language) -> bool:
    """Say whether ``candidate`` is ``plain`` but for the terms and a few words around them.

    As many words may go as a rendering has at most, and as many come as the terms have.
    """
    terms = list(repaired)
    own = [Counter(_words(form, target)) for wanted in terms for form in wanted.targets]
    before, after = Counter(_words(plain, target)), Counter(_words(candidate, target))
    spared = CHANGED_WORDS * len(terms)
    rendering = sum(max([len(_words(form, target)) for form in wanted.targets] or [1]) + 1 for wanted in terms)
    lost, come = before - after, after - before
    for words in own:
        come -= words
    if lost.total() > rendering + spared or come.total() > spared:
        return False
    # What is left of a short sentence may be the term alone: then something of it has to have been there.
    return before.total() <= rendering + spared or lost.total() < before.total()


def _end_mark(text: str) -> str:
    """Give the mark at the end; repairs that lose it have lost more as a rule."""
    last = text.strip()[-1:]
    return "" if last.isalnum() else last


def _words(text: str, language: Language) -> list[str]:
    folded = fold(unicodedata.normalize("NFC", text)).text
    if LANGUAGES[language].words_have_spaces:
        return _WORD.findall(folded)
    return [character for character in folded if character.isalnum()]
