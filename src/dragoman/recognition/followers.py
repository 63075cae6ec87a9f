"""Follow one utterance with an engine: provisional words while it is spoken, final words at its end.

Two ways, one face: ``StreamFollower`` for engines that recognise along, ``WindowFollower`` for engines that take a
whole utterance (it asks again as the utterance grows, and starts the final in the first silence). From session.py;
to the engines, by the pool.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol, cast

import numpy as np

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples
from dragoman.ground.engines import IncrementalSpeechToText, RecognitionContext, SpeechStream, SpeechToText
from dragoman.ground.errors import EngineError
from dragoman.ground.events import Stage
from dragoman.ground.languages import Language
from dragoman.ground.speech import Transcript, Word
from dragoman.recognition.tuning import RecognitionTuning

Words = tuple[Word, ...]


class Follower(Protocol):
    """Of one utterance; word times count from its first sample."""

    async def hear(self, samples: Samples) -> Words | None:
        """Take the next samples; give a new hypothesis of the whole utterance if there is one."""
        ...

    async def pause(self) -> None:
        """A silence began that may be the end."""
        ...

    async def resume(self) -> None: ...

    async def finish(self) -> Transcript:
        """Give the final words. Raises the last ``EngineError`` when no engine could."""
        ...

    async def finish_at(self, at: int) -> Transcript:
        """Give the final words of the first ``at`` samples; the follower is done with it, as with ``finish``."""
        ...

    def heard(self) -> Samples:
        """Give all samples of the utterance so far."""
        ...

    async def cancel(self) -> None: ...


STREAM_OVERHANG_S = 0.15
"""A stream may have heard this much silence beyond a cut and still be asked for its words up to there."""


class Transcribing:
    """Whole stretches of audio by the first engine that can: the common base of both followers."""

    def __init__(
        self,
        *,
        engines: Sequence[SpeechToText],
        pool: EnginePool,
        language: Language,
        context: RecognitionContext,
    ) -> None:
        self.engines = engines
        self.pool = pool
        self.language = language
        self.context = context

    async def transcribe(self, samples: Samples, engines: Sequence[SpeechToText]) -> Transcript:
        """Ask one engine after the other. Raises the last one's error."""
        audio = Audio(samples=samples, sample_rate=RECOGNITION_RATE)
        for place, engine in enumerate(engines):
            try:
                return await self.pool.run(
                    Stage.RECOGNITION,
                    engine,
                    lambda engine=engine: engine.transcribe(audio, language=self.language, context=self.context),  # type: ignore[misc]
                )
            except EngineError:
                if place == len(engines) - 1:
                    raise
        raise ValueError("no engine to transcribe with")


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

    async def finish(self) -> Transcript:
        stream, self._stream = self._stream, None
        if stream is not None and not self._broken:
            try:
                return await self._base.pool.run(Stage.RECOGNITION, self._engine, stream.finish)
            except EngineError:
                self._broken = True
        return await self._base.transcribe(self.heard(), self._base.engines)

    async def finish_at(self, at: int) -> Transcript:
        heard = self.heard()
        if len(heard) - at <= STREAM_OVERHANG_S * RECOGNITION_RATE:
            return await self.finish()
        # The stream has heard beyond the cut: its words cannot be parted, so the first part is recognised anew.
        await self.cancel()
        return await self._base.transcribe(heard[:at], self._base.engines)

    def heard(self) -> Samples:
        return _joined(self._heard)

    async def cancel(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await self._base.pool.run(Stage.RECOGNITION, self._engine, stream.cancel)


class WindowFollower:
    """Asks an engine again as the utterance grows; one pass at a time."""

    def __init__(self, base: Transcribing, *, tasks: asyncio.TaskGroup, tuning: RecognitionTuning) -> None:
        self._base = base
        self._tasks = tasks
        self._tuning = tuning
        self._heard: list[Samples] = []
        self._samples = 0
        self._next_pass_at = round(tuning.partial_interval_s * RECOGNITION_RATE)
        self._partial: asyncio.Task[Transcript | None] | None = None
        self._speculative: asyncio.Task[Transcript | None] | None = None
        self._speculative_samples = 0

    async def hear(self, samples: Samples) -> Words | None:
        self._heard.append(samples)
        self._samples += len(samples)
        hypothesis = None
        if self._partial is not None and self._partial.done():
            transcript, self._partial = self._partial.result(), None
            hypothesis = transcript.words if transcript else None
        if self._partial is None and self._speculative is None and self._samples >= self._next_pass_at:
            self._partial = self._tasks.create_task(self._timed_pass(self.heard()), name="partial pass")
        return hypothesis

    async def _timed_pass(self, samples: Samples) -> Transcript | None:
        clock = asyncio.get_running_loop()
        started = clock.time()
        transcript = await self._try(samples)
        took_s = clock.time() - started
        wait_s = max(self._tuning.partial_interval_s, self._tuning.partial_load * took_s)
        self._next_pass_at = self._samples + round(wait_s * RECOGNITION_RATE)
        return transcript

    async def _try(self, samples: Samples) -> Transcript | None:
        """One pass by the first engine; None if it failed (the pool has reported it)."""
        try:
            return await self._base.transcribe(samples, self._base.engines[:1])
        except EngineError:
            return None

    async def pause(self) -> None:
        """Start the final at once: if the silence lasts, it is there when the utterance ends."""
        self._drop_partial()
        self._speculative_samples = self._samples
        self._speculative = self._tasks.create_task(self._try(self.heard()), name="speculative final")

    async def resume(self) -> None:
        """The pass counts as one hypothesis more; nobody waits for it."""
        self._partial, self._speculative = self._speculative, None

    async def finish(self) -> Transcript:
        self._drop_partial()
        if self._speculative is not None:
            transcript = await self._speculative
            if transcript is not None:
                return transcript
        return await self._base.transcribe(self.heard(), self._base.engines)

    async def finish_at(self, at: int) -> Transcript:
        await self.cancel()
        return await self._base.transcribe(self.heard()[:at], self._base.engines)

    def heard(self) -> Samples:
        return _joined(self._heard)

    async def cancel(self) -> None:
        self._drop_partial()
        if self._speculative is not None:
            self._speculative.cancel()

    def _drop_partial(self) -> None:
        if self._partial is not None:
            self._partial.cancel()
            self._partial = None


def _joined(pieces: list[Samples]) -> Samples:
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
