"""Remember what was translated last: the same sentence costs nothing twice. A plain class; for ``remembering.py``.

Whole sentences repeat seldom in talks (about one of a hundred), often in documents and greetings: the counters say how
often, and promise nothing. Bounded in sentences and in characters; what was asked for longest ago goes first.
"""

from collections import OrderedDict
from dataclasses import dataclass

from dragoman.ground.engines import Translation
from dragoman.ground.languages import Language

MAX_SENTENCES = 4096
MAX_CHARACTERS = 2_000_000
"""Of sentences and translations together; some 10 MB of memory at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheKey:
    """Everything that a translation depends on."""

    engine: str
    """Label of the engine and model that would be asked."""
    version: str = ""
    """Of them, so that a model that took another's place answers for itself; empty if nobody says."""
    source: Language
    target: Language
    text: str
    """As the engine gets it."""
    glossary: str = ""
    """Stands for what the engine is told of terms and context (``glossary/desk.py``); empty if nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheFigures:
    """What a cache did since it was made."""

    hits: int
    misses: int
    sentences: int
    """Remembered now."""


class TranslationCache:
    """Of one process."""

    def __init__(self, *, max_sentences: int = MAX_SENTENCES, max_characters: int = MAX_CHARACTERS) -> None:
        self._max_sentences = max_sentences
        self._max_characters = max_characters
        self._kept: OrderedDict[CacheKey, Translation] = OrderedDict()
        self._characters = 0
        self._hits = 0
        self._misses = 0

    @property
    def figures(self) -> CacheFigures:
        return CacheFigures(hits=self._hits, misses=self._misses, sentences=len(self._kept))

    def find(self, key: CacheKey, *, counted: bool = True) -> Translation | None:
        """Look a sentence up, and count it if it is to be ``counted``."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        if counted:
            self._hits += found is not None
            self._misses += found is None
        return found

    def keep(self, key: CacheKey, translation: Translation) -> None:
        """Remember a translation; one that is larger than the whole cache is not."""
        self._drop(key)
        size = _size(key, translation)
        if size > self._max_characters or self._max_sentences < 1:
            return
        self._kept[key] = translation
        self._characters += size
        while len(self._kept) > self._max_sentences or self._characters > self._max_characters:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: CacheKey) -> None:
        translation = self._kept.pop(key, None)
        if translation is not None:
            self._characters -= _size(key, translation)


def _size(key: CacheKey, translation: Translation) -> int:
    return len(key.text) + len(translation.text)
