"""Hear one window of live speech with Whisper: encode once, write on behind what is committed, align.

From ``faster_whisper.py``; ``whisper_model.py`` does the work. The window is short, with a margin of silence; what the
gate (``whisper_gate.py``) doubts is heard again in a longer one.
"""

from dataclasses import dataclass
from typing import Final

from dragoman.engines.speech_to_text.log_mel import count_frames
from dragoman.engines.speech_to_text.speech_pieces import SpeechPiece
from dragoman.engines.speech_to_text.whisper_gate import (
    HIGH_COMPRESSION,
    LOW_LOGPROB,
    compression_ratio,
    mean_logprob,
    token_budget,
)
from dragoman.engines.speech_to_text.whisper_model import (
    FULL_WINDOW_FRAMES,
    MARGIN_FRAMES,
    Alignment,
    WhisperModel,
    short_window_frames,
)
from dragoman.engines.speech_to_text.whisper_times import place_words
from dragoman.engines.speech_to_text.whisper_tokens import TokenWord
from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.ground.languages import Language, join_words
from dragoman.ground.windows import Window, WindowHypothesis, WindowWord

SECOND_MARGIN_FRAMES: Final = 768
"""Silence behind a doubtful window that is heard again while its speaker goes on."""
MAX_PREVIOUS_TOKENS: Final = 48

LOOK_BEAM: Final = 1
LAST_BEAM: Final = 5
"""Beams of a look in between, and of the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pass:
    """What one run over the window gave."""

    found: list[TokenWord]
    """Of all tokens, the committed ones first."""
    alignment: Alignment
    first_new: int
    """Index of the first token that is not committed."""
    no_speech: float
    doubtful: bool


class WindowReader:
    """Reads windows of one language with one model."""

    def __init__(self, model: WhisperModel, language: Language, *, model_used: str) -> None:
        self._model = model
        self._language = language
        self._model_used = model_used

    def read(self, window: Window) -> WindowHypothesis:
        content = count_frames(len(window.audio.samples))
        frames = short_window_frames(content, margin_frames=MARGIN_FRAMES)
        heard = self._hear(window, frames)
        if heard.doubtful:
            longer = short_window_frames(content, margin_frames=SECOND_MARGIN_FRAMES)
            longer = FULL_WINDOW_FRAMES if window.last else longer
            if longer > frames:
                heard = self._hear(window, longer)
        return WindowHypothesis(
            words=tuple(self._place(heard, window)),
            doubtful=heard.doubtful,
            no_speech=heard.no_speech,
            model_used=self._model_used,
        )

    def _hear(self, window: Window, frames: int) -> _Pass:
        tokens = self._model.tokens
        encoded = self._model.encode(window.audio.samples, window_frames=frames)
        said = tokens.write(join_words((word.text for word in window.committed), self._language), self._language)
        prompt = tokens.prompt(
            self._language, previous_text=window.context.previous_text, max_previous=MAX_PREVIOUS_TOKENS
        )
        budget = token_budget(window.audio.duration_s, self._language)
        new = self._model.go_on(
            encoded,
            prompt,
            said,
            max_tokens=max(1, budget - len(said)) * (2 if frames == FULL_WINDOW_FRAMES else 1),
            beam_size=LAST_BEAM if window.last else LOOK_BEAM,
        )
        written = [*said, *new.tokens]
        alignment = self._model.align(encoded, written, language=self._language) if new.tokens else _NOTHING
        found = tokens.words(written, self._language)
        text = join_words((word.text for word in found), self._language)
        return _Pass(
            found=found if new.tokens else [],
            alignment=alignment,
            first_new=len(said),
            no_speech=new.no_speech_probability,
            doubtful=new.cut_short
            or mean_logprob(alignment.probabilities[len(said) :]) < LOW_LOGPROB
            or compression_ratio(text) > HIGH_COMPRESSION,
        )

    def _place(self, heard: _Pass, window: Window) -> list[WindowWord]:
        """Give the new words their times; they begin where the committed ones end."""
        new = [word for word in heard.found if word.first >= heard.first_new]
        piece = SpeechPiece(start_s=0.0, samples=window.audio.samples)
        duration_s = len(window.audio.samples) / RECOGNITION_RATE
        floor_s = window.committed[-1].end_s if window.committed else 0.0
        return [
            WindowWord(word=word, settled_s=min(heard.alignment.starts_s[token_word.end], duration_s))
            for token_word, word in zip(
                new, place_words(new, heard.alignment, piece, not_before_s=floor_s), strict=True
            )
        ]


_NOTHING: Final = Alignment(starts_s=[0.0], probabilities=[])
