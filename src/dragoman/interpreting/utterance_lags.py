"""How long words took to be there for good, and utterances to be whole. From speaker_desk.py; a plain class.

Words that are committed while their speaker goes on are there before the utterance ends, so its last event may hold few
of them, or none: what an utterance took is what its last word took, whenever that came.
"""

from dragoman.ground.events import UtteranceRecognized, WordsCommitted
from dragoman.ground.speech import RecognitionEvent, Word, WordState


class UtteranceLags:
    """Of one speaker, one utterance after the other."""

    def __init__(self, speaker: str) -> None:
        self._speaker = speaker
        self._utterance: tuple[float, int] | None = None
        self._words = 0
        self._first: Word | None = None
        self._last: Word | None = None
        self._last_known_s = 0.0

    def push(
        self, event: RecognitionEvent, *, origin_s: float, now_s: float
    ) -> list[WordsCommitted | UtteranceRecognized]:
        """Take an event whose times count from ``origin_s``; give what there is to tell. Both are loop times."""
        if event.state is WordState.PROVISIONAL:
            return []
        if self._utterance != (origin_s, event.utterance):
            self._utterance = (origin_s, event.utterance)
            self._words, self._first, self._last = 0, None, None
        told: list[WordsCommitted | UtteranceRecognized] = []
        if event.words:
            self._words += len(event.words)
            self._first = self._first or event.words[0]
            self._last, self._last_known_s = event.words[-1], now_s
            told.append(
                WordsCommitted(
                    speaker=self._speaker,
                    language=event.language,
                    lags_ms=tuple((now_s - origin_s - word.end_s) * 1000 for word in event.words),
                )
            )
        if event.state is WordState.FINAL and event.failure is None:
            told += self._whole(event, origin_s)
        return told

    def _whole(self, event: RecognitionEvent, origin_s: float) -> list[UtteranceRecognized]:
        if self._first is None or self._last is None:
            return []
        # Speech ends no earlier than its last word is over; what came before the pause did not wait for it.
        ended_s = event.speech_end_s if event.words else self._last.end_s
        pause_s = (event.endpoint_s or ended_s) - ended_s if event.words else 0.0
        return [
            UtteranceRecognized(
                speaker=self._speaker,
                language=event.language,
                words=self._words,
                audio_s=self._last.end_s - self._first.start_s,
                lag_ms=(self._last_known_s - origin_s - ended_s) * 1000,
                endpoint_lag_ms=pause_s * 1000,
            )
        ]
