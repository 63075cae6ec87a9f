"""Decide where utterances begin, pause, split and end. Windows of voice activity in, decisions out; to session.py.

    IDLE --voiced for start_s--> SPEAKING              (pre_roll_s before it belongs to the utterance)
    SPEAKING --silent for hang_s--> paused             the final may be prepared
    paused --voice--> SPEAKING                         what was prepared is void
    paused --silent for endpoint_s--> ended -> IDLE
    SPEAKING --longer than soft_limit_s, voice after a dip--> split  in the dip
    SPEAKING --longer than hard_limit_s, voice--> split              at the quietest dip of the last dip_search_s

Only voice splits: what lies behind a split that silence made might be nothing but the end of the utterance.

A plain class: no clock, no audio, only numbers of samples.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from dragoman.ground.audio import RECOGNITION_RATE
from dragoman.recognition.tuning import RecognitionTuning


@dataclass(frozen=True, slots=True, kw_only=True)
class UtteranceStarted:
    start: int
    """First sample of the utterance, pre-roll included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UtterancePaused:
    """A pause began that may become the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UtteranceResumed:
    """The pause was none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UtteranceSplit:
    """The utterance goes on, but what lies before ``at`` is a part of its own."""

    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UtteranceEnded:
    speech_end: int
    """Sample at which the last voiced window ended."""
    at: int
    """Sample at which the pause was long enough."""
    voiced_s: float
    """How much of it was voiced."""


Decision = UtteranceStarted | UtterancePaused | UtteranceResumed | UtteranceSplit | UtteranceEnded


@dataclass(frozen=True, slots=True)
class _Window:
    end: int
    voiced: bool
    level: float


class Endpointer:
    """Follows one microphone, window by window."""

    def __init__(self, *, window_samples: int, tuning: RecognitionTuning) -> None:
        self._tuning = tuning
        self._window = window_samples
        self._start_windows = max(1, round(tuning.start_s * RECOGNITION_RATE / window_samples))
        self._dip_windows = max(1, round(tuning.dip_s * RECOGNITION_RATE / window_samples))
        self._recent: deque[_Window] = deque(maxlen=round(tuning.dip_search_s * RECOGNITION_RATE / window_samples))
        self._position = 0
        self._voiced_run = 0
        self._speaking = False
        self._paused = False
        self._voiced_windows = 0
        self._start = 0
        self._end_of_last = 0
        self.speech_end = 0
        """Sample at which the last voiced window ended."""

    @property
    def speaking(self) -> bool:
        return self._speaking

    @property
    def may_split(self) -> bool:
        """Whether the next voice may split the utterance in the silence that goes on now."""
        length_s = (self._position - self._start) / RECOGNITION_RATE
        return (
            self._speaking
            and self.speech_end < self._position
            and length_s >= self._tuning.soft_limit_s - self._tuning.endpoint_s
        )

    def push(self, probability: float, level: float) -> list[Decision]:
        """Take the next window: its speech probability and its mean square ``level``."""
        self._position += self._window
        threshold = self._tuning.speech_off if self._speaking else self._tuning.speech_on
        voiced = probability >= threshold
        self._recent.append(_Window(end=self._position, voiced=voiced, level=level))
        return self._while_speaking(voiced) if self._speaking else self._while_idle(voiced)

    def flush(self) -> list[Decision]:
        """The microphone ended: an open utterance ends here."""
        if not self._speaking:
            return []
        return [self._end()]

    def _while_idle(self, voiced: bool) -> list[Decision]:
        self._voiced_run = self._voiced_run + 1 if voiced else 0
        if self._voiced_run < self._start_windows:
            return []
        first_voiced = self._position - self._voiced_run * self._window
        pre_roll = round(self._tuning.pre_roll_s * RECOGNITION_RATE)
        # Never reach back into the words of the utterance before: they are recognised already.
        self._start = max(first_voiced - pre_roll, self._end_of_last, 0)
        self._speaking, self._paused, self.speech_end = True, False, self._position
        self._voiced_windows = self._voiced_run
        return [UtteranceStarted(start=self._start)]

    def _while_speaking(self, voiced: bool) -> list[Decision]:
        if voiced:
            self._voiced_windows += 1
            self.speech_end = self._position
            decisions: list[Decision] = [UtteranceResumed()] if self._paused else []
            self._paused = False
            return decisions + self._split_if_long()
        silence_s = (self._position - self.speech_end) / RECOGNITION_RATE
        if silence_s >= self._tuning.endpoint_s:
            return [self._end()]
        if silence_s >= self._tuning.hang_s and not self._paused:
            self._paused = True
            return [UtterancePaused()]
        return []

    def _end(self) -> UtteranceEnded:
        self._speaking, self._paused, self._voiced_run = False, False, 0
        # Not the whole pause: a soft first word ("I am ...") may begin in it, and would lose its beginning.
        self._end_of_last = min(self._position, self.speech_end + round(self._tuning.hang_s * RECOGNITION_RATE))
        voiced_s = self._voiced_windows * self._window / RECOGNITION_RATE
        return UtteranceEnded(speech_end=self.speech_end, at=self._position, voiced_s=voiced_s)

    def _split_if_long(self) -> list[Decision]:
        """Split before the voiced window that has just come, or further back."""
        length_s = (self._position - self._start) / RECOGNITION_RATE
        if length_s < self._tuning.soft_limit_s:
            return []
        before = list(self._recent)[:-1]
        dip = before[len(before) - self._silent_run(before) :]
        if len(dip) >= self._dip_windows:
            return [self._split(self._middle(dip))]
        if length_s >= self._tuning.hard_limit_s:
            return [self._split(self._quietest_dip())]
        return []

    def _split(self, at: int) -> UtteranceSplit:
        self._start = at
        self._voiced_windows = sum(window.voiced for window in self._recent if window.end > at)
        return UtteranceSplit(at=at)

    @staticmethod
    def _silent_run(windows: Sequence[_Window]) -> int:
        """Count the silent windows at the end."""
        return sum(1 for _ in takewhile(lambda window: not window.voiced, reversed(windows)))

    def _quietest_dip(self) -> int:
        windows = list(self._recent)
        runs = [windows[i : i + self._dip_windows] for i in range(len(windows) - self._dip_windows + 1)]
        return self._middle(min(runs, key=lambda run: sum(window.level for window in run)))

    def _middle(self, run: list[_Window]) -> int:
        return (run[0].end - self._window + run[-1].end) // 2
