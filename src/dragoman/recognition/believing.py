"""Decide which words to believe: none of a loop or of noise, no phantom phrase, no click. To window_follower.py.

What tells made-up words is ``engines/speech_to_text/hallucinations.py``; here it meets what a live utterance knows. A
plain class.
"""

import math
from collections.abc import Sequence
from statistics import fmean
from typing import Final

from dragoman.engines.speech_to_text.hallucinations import Evidence, HallucinationFilter
from dragoman.ground.languages import Language
from dragoman.ground.speech import Word
from dragoman.recognition.tuning import RecognitionTuning

_REMEMBERED_WORDS: Final = 40
"""Committed words in which a loop may have begun."""
_SHORTEST_WORD_S: Final = 0.133
_LONGEST_WORD_S: Final = 2.0
"""Last words of another length must be likely: speakers do end with "it", and do draw a word out."""


class Belief:
    """Of one language."""

    def __init__(self, *, language: Language, tuning: RecognitionTuning) -> None:
        self._language = language
        self._tuning = tuning
        self._filter = HallucinationFilter()

    def before_loop(self, committed: Sequence[Word], words: Sequence[Word]) -> int:
        """Say how many of ``words``, which follow ``committed``, are said before a loop repeats them."""
        before = committed[-_REMEMBERED_WORDS:]
        return max(0, self._filter.count_before_loop([word.text for word in (*before, *words)]) - len(before))

    def is_noise(self, words: Sequence[Word], *, pitched: bool) -> bool:
        """Say whether ``words`` are too unsure for an utterance that is not ``pitched``."""
        return not pitched and _mean_logprob(words) < math.log(self._tuning.pitchless_p)

    def keep(
        self, committed: Sequence[Word], words: Sequence[Word], *, no_speech: float, voiced_s: float, pitched: bool
    ) -> tuple[Word, ...]:
        """Give what to believe of an utterance's last ``words``; ``voiced_s`` of it held voice."""
        kept = list(words[: self.before_loop(committed, words)])
        if self.is_noise(kept, pitched=pitched):
            return ()
        if not committed and kept and self._is_made_up(kept, no_speech=no_speech, voiced_s=voiced_s):
            return ()
        if kept and self._is_click(kept[-1]):
            kept.pop()
        return tuple(kept)

    def _is_made_up(self, words: Sequence[Word], *, no_speech: float, voiced_s: float) -> bool:
        evidence = Evidence(
            words=[word.text for word in words],
            language=self._language,
            mean_logprob=_mean_logprob(words),
            no_speech_probability=no_speech,
            voiced_s=voiced_s,
        )
        return self._filter.doubt(evidence) is not None

    def _is_click(self, word: Word) -> bool:
        if word.probability is None:
            return False
        usual = _SHORTEST_WORD_S <= word.end_s - word.start_s <= _LONGEST_WORD_S
        return word.probability < (self._tuning.last_word_p if usual else self._tuning.believed)


def _mean_logprob(words: Sequence[Word]) -> float:
    """Give the mean over the words that have a probability; 0 where none has: nothing is said against them."""
    told = [word.probability for word in words if word.probability is not None]
    return fmean(math.log(max(probability, 1e-6)) for probability in told) if told else 0.0
