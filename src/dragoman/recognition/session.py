"""A microphone's live recognition: audio in, events with words out.

``UtteranceRecognizer`` is the local ``Recognizer``: ``endpointing.py`` decides where utterances lie, ``hearing.py`` has
the engines hear them, this shell moves the audio. The remote one is ``engines/remote_session.py``.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence

import numpy as np

from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples
from dragoman.ground.engines import RecognitionContext, SpeechToText, VoiceActivity
from dragoman.ground.events import RecognitionOpened, Stage
from dragoman.ground.languages import Language
from dragoman.ground.speech import RecognitionEvent
from dragoman.recognition.endpointing import Decision, Endpointer
from dragoman.recognition.followers import Transcribing
from dragoman.recognition.hearing import Hearing
from dragoman.recognition.stream_visits import hear_kept
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.recognition.who_hears import engines_for, final_engines_for

MAX_EVENTS = 1000
"""Events waiting for a reader who does not come; then the session waits too."""


class UtteranceRecognizer:
    """Opens sessions on engines in this process.

    ``engines`` stand in order of preference: the next one answers for one that fails. ``final_engines``, which may be
    larger ones, are asked before them for the last words of an utterance. One made for a language alone goes first.
    """

    def __init__(
        self,
        *,
        engines: Sequence[SpeechToText],
        voice_activity: VoiceActivity,
        pool: EnginePool,
        tuning: RecognitionTuning,
        final_engines: Sequence[SpeechToText] = (),
    ) -> None:
        self._engines = engines
        self._final_engines = final_engines
        self._voice_activity = voice_activity
        self._pool = pool
        self._tuning = tuning

    async def open(self, *, language: Language, context: RecognitionContext) -> "UtteranceSession":
        """Open a session. Raises ``LanguageNotSupported`` if no engine hears ``language``."""
        base = Transcribing(
            engines=engines_for(language, self._engines),
            final_engines=final_engines_for(language, self._engines, self._final_engines),
            pool=self._pool,
            language=language,
            context=context,
        )
        first = base.engines[0].info
        last = first if first.streaming else base.final_engines[0].info
        self._pool.observer.observe(RecognitionOpened(language=language, first=first.label, last=last.label))
        return UtteranceSession(base=base, voice_activity=self._voice_activity, tuning=self._tuning)


class UtteranceSession:
    """One microphone. Its work is one task, begun by the first call and ended by ``finish`` or ``close``."""

    def __init__(self, *, base: Transcribing, voice_activity: VoiceActivity, tuning: RecognitionTuning) -> None:
        self._base = base
        self._voice_activity = voice_activity
        self._activity = voice_activity.open()
        self._tuning = tuning
        self._endpointer = Endpointer(window_samples=voice_activity.window_samples, tuning=tuning)
        self._events: asyncio.Queue[RecognitionEvent | None] = asyncio.Queue(MAX_EVENTS)
        self._inbox: deque[Samples] = deque()
        self._inbox_samples = 0
        self._wanted_samples = 0
        """What the work waits for: it is not woken for less."""
        self._changed = asyncio.Condition()
        self._finishing = False
        self._work: asyncio.Task[None] | None = None

    async def push(self, audio: Audio) -> None:
        if self._finishing:
            raise RuntimeError("push after finish")
        if audio.sample_rate != RECOGNITION_RATE:
            raise ValueError(f"a session takes {RECOGNITION_RATE} Hz, not {audio.sample_rate}")
        self._start()
        async with self._changed:
            await self._changed.wait_for(lambda: self._inbox_samples < self._tuning.buffer_s * RECOGNITION_RATE)
            self._inbox.append(audio.samples)
            self._inbox_samples += len(audio.samples)
            if self._inbox_samples >= self._wanted_samples:
                self._changed.notify_all()

    async def change_context(self, context: RecognitionContext) -> None:
        self._base.next_context = context

    async def finish(self) -> None:
        self._start()
        async with self._changed:
            self._finishing = True
            self._changed.notify_all()

    async def close(self) -> None:
        self._finishing = True
        if self._work is not None and not self._work.done():
            self._work.cancel()
            await asyncio.wait([self._work])
        self._force_end()

    async def __aiter__(self) -> AsyncIterator[RecognitionEvent]:
        self._start()
        while (event := await self._events.get()) is not None:
            yield event
        if self._work is not None and self._work.done() and not self._work.cancelled():
            self._work.result()

    def _start(self) -> None:
        if self._work is None:
            self._work = asyncio.create_task(self._run(), name="recognition session")

    def _force_end(self) -> None:
        """End at once, if need be at the cost of what was not read: nobody may come to read it any more."""
        while self._events.full():
            self._events.get_nowait()
        self._events.put_nowait(None)

    async def _run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                hearing = Hearing(base=self._base, tasks=tasks, tuning=self._tuning, emit=self._events.put)
                try:
                    await self._hear_all(hearing)
                finally:
                    hearing.give_up()
            await self._events.put(None)
        except BaseException:
            self._force_end()
            raise

    async def _hear_all(self, hearing: Hearing) -> None:
        window = self._voice_activity.window_samples
        rest = np.zeros(0, np.float32)
        while (samples := await self._take(len(rest))) is not None:
            rest = np.concatenate([rest, samples])
            whole = len(rest) - len(rest) % window
            await self._hear(hearing, rest[:whole])
            rest = rest[whole:]
        await hearing.take(rest, [])
        await hearing.decide(self._endpointer.flush())

    async def _take(self, kept: int) -> Samples | None:
        """Wait for a block's worth of audio; None when no more comes."""
        block = round(self._tuning.block_s * RECOGNITION_RATE) - kept
        async with self._changed:
            self._wanted_samples = block
            await self._changed.wait_for(lambda: self._finishing or self._inbox_samples >= block)
            if not self._inbox:
                return None
            samples = np.concatenate(self._inbox)
            self._inbox.clear()
            self._inbox_samples = 0
            self._changed.notify_all()
            return samples

    async def _hear(self, hearing: Hearing, samples: Samples) -> None:
        windows = samples.reshape(-1, self._voice_activity.window_samples)
        # By the block: in so short a time one utterance cannot end and the next begin, so none hears the other's audio.
        block = round(self._tuning.block_s * RECOGNITION_RATE) // self._voice_activity.window_samples
        follower = hearing.follows_along() if 0 < len(windows) <= block else None

        def listen() -> list[float]:
            return self._base.pool.timed(
                Stage.VOICE_ACTIVITY,
                self._voice_activity,
                lambda: [self._activity.speech_probability(window) for window in windows],
            )

        if follower is None:
            probabilities, progress = await self._base.pool.visit(listen), None
        else:
            # An open utterance gets the block whatever is decided about it: one way to the thread serves both engines.
            hearing.hold(back=self._endpointer.may_split)
            hearing.tell_lateness(behind_s=len(samples) / RECOGNITION_RATE, more_waits=False)
            follower.keep(samples)
            probabilities, progress = await hear_kept(follower, listen)
        levels = np.mean(np.square(windows), axis=1)
        for first in range(0, len(windows), block):
            decisions: list[Decision] = []
            if follower is None:
                hearing.hold(back=self._endpointer.may_split)
                hearing.tell_lateness(behind_s=len(samples) / RECOGNITION_RATE, more_waits=first + block < len(windows))
            for place in range(first, min(first + block, len(windows))):
                decisions += self._endpointer.push(probabilities[place], float(levels[place]))
            if follower is None:
                await hearing.take(windows[first : first + block].reshape(-1), decisions)
            else:
                await hearing.note(samples, progress, decisions)
            await hearing.decide(decisions)
