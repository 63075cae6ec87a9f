"""Can this translation be true? Cheap checks of what any engine answered. Plain functions; from router.py.

What cannot be a translation is refused (``check_translation``). What may be a bad one is doubted (``find_doubt``):
another engine is asked, and if none does better the answer stands. Numbers are compared in ``numbers.py``.
"""

import re
import unicodedata
from typing import Final

from dragoman.ground.errors import EngineOutputInvalid
from dragoman.ground.languages import Language
from dragoman.translating.detection import count_scripts, detect_language, scripts_of
from dragoman.translating.numbers import missing_numbers

MIN_LENGTH_RATIO, MAX_LENGTH_RATIO = 0.4, 2.5
"""Length of the target by that of the source, once what each language needs is reckoned in."""
SHORT_CHARACTERS = 24
"""Added to the longer side: short sentences may double or halve for good reasons."""
LOOP_WORDS = 12
"""Words that a repeated phrase has to cover before it counts as a loop."""
LOOP_TIMES = 3
LOOP_CHARACTERS = 24
"""Characters that a repeated piece has to cover where words are written without spaces."""

_NEEDS: Final = {
    Language("zh"): 0.3,
    Language("zh-TW"): 0.3,
    Language("ja"): 0.45,
    Language("ko"): 0.5,
    Language("th"): 0.9,
    Language("ar"): 0.8,
}
"""Characters that a language needs where English needs one; those that are missing need about as many."""
_COPIED_WORDS: Final = 5
_DOUBTED_LETTERS: Final = 20
"""Letters from which the script of an answer is looked at."""
_FOREIGN_CONFIDENCE: Final = 0.8
_WORD: Final = re.compile(r"[^\W\d_]+")


def check_translation(
    source: str, target: str, *, engine: str, languages: tuple[Language, Language] | None = None
) -> None:
    """Raise ``EngineOutputInvalid`` if ``target`` cannot be a translation of ``source``: nothing, noise, or a loop.

    ``languages`` are source and target, for the length that can be expected.
    """
    if not source.strip():
        return
    if not target.strip():
        raise EngineOutputInvalid(f"{engine} answered with nothing")
    if any(unicodedata.category(character) in {"Cc", "Cs", "Co"} for character in target):
        raise EngineOutputInvalid(f"{engine} answered with control characters")
    _check_length(len(source.strip()), len(target.strip()), engine, languages)
    if _loops(target) and not _loops(source):
        raise EngineOutputInvalid(f"{engine} repeats itself")


def find_doubt(source: str, target: str, *, source_language: Language, target_language: Language) -> str:
    """Say why ``target`` may be a bad translation, without quoting it; empty if nothing speaks against it."""
    missing = missing_numbers(source, target, source_language=source_language, target_language=target_language)
    if missing:
        return f"{missing} of the numbers are missing"
    if _is_copy(source, target):
        return "the sentence came back untranslated"
    if _is_foreign(source, target, source_language, target_language):
        return "the answer is in another language"
    return ""


def _check_length(source: int, target: int, engine: str, languages: tuple[Language, Language] | None) -> None:
    expected = 1.0
    if languages is not None:
        expected = _NEEDS.get(languages[1], 1.0) / _NEEDS.get(languages[0], 1.0)
    most = MAX_LENGTH_RATIO * max(1.0, expected) if languages else 8.0
    if target > most * source + SHORT_CHARACTERS:
        raise EngineOutputInvalid(f"{engine} answered with {target} characters for {source}")
    if languages and target + SHORT_CHARACTERS * min(1.0, expected) < MIN_LENGTH_RATIO * min(1.0, expected) * source:
        raise EngineOutputInvalid(f"{engine} answered with {target} characters for {source}")


def _is_copy(source: str, target: str) -> bool:
    words = _WORD.findall(source.casefold())
    # Names and brands stay as they are, and are capitalised; whole sentences are not.
    plain = sum(word.islower() for word in _WORD.findall(source))
    return len(words) >= _COPIED_WORDS and plain >= len(words) / 2 and words == _WORD.findall(target.casefold())


def _is_foreign(source: str, target: str, source_language: Language, target_language: Language) -> bool:
    """Say whether the answer is plainly in the language that was to be translated."""
    wanted, spoken = scripts_of(target_language), scripts_of(source_language)
    if wanted & spoken:
        guesses = detect_language(target)
        return bool(
            guesses
            and guesses[0].language == source_language
            and guesses[0].confidence >= _FOREIGN_CONFIDENCE
            and len(_WORD.findall(target)) >= _COPIED_WORDS
            and not any(guess.language == target_language for guess in guesses)
        )
    counts = count_scripts(target)
    left = sum(counts[script] for script in spoken)
    there = sum(counts[script] for script in wanted)
    return left >= _DOUBTED_LETTERS and there < left / 4


def _loops(text: str) -> bool:
    """Say whether a phrase of up to six words stands ``LOOP_TIMES`` in a row or more, covering ``LOOP_WORDS``.

    Text without spaces is one word, and looked at by its characters.
    """
    words = text.split()
    if _repeats(words, LOOP_WORDS):
        return True
    return len(words) * 20 < len(text) and _repeats(list(text), LOOP_CHARACTERS)


def _repeats(parts: list[str], covering: int) -> bool:
    for size in range(1, 7):
        run = 0
        for place in range(size, len(parts)):
            run = run + 1 if parts[place] == parts[place - size] else 0
            if run + size >= max(covering, LOOP_TIMES * size):
                return True
    return False
