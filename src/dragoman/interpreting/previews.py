"""Decide what is shown of a translation whose sentence still grows, so that it does not flicker. To booth.py.

A plain class: one translation of the growing sentence after the other in, what stands on the screen out. What was shown
once stays until the final replaces it; only what two answers in a row agree on is added, also where the engine is held
to what is shown: that alone erased .28 of the words on tests/fixtures/mt-pico, with agreement it is .03, and .02 where
the engine is held to nothing.
Source: local agreement, Liu et al., Interspeech 2020; mask-k, Arivazhagan et al., IWSLT 2020.
"""

from typing import Final

from dragoman.ground.languages import LANGUAGES, Language

CHARACTERS_PER_WORD: Final = 2
"""Where words have no spaces between them, so many characters are held back for each word."""


class StablePreview:
    """Of one segment in one language, while it is open."""

    def __init__(self, *, language: Language, hold_back_words: int) -> None:
        """The last ``hold_back_words`` of every translation change most and are never shown."""
        self._is_spaced = LANGUAGES[language].words_have_spaces
        self._hold_back = hold_back_words * (1 if self._is_spaced else CHARACTERS_PER_WORD)
        self._before: list[str] = []
        self._shown: list[str] = []

    @property
    def shown(self) -> str:
        """What stands on the screen; empty before the first words are sure."""
        return (" " if self._is_spaced else "").join(self._shown)

    def push(self, translation: str) -> bool:
        """Take the next translation. Says whether more is shown than before."""
        units = translation.split() if self._is_spaced else list(translation)
        before, self._before = self._before, units
        sure = units[: max(0, min(_agreement(before, units), len(units) - self._hold_back))]
        if len(sure) <= len(self._shown) or sure[: len(self._shown)] != self._shown:
            return False
        self._shown = sure
        return True


def _agreement(one: list[str], other: list[str]) -> int:
    """Count the units that two translations begin with together."""
    pairs = zip(one, other, strict=False)
    return next((number for number, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
