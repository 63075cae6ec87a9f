"""Find a term in its inflections: "invoices" has "invoice" in it, "la réunion annuelle" has "reunion annuelle".

Simple on purpose: endings that are written behind a word, by language. To matcher.py and demands.py.
"""

import re
from functools import lru_cache
from typing import Final

from dragoman.ground.languages import Language
from dragoman.translating.glossary.folding import fold, is_border, without_marks
from dragoman.translating.hygiene import clean_text

_ROMANCE: Final = "s|es|x"
_SLAVIC: Final = r"\w{1,3}"
_ENDINGS: Final = {
    Language("en"): "s|es|'s|s'",
    **dict.fromkeys(map(Language, ("es", "pt", "fr", "it", "ca", "gl")), _ROMANCE),
    Language("de"): "e|en|er|es|em|n|s|ern",
    **dict.fromkeys(map(Language, ("ru", "hr", "bs", "sr", "mk")), _SLAVIC),
    Language("ko"): r"\w{1,4}",
}
"""What may stand behind each word; Korean writes its particles there."""
_BEFORE: Final = {Language("ar"): "(?:و)?(?:ال|بال|لل|كال|ب|ل|ف)?"}
_CHANGES: Final = {Language("en"): (("y", "ies"), ("f", "ves")), Language("it"): (("o", "i"), ("a", "e"), ("e", "i"))}
"""Ends of words that are replaced in the plural."""
_MIN_INFLECTED: Final = 4
"""Letters from which a word is inflected: "it" and "its" are two words."""


def holds_form(text: str, term: str, language: Language, *, match_case: bool = False) -> bool:
    """Say whether ``text`` holds ``term`` or a simple inflection of it, whatever its accents and, as a rule, case."""
    if match_case:
        return bool(_exact(text, term))
    return count_forms(text, term, language) > 0


def count_forms(text: str, term: str, language: Language) -> int:
    """Count how often ``text`` holds ``term`` or a simple inflection of it, whatever its accents and case."""
    haystack = without_marks(fold(clean_text(text, language)).text, language)
    return sum(
        is_border(haystack, match.start()) and is_border(haystack, match.end())
        for match in _pattern(term, language).finditer(haystack)
    )


def endings_of(language: Language) -> re.Pattern[str] | None:
    """Give what may follow a term of ``language`` in folded text as its inflection."""
    endings = _ENDINGS.get(language)
    return None if endings is None else re.compile(f"(?:{endings})(?!\\w)")


def may_inflect(folded: str) -> bool:
    """Say whether a folded term is long enough to have its inflections looked for; a Korean letter is a syllable."""
    least = 2 if "\uac00" <= folded[-1] <= "\ud7a3" else _MIN_INFLECTED
    return len(folded) >= least and folded[-1].isalpha()


def _exact(text: str, term: str) -> list[int]:
    found = [match.start() for match in re.finditer(re.escape(term), text)]
    return [place for place in found if is_border(text, place) and is_border(text, place + len(term))]


@lru_cache(maxsize=4096)
def _pattern(term: str, language: Language) -> re.Pattern[str]:
    words = without_marks(fold(clean_text(term, language)).text, language).split(" ")
    before = _BEFORE.get(language, "")
    return re.compile(" ".join(f"{before}{_word(word, language)}" for word in words))


def _word(word: str, language: Language) -> str:
    endings = _ENDINGS.get(language)
    forms = [re.escape(word)]
    if endings is not None and may_inflect(word):
        # The longest first: a border is looked for behind what was found.
        forms.insert(0, f"{re.escape(word)}(?:{endings})(?!\\w)")
        if endings == _SLAVIC and len(word) > _MIN_INFLECTED:
            forms.insert(0, f"{re.escape(word[:-2])}\\w{{0,4}}(?!\\w)")
        for singular, plural in _CHANGES.get(language, ()):
            if word.endswith(singular):
                forms.insert(0, f"{re.escape(word[: -len(singular)])}{plural}(?!\\w)")
    return f"(?:{'|'.join(forms)})"
