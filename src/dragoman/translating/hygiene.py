"""Make text fit for an engine, and its answer fit for people. Plain functions; for ``router.py``.

Engines are trained on written sentences: whole characters, no shouting, a stop at the end. What recognition and people
write is brought into that form; what was added is taken away from the answer again.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dragoman.ground.languages import LANGUAGES, Language

MAX_MARKS: Final = 8
"""Accents on one letter; the rest of a longer pile is dropped. Putting piles in order takes quadratic time."""
_MIN_SHOUTED: Final = 12
"""Capitals from which a text without small letters is shouted, and no acronym."""

_SPACE: Final = re.compile(r"\s+")
_VIETNAMESE: Final = Language("vi")
_STOPS: Final = {Language("zh"): "。", Language("zh-TW"): "。", Language("ja"): "。", Language("hi"): "।"} | {
    Language("my"): "။",
    Language("km"): "។",
    Language("th"): "",
    Language("lo"): "",
}
"""What ends a sentence that lacks its stop, where it is not a full stop."""
_JOINERS: Final = frozenset("\u200c\u200d")
"""Zero-width characters that belong to words of Indian and Arabic scripts, and to emoji."""
_WORD_BREAK: Final = "\u200b"
_BREAK_LANGUAGES: Final = frozenset({Language("th"), Language("lo"), Language("my"), Language("km")})

_NEW_STYLE: Final = "oà oá oả oã oạ oè oé oẻ oẽ oẹ uỳ uý uỷ uỹ uỵ".split()
_OLD_STYLE: Final = "òa óa ỏa õa ọa òe óe ỏe õe ọe ùy úy ủy ũy ụy".split()
_TONES: Final = dict(zip(_NEW_STYLE, _OLD_STYLE, strict=True))
_TONE: Final = re.compile(rf"(?<![qQ])(?:{'|'.join(_NEW_STYLE)})(?![^\W\d_])", re.IGNORECASE)
"""Both ways of writing the tone of an open syllable are in use; most text, and so most models, have the older one."""

_KEPT_SPACES: Final = frozenset(" \t\n\r\x0b\x0c\x85\u2028\u2029")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A sentence as an engine gets it, and what was changed for it."""

    text: str
    """Empty if there was nothing in it."""
    stop: str = ""
    """The stop that was added at the end."""

    def restore(self, answer: str) -> str:
        """Take from a translation what was added to its source."""
        text = clean_answer(answer)
        if self.stop:
            text = re.sub(r"(?<![.…])[.。।။។]$", "", text)
        return text


def prepare(text: str, language: Language, *, ended: bool = True) -> Prepared:
    """Clean a sentence; lower what is shouted and, if it has ``ended``, end it with a stop."""
    plain = clean_text(text, language)
    if not plain:
        return Prepared(text="")
    plain = _lowered_if_shouted(plain)
    stop = _missing_stop(plain, language) if ended else ""
    return Prepared(text=plain + stop, stop=stop)


def clean_text(text: str, language: Language) -> str:
    """Write text in composed characters (NFC), on one line, without control characters and marks of direction.

    Of accents piled on one letter ``MAX_MARKS`` stay; Vietnamese tones get their older place (``hoà`` becomes ``hòa``).
    """
    kept = _without_piles(text)
    composed = unicodedata.normalize("NFC", "".join(_visible(kept, keeps_breaks=language in _BREAK_LANGUAGES)))
    plain = _SPACE.sub(" ", composed).strip()
    return _TONE.sub(_old_style, plain) if language == _VIETNAMESE else plain


def clean_answer(text: str) -> str:
    """Write what an engine answered in composed characters, without spaces around it."""
    return unicodedata.normalize("NFC", _without_piles(text)).strip()


def has_words(text: str) -> bool:
    """Say whether there is something to translate: emoji, numbers and punctuation are the same in all languages."""
    return any(character.isalpha() for character in text)


def _without_piles(text: str) -> str:
    if text.isascii():
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MAX_MARKS:
            kept.append(character)
    return "".join(kept)


def _visible(text: str, *, keeps_breaks: bool) -> Iterator[str]:
    """Give the characters that are text; what separates lines becomes a space."""
    for character in text:
        if character in _KEPT_SPACES:
            yield " "
        elif character == _WORD_BREAK:
            yield _WORD_BREAK if keeps_breaks else ""
        elif character in _JOINERS or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Cn"}:
            yield character


def _old_style(match: re.Match[str]) -> str:
    syllable = match[0]
    old = _TONES[syllable.lower()]
    return "".join(new.upper() if as_was.isupper() else new for new, as_was in zip(old, syllable, strict=True))


def _lowered_if_shouted(text: str) -> str:
    capitals = sum(character.isupper() for character in text)
    if capitals < _MIN_SHOUTED or any(character.islower() for character in text):
        return text
    return _capitalised(text.lower())


def _capitalised(text: str) -> str:
    # Only where the capital is one letter too: "ß" has none of its own.
    first = text[:1].upper()
    return first + text[1:] if len(first) == 1 else text


def _missing_stop(text: str, language: Language) -> str:
    """Give the stop that a sentence lacks. What ends in a mark of any kind is left as it is."""
    ends_open = unicodedata.category(text[-1])[0] in "LMN"
    return _STOPS.get(language, ".") if ends_open and has_words(text) else ""


def has_spaces(language: Language) -> bool:
    """Say whether sentences of ``language`` are parted by spaces."""
    return LANGUAGES[language].words_have_spaces or language in _BREAK_LANGUAGES
