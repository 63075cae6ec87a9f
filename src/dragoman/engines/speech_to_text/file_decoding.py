"""Recognise one stretch of a recording with Whisper, with all the care there is time for. From ``faster_whisper.py``.

A short window first, then the full 30 s, then other words drawn at rising temperatures, as long as the words found are
doubtful; what is doubtful in the end is judged by ``hallucinations.py``. Live speech goes ``whisper_windows.py``'s way.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from dragoman.engines.speech_to_text.hallucinations import Evidence, HallucinationFilter, HallucinationLimits
from dragoman.engines.speech_to_text.hot_words import write_hot_words
from dragoman.engines.speech_to_text.log_mel import count_frames
from dragoman.engines.speech_to_text.voiced_pieces import VoicedPiece, VoiceGate
from dragoman.engines.speech_to_text.whisper_gate import token_budget
from dragoman.engines.speech_to_text.whisper_model import (
    FULL_WINDOW_FRAMES,
    Encoded,
    Hypothesis,
    short_window_frames,
)
from dragoman.engines.speech_to_text.whisper_sampling import SamplingWhisper
from dragoman.engines.speech_to_text.whisper_times import place_words
from dragoman.engines.speech_to_text.whisper_tokens import TokenWord
from dragoman.ground.audio import RECOGNITION_RATE, Samples
from dragoman.ground.engines import RecognitionContext
from dragoman.ground.languages import Language, join_words
from dragoman.ground.speech import TELLING_S, FoundLanguage, Word

_MIN_S: Final = 0.1
"""Less sound than this holds no word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTuning:
    """How recordings are recognised. The defaults are Whisper's own, as faster-whisper has them."""

    beam_size: int = 5
    """Texts followed at once at temperature 0."""
    temperatures: tuple[float, ...] = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    """Tried in this order while the words are doubtful; the first is 0."""
    texts_drawn: int = 5
    """At each temperature above 0; the likeliest counts."""
    hot_word_chars: int = 400
    """Of names and terms that are told to the model."""
    previous_tokens: int = 200
    """Of those and the text before, together; Whisper takes 223."""
    limits: HallucinationLimits = field(default_factory=HallucinationLimits)
    """No speech .6, log-probability -1.0, compression 2.4, and the others."""
    gate: VoiceGate = field(default_factory=VoiceGate)
    """Threshold .5, speech from 250 ms to 30 s, silence from 500 ms, padding 400 ms."""


class FileReading:
    """The way of one recording through the model, piece by piece; every call may bring the model anew."""

    def __init__(
        self,
        *,
        tuning: FileTuning,
        languages: tuple[Language, ...],
        language: Language | None,
        context: RecognitionContext,
    ) -> None:
        self._tuning = tuning
        self._filter = HallucinationFilter(tuning.limits)
        self._languages = languages
        self._language = language if len(languages) > 1 else languages[0]
        self._language_heard_s: float | None = None
        self._hot_words = write_hot_words(context.hot_words, lambda written: len(written) <= tuning.hot_word_chars)
        self._previous_text = context.previous_text
        self._listened: tuple[VoicedPiece, Encoded] | None = None
        """What the language was found by, for its words: encoding it was most of the work."""

    @property
    def needs_language(self) -> bool:
        return self._language is None

    def settled_language(self) -> FoundLanguage:
        """Give the language asked for, or the one found, or the first if there was nothing to find it by."""
        return FoundLanguage(language=self._spoken, heard_s=self._language_heard_s)

    @property
    def _spoken(self) -> Language:
        return self._language or self._languages[0]

    def find_language(self, model: SamplingWhisper, pieces: Sequence[VoicedPiece]) -> None:
        """Settle the language by the first piece that is long enough to tell, or else by the longest."""
        if pieces:
            longest = max(pieces, key=lambda piece: piece.voiced_s)
            telling = next((piece for piece in pieces if piece.voiced_s >= TELLING_S), longest)
            encoded = _encode_short(model, telling.piece.samples)
            self._language = model.detect_language(encoded, self._languages)
            self._language_heard_s = telling.voiced_s
            self._listened = telling, encoded

    def recognise(self, model: SamplingWhisper, voiced: VoicedPiece) -> list[Word]:
        """Recognise at most 30 s; the words' times count from the start of the recording."""
        samples = voiced.piece.samples
        if len(samples) < _MIN_S * RECOGNITION_RATE:
            return []
        encoded, hypothesis = self._decode(model, voiced)
        # Whisper goes on with an invented text that it is given as its own: only the room's text is passed on.
        self._previous_text = ""
        language = self._spoken
        found = model.tokens.words(hypothesis.tokens, language)
        kept = found[: self._filter.count_before_loop([word.text for word in found])]
        if not kept:  # a full stop alone is how Whisper writes silence
            return []
        evidence = Evidence(
            words=[word.text for word in kept],
            language=language,
            mean_logprob=hypothesis.mean_logprob,
            no_speech_probability=hypothesis.no_speech_probability,
            voiced_s=voiced.voiced_s,
        )
        if self._filter.doubt(evidence) is not None:
            return []
        alignment = model.align(encoded, hypothesis.tokens, language=language)
        return place_words(kept, alignment, voiced.piece)

    def _decode(self, model: SamplingWhisper, voiced: VoicedPiece) -> tuple[Encoded, Hypothesis]:
        """Find the words; each further way is tried only if those before left a doubt."""
        samples = voiced.piece.samples
        encoded = self._encode_once(model, voiced)
        hypothesis = self._search(model, encoded, len(samples))
        if encoded.window_frames < FULL_WINDOW_FRAMES and self._is_doubtful(model, hypothesis):
            encoded = model.encode(samples, window_frames=FULL_WINDOW_FRAMES)
            hypothesis = self._search(model, encoded, len(samples))
        tried = [hypothesis]
        for temperature in self._tuning.temperatures[1:]:
            if not self._is_doubtful(model, tried[-1]):
                return encoded, tried[-1]
            tried.append(self._draw(model, encoded, len(samples), temperature))
        if not self._is_doubtful(model, tried[-1]):
            return encoded, tried[-1]
        sober = [each for each in tried if not self._filter.is_loop(self._text(model, each))]
        return encoded, max(sober or tried, key=lambda each: each.mean_logprob)

    def _encode_once(self, model: SamplingWhisper, voiced: VoicedPiece) -> Encoded:
        """Encode a piece, or give what was encoded of it to find the language."""
        listened = self._listened
        if listened is None or listened[0] is not voiced:
            return _encode_short(model, voiced.piece.samples)
        self._listened = None
        return listened[1]

    def _search(self, model: SamplingWhisper, encoded: Encoded, samples: int) -> Hypothesis:
        return model.decode(
            encoded,
            self._prompt(model),
            max_tokens=self._budget(encoded, samples),
            beam_size=self._tuning.beam_size,
        )

    def _draw(self, model: SamplingWhisper, encoded: Encoded, samples: int, temperature: float) -> Hypothesis:
        return model.sample(
            encoded,
            self._prompt(model),
            max_tokens=self._budget(encoded, samples),
            temperature=temperature,
            tries=self._tuning.texts_drawn,
        )

    def _prompt(self, model: SamplingWhisper) -> list[int]:
        return model.tokens.prompt(
            self._spoken,
            hot_words=self._hot_words,
            previous_text=self._previous_text,
            max_previous=self._tuning.previous_tokens,
        )

    def _budget(self, encoded: Encoded, samples: int) -> int:
        budget = token_budget(samples / RECOGNITION_RATE, self._spoken)
        # A very fast speaker may have been cut short by the first limit.
        return 2 * budget if encoded.window_frames == FULL_WINDOW_FRAMES else budget

    def _is_doubtful(self, model: SamplingWhisper, hypothesis: Hypothesis) -> bool:
        if self._filter.is_silence(
            mean_logprob=hypothesis.mean_logprob, no_speech_probability=hypothesis.no_speech_probability
        ):
            return False
        return hypothesis.cut_short or self._filter.is_doubtful(
            text=self._text(model, hypothesis), mean_logprob=hypothesis.mean_logprob
        )

    def _text(self, model: SamplingWhisper, hypothesis: Hypothesis) -> str:
        return _write(model.tokens.words(hypothesis.tokens, self._spoken), self._spoken)


def _encode_short(model: SamplingWhisper, samples: Samples) -> Encoded:
    return model.encode(samples, window_frames=short_window_frames(count_frames(len(samples))))


def _write(words: Sequence[TokenWord], language: Language) -> str:
    return join_words((word.text for word in words), language)
