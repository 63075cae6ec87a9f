"""Decide which part of an utterance is heard again, and where committed words are cut away. To window_follower.py.

Every look costs what its window holds, so words that are committed leave it with their audio, and their text leads what
comes after them. A plain class; places are samples of the utterance at 16 kHz.
"""

from collections.abc import Sequence
from statistics import fmean

from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.ground.languages import Language, join_words
from dragoman.ground.speech import Word
from dragoman.recognition.tuning import RecognitionTuning


class SpeechWindow:
    """Of one utterance."""

    def __init__(self, *, language: Language, previous_text: str, tuning: RecognitionTuning) -> None:
        self._language = language
        self._tuning = tuning
        self._words: list[Word] = []
        self.start = 0
        """First sample that is still heard."""
        self.previous_text = previous_text
        """What was said before it."""

    @property
    def words(self) -> tuple[Word, ...]:
        """The committed words that the window begins with, in the utterance's time."""
        return tuple(self._words)

    @property
    def start_s(self) -> float:
        return self.start / RECOGNITION_RATE

    def commit(self, words: Sequence[Word], tail: Sequence[Word], *, heard_s: float) -> None:
        """Take words that were committed, the ones expected behind them, and cut if it is time to."""
        self._words += words
        cut = self._find_cut(tail, heard_s)
        if cut is None:
            return
        count, at_s = cut
        gone, self._words = self._words[:count], self._words[count:]
        self.start = round(at_s * RECOGNITION_RATE)
        self.previous_text = self._lead(gone)

    def lead_on(self, words: Sequence[Word]) -> str:
        """Give what leads the window of the next part, if this one ends with ``words`` behind the committed ones."""
        gone = [*self._words, *words]
        return self._lead(gone) if gone else self.previous_text

    def _lead(self, gone: list[Word]) -> str:
        """Let only text lead that is likely right: from a wrong one Whisper goes on with more."""
        if fmean(word.probability or 0.0 for word in gone) < self._tuning.context_p:
            return ""
        return join_words([self.previous_text, *(word.text for word in gone)], self._language)

    def _find_cut(self, tail: Sequence[Word], heard_s: float) -> tuple[int, float] | None:
        """Give how many words to cut away, and the second at which."""
        followers = [*self._words[1:], *tail[:1]]
        places = [
            (following.start_s - word.end_s, count, (word.end_s + following.start_s) / 2)
            for count, (word, following) in enumerate(zip(self._words, followers, strict=False), start=1)
            if heard_s - word.end_s >= self._tuning.cut_behind_s
        ]
        wide = [place for place in places if place[0] >= self._tuning.cut_gap_s]
        if wide:
            _, count, at_s = wide[-1]
            return count, at_s
        if places and heard_s - self.start_s > self._tuning.window_limit_s:
            _, count, at_s = max(places)
            return count, at_s
        return None
