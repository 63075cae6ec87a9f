"""Show of a flickering hypothesis only what two in a row agree on. From window_follower.py; to hearing.py.

A plain class. The source is LocalAgreement-2 (Liu, Spanakis and Niehues, Interspeech 2020), used here for what is
shown; what is kept for good is decided in ``commitment.py``.
"""

from dragoman.ground.speech import Word


class StablePrefix:
    """Of one utterance."""

    def __init__(self) -> None:
        self._last: tuple[Word, ...] = ()
        self._shown: tuple[Word, ...] = ()

    def push(self, hypothesis: tuple[Word, ...]) -> tuple[Word, ...] | None:
        """Take the next hypothesis; give what to show if it differs from what is shown, else None."""
        agreed = 0
        for before, now in zip(self._last, hypothesis, strict=False):
            if not same_word(before, now):
                break
            agreed += 1
        self._last = hypothesis
        stable = hypothesis[:agreed]
        if [word.text for word in stable] == [word.text for word in self._shown] or not stable:
            return None
        self._shown = stable
        return stable


def same_word(one: Word, other: Word) -> bool:
    """Compare without capitals and the punctuation around."""
    return _normal(one) == _normal(other)


def _normal(word: Word) -> str:
    return word.text.strip(".,!?;:").casefold()
