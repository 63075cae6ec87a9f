"""Cut committed words into segments that can be translated: sentences, or clauses of long ones.

From speaker_desk.py; to booth.py. Never two sentences in one segment: translators drop the second one. A plain class.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dragoman.ground.languages import Language, join_words
from dragoman.ground.sentence_ends import ends_sentence, has_end_mark
from dragoman.ground.speech import Word
from dragoman.interpreting.tuning import InterpretingTuning

_CLAUSE_END = re.compile(r"[,;:،、，；：–—]$")
_CLAUSE_WORDS_VI = 22
_MIN_PIECE_WORDS = 4
"""A piece of a long segment has at least this many words, so that the translator has something to hold on to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """What is translated in one go. Times are those of its words."""

    words: tuple[Word, ...]
    language: Language

    @property
    def text(self) -> str:
        return join_words((word.text for word in self.words), self.language)

    @property
    def start_s(self) -> float:
        return self.words[0].start_s

    @property
    def end_s(self) -> float:
        return self.words[-1].end_s


class SentenceCutter:
    """Of one speaker in one language."""

    def __init__(self, *, language: Language, tuning: InterpretingTuning) -> None:
        self._language = language
        self._tuning = tuning
        self._open: list[Word] = []
        self._clause_words = _CLAUSE_WORDS_VI if language == "vi" else tuning.clause_words

    @property
    def open_words(self) -> tuple[Word, ...]:
        """Words taken and not yet part of a closed segment."""
        return tuple(self._open)

    def push(self, words: Sequence[Word]) -> list[Segment]:
        """Take the next committed words; give the segments that closed."""
        closed: list[Segment] = []
        for word in words:
            if self._open and word.start_s - self._open[-1].end_s >= self._tuning.sentence_pause_s:
                closed += self._close()
            self._open.append(word)
            if self._ends_here():
                closed += self._close()
        return closed

    def flush(self) -> list[Segment]:
        """The utterance is over: close what is open."""
        return self._close()

    def _ends_here(self) -> bool:
        text = self._open[-1].text
        if has_end_mark(text):
            return ends_sentence(text, self._language)
        if _CLAUSE_END.search(text):
            return len(self._open) >= self._clause_words
        return False

    def _close(self) -> list[Segment]:
        words, self._open = self._open, []
        return [Segment(words=tuple(piece), language=self._language) for piece in self._pieces(words)]

    def _pieces(self, words: list[Word]) -> list[list[Word]]:
        """Part what is too long at its longest inner pause, again and again."""
        if not words:
            return []
        too_many = len(words) > self._tuning.max_segment_words
        too_long = words[-1].end_s - words[0].start_s > self._tuning.long_segment_s and not self._is_sentence(words)
        if not (too_many or too_long):
            return [words]
        cut = self._best_cut(words, must=too_many)
        if cut is None:
            return [words]
        return self._pieces(words[:cut]) + self._pieces(words[cut:])

    def _is_sentence(self, words: list[Word]) -> bool:
        """Whoever writes sentence marks cuts better than the clock does."""
        return has_end_mark(words[-1].text)

    def _best_cut(self, words: list[Word], *, must: bool) -> int | None:
        places = range(_MIN_PIECE_WORDS, len(words) - _MIN_PIECE_WORDS + 1)
        if not places:
            return None
        best = max(places, key=lambda place: (self._pause_before(words, place), -abs(place - len(words) // 2)))
        if not must and self._pause_before(words, best) < _SHORT_PAUSE_S:
            return None
        return best

    def _pause_before(self, words: list[Word], place: int) -> float:
        clause = _CLAUSE_END.search(words[place - 1].text) is not None
        return words[place].start_s - words[place - 1].end_s + (_COMMA_BONUS_S if clause else 0.0)


_SHORT_PAUSE_S = 0.12
"""Speakers leave such gaps between phrases, hardly within them."""
_COMMA_BONUS_S = 0.5
"""A written comma is worth a pause."""
