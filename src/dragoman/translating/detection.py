"""Say which language a text is in: by its script, its letters and its commonest words. A plain function.

For the service's ``POST /detect``, and for ``checks.py``, which asks whether a translation is one. Rules instead of a
model: no download, nothing to load, and an answer of "I do not know" where there is nothing to go by. Related
languages (Indonesian and Malay; Croatian, Bosnian and Serbian) often stay undecided, and the confidence says so.
Time is linear; of a long text the beginning is read.
"""

import math
import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from dragoman.ground.languages import LANGUAGES, Language

WORDS_FILE: Final = "function_words.toml"
MAX_CHARACTERS: Final = 4000
"""Read of a text; more changes nothing."""

_SCRIPTS: Final = {
    "LATIN": "Latn",
    "CYRILLIC": "Cyrl",
    "ARABIC": "Arab",
    "DEVANAGARI": "Deva",
    "THAI": "Thai",
    "LAO": "Laoo",
    "MYANMAR": "Mymr",
    "KHMER": "Khmr",
    "HANGUL": "Hang",
    "HIRAGANA": "Kana",
    "KATAKANA": "Kana",
    "CJK": "Hani",
}
"""First word of a character's Unicode name, and its script."""
_OF_SCRIPT: Final = {
    "Arab": Language("ar"),
    "Deva": Language("hi"),
    "Thai": Language("th"),
    "Laoo": Language("lo"),
    "Mymr": Language("my"),
    "Khmr": Language("km"),
    "Hang": Language("ko"),
    "Kana": Language("ja"),
}
_SCRIPTS_OF_FLORES: Final = {"Jpan": {"Kana", "Hani"}, "Hans": {"Hani"}, "Hant": {"Hani"}, "Hang": {"Hang", "Hani"}}
_LETTERS: Final = {
    Language("vi"): "ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ",
    Language("fr"): "çœèêëîïûù",
    Language("de"): "äöüß",
    Language("es"): "ñ¿¡",
    Language("pt"): "ãõ",
    Language("it"): "ìò",
    Language("ca"): "·",
    Language("gl"): "ñ",
    Language("eo"): "ĉĝĥĵŝŭ",
    Language("hr"): "čćđšž",
    Language("bs"): "čćđšž",
    Language("sr"): "čćđšžђћјљњџ",
    Language("is"): "þðæ",
    Language("ru"): "ыэёъщ",
    Language("mk"): "ѓќѕјљњџѝ",
}
"""Letters that hardly another language of that script here has; they count for each language in which they stand."""
_TRADITIONAL: Final = frozenset(
    "們這個說來時會國對學發經與過還後裡麼沒開關門間問題東車長見話語請讓謝歡氣點電腦機場買賣錢號現樣幾應當實種類從將給"
)
_SIMPLIFIED: Final = frozenset(
    "们这个说来时会国对学发经与过还后里么没开关门间问题东车长见话语请让谢欢气点电脑机场买卖钱号现样几应当实种类从将给"
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_KNOWN_WORD: Final = 3.0
"""How many times likelier the language becomes by a word of its list, natural logarithm: e to this power."""
_TYPICAL_LETTER: Final = 2.5
_PRIOR_EVIDENCE: Final = 1.5
"""Evidence that speaks for none: what is found must outweigh it before much is believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """A language that a text may be in."""

    language: Language
    confidence: float
    """From 0 to 1; the guesses of a text make at most 1 together, and what is left is for none of them."""


def detect_language(text: str) -> tuple[Guess, ...]:
    """Guess the language of ``text``, the likeliest first, at most five; nothing for a text without letters of ours."""
    plain = unicodedata.normalize("NFC", text[:MAX_CHARACTERS]).lower()
    scripts = count_scripts(plain)
    total = sum(scripts.values())
    if not total:
        return ()
    shares: dict[Language, float] = defaultdict(float)
    kana = scripts["Kana"] / total
    for script, count in scripts.items():
        share = count / total
        if script == "Hani" and kana > 0:
            shares[_OF_SCRIPT["Kana"]] += share  # no Chinese sentence has kana in it
        elif script == "Hani":
            for language, part in _chinese(plain).items():
                shares[language] += share * part
        elif script in _OF_SCRIPT:
            shares[_OF_SCRIPT[script]] += share
        else:
            for language, part in _by_words(plain, script).items():
                shares[language] += share * part
    ranked = sorted(shares.items(), key=lambda item: -item[1])[:5]
    found = [Guess(language=code, confidence=round(share, 3)) for code, share in ranked]
    return tuple(guess for guess in found if guess.confidence >= 0.01)


def count_scripts(text: str) -> Counter[str]:
    """Count the letters of each script of ours: ``Latn``, ``Hani`` (Chinese characters), ``Kana`` and so on."""
    counts: Counter[str] = Counter()
    for letter, times in Counter(text).items():
        if letter.isalpha():
            script = _SCRIPTS.get(unicodedata.name(letter, "").split(" ")[0])
            counts[script or "other"] += times
    return counts


def scripts_of(language: Language) -> frozenset[str]:
    """Give the scripts that a language is written in, as ``count_scripts`` names them."""
    script = LANGUAGES[language].flores.split("_")[1]
    more = {"Cyrl", "Latn"} if language == "sr" else {script}
    return frozenset(_SCRIPTS_OF_FLORES.get(script, more))


def _chinese(text: str) -> dict[Language, float]:
    """Part simplified and traditional by the characters that only one of them has."""
    traditional = sum(letter in _TRADITIONAL and letter not in _SIMPLIFIED for letter in text)
    simplified = sum(letter in _SIMPLIFIED and letter not in _TRADITIONAL for letter in text)
    total = traditional + simplified
    share = (traditional + 0.3) / (total + 1.0)  # without a sign of either the commoner one is likelier
    return {Language("zh"): 1 - share, Language("zh-TW"): share}


def _by_words(text: str, script: str) -> dict[Language, float]:
    """Part the languages of one alphabet; what is missing to 1 is for none of them."""
    words = _WORD.findall(text)
    lists = {code: known for code, known in _function_words().items() if script in scripts_of(code)}
    evidence: dict[Language, float] = {}
    for code, known in lists.items():
        hits = sum(word in known or word.replace("’", "'") in known for word in words)
        typical = _LETTERS.get(code, "")
        letters = sum(any(letter in typical for letter in word) for word in words)
        evidence[code] = _KNOWN_WORD * hits + _TYPICAL_LETTER * letters
    if not evidence or max(evidence.values()) == 0:
        return {}
    # The longer the text, the less a lucky word may decide: evidence is weighed per word, then sharpened by its amount.
    highest = max(evidence.values())
    weights = {code: math.exp(amount - highest) for code, amount in evidence.items() if amount > 0}
    believed = highest / (highest + _PRIOR_EVIDENCE) * min(1.0, 2.5 * highest / (_KNOWN_WORD * len(words)))
    total = sum(weights.values())
    return {code: believed * weight / total for code, weight in weights.items()}


@cache
def _function_words() -> Mapping[Language, frozenset[str]]:
    """Read the words that come with the program."""
    text = resources.files("dragoman.translating").joinpath(WORDS_FILE).read_text(encoding="utf-8")
    tables: dict[str, dict[str, str]] = tomllib.loads(text)
    return {Language(code): frozenset(words.split()) for code, words in tables["words"].items()}
