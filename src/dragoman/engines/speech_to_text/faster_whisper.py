"""Whisper and PhoWhisper behind the speech-to-text seam, named after the package whose models it reads.

It never imports that package: ``whisper_model.py`` calls CTranslate2 itself and so may encode short windows, and
``log_mel.py`` and ``whisper_tokens.py`` stand on numpy and ``tokenizers`` alone. PhoWhisper has Whisper's files and
shapes; it writes lower case without punctuation, and that is left as it is.
"""

import math
import threading
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dragoman.engines.speech_to_text.checks import require_language, require_recognition_rate
from dragoman.engines.speech_to_text.log_mel import count_frames
from dragoman.engines.speech_to_text.speech_pieces import SpeechPiece, cut_in_pauses
from dragoman.engines.speech_to_text.whisper_folder import read_whisper_info
from dragoman.engines.speech_to_text.whisper_model import (
    FULL_WINDOW_FRAMES,
    Encoded,
    Hypothesis,
    WhisperModel,
    short_window_frames,
)
from dragoman.engines.speech_to_text.whisper_times import place_words
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples, silence
from dragoman.ground.engines import EngineInfo, RecognitionContext
from dragoman.ground.errors import EngineUnavailable
from dragoman.ground.languages import LANGUAGES, Language
from dragoman.ground.speech import Transcript, Word

BEAM_SIZE: Final = 5
MAX_PREVIOUS_TOKENS: Final = 48

_MIN_S: Final = 0.1
"""Less sound than this holds no word."""

_LOW_LOGPROB: Final = -1.0
_HIGH_NO_SPEECH: Final = 0.6
_HIGH_COMPRESSION: Final = 2.4
"""The three limits are Whisper's own (paper, section 4.5)."""


def open_engine(model: Path | None, *, threads: int) -> "FasterWhisper":
    """Open the Whisper model in the folder ``model``; raises a ``ModelError`` if it holds none."""
    if model is None:
        raise EngineUnavailable("faster_whisper needs a model: faster_whisper:ID or faster_whisper:FOLDER")
    return FasterWhisper(model, threads=threads)


class FasterWhisper:
    """Recognises whole utterances, one after the other; further threads wait for their turn."""

    def __init__(self, folder: Path, *, threads: int) -> None:
        self._lock = threading.Lock()
        self._model: WhisperModel | None = WhisperModel(folder, threads=threads)
        self._cpu_s = 0.0
        try:
            self._info = read_whisper_info(folder, self._model.tokens.languages)
        except BaseException:
            self.close()
            raise

    @property
    def info(self) -> EngineInfo:
        return self._info

    def warm_up(self) -> None:
        self.transcribe(silence(1.0, RECOGNITION_RATE), language=self.info.languages[0], context=RecognitionContext())

    def cpu_s(self) -> float:
        model = self._model
        if model is not None:
            self._cpu_s = model.cpu_s()
        return self._cpu_s

    def close(self) -> None:
        self.cpu_s()
        with self._lock:
            model, self._model = self._model, None
            if model is not None:
                model.unload()

    def transcribe(self, audio: Audio, *, language: Language | None, context: RecognitionContext) -> Transcript:
        """Recognise ``audio`` of any length; what is longer than 30 s is cut in its pauses.

        Without ``language`` the first 30 s decide it. ``context.previous_text`` leads the first pass;
        ``context.hot_words`` are not used. Raises ``LanguageNotSupported``, ``EngineUnavailable`` or ``EngineCrashed``.
        """
        require_recognition_rate(audio)
        require_language(language, self.info)
        words: list[Word] = []
        with self._lock:
            if self._model is None:
                raise EngineUnavailable("faster_whisper is closed; open it again")
            reading = _Reading(self._model, self.info.languages, language)
            previous_text = context.previous_text
            for piece in cut_in_pauses(audio.samples):
                words += reading.recognise(piece, previous_text=previous_text)
                # Whisper goes on with an invented text that it is given as its own: only the room's text is passed.
                previous_text = ""
        return Transcript(words=tuple(words), language=reading.settled_language(), model_used=self.info.label)


class _Reading:
    """The way of one utterance through the model."""

    def __init__(self, model: WhisperModel, languages: tuple[Language, ...], language: Language | None) -> None:
        self._model = model
        self._languages = languages
        self._language = language if len(languages) > 1 else languages[0]

    def settled_language(self) -> Language:
        """Give the language asked for, or the one found, or the first if there was nothing to find it by."""
        return self._language or self._languages[0]

    def recognise(self, piece: SpeechPiece, *, previous_text: str) -> list[Word]:
        """Recognise at most 30 s; the words' times count from the start of the utterance."""
        if len(piece.samples) < _MIN_S * RECOGNITION_RATE:
            return []
        frames = short_window_frames(count_frames(len(piece.samples)))
        encoded, hypothesis = self._decode(piece.samples, frames, previous_text)
        if frames < FULL_WINDOW_FRAMES and self._is_doubtful(hypothesis):
            encoded, hypothesis = self._decode(piece.samples, FULL_WINDOW_FRAMES, previous_text)
        if _is_silence(hypothesis):
            return []
        found = self._model.tokens.words(hypothesis.tokens, self.settled_language())
        if not found:  # a full stop alone is how Whisper writes silence
            return []
        alignment = self._model.align(encoded, hypothesis.tokens, language=self.settled_language())
        return place_words(found, alignment, piece)

    def _decode(self, samples: Samples, frames: int, previous_text: str) -> tuple[Encoded, Hypothesis]:
        encoded = self._model.encode(samples, window_frames=frames)
        if self._language is None:
            self._language = self._model.detect_language(encoded, self._languages)
        prompt = self._model.tokens.prompt(
            self._language, previous_text=previous_text, max_previous=MAX_PREVIOUS_TOKENS
        )
        max_tokens = _token_budget(len(samples) / RECOGNITION_RATE, self._language)
        if frames == FULL_WINDOW_FRAMES:
            max_tokens *= 2  # a very fast speaker may have been cut short by the first limit
        return encoded, self._model.decode(encoded, prompt, max_tokens=max_tokens, beam_size=BEAM_SIZE)

    def _is_doubtful(self, hypothesis: Hypothesis) -> bool:
        return (
            hypothesis.cut_short
            or hypothesis.mean_logprob < _LOW_LOGPROB
            or _compression_ratio(self._text(hypothesis)) > _HIGH_COMPRESSION
        )

    def _text(self, hypothesis: Hypothesis) -> str:
        return " ".join(word.text for word in self._model.tokens.words(hypothesis.tokens, self.settled_language()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rate:
    """Tokens that a second of speech can fill."""

    latin: float = 6.5
    vietnamese: float = 11.0
    other: float = 13.0


_RATE: Final = _Rate()
_SPARE_TOKENS: Final = 8


def _token_budget(duration_s: float, language: Language) -> int:
    """Limit the text: a loop in a short window is confident, and only its length gives it away."""
    if language == "vi":
        rate = _RATE.vietnamese
    elif LANGUAGES[language].flores.endswith("_Latn"):
        rate = _RATE.latin
    else:
        rate = _RATE.other
    return math.ceil(duration_s * rate) + _SPARE_TOKENS


def _is_silence(hypothesis: Hypothesis) -> bool:
    """Believe in silence only if both say so: the probability is trained on 30 s and alone errs on short windows."""
    return hypothesis.no_speech_probability > _HIGH_NO_SPEECH and hypothesis.mean_logprob < _LOW_LOGPROB


def _compression_ratio(text: str) -> float:
    encoded = text.encode()
    return len(encoded) / len(zlib.compress(encoded)) if encoded else 0.0
