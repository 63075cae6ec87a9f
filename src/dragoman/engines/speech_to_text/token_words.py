"""Put the tokens of a transducer together to words with times and probabilities. To ``sherpa.py``.

A token tells when it was found, not how long it sounds: a word ends shortly after its last token, or where the next
one begins.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dragoman.ground.languages import LANGUAGES, Language
from dragoman.ground.speech import Word

LAST_TOKEN_S: Final = 0.12
"""Sound of a word's last token: three frames of the usual encoders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a transducer emitted at once."""

    text: str
    """With a space before it where a word begins."""
    at_s: float
    logprob: float | None
    """Natural logarithm of its probability, where the engine tells."""


def words_of_tokens(
    tokens: Sequence[Token], text: str, *, language: Language, offset_s: float, end_s: float
) -> tuple[Word, ...]:
    """Give the words of ``text``, which ``tokens`` spell; times are moved by ``offset_s`` and end at ``end_s``.

    In languages without spaces every token is a word.
    """
    spaced = LANGUAGES[language].words_have_spaces
    groups = _group_by_spaces(tokens) if spaced else [[token] for token in tokens if token.text.strip()]
    if not groups:
        return ()
    spelt = text.split() if spaced else [token.text.strip() for (token,) in groups]
    if not spaced and "".join(spelt) != "".join(text.split()):
        spelt = list("".join(text.split()))  # tokens of bytes: the text alone knows the letters
    words = []
    for place, word in enumerate(spelt):
        # Where tokens and text do not go together, the tokens are shared out evenly.
        first = place * len(groups) // len(spelt)
        last = max(first, (place + 1) * len(groups) // len(spelt) - 1)
        group = [token for part in groups[first : last + 1] for token in part]
        following = groups[last + 1][0].at_s if last + 1 < len(groups) else math.inf
        start_s = min(offset_s + group[0].at_s, end_s)
        stop_s = min(offset_s + min(group[-1].at_s + LAST_TOKEN_S, following), end_s)
        words.append(Word(text=word, start_s=start_s, end_s=max(start_s, stop_s), probability=_probability(group)))
    return tuple(words)


def _group_by_spaces(tokens: Sequence[Token]) -> list[list[Token]]:
    groups: list[list[Token]] = []
    for token in tokens:
        if token.text.startswith(" ") or not groups:
            groups.append([])
        groups[-1].append(token)
    if groups and not any(token.text.strip() for token in groups[-1]):
        groups.pop()  # a word begins of which nothing was found yet
    return groups


def _probability(tokens: Sequence[Token]) -> float | None:
    """Give the geometric mean, which does not punish long words."""
    told = [token.logprob for token in tokens if token.logprob is not None]
    return min(1.0, math.exp(sum(told) / len(told))) if told else None
