"""Which scripts a language is written in: what its voices can be asked to read. For services/saying/, normalise.py."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from dragoman.ground.languages import Language

_CYRILLIC: Final = frozenset({"CYRILLIC"})
_CHINESE: Final = frozenset({"CJK", "IDEOGRAPHIC", "BOPOMOFO"})
_SCRIPTS: Final[dict[Language, frozenset[str]]] = {
    Language("zh"): _CHINESE,
    Language("zh-TW"): _CHINESE,
    Language("ja"): frozenset({"CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"}),
    Language("ko"): frozenset({"HANGUL"}),
    Language("ar"): frozenset({"ARABIC"}),
    Language("hi"): frozenset({"DEVANAGARI", "VEDIC"}),
    Language("th"): frozenset({"THAI"}),
    Language("lo"): frozenset({"LAO"}),
    Language("my"): frozenset({"MYANMAR"}),
    Language("km"): frozenset({"KHMER"}),
} | {Language(code): _CYRILLIC for code in ("ru", "mk", "sr", "bs", "hr")}
"""As Unicode names its letters; the other languages are written in Latin letters, which every voice reads."""
_SIGNS: Final = frozenset("LATIN COMBINING MODIFIER VARIATION TURNED CARON SPACE VERTICAL".split())
"""What names of letters and marks begin with that belong to Latin, or to no script."""
_SCRIPT_PUNCTUATION: Final = frozenset("・･゠〆〇")
"""What is no letter, and spoken by its name nevertheless."""
_FOREIGN: Final = re.compile("(?:f|gm*g)[fgm]*")
_EMPTY_BRACKETS: Final = re.compile(r"[(\[{（［「『《〈][\s(\[{（［「『《〈]*[\s)\]}）］」』》〉]*[)\]}）］」』》〉]")


def foreign_script(text: str, language: Language) -> str | None:
    """Name the script of the first letters that a voice of ``language`` cannot read; None if it can read them all.

    A single Greek letter passes: π and Ω are read everywhere.
    """
    found = _FOREIGN.search(_classes(text, language))
    if found is None:
        return None
    script = _script(text[found.start()])
    return script if script == "CJK" else script.capitalize()


def leave_out_foreign(text: str, language: Language) -> str:
    """Give ``text`` without what a voice of ``language`` would spell: "tiếng Nhật là (日本語)" loses the brackets too.

    A voice says "Chinese letter" for each letter that it does not know, which nobody has said and no caption shows.
    """
    if text.isascii():
        return text
    kept: list[str] = []
    done = 0
    for run in _FOREIGN.finditer(_classes(text, language)):
        kept.append(text[done : run.start()])
        done = run.end()
    if not kept:
        return text
    return " ".join(_EMPTY_BRACKETS.sub(" ", " ".join([*kept, text[done:]])).split())


def _classes(text: str, language: Language) -> str:
    """Write a letter for each character: f is foreign, g is Greek, m is a mark of any script, and o all the rest."""
    own = _SCRIPTS.get(language, frozenset())
    return "".join("o" if character.isascii() else _class(character, own) for character in text)


@lru_cache(maxsize=4096)
def _class(character: str, own: frozenset[str]) -> str:
    is_mark = unicodedata.category(character).startswith("M")
    if not (is_mark or _letter(character).isalpha() or character in _SCRIPT_PUNCTUATION):
        return "o"
    script = _script(character)
    if script == "GREEK":
        return "g"
    if script in own or (character in _SCRIPT_PUNCTUATION and own & {"CJK"}):
        return "o"
    if script in _SIGNS:
        return "m" if is_mark else "o"
    return "f"


def _script(character: str) -> str:
    """Give the first word of the name of a character, as of a letter: ``LATIN``, ``CJK``."""
    return unicodedata.name(_letter(character), "").split(" ", 1)[0]


def _letter(character: str) -> str:
    """Give the first letter of what a sign stands for: half-width katakana are katakana, and ㈱ is Chinese."""
    plain = unicodedata.normalize("NFKC", character)
    return next((each for each in plain if each.isalpha()), plain[:1])
