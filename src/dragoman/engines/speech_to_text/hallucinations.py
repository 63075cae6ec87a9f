"""Tell words that were said from words that Whisper makes up. A plain class; for ``file_decoding.py``.

No single sign is enough: Whisper is confident of its loops, and unsure of much that was said. Source of the limits:
Whisper paper, section 4.5, and the field's practice; the phrases are data, in ``phantom_phrases.toml``.
"""

import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final

from dragoman.engines.speech_to_text.whisper_gate import (
    HIGH_COMPRESSION,
    HIGH_NO_SPEECH,
    LOW_LOGPROB,
    compression_ratio,
)
from dragoman.ground.languages import LANGUAGES, Language, parse_language

PHRASES_FILE: Final = "phantom_phrases.toml"
_MAX_PHRASE_WORDS: Final = 12
"""Longest run of words that is looked for again behind itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HallucinationLimits:
    """Where doubt begins."""

    no_speech_probability: float = HIGH_NO_SPEECH
    """Above it, and with unlikely words, there was no speech."""
    mean_logprob: float = LOW_LOGPROB
    """Mean log-probability of the tokens below which words are unlikely."""
    hopeless_logprob: float = -1.6
    """Below it the words are as good as guessed, and dropped whatever else is said for them."""
    compression_ratio: float = HIGH_COMPRESSION
    """Of the text by zlib; above it the text repeats itself."""
    repeated_words: int = 8
    """One word as many times in a row is a loop."""
    repeated_phrases: int = 3
    """A phrase of several words as many times in a row is one,"""
    repeated_phrase_words: int = 12
    """if that makes at least so many words."""
    repeated_share: float = 0.55
    """The same repeats need not follow one another where they make this share of the text."""
    phantom_no_speech: float = 0.3
    """A phrase that people do say is believed below this probability of no speech,"""
    phantom_voiced_s: float = 0.6
    """and with at least so much voice."""


class Doubt(StrEnum):
    """Why words are dropped."""

    NO_SPEECH = "no speech"
    GUESSED = "guessed"
    REPETITION = "repetition"
    PHANTOM = "phantom phrase"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known of the words of one stretch of sound."""

    words: Sequence[str]
    language: Language
    mean_logprob: float
    no_speech_probability: float
    voiced_s: float
    """Speech that voice activity found in the stretch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhantomPhrases:
    """Of one language, as ``plain_text`` writes them."""

    never: frozenset[str]
    doubtful: frozenset[str]


class HallucinationFilter:
    """Judges finished text."""

    def __init__(
        self, limits: HallucinationLimits | None = None, phrases: Mapping[Language, PhantomPhrases] | None = None
    ) -> None:
        self._limits = limits or HallucinationLimits()
        self._phrases = read_phrases() if phrases is None else phrases

    def is_silence(self, *, mean_logprob: float, no_speech_probability: float) -> bool:
        """Believe in silence only if both say so: the probability, trained on 30 s, alone errs on short windows."""
        limits = self._limits
        return no_speech_probability > limits.no_speech_probability and mean_logprob < limits.mean_logprob

    def is_doubtful(self, *, text: str, mean_logprob: float) -> bool:
        """Say that another try is worth its time."""
        limits = self._limits
        return mean_logprob < limits.mean_logprob or compression_ratio(text) > limits.compression_ratio

    def is_loop(self, text: str) -> bool:
        return compression_ratio(text) > self._limits.compression_ratio

    def count_before_loop(self, words: Sequence[str]) -> int:
        """Give how many of ``words`` are said before a loop repeats them: all of them where there is none."""
        plain = [plain_text(word) for word in words]
        for first in range(len(plain)):
            for length in range(1, min(_MAX_PHRASE_WORDS, (len(plain) - first) // 2) + 1):
                if self._is_loop_of(_count_repeats(plain, first, length), length):
                    return first + length
        return self._count_before_refrain(plain)

    def _count_before_refrain(self, plain: Sequence[str]) -> int:
        """Give the words to the end of a phrase's first time if it comes again and again with little else between."""
        wanted = self._limits.repeated_share * len(plain)
        refrains = [
            (len(places) * length, length, places[0])
            for length in range(1, _MAX_PHRASE_WORDS + 1)
            for places in _find_phrases(plain, length)
            if len(places) * length >= wanted and self._is_loop_of(len(places), length)
        ]
        _, length, first = max(refrains, default=(0, len(plain), 0))
        return first + length

    def _is_loop_of(self, repeats: int, length: int) -> bool:
        if length == 1:
            return repeats >= self._limits.repeated_words
        return repeats >= self._limits.repeated_phrases and repeats * length >= self._limits.repeated_phrase_words

    def doubt(self, found: Evidence) -> Doubt | None:
        """Say why the words are not to be believed, or None. A loop is to be cut off before."""
        if self.is_silence(mean_logprob=found.mean_logprob, no_speech_probability=found.no_speech_probability):
            return Doubt.NO_SPEECH
        if found.mean_logprob < self._limits.hopeless_logprob:
            return Doubt.GUESSED
        if self.is_loop(" ".join(found.words)):
            return Doubt.REPETITION
        return Doubt.PHANTOM if self._is_phantom(found) else None

    def _is_phantom(self, found: Evidence) -> bool:
        phrases = self._phrases.get(found.language)
        if phrases is None:
            return False
        text = _joined(plain_text(" ".join(found.words)), found.language)
        if text in phrases.never:
            return True
        against = (
            found.no_speech_probability > self._limits.phantom_no_speech
            or found.voiced_s < self._limits.phantom_voiced_s
        )
        return against and text in phrases.doubtful


def plain_text(text: str) -> str:
    """Write text without punctuation, symbols, capitals and double spaces."""
    kept = (letter if _counts(letter) else " " for letter in unicodedata.normalize("NFC", text).casefold())
    return " ".join("".join(kept).split())


def _counts(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LMN"


def _count_repeats(words: Sequence[str], first: int, length: int) -> int:
    """Count how often the ``length`` words from ``first`` follow one another."""
    phrase = words[first : first + length]
    repeats = 1
    while words[first + repeats * length : first + (repeats + 1) * length] == phrase:
        repeats += 1
    return repeats


def _find_phrases(words: Sequence[str], length: int) -> list[list[int]]:
    """Give, for every phrase of ``length`` words, where it begins; its places do not overlap."""
    found: dict[tuple[str, ...], list[int]] = {}
    for first in range(len(words) - length + 1):
        places = found.setdefault(tuple(words[first : first + length]), [])
        if not places or first >= places[-1] + length:
            places.append(first)
    return list(found.values())


@cache
def read_phrases() -> Mapping[Language, PhantomPhrases]:
    """Read the phrases that come with the program."""
    text = resources.files("dragoman.engines.speech_to_text").joinpath(PHRASES_FILE).read_text(encoding="utf-8")
    found = {}
    for code, kinds in tomllib.loads(text).items():
        language = parse_language(code)
        found[language] = PhantomPhrases(
            never=_plain_phrases(kinds["never"], language), doubtful=_plain_phrases(kinds["doubtful"], language)
        )
    return found


def _plain_phrases(phrases: Sequence[str], language: Language) -> frozenset[str]:
    return frozenset(_joined(plain_text(phrase), language) for phrase in phrases)


def _joined(text: str, language: Language) -> str:
    return text if LANGUAGES[language].words_have_spaces else text.replace(" ", "")
