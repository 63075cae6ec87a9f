"""Which scripts a language is written in: what its voices can be asked to read. For services/saying/."""

import unicodedata
from collections.abc import Iterator

from dragoman.ground.languages import Language

_SCRIPTS: dict[Language, frozenset[str]] = {
    Language("zh"): frozenset({"CJK", "BOPOMOFO"}),
    Language("ja"): frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}),
    Language("ko"): frozenset({"HANGUL", "CJK"}),
    Language("ru"): frozenset({"CYRILLIC"}),
    Language("mk"): frozenset({"CYRILLIC"}),
    Language("sr"): frozenset({"CYRILLIC"}),
    Language("ar"): frozenset({"ARABIC"}),
    Language("hi"): frozenset({"DEVANAGARI"}),
    Language("th"): frozenset({"THAI"}),
}
"""As Unicode names its letters; the other languages are written in Latin letters, which every voice reads."""
_STYLES = frozenset(
    "LATIN FULLWIDTH HALFWIDTH MATHEMATICAL MODIFIER FEMININE MASCULINE MICRO SUPERSCRIPT SUBSCRIPT SCRIPT".split()
)


def foreign_script(text: str, language: Language) -> str | None:
    """Name the script of the first word that a voice of ``language`` cannot read; None if it can read them all.

    A single letter passes: π and Ω are read everywhere.
    """
    before = ""
    for script in _scripts(text):
        foreign = bool(script) and script not in _STYLES and script not in _SCRIPTS.get(language, frozenset())
        if foreign and before == script:
            return script if script == "CJK" else script.capitalize()
        before = script if foreign else ""
    return None


def _scripts(text: str) -> Iterator[str]:
    """Give the script of each character, empty for what is no letter."""
    for character in text:
        if character.isascii() or not character.isalpha():
            yield "LATIN" if character.isalpha() else ""
        else:
            yield unicodedata.name(character, "").split(" ", 1)[0]
