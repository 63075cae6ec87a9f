"""Live recognition without an engine: hears tones (tones.py) by itself, and says whatever else the test scripts.

``FakeRecognizer`` keeps the ``Recognizer`` contract, so that a service or the interpreter can be built on it.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator

import numpy as np

from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples
from dragoman.ground.engines import RecognitionContext
from dragoman.ground.errors import DragomanError, LanguageNotSupported
from dragoman.ground.languages import BASE_LANGUAGES, Language, describe_languages, language_name
from dragoman.ground.speech import RecognitionEvent, Word, WordState
from dragoman.testing.tones import hear_tones

BUFFER_S = 30.0
"""Seconds a stalled session accepts; then ``push`` waits."""

MAX_EVENTS = 256
"""Events waiting for a reader; then ``push`` waits."""

PAUSE_S = 0.5
"""Silence that ends an utterance."""

PARTIAL_S = 0.5
"""New audio between two looks at an utterance that goes on."""

_BLOCK_SAMPLES = 800
_LOUD = 0.01


class ToneListener:
    """Decides what a session says: audio in, events back. Commits every word but the last, which may still grow."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._heard = 0
        self._utterance = 0
        self._samples: Samples | None = None
        self._begin = 0
        self._speech_end = 0
        self._looked_at = 0
        self._committed = 0

    def push(self, samples: Samples) -> Iterator[RecognitionEvent]:
        for begin in range(0, len(samples), _BLOCK_SAMPLES):
            yield from self._push_block(samples[begin : begin + _BLOCK_SAMPLES])

    def flush(self) -> Iterator[RecognitionEvent]:
        """End the open utterance, if there is one."""
        if self._samples is not None:
            yield self._final()

    def _push_block(self, block: Samples) -> Iterator[RecognitionEvent]:
        loud = np.flatnonzero(np.abs(block) > _LOUD)
        if len(loud):
            self._speech_end = self._heard + int(loud[-1]) + 1
        if self._samples is not None:
            self._samples = np.concatenate([self._samples, block])
        elif len(loud):
            self._utterance += 1
            self._samples, self._begin, self._committed = block, self._heard, 0
            self._looked_at = self._heard
        self._heard += len(block)
        if self._samples is None:
            return
        if self._heard - self._speech_end >= PAUSE_S * RECOGNITION_RATE:
            yield self._final()
        elif self._heard - self._looked_at >= PARTIAL_S * RECOGNITION_RATE:
            self._looked_at = self._heard
            yield from self._partials()

    def _partials(self) -> Iterator[RecognitionEvent]:
        words = self._words()
        if not words:
            return
        new = words[self._committed : -1]
        if new:
            self._committed += len(new)
            yield self._event(WordState.COMMITTED, new)
        yield self._event(WordState.PROVISIONAL, words[-1:])

    def _final(self) -> RecognitionEvent:
        words = self._words()[self._committed :]
        self._samples = None
        return self._event(WordState.FINAL, words, endpoint_s=self._heard / RECOGNITION_RATE)

    def _words(self) -> tuple[Word, ...]:
        """Read the whole utterance; times are the session's."""
        if self._samples is None:
            return ()
        offset_s = self._begin / RECOGNITION_RATE
        heard = hear_tones(Audio(samples=self._samples, sample_rate=RECOGNITION_RATE), self._language)
        return tuple(
            Word(
                text=word.text,
                start_s=word.start_s + offset_s,
                end_s=word.end_s + offset_s,
                probability=word.probability,
            )
            for word in heard
        )

    def _event(self, state: WordState, words: tuple[Word, ...], *, endpoint_s: float | None = None) -> RecognitionEvent:
        return RecognitionEvent(
            utterance=self._utterance,
            state=state,
            words=words,
            language=self._language,
            audio_time_s=self._heard / RECOGNITION_RATE,
            speech_end_s=self._speech_end / RECOGNITION_RATE,
            endpoint_s=endpoint_s,
            model_used="fake",
        )


class FakeRecognizer:
    """Opens ``FakeRecognitionSession``s and keeps them in ``sessions``, so that the test can reach them."""

    def __init__(
        self, *, languages: tuple[Language, ...] = BASE_LANGUAGES, refusal: DragomanError | None = None
    ) -> None:
        self.languages = languages
        self.refusal = refusal
        """What ``open`` raises from now on; None to open."""
        self.stalled = False
        """Whether sessions opened from now on process nothing until ``resume``."""
        self.sessions: list[FakeRecognitionSession] = []

    async def open(self, *, language: Language, context: RecognitionContext) -> "FakeRecognitionSession":
        if self.refusal is not None:
            raise self.refusal
        if language not in self.languages:
            known = describe_languages(self.languages)
            raise LanguageNotSupported(f"the fake does not hear {language_name(language)}; it hears: {known}")
        session = FakeRecognitionSession(language=language, context=context)
        if self.stalled:
            session.stall()
        self.sessions.append(session)
        return session


class FakeRecognitionSession:
    """See ``RecognitionSession``. ``emit``, ``break_off``, ``stall``, ``hang`` and ``resume`` are the test's."""

    def __init__(self, *, language: Language, context: RecognitionContext) -> None:
        self.language = language
        self.context = context
        """The last that it was given."""
        self.pushed_s = 0.0
        """Seconds of audio given so far."""
        self.unprocessed_s = 0.0
        """Of it, waiting because the session is stalled."""
        self.finished = False
        self.closed = False
        self._listener = ToneListener(language)
        self._inbox: deque[Samples] = deque()
        self._stalled = False
        self._hanging = False
        self._changed = asyncio.Condition()
        self._working = asyncio.Lock()
        self._outbox: asyncio.Queue[RecognitionEvent | DragomanError | None] = asyncio.Queue(MAX_EVENTS)
        self._over = False

    # What the test does

    async def emit(self, event: RecognitionEvent) -> None:
        """Say something of the test's own."""
        await self._outbox.put(event)

    async def break_off(self, error: DragomanError) -> None:
        """Let the iteration raise ``error``."""
        await self._outbox.put(error)

    def stall(self) -> None:
        """Process nothing until ``resume``."""
        self._stalled = True

    def hang(self) -> None:
        """Take nothing and say nothing any more, until it is closed; then what waits to be taken is dropped."""
        self._hanging = True

    async def resume(self) -> None:
        self._stalled = False
        await self._work()

    # What the session's user does

    async def push(self, audio: Audio) -> None:
        """See ``RecognitionSession``. Raises ``RuntimeError`` after ``finish`` or ``close``."""
        self._refuse_if_over()
        if audio.sample_rate != RECOGNITION_RATE:
            raise ValueError(f"a session takes {RECOGNITION_RATE} Hz, not {audio.sample_rate}")
        async with self._changed:
            await self._changed.wait_for(lambda: self.closed or (self.unprocessed_s < BUFFER_S and not self._hanging))
        if self.closed and self._hanging:
            return
        self._refuse_if_over()
        self._inbox.append(audio.samples)
        self.pushed_s += audio.duration_s
        self.unprocessed_s += audio.duration_s
        await self._work()

    async def change_context(self, context: RecognitionContext) -> None:
        self.context = context

    async def finish(self) -> None:
        self.finished = True
        await self._work()

    async def close(self) -> None:
        self.finished = self.closed = True
        while not self._outbox.empty():
            self._outbox.get_nowait()
        self._outbox.put_nowait(None)
        async with self._changed:
            self._changed.notify_all()

    async def __aiter__(self) -> AsyncIterator[RecognitionEvent]:
        while not self._over:
            said = await self._outbox.get()
            if isinstance(said, RecognitionEvent):
                yield said
                continue
            self._over = True
            if said is not None:
                raise said

    def _refuse_if_over(self) -> None:
        if self.finished:
            raise RuntimeError("push after finish")

    async def _work(self) -> None:
        async with self._working:
            while self._inbox and not self._stalled and not self.closed:
                samples = self._inbox.popleft()
                for event in self._listener.push(samples):
                    await self._outbox.put(event)
                async with self._changed:
                    self.unprocessed_s -= len(samples) / RECOGNITION_RATE
                    self._changed.notify_all()
            if self.finished and not self._inbox and not self._stalled and not self.closed:
                for event in self._listener.flush():
                    await self._outbox.put(event)
                await self._outbox.put(None)
