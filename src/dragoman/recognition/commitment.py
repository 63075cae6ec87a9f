"""Decide which words of a hypothesis are safe to keep for good. From window_follower.py's looks; a plain class.

Two witnesses speak for a word: the engine's own probability, and the look before, if it had the same word in this
place. How long the speaker has left the word behind, as the alignment tells, decides how many are needed. The first
witness with a long hold is AlignAtt (Papi, Turchi and Negri, Interspeech 2023) on a finished hypothesis, the second is
LocalAgreement-2 (Liu, Spanakis and Niehues, Interspeech 2020).
"""

from collections.abc import Sequence

from dragoman.ground.speech import Word
from dragoman.ground.windows import WindowWord
from dragoman.recognition.stable_prefix import same_word
from dragoman.recognition.tuning import RecognitionTuning


class Commitment:
    """Of one utterance. What was committed stays: words are only ever added to it."""

    def __init__(self, tuning: RecognitionTuning) -> None:
        self._tuning = tuning
        self._before: tuple[WindowWord, ...] = ()
        self._committed: list[Word] = []

    @property
    def committed(self) -> tuple[Word, ...]:
        return tuple(self._committed)

    @property
    def tail(self) -> tuple[Word, ...]:
        """What the last hypothesis has behind the committed words."""
        return tuple(word.word for word in self._before)

    def push(self, hypothesis: Sequence[WindowWord], *, heard_s: float) -> tuple[Word, ...]:
        """Take the hypothesis of what follows the committed words; give those that are committed now.

        Times are seconds of the utterance; ``heard_s`` of it had been heard. The last word is never committed: what
        comes next may still belong to it. A hypothesis that is not believed is pushed as an empty one.
        """
        count = 0
        for place, word in enumerate(hypothesis[:-1]):
            agreed = place < len(self._before) and same_word(self._before[place].word, word.word)
            if not self._is_safe(word, agreed=agreed, left_s=heard_s - word.settled_s):
                break
            count += 1
        self._before = tuple(hypothesis[count:])
        safe = tuple(word.word for word in hypothesis[:count])
        self._committed += safe
        return safe

    def finish(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """The utterance is over: all ``words`` behind the committed ones are kept."""
        self._before = ()
        self._committed += words
        return tuple(words)

    def _is_safe(self, word: WindowWord, *, agreed: bool, left_s: float) -> bool:
        probability = word.word.probability
        likely = probability is not None and probability >= self._tuning.believed
        if left_s >= self._tuning.hold_s:
            return likely or agreed
        # An engine that tells no probabilities has nothing against the word.
        return left_s >= self._tuning.early_hold_s and agreed and (likely or probability is None)
