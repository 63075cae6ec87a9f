"""The utterances of one microphone: decisions in, questions to engines and events with words out.

From session.py, which moves the audio; the engines are asked by ``stream_follower.py`` and ``window_follower.py``.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import numpy as np

from dragoman.engines.overload import Degree
from dragoman.ground.audio import RECOGNITION_RATE, Samples
from dragoman.ground.errors import EngineError
from dragoman.ground.events import WindowCut
from dragoman.ground.speech import RecognitionEvent, Transcript, Word, WordState
from dragoman.ground.windows import WindowSpeechToText
from dragoman.recognition.cadence import Cadence
from dragoman.recognition.endpointing import (
    Decision,
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
from dragoman.recognition.window_follower import WindowFollower

Emit = Callable[[RecognitionEvent], Awaitable[None]]


class Hearing:
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

    def tell_lateness(self, *, behind_s: float, more_waits: bool) -> None:
        """Say how much audio had gathered, and whether some of it is still to come after the next samples."""
        if (follower := self.follows_along()) is not None:
            follower.behind_s, follower.more_waits = behind_s, more_waits

    def hold(self, *, back: bool) -> None:
        """Set whether what comes next waits until it is known whether the utterance is split before it."""
        if (follower := self.follows_along()) is not None:
            follower.holds_back = back

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

    def give_up(self) -> None:
        """Let go of the utterance that is open, if one is: nobody waits for its words any more."""
        if self._follower is not None:
            self._follower.cancel()

    def _since(self, start: int) -> Samples:
        recent = np.concatenate(self._history)
        return recent[max(0, len(recent) - (self._heard - start)) :]

    async def _open(
        self, start: int, samples: Samples, *, going_on: OpenStream | None = None, previous_text: str = ""
    ) -> None:
        self._utterance += 1
        self._start = start
        self._heard_from_s = 0.0
        self._stable = StablePrefix()
        self._base.context = self._base.next_context
        if self._base.engines[0].info.streaming:
            self._follower = StreamFollower(self._base, tuning=self._tuning, going_on=going_on)
        else:
            self._follower = WindowFollower(
                self._base,
                tasks=self._tasks,
                tuning=self._tuning,
                cadence=self._cadence,
                tell=self._tell,
                previous_text=previous_text,
            )
        if going_on is None and len(samples):
            await self._follower.hear(samples)

    async def _split(self, at: int) -> None:
        if self._follower is None:
            return
        heard = self._follower.heard()
        cut, going_on, previous_text = at - self._start, None, ""
        try:
            part = await self._follower.finish_at(cut)
        except EngineError as error:
            cut = self._follower.cut_near(cut)
            await self._fail(error, self._start + cut, self._start + cut)
        else:
            cut, going_on, previous_text = part.at, part.open_stream, part.previous_text
            await self._final(part.transcript, self._start + cut, self._start + cut)
        await self._open(self._start + cut, heard[cut:], going_on=going_on, previous_text=previous_text)

    async def _finish(self, ended: UtteranceEnded) -> None:
        follower = self._follower
        if follower is None:
            return
        try:
            transcript = await follower.finish(voiced_s=ended.voiced_s)
        except EngineError as error:
            self._follower = None
            await self._fail(error, ended.speech_end, ended.at)
        else:
            self._follower = None
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
