"""Follow one utterance with an engine: words while it is spoken, the last ones at its end.

Two ways, one face: ``stream_follower.py`` for engines that recognise along, ``window_follower.py`` for engines that
hear the utterance again and again as it grows. From hearing.py; to the engines, by the pool.
"""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol, TypeVar

import numpy as np

from dragoman.engines.broker import Job, Urgency
from dragoman.engines.overload import Degree
from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples
from dragoman.ground.engines import RecognitionContext, SpeechStream, SpeechToText
from dragoman.ground.errors import EngineError
from dragoman.ground.events import Stage
from dragoman.ground.languages import Language
from dragoman.ground.precedence import priority_now
from dragoman.ground.speech import Transcript, Word
from dragoman.ground.windows import HearsBeside, JointSpeechToText, Window, WindowHypothesis, WindowRequest
from dragoman.recognition.plain_windows import hear_window

T = TypeVar("T")
Words = tuple[Word, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What more of an utterance brought. Times count from its first sample."""

    new: Words
    """Committed by it."""
    committed: Words
    """All that are committed, these included."""
    tail: Words
    """Words that may still change, behind them."""
    heard_from_s: float
    """Where the window begins: nothing before it is heard again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStream:
    """A stream that outlives its utterance: it is not cut where a long utterance is."""

    stream: SpeechStream
    done: Words
    """Its words that belong to utterances before."""
    offset_s: float
    """Where the next utterance begins in it."""
    heard: Samples
    """What was said from there on,"""
    unheard: Samples
    """and the end of it that the stream is still to hear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The first part of a long utterance; what follows is an utterance of its own."""

    transcript: Transcript
    """Its last words, behind the committed ones."""
    at: int
    """Sample at which it ends."""
    previous_text: str = ""
    """What leads the window of what follows."""
    open_stream: OpenStream | None = None
    """Has heard what lies behind ``at``, and goes on."""


class Follower(Protocol):
    """Of one utterance; word times count from its first sample."""

    async def hear(self, samples: Samples) -> Progress | None:
        """Take the next samples; say at once what they brought, if they brought anything."""
        ...

    async def pause(self) -> None:
        """A silence began that may be the end."""
        ...

    async def resume(self) -> None: ...

    async def finish(self, *, voiced_s: float) -> Transcript:
        """Give the last words, behind the committed ones. Raises the last ``EngineError`` when no engine could.

        ``voiced_s`` of the utterance held voice.
        """
        ...

    async def finish_at(self, at: int) -> "Part":
        """End the utterance at sample ``at``, or near it where no word is cut. Raises as ``finish``."""
        ...

    def cut_near(self, at: int) -> int:
        """Give the sample next to ``at`` at which no committed word is cut: none of them is heard again behind it."""
        ...

    def heard(self) -> Samples:
        """Give all samples of the utterance so far."""
        ...

    def cancel(self) -> None:
        """Give the utterance up; nothing is waited for, so whoever is being cancelled can. May be called twice."""
        ...


PARTIAL_WAITS_S = 2.0
"""A look that had no turn for so long is made anew, with what was said meanwhile."""
STREAM_WAITS_S = 0.1
"""What a stream had no turn to hear for so long it hears with what comes next, about as much."""
FINAL_WAITS_S = 60.0
"""Longer than a machine may be too slow before it refuses more speakers."""


class Transcribing:
    """The engines that can, in order, for one microphone: the common base of both followers."""

    def __init__(
        self,
        *,
        engines: Sequence[SpeechToText],
        final_engines: Sequence[SpeechToText],
        pool: EnginePool,
        language: Language,
        context: RecognitionContext,
    ) -> None:
        self.engines = engines
        self.final_engines = final_engines
        """For an utterance's last words; the others are among them."""
        self.pool = pool
        self.language = language
        self.context = context
        """Of the open utterance."""
        self.next_context = context
        """Of the one after it."""

    async def hear_window(self, window: Window, engines: Sequence[SpeechToText]) -> WindowHypothesis:
        """Ask one engine after the other what a window holds. Raises the last one's error."""
        request = WindowRequest(window=window, language=self.language)
        urgency = Urgency.FINAL if window.last else Urgency.PARTIAL

        async def ask(engine: SpeechToText) -> WindowHypothesis:
            if not isinstance(engine, JointSpeechToText):
                hear = partial(hear_window, engine, window, language=self.language)
                return await self.pool.run(Stage.RECOGNITION, engine, hear, job=self.job(engine, urgency))
            job = self.job(engine, urgency, shape=engine.window_shape(window, language=self.language))
            return await self.pool.run_together(
                Stage.RECOGNITION, engine, engine.hypothesize_together, request, job=job
            )

        return await self._first_of(engines, ask)

    async def transcribe(self, samples: Samples, engines: Sequence[SpeechToText]) -> Transcript:
        """Ask one engine after the other for a whole stretch. Raises the last one's error."""
        audio = Audio(samples=samples, sample_rate=RECOGNITION_RATE)

        async def ask(engine: SpeechToText) -> Transcript:
            hear = partial(engine.transcribe, audio, language=self.language, context=self.context)
            return await self.pool.run(Stage.RECOGNITION, engine, hear, job=self.job(engine, Urgency.FINAL))

        return await self._first_of(engines, ask)

    def engines_for_last(self) -> Sequence[SpeechToText]:
        """Give the engines for an utterance's last words: under load those for the others."""
        return self.engines if self.pool.turns.degree >= Degree.LARGER_MODEL else self.final_engines

    def hears_last_beside(self) -> bool:
        """Say whether last words need not wait for the look before them."""
        return _hears_beside(self.engines_for_last()[0])

    def job(self, engine: SpeechToText, urgency: Urgency, *, shape: Hashable = None) -> Job:
        is_last = urgency is Urgency.FINAL
        return Job(
            urgency=urgency,
            engine=engine.info.label,
            owner=self,
            waits_s=FINAL_WAITS_S if is_last else PARTIAL_WAITS_S,
            priority=priority_now(),
            beside=is_last and _hears_beside(engine),
            shape=shape,
        )

    async def _first_of(self, engines: Sequence[SpeechToText], ask: Callable[[SpeechToText], Awaitable[T]]) -> T:
        for place, engine in enumerate(engines):
            try:
                return await ask(engine)
            except EngineError:
                if place == len(engines) - 1:
                    raise
        raise ValueError("no engine to ask")


def _hears_beside(engine: SpeechToText) -> bool:
    return isinstance(engine, HearsBeside) and engine.calls_at_once > 1


def join_samples(pieces: Sequence[Samples]) -> Samples:
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
