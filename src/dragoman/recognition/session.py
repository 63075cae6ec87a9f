"""A microphone's live recognition: audio in, events with words out.

``UtteranceRecognizer`` is the local ``Recognizer``: ``endpointing.py`` decides where utterances lie,
``stream_follower.py`` and ``window_follower.py`` ask the engines, this shell moves the audio. The remote one is
``engines/remote_session.py``.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace

import numpy as np

from dragoman.engines.overload import Degree
from dragoman.engines.pool import EnginePool
from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples
from dragoman.ground.engines import RecognitionContext, SpeechToText, VoiceActivity
from dragoman.ground.errors import EngineError
from dragoman.ground.events import RecognitionOpened, Stage, WindowCut
from dragoman.ground.languages import Language
from dragoman.ground.speech import RecognitionEvent, Transcript, Word, WordState
from dragoman.ground.windows import WindowSpeechToText
from dragoman.recognition.cadence import Cadence
from dragoman.recognition.endpointing import (
    Decision,
    Endpointer,
    UtteranceEnded,
    UtterancePaused,
    UtteranceResumed,
    UtteranceSplit,
    UtteranceStarted,
)
from dragoman.recognition.followers import Follower, OpenStream, Progress, Transcribing
from dragoman.recognition.stable_prefix import StablePrefix
from dragoman.recognition.stream_follower import StreamFollower
from dragoman.recognition.tuning import RecognitionTuning
from dragoman.recognition.who_hears import engines_for, final_engines_for
from dragoman.recognition.window_follower import WindowFollower

Emit = Callable[[RecognitionEvent], Awaitable[None]]

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
        while self._events.full():
            self._events.get_nowait()
        self._events.put_nowait(None)

    async def _run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                hearing = _Hearing(base=self._base, tasks=tasks, tuning=self._tuning, emit=self._events.put)
                window = self._voice_activity.window_samples
                rest = np.zeros(0, np.float32)
                while (samples := await self._take(len(rest))) is not None:
                    rest = np.concatenate([rest, samples])
                    whole = len(rest) - len(rest) % window
                    await self._hear(hearing, rest[:whole])
                    rest = rest[whole:]
                await hearing.take(rest, [])
                await hearing.decide(self._endpointer.flush())
        finally:
            self._force_end()

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

    async def _hear(self, hearing: "_Hearing", samples: Samples) -> None:
        windows = samples.reshape(-1, self._voice_activity.window_samples)
        # By the block: in so short a time one utterance cannot end and the next begin, so none hears the other's audio.
        block = round(self._tuning.block_s * RECOGNITION_RATE) // self._voice_activity.window_samples
        follower = hearing.follows_along() if 0 < len(windows) <= block else None

        def listen() -> tuple[list[float], Progress | None]:
            probabilities = self._base.pool.timed(
                Stage.VOICE_ACTIVITY,
                self._voice_activity,
                lambda: [self._activity.speech_probability(window) for window in windows],
            )
            # An open utterance gets the block whatever is decided about it: one way to the thread serves both engines.
            return probabilities, None if follower is None else follower.hear_in_thread(samples)

        probabilities, progress = await self._base.pool.visit(listen)
        levels = np.mean(np.square(windows), axis=1)
        for first in range(0, len(windows), block):
            decisions: list[Decision] = []
            for place in range(first, min(first + block, len(windows))):
                decisions += self._endpointer.push(probabilities[place], float(levels[place]))
            if follower is None:
                await hearing.take(windows[first : first + block].reshape(-1), decisions)
            else:
                await hearing.note(samples, progress, decisions)
            await hearing.decide(decisions)


class _Hearing:
    """Turns decisions into engine calls, and answers into events. Counts samples from the session's start."""

    def __init__(
        self,
        *,
        base: Transcribing,
        tasks: asyncio.TaskGroup,
        tuning: RecognitionTuning,
        emit: Emit,
    ) -> None:
        self._base = base
        self._tasks = tasks
        self._tuning = tuning
        self._emit = emit
        self._heard = 0
        self._history: deque[Samples] = deque()
        self._history_samples = 0
        self._utterance = 0
        self._start = 0
        self._heard_from_s = 0.0
        self._follower: Follower | None = None
        self._stable = StablePrefix()
        self._cadence = Cadence(tuning, plain=not isinstance(base.engines[0], WindowSpeechToText))

    async def take(self, samples: Samples, decisions: Sequence[Decision]) -> None:
        """Pass audio on to the open utterance, and keep enough of it for the pre-roll of the next."""
        progress = await self._follower.hear(samples) if self._follower is not None and len(samples) else None
        await self.note(samples, progress, decisions)

    async def note(self, samples: Samples, progress: Progress | None, decisions: Sequence[Decision]) -> None:
        """Keep audio that the open utterance has heard, and tell what it brought."""
        self._heard += len(samples)
        self._remember(samples)
        if progress is not None:
            ended = any(isinstance(decision, UtteranceEnded) for decision in decisions)
            await self._tell(replace(progress, tail=()) if ended else progress)

    def follows_along(self) -> StreamFollower | None:
        """Give the open utterance's follower if its engine hears every block as it comes."""
        return self._follower if isinstance(self._follower, StreamFollower) else None

    def _remember(self, samples: Samples) -> None:
        self._history.append(samples)
        self._history_samples += len(samples)
        keep = round((self._tuning.pre_roll_s + self._tuning.start_s) * RECOGNITION_RATE) + 2 * len(samples)
        while self._history_samples - len(self._history[0]) >= keep:
            self._history_samples -= len(self._history.popleft())

    async def decide(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            match decision:
                case UtteranceStarted(start=start):
                    await self._open(start, self._since(start))
                case UtterancePaused() if self._follower is not None:
                    await self._follower.pause()
                case UtteranceResumed() if self._follower is not None:
                    await self._follower.resume()
                case UtteranceSplit(at=at):
                    await self._split(at)
                case UtteranceEnded():
                    await self._finish(decision)
                case _:
                    pass

    def _since(self, start: int) -> Samples:
        recent = np.concatenate(self._history)
        return recent[max(0, len(recent) - (self._heard - start)) :]

    async def _open(self, start: int, samples: Samples, going_on: OpenStream | None = None) -> None:
        self._utterance += 1
        self._start = start
        self._heard_from_s = 0.0
        self._stable = StablePrefix()
        if self._base.engines[0].info.streaming:
            self._follower = StreamFollower(self._base, tuning=self._tuning, going_on=going_on)
        else:
            self._follower = WindowFollower(
                self._base, tasks=self._tasks, tuning=self._tuning, cadence=self._cadence, tell=self._tell
            )
        if going_on is None and len(samples):
            await self._follower.hear(samples)

    async def _split(self, at: int) -> None:
        if self._follower is None:
            return
        heard = self._follower.heard()
        cut, going_on = at - self._start, None
        try:
            part = await self._follower.finish_at(cut)
        except EngineError as error:
            await self._fail(error, at, at)
        else:
            cut, going_on = part.at, part.open_stream
            await self._final(part.transcript, self._start + cut, self._start + cut)
        await self._open(self._start + cut, heard[cut:], going_on)

    async def _finish(self, ended: UtteranceEnded) -> None:
        follower, self._follower = self._follower, None
        if follower is None:
            return
        try:
            transcript = await follower.finish(voiced_s=ended.voiced_s)
        except EngineError as error:
            await self._fail(error, ended.speech_end, ended.at)
        else:
            await self._final(transcript, ended.speech_end, ended.at)

    async def _tell(self, progress: Progress) -> None:
        """Say what was brought: words that stay, then the tail that may still change."""
        if progress.heard_from_s != self._heard_from_s:
            self._heard_from_s = progress.heard_from_s
            at_s = self._start / RECOGNITION_RATE + progress.heard_from_s
            self._base.pool.observer.observe(WindowCut(language=self._base.language, at_s=at_s))
        if progress.new:
            await self._emit(self._event(WordState.COMMITTED, progress.new, speech_end=self._heard))
        stable = self._stable.push((*progress.committed, *progress.tail))
        if self._base.pool.turns.degree >= Degree.PREVIEWS:
            return
        if stable is not None and len(stable) > len(progress.committed):
            tail = stable[len(progress.committed) :]
            await self._emit(self._event(WordState.PROVISIONAL, tail, speech_end=self._heard))

    async def _final(self, transcript: Transcript, speech_end: int, at: int) -> None:
        event = self._event(WordState.FINAL, transcript.words, speech_end=speech_end)
        await self._emit(replace(event, endpoint_s=at / RECOGNITION_RATE, model_used=transcript.model_used))

    async def _fail(self, error: EngineError, speech_end: int, at: int) -> None:
        event = self._event(WordState.FINAL, (), speech_end=speech_end)
        await self._emit(replace(event, endpoint_s=at / RECOGNITION_RATE, failure=error.code))

    def _event(self, state: WordState, words: tuple[Word, ...], *, speech_end: int) -> RecognitionEvent:
        offset_s = self._start / RECOGNITION_RATE
        return RecognitionEvent(
            utterance=self._utterance,
            state=state,
            words=tuple(replace(word, start_s=word.start_s + offset_s, end_s=word.end_s + offset_s) for word in words),
            language=self._base.language,
            audio_time_s=self._heard / RECOGNITION_RATE,
            speech_end_s=speech_end / RECOGNITION_RATE,
        )
