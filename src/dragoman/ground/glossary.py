"""The terms of a room or of a document, as people set them: what has to become of certain words in translation.

Matched and seen through in ``translating/glossary/``; what an engine is told of them is ``Glossary`` in engines.py.
"""

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from dragoman.ground.errors import InputError
from dragoman.ground.facts import Facts, Help, Reason
from dragoman.ground.languages import Language

MAX_TERMS: Final = 1000
"""Of one term base: a subject has some hundred terms that engines get wrong."""
MAX_TERM_CHARS: Final = 200
"""Of either side of a term."""
MAX_HOT_WORDS: Final = 50
"""Terms that are of use to a recogniser at once; it has room for some fifty words."""


TOO_MANY_TERMS: Final = Facts(reason=Reason.TOO_MANY_TERMS, allowed=MAX_TERMS, helps=(Help.LEAVE_SOME_OUT,))


class GlossaryInvalid(InputError):
    """A term, or a file of terms, cannot be used."""

    code = "glossary_invalid"


class TermState(StrEnum):
    """What holds for a term."""

    DO_NOT_TRANSLATE = "do-not-translate"
    """It stays as it is: names, products."""
    FORCED = "forced"
    """It becomes ``target``, by replacement if nothing else helps."""
    PREFERRED = "preferred"
    """It becomes ``target`` where a translator can be brought to say so."""
    BANNED = "banned"
    """It does not become ``target``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term in one direction. Make it with ``make_term``, which checks it."""

    source: str
    target: str = ""
    """Empty for what is not translated."""
    source_language: Language | None = None
    """None, of what is not translated: whatever is spoken."""
    target_language: Language | None = None
    """None of what is not translated, whatever is read."""
    state: TermState = TermState.FORCED
    match_case: bool = False
    """Only as it is written here; "IT" is no "it"."""

    def holds_for(self, source: Language, target: Language) -> bool:
        return self.source_language in (None, source) and self.target_language in (None, target)


@dataclass(frozen=True, kw_only=True)
class TermBase:
    """All terms of a glossary, in the order people gave them."""

    terms: tuple[Term, ...] = ()

    @cached_property
    def version(self) -> str:
        """Stands for the terms: equal for equal ones, empty for none."""
        if not self.terms:
            return ""
        written = json.dumps([_written(term) for term in self.terms], ensure_ascii=True)
        return hashlib.sha256(written.encode()).hexdigest()[:16]

    @cached_property
    def _hot_words(self) -> dict[Language, tuple[str, ...]]:
        """Those that were asked for: microphones ask with every frame."""
        return {}

    def hot_words(self, language: Language) -> tuple[str, ...]:
        """Give what may be said in ``language``, the first terms first, for a recogniser."""
        if language not in self._hot_words:
            self._hot_words[language] = self._find_hot_words(language)
        return self._hot_words[language]

    def _find_hot_words(self, language: Language) -> tuple[str, ...]:
        spoken = [term.source for term in self.terms if term.source_language in (None, language)]
        # What is read in the language of others is said by those who speak it.
        spoken += [
            term.target for term in self.terms if term.target_language == language and term.state != TermState.BANNED
        ]
        return tuple(dict.fromkeys(word for word in spoken if word))[:MAX_HOT_WORDS]


NO_TERMS: Final = TermBase()


def make_term(
    *,
    source: str,
    target: str = "",
    source_language: Language | None = None,
    target_language: Language | None = None,
    state: TermState = TermState.FORCED,
    match_case: bool = False,
) -> Term:
    """Check one term; its sides are brought into composed characters on one line. Raises ``GlossaryInvalid``."""
    source, target = _tidy(source, "the term"), _tidy(target, "its translation")
    if not any(character.isalnum() for character in source):
        raise GlossaryInvalid(
            "the term is empty; write the word or phrase that is said", facts=Facts(reason=Reason.TERM_EMPTY)
        )
    if state is TermState.DO_NOT_TRANSLATE:
        if target and target != source:
            raise GlossaryInvalid(
                f"{source[:40]!r} is not to be translated, and has a translation; leave one of them out",
                facts=Facts(reason=Reason.TERM_KEPT_AND_TRANSLATED, term=source[:40]),
            )
        target, target_language = "", None
    else:
        if not any(character.isalnum() for character in target):
            raise GlossaryInvalid(
                f"{source[:40]!r} has no translation; give one, or set it to do-not-translate",
                facts=Facts(reason=Reason.TERM_WITHOUT_TRANSLATION, term=source[:40]),
            )
        if source_language is None or target_language is None:
            raise GlossaryInvalid(
                f"{source[:40]!r} lacks a language; name that of the term and of its translation",
                facts=Facts(reason=Reason.TERM_WITHOUT_LANGUAGE, term=source[:40]),
            )
    if source_language is not None and source_language == target_language:
        raise GlossaryInvalid(
            f"{source[:40]!r} has {source_language} on both sides; name two languages",
            facts=Facts(reason=Reason.TERM_IN_ONE_LANGUAGE, term=source[:40]),
        )
    return Term(
        source=source,
        target=target,
        source_language=source_language,
        target_language=target_language,
        state=state,
        match_case=match_case,
    )


def make_term_base(terms: Iterable[Term]) -> TermBase:
    """Put terms together; one that stands twice counts once. Raises ``GlossaryInvalid`` for too many."""
    unique = tuple(dict.fromkeys(terms))
    if len(unique) > MAX_TERMS:
        raise GlossaryInvalid(
            f"a glossary holds {MAX_TERMS} terms, and these are {len(unique)}; leave some out", facts=TOO_MANY_TERMS
        )
    return TermBase(terms=unique)


def _tidy(text: str, what: str) -> str:
    if len(text) > 8 * MAX_TERM_CHARS:
        raise _too_long(what)
    kept = (" " if character.isspace() else character for character in text)
    seen = "".join(it for it in kept if unicodedata.category(it) not in {"Cc", "Cs", "Co", "Cn"} and it not in _UNSEEN)
    tidy = " ".join(unicodedata.normalize("NFC", seen).split())
    if len(tidy) > MAX_TERM_CHARS:
        raise _too_long(what)
    return tidy


def _too_long(what: str) -> GlossaryInvalid:
    return GlossaryInvalid(
        f"{what} is longer than {MAX_TERM_CHARS} characters; give single words and phrases",
        facts=Facts(reason=Reason.TERM_TOO_LONG, allowed=MAX_TERM_CHARS),
    )


_UNSEEN: Final = frozenset("\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u00ad")
"""Marks of direction and breaks of no width, which would keep a term from ever being found."""


def _written(term: Term) -> list[str | bool | None]:
    return [term.source, term.target, term.source_language, term.target_language, term.state.value, term.match_case]
