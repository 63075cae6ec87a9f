"""Can this translation be true? Cheap checks of what any engine answered. A plain function; from router.py."""

import unicodedata

from dragoman.ground.errors import EngineOutputInvalid

MAX_LENGTH_RATIO = 8.0
"""Characters of the target per character of the source; Chinese to English, the widest honest pair, stays below 6."""
SHORT_CHARACTERS = 24
"""Added on both sides of the ratio: short sentences may double or halve for good reasons."""
LOOP_WORDS = 12
"""Words that a repeated phrase has to cover before it counts as a loop."""
LOOP_TIMES = 3


def check_translation(source: str, target: str, *, engine: str) -> None:
    """Raise ``EngineOutputInvalid`` if ``target`` cannot be a translation of ``source``: nothing, noise, or a loop."""
    if not source.strip():
        return
    if not target.strip():
        raise EngineOutputInvalid(f"{engine} answered with nothing")
    if any(unicodedata.category(character) in {"Cc", "Cs", "Co"} for character in target):
        raise EngineOutputInvalid(f"{engine} answered with control characters")
    if len(target) > MAX_LENGTH_RATIO * len(source) + SHORT_CHARACTERS:
        raise EngineOutputInvalid(f"{engine} answered with {len(target)} characters for {len(source)}")
    if _loops(target.split()) and not _loops(source.split()):
        raise EngineOutputInvalid(f"{engine} repeats itself")


def _loops(words: list[str]) -> bool:
    """Say whether a phrase of up to six words stands ``LOOP_TIMES`` in a row or more, covering ``LOOP_WORDS``."""
    for size in range(1, 7):
        run = 0
        for place in range(size, len(words)):
            run = run + 1 if words[place] == words[place - size] else 0
            if run + size >= max(LOOP_WORDS, LOOP_TIMES * size):
                return True
    return False
