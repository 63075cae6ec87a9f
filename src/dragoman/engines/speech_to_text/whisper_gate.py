"""Doubt what Whisper wrote: too many tokens, a text that repeats itself, low probabilities. Numbers in, numbers out.

For ``whisper_windows.py`` and ``faster_whisper.py``: what fails in a short window is heard again in a longer one.
"""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dragoman.ground.languages import LANGUAGES, Language

LOW_LOGPROB: Final = -1.0
HIGH_NO_SPEECH: Final = 0.6
HIGH_COMPRESSION: Final = 2.4
"""The three limits are Whisper's own (paper, section 4.5)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rate:
    """Tokens that a second of speech can fill."""

    latin: float = 6.5
    vietnamese: float = 11.0
    other: float = 13.0


_RATE: Final = _Rate()
_SPARE_TOKENS: Final = 8


def token_budget(duration_s: float, language: Language) -> int:
    """Limit the text: a loop in a short window is confident, and only its length gives it away."""
    if language == "vi":
        rate = _RATE.vietnamese
    elif LANGUAGES[language].flores.endswith("_Latn"):
        rate = _RATE.latin
    else:
        rate = _RATE.other
    return math.ceil(duration_s * rate) + _SPARE_TOKENS


def compression_ratio(text: str) -> float:
    """Say how many times shorter zlib makes ``text``: loops are short."""
    encoded = text.encode()
    return len(encoded) / len(zlib.compress(encoded)) if encoded else 0.0


def mean_logprob(probabilities: Sequence[float]) -> float:
    """Give the mean of the logarithms; 0 for none: nothing said is nothing doubted."""
    if not probabilities:
        return 0.0
    return sum(math.log(max(probability, 1e-10)) for probability in probabilities) / len(probabilities)
