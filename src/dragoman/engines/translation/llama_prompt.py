"""What a language model is asked, and what of its answer is the translation. For ``llama_cpp.py``.

The prompts are those that Hy-MT2 was trained with (its model card). What stays the same during a meeting comes first,
so that the model need not read it again; then the terms of this sentence, then the sentence. There is no system prompt.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from dragoman.engines.translation.sentence_end import tidy
from dragoman.ground.engines import Glossary, GlossaryTerm
from dragoman.ground.languages import LANGUAGES, Language

MAX_TERMS: Final = 20
"""Of one sentence; each costs about ten tokens."""
MAX_BACKGROUND_BYTES: Final = 3000
"""Half of what the model can hold, in any script: a token is three bytes or more. What is longer is cut."""

_SPECIAL: Final = re.compile(r"<(?=[|｜])|(?<=[|｜])>")
"""The brackets of control tokens: what somebody says must not end the prompt."""
_QUOTES: Final = {'"': '"', "“": "”", "«": "»", "「": "」", "『": "』"}
_OWN_WORDS: Final = ("[Source Text]", "[Background Information]", "Reference the following translations")


def write_prompt(text: str, *, target: Language, glossary: Glossary | None = None) -> str:
    """Ask for the translation of ``text``, a tidy sentence."""
    background = _cut(_harmless(glossary.background)) if glossary else ""
    terms = _terms_in(text, glossary.terms if glossary else ())
    language = _name(target)
    parts = []
    if background:
        parts.append(f"[Background Information]\n{background}")
    if terms:
        lines = [f"{_harmless(term.source)} translates to {_harmless(term.target)}" for term in terms]
        parts.append("\n".join(["Reference the following translations:", *lines]))
    if background:
        parts.append(
            f"Please translate the following text into {language}, taking the provided background information into "
            "consideration."
        )
        parts.append(f"[Source Text]\n{_harmless(text)}")
    else:
        must = "must ONLY" if terms else "should only"
        parts.append(
            f"Translate the following text into {language}. Note that you {must} output the translated result without "
            "any additional explanation:"
        )
        parts.append(_harmless(text))
    return "\n\n".join(parts)


def read_answer(answer: str, *, text: str) -> str:
    """Give the translation in the model's answer on one line; empty if it repeats the question."""
    clean = tidy(answer)
    if any(words in clean and words not in text for words in _OWN_WORDS):
        return ""
    if len(clean) > 1 and _QUOTES.get(clean[0]) == clean[-1] and text[:1] not in _QUOTES:
        clean = clean[1:-1].strip()
    return clean


def _name(language: Language) -> str:
    """Name the language as the model knows it."""
    return "Traditional Chinese" if language == "zh-TW" else LANGUAGES[language].name


def _terms_in(text: str, terms: Sequence[GlossaryTerm]) -> list[GlossaryTerm]:
    """Keep the terms that are in ``text``, the longest first if there are too many."""
    folded = _fold(text)
    found = [term for term in terms if term.source.strip() and _fold(term.source) in folded]
    return sorted(found, key=lambda term: -len(term.source))[:MAX_TERMS] if len(found) > MAX_TERMS else found


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _cut(background: str) -> str:
    return background.encode()[:MAX_BACKGROUND_BYTES].decode(errors="ignore").strip()


def _harmless(text: str) -> str:
    """Keep control tokens and line breaks out of what people wrote."""
    return _SPECIAL.sub(" ", tidy(text))
