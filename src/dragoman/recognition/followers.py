"""Follow one utterance with an engine: words while it is spoken, the last ones at its end.

Two ways, one face: ``StreamFollower`` for engines that recognise along, ``window_follower.py`` for engines that hear
the utterance again and again as it grows. From session.py; to the engines, by the pool.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol, TypeVar, cast

import numpy as np

from dragoman.engines.broker import Job, Urgency
from dragoman.engines.overload import Degree
from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples
from dragoman.ground.engines import IncrementalSpeechToText, RecognitionContext, SpeechStream, SpeechToText
from dragoman.ground.errors import EngineError
from dragoman.ground.events import Stage
from dragoman.ground.languages import Language
from dragoman.ground.speech import Transcript, Word
from dragoman.ground.windows import Window, WindowHypothesis
from dragoman.recognition.plain_windows import hear_window

T = TypeVar("T")
Words = tuple[Word, ...]


class Follower(Protocol):
    """Of one utterance; word times count from its first sample."""

    async def hear(self, samples: Samples) -> Words | None:
        """Take the next samples; give a new hypothesis of the whole utterance if they brought one."""
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

    async def finish_at(self, at: int) -> tuple[Transcript, int]:
        """End the utterance at sample ``at``, or where its committed words end; give that place with the last words."""
        ...

    def heard(self) -> Samples:
        """Give all samples of the utterance so far."""
        ...

    async def cancel(self) -> None: ...


STREAM_OVERHANG_S = 0.15
"""A stream may have heard this much silence beyond a cut and still be asked for its words up to there."""


PARTIAL_WAITS_S = 2.0
"""A look that had no turn for so long is made anew, with what was said meanwhile."""
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

    async def hear_window(self, window: Window, engines: Sequence[SpeechToText]) -> WindowHypothesis:
        """Ask one engine after the other what a window holds. Raises the last one's error."""
        return await self._first_of(
            engines,
            lambda engine: hear_window(engine, window, language=self.language),
            Urgency.FINAL if window.last else Urgency.PARTIAL,
        )

    async def transcribe(self, samples: Samples, engines: Sequence[SpeechToText]) -> Transcript:
        """Ask one engine after the other for a whole stretch. Raises the last one's error."""
        audio = Audio(samples=samples, sample_rate=RECOGNITION_RATE)
        return await self._first_of(
            engines,
            lambda engine: engine.transcribe(audio, language=self.language, context=self.context),
            Urgency.FINAL,
        )

    def engines_for_last(self) -> Sequence[SpeechToText]:
        """Give the engines for an utterance's last words: under load those for the others."""
        return self.engines if self.pool.turns.degree >= Degree.LARGER_MODEL else self.final_engines

    async def _first_of(self, engines: Sequence[SpeechToText], ask: Callable[[SpeechToText], T], urgency: Urgency) -> T:
        waits_s = FINAL_WAITS_S if urgency is Urgency.FINAL else PARTIAL_WAITS_S
        for place, engine in enumerate(engines):
            job = Job(urgency=urgency, engine=engine.info.label, owner=self, waits_s=waits_s)
            try:
                return await self.pool.run(Stage.RECOGNITION, engine, partial(ask, engine), job=job)
            except EngineError:
                if place == len(engines) - 1:
                    raise
        raise ValueError("no engine to ask")


class StreamFollower:
    """Feeds an engine that recognises along."""

    def __init__(self, base: Transcribing) -> None:
        self._base = base
        self._engine = cast(IncrementalSpeechToText, base.engines[0])
        self._stream: SpeechStream | None = None
        self._heard: list[Samples] = []
        self._broken = False

    async def hear(self, samples: Samples) -> Words | None:
        return await self._base.pool.visit(lambda: self.hear_in_thread(samples))

    def hear_in_thread(self, samples: Samples) -> Words | None:
        """Do as ``hear``, for those who are in an engine thread already."""
        self._heard.append(samples)
        if self._broken:
            return None
        audio = Audio(samples=samples, sample_rate=RECOGNITION_RATE)
        try:
            return self._base.pool.timed(Stage.RECOGNITION, self._engine, lambda: self._accept(audio))
        except EngineError:
            # The pool has reported it. The audio is kept: ``finish`` gives all of it to an engine that works.
            self._broken = True
            return None

    def _accept(self, audio: Audio) -> Words:
        if self._stream is None:
            self._stream = self._engine.open_stream(language=self._base.language, context=self._base.context)
        return self._stream.accept(audio)

    async def pause(self) -> None:
        """A stream cannot end for trial."""

    async def resume(self) -> None:
        """Nothing was prepared."""

    async def finish(self, *, voiced_s: float) -> Transcript:
        stream, self._stream = self._stream, None
        if stream is not None and not self._broken:
            try:
                return await self._base.pool.run(Stage.RECOGNITION, self._engine, stream.finish)
            except EngineError:
                self._broken = True
        return await self._base.transcribe(self.heard(), self._base.engines)

    async def finish_at(self, at: int) -> tuple[Transcript, int]:
        heard = self.heard()
        if len(heard) - at <= STREAM_OVERHANG_S * RECOGNITION_RATE:
            return await self.finish(voiced_s=at / RECOGNITION_RATE), at
        # The stream has heard beyond the cut: its words cannot be parted, so the first part is recognised anew.
        await self.cancel()
        return await self._base.transcribe(heard[:at], self._base.engines), at

    def heard(self) -> Samples:
        return join_samples(self._heard)

    async def cancel(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await self._base.pool.run(Stage.RECOGNITION, self._engine, stream.cancel)


def join_samples(pieces: Sequence[Samples]) -> Samples:
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
