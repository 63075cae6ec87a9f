"""Hear windows of live speech with Whisper: encode each once, write on behind what is committed, align.

From ``faster_whisper.py``; ``whisper_model.py`` does the work. A window is short, with a margin of silence; what the
gate (``whisper_gate.py``) doubts is heard again in a longer one. Those of one shape are written on in one call, which
is where the time goes; encoding or aligning them together would save nothing.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final

from dragoman.engines.cores import few_cores
from dragoman.engines.speech_to_text.hot_words import write_hot_words
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
    Beginning,
    Continuation,
    WhisperModel,
    short_window_frames,
)
from dragoman.engines.speech_to_text.whisper_times import place_words
from dragoman.engines.speech_to_text.whisper_tokens import TokenWord, WhisperTokens
from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.ground.languages import Language, join_words
from dragoman.ground.windows import Window, WindowHypothesis, WindowRequest, WindowWord

SECOND_MARGIN_FRAMES: Final = 768
"""Silence behind a doubtful window that is heard again while its speaker goes on."""
MAX_PREVIOUS_TOKENS: Final = 48
"""Of names and terms, and what was said before, together."""
MAX_HOT_WORD_TOKENS: Final = 24
_LED_CHARS: Final = 1000
"""More than those tokens can write: what is longer is not even read."""

LOOK_BEAM: Final = 1
LAST_BEAM: Final = 5
"""Beams of a look in between, and of the last one where there are cores for it: on few it would keep people waiting."""


def window_frames(window: Window) -> int:
    """Give the length of the window that is encoded first, silence included, in frames of 10 ms."""
    return short_window_frames(count_frames(len(window.audio.samples)), margin_frames=MARGIN_FRAMES)


def window_shape(tokens: WhisperTokens, window: Window, language: Language) -> Hashable:
    """Say which windows CTranslate2 can decode in one call: their encoded lengths, prompts' lengths and beams agree."""
    return window_frames(window), len(write_prompt(tokens, window, language)), window.last


def write_prompt(tokens: WhisperTokens, window: Window, language: Language) -> list[int]:
    """Give the tokens before a window's own: names and terms, what was said before, then the task."""
    hot_words = write_hot_words(
        window.context.hot_words,
        lambda written: len(written) <= _LED_CHARS and len(tokens.write_before(f"{written}.")) <= MAX_HOT_WORD_TOKENS,
    )
    return tokens.prompt(
        language,
        hot_words=hot_words,
        previous_text=window.context.previous_text[-_LED_CHARS:],
        max_previous=MAX_PREVIOUS_TOKENS,
    )


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
    """Reads windows with one model."""

    def __init__(self, model: WhisperModel, *, model_used: str) -> None:
        self._model = model
        self._model_used = model_used

    def read(self, requests: Sequence[WindowRequest], tell: Callable[[int, WindowHypothesis], None]) -> None:
        """Tell what each window holds. They have one shape; the doubtful ones are heard again alone, after the others.

        Raises ``EngineCrashed``.
        """
        frames = window_frames(requests[0].window)
        again = []
        for place, heard in enumerate(self._hear(requests, frames)):
            longer = self._longer(requests[place].window)
            if heard.doubtful and longer > frames:
                again.append((place, longer))
            else:
                tell(place, self._hypothesis(heard, requests[place].window))
        for place, longer in again:
            [heard] = self._hear([requests[place]], longer)
            tell(place, self._hypothesis(heard, requests[place].window))

    def _longer(self, window: Window) -> int:
        if window.last:
            return FULL_WINDOW_FRAMES
        return short_window_frames(count_frames(len(window.audio.samples)), margin_frames=SECOND_MARGIN_FRAMES)

    def _hear(self, requests: Sequence[WindowRequest], frames: int) -> list[_Pass]:
        beginnings = [self._begin(request, frames) for request in requests]
        beam_size = LAST_BEAM if requests[0].window.last and not few_cores() else LOOK_BEAM
        found = self._model.go_on(beginnings, beam_size=beam_size)
        return [self._align(*each) for each in zip(requests, beginnings, found, strict=True)]

    def _begin(self, request: WindowRequest, frames: int) -> Beginning:
        window, language, tokens = request.window, request.language, self._model.tokens
        said = tokens.write(join_words((word.text for word in window.committed), language), language)
        budget = token_budget(window.audio.duration_s, language)
        return Beginning(
            encoded=self._model.encode(window.audio.samples, window_frames=frames),
            prompt=write_prompt(tokens, window, language),
            said=said,
            max_tokens=max(1, budget - len(said)) * (2 if frames == FULL_WINDOW_FRAMES else 1),
        )

    def _align(self, request: WindowRequest, beginning: Beginning, new: Continuation) -> _Pass:
        language, said = request.language, beginning.said
        written = [*said, *new.tokens]
        alignment = self._model.align(beginning.encoded, written, language=language) if new.tokens else _NOTHING
        found = self._model.tokens.words(written, language)
        text = join_words((word.text for word in found), language)
        return _Pass(
            found=found if new.tokens else [],
            alignment=alignment,
            first_new=len(said),
            no_speech=new.no_speech_probability,
            doubtful=new.cut_short
            or mean_logprob(alignment.probabilities[len(said) :]) < LOW_LOGPROB
            or compression_ratio(text) > HIGH_COMPRESSION,
        )

    def _hypothesis(self, heard: _Pass, window: Window) -> WindowHypothesis:
        return WindowHypothesis(
            words=tuple(self._place(heard, window)),
            doubtful=heard.doubtful,
            no_speech=heard.no_speech,
            model_used=self._model_used,
        )

    def _place(self, heard: _Pass, window: Window) -> list[WindowWord]:
        """Give the new words their times; they begin where the committed ones end."""
        new = [word for word in heard.found if word.first >= heard.first_new]
        piece = SpeechPiece(start_s=0.0, samples=window.audio.samples)
        duration_s = len(window.audio.samples) / RECOGNITION_RATE
        floor_s = window.committed[-1].end_s if window.committed else 0.0
        return [
            WindowWord(word=word, settled_s=max(word.end_s, min(heard.alignment.starts_s[token_word.end], duration_s)))
            for token_word, word in zip(
                new, place_words(new, heard.alignment, piece, not_before_s=floor_s), strict=True
            )
        ]


_NOTHING: Final = Alignment(starts_s=[0.0], probabilities=[])
