"""Feed one microphone to recognition, a session at a time. From the room; to speaker_desk.py.

What was said is kept in ``audio_ring.py`` until its words are safe. A session that fails is followed by a new one,
which hears again what is not: every word comes exactly once, however often a recogniser dies.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from dragoman.ground.audio import Audio
from dragoman.ground.engines import RecognitionContext, RecognitionSession, Recognizer
from dragoman.ground.errors import DragomanError, EngineCrashed, LanguageNotSupported
from dragoman.ground.languages import Language
from dragoman.ground.rooms import Room
from dragoman.ground.speech import RecognitionEvent, Word, WordState
from dragoman.interpreting.audio_ring import KEEP_S, AudioRing, Lost
from dragoman.interpreting.retries import OpeningTries, wait_before

MOST_TRIES = 5
"""Sessions in a row that may fail over the same sound; then it is taken for the cause, and given up."""
ASK_LANGUAGE_AGAIN_S = 5.0
"""A language that nobody recognises may be recognised later: engines come back, models are installed."""
MARGIN_S = 1.0
"""A session that is slow is waited for while so much room is left in the ring: what it has not read is not dropped."""
PATIENCE_AT_END_S = 15.0
"""How long the last words of a microphone that ended wait for a recogniser that is away: it is back after 10 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardEvent:
    """A recognition event with its place in time: its times count from the microphone's first sample."""

    event: RecognitionEvent
    origin_s: float
    """Loop time of the microphone's first sample."""


class Listener(Protocol):
    """Told what a microphone hears: words, failures that are being repaired, and what cannot be repaired."""

    def sounds(self, frame: Audio) -> None:
        """Told every frame, before anybody knows what is said in it."""
        ...

    async def heard(self, heard: HeardEvent) -> None: ...

    async def speaking(self, since_s: float, *, origin_s: float) -> None:
        """Something is being said of which no word may have come yet; told at least once between two settled words."""
        ...

    async def failed(self, error: DragomanError, *, away: bool) -> None:
        """Recognition failed and is tried again; ``away`` if it could not even be begun."""
        ...

    async def admitted(self) -> None:
        """Recognition begins, after it was refused for lack of room."""
        ...

    async def lost(self, lost: Lost, *, origin_s: float) -> None:
        """This was said, and nobody will ever recognise it."""
        ...


class Microphone:
    """Of one participant, from unmuting to muting."""

    def __init__(
        self,
        *,
        room: Room,
        identity: str,
        language: Language,
        recognizer: Recognizer,
        keep_s: float = KEEP_S,
        hot_words: Callable[[Language], tuple[str, ...]] = lambda _: (),
    ) -> None:
        """``hot_words`` gives what is likely to be said in a language; sessions are told whenever it changes."""
        self._room = room
        self._identity = identity
        self._language = language
        self._recognizer = recognizer
        self._keep_s = keep_s
        self._hot_words = hot_words
        self._ring = AudioRing(keep_s=keep_s)
        self._changed = asyncio.Condition()
        self._ended_at_s: float | None = None
        self._told_speaking = False
        self._serving = False
        """A session is reading the ring: it is waited for, rather than outrun."""

    def change_language(self, language: Language) -> None:
        """What is said from now on is in ``language``."""
        self._language = language

    async def run(self, listener: Listener) -> None:
        """Listen until the microphone ends and everything said is recognised, or lost."""
        async with asyncio.TaskGroup() as tasks:
            feeding = tasks.create_task(self._feed(listener), name=f"feed {self._identity}")
            await self._recognize(listener)
            await feeding

    # From the room into the ring

    async def _feed(self, listener: Listener) -> None:
        async for frame in self._room.microphone(self._identity):
            listener.sounds(frame)
            async with self._changed:
                await self._changed.wait_for(lambda: not self._serving or self._ring.unread_s < self._keep_s - MARGIN_S)
                self._ring.push(frame, language=self._language, now_s=_now())
                self._changed.notify_all()
            since_s = None if self._told_speaking else self._ring.speaking_since_s()
            if since_s is not None:
                self._told_speaking = True
                await listener.speaking(since_s, origin_s=self._ring.started_at_s)
        async with self._changed:
            self._ended_at_s = _now()
            self._changed.notify_all()

    # From the ring to recognition

    async def _recognize(self, listener: Listener) -> None:
        tries, failures = OpeningTries(), 0
        while (language := await self._next_language()) is not None:
            context = RecognitionContext(hot_words=self._hot_words(language))
            try:
                session = await self._recognizer.open(language=language, context=context)
            except LanguageNotSupported as error:
                await listener.failed(error, away=True)
                await self._skip(language)
                continue
            except DragomanError as error:
                await listener.failed(error, away=True)
                if self._waited_enough():
                    self._ring.give_up(self._ring.ends_s)
                await asyncio.sleep(tries.wait_s(error))
                continue
            try:
                if tries.refused:
                    await listener.admitted()
                tries = OpeningTries()
                await self._tell_lost(listener)
            except BaseException:  # whoever is cancelled here leaves no session open
                await session.close()
                raise
            before = self._ring.peek_first()
            opened = _Open(session=session, language=language, context=context, begins_s=self._begins_s())
            failure = await self._serve(opened, listener)
            self._ring.rewind()
            if failure is None:
                failures = 0
                continue
            await listener.failed(failure.error, away=False)
            failures = failures + 1 if self._ring.peek_first() is before else 1
            if failures >= MOST_TRIES:
                self._ring.give_up(failure.reached_s)
                failures = 0
            await asyncio.sleep(wait_before(failures - 1))
        await self._tell_lost(listener)

    async def _next_language(self) -> Language | None:
        """Wait for sound that is to be recognised, and say in what language; None after the last."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._ring.peek() is not None or self._ended_at_s is not None)
            frame = self._ring.peek()
            return None if frame is None else frame.language

    async def _serve(self, opened: "_Open", listener: Listener) -> "_Failure | None":
        """Let a session hear what is in its language; say how it failed, if it did."""
        self._serving = True
        sending = asyncio.create_task(self._send(opened), name=f"send {self._identity}")
        try:
            failure = await self._listen(opened, listener)
            if failure is None and opened.finished and opened.refused is None:
                # All that was said is recognised.
                self._ring.settle(self._reached_s())
            elif failure is None:
                error = opened.refused or EngineCrashed("the recogniser ended before it was asked to")
                failure = _Failure(error=error, reached_s=self._reached_s())
            return failure
        finally:
            sending.cancel()
            await asyncio.wait([sending])
            async with self._changed:
                self._serving = False
                self._changed.notify_all()
            await opened.session.close()

    async def _send(self, opened: "_Open") -> None:
        """Pass on what is in the session's language, as fast as it is taken."""
        try:
            while await self._next_language() == opened.language:
                frame = self._ring.peek()
                if frame is not None:
                    self._ring.advance()
                    async with self._changed:
                        self._changed.notify_all()
                    await self._tell_context(opened)
                    await opened.session.push(frame.audio)
            opened.finished = True
            await opened.session.finish()
        except DragomanError as error:
            opened.refused = error
            # Whoever listens waits for events that will not come.
            await opened.session.close()

    async def _tell_context(self, opened: "_Open") -> None:
        """Let the session know what is likely to be said now, if that has changed."""
        hot_words = self._hot_words(opened.language)
        if hot_words != opened.context.hot_words:
            opened.context = replace(opened.context, hot_words=hot_words)
            await opened.session.change_context(opened.context)

    async def _listen(self, opened: "_Open", listener: Listener) -> "_Failure | None":
        try:
            async for event in opened.session:
                shifted = _shifted(event, opened.begins_s)
                if event.failure is not None:
                    error = EngineCrashed(f"recognition failed: {event.failure}")
                    # A session that goes on knows where the bad utterance ended; a broken one fails for all it heard.
                    return _Failure(error=error, reached_s=shifted.endpoint_s or self._reached_s())
                await listener.heard(HeardEvent(event=shifted, origin_s=self._ring.started_at_s))
                self._settle(shifted)
        except DragomanError as error:
            return _Failure(error=error, reached_s=self._reached_s())
        return None

    def _settle(self, event: RecognitionEvent) -> None:
        self._told_speaking = False
        if event.state is WordState.FINAL:
            self._ring.settle(max([event.speech_end_s, *(word.end_s for word in event.words[-1:])]))
        elif event.state is WordState.COMMITTED and event.words:
            self._ring.settle(event.words[-1].end_s)

    def _begins_s(self) -> float:
        """Say where the sound begins that a new session hears."""
        first = self._ring.peek_first()
        return self._ring.ends_s if first is None else first.starts_s

    def _reached_s(self) -> float:
        """Say up to where sound was given to the session."""
        frame = self._ring.peek()
        return self._ring.ends_s if frame is None else frame.starts_s

    async def _skip(self, language: Language) -> None:
        """Nobody knows the language: what was said in it passes, and a while later it is asked for again."""
        async with self._changed:
            with suppress(TimeoutError):
                async with asyncio.timeout(ASK_LANGUAGE_AGAIN_S):
                    await self._changed.wait_for(lambda: self._language != language or self._ended_at_s is not None)
        while (frame := self._ring.peek()) is not None and frame.language == language:
            self._ring.settle(frame.ends_s)
        self._ring.take_lost()

    def _waited_enough(self) -> bool:
        return self._ended_at_s is not None and _now() - self._ended_at_s >= PATIENCE_AT_END_S

    async def _tell_lost(self, listener: Listener) -> None:
        lost = self._ring.take_lost()
        if lost is not None:
            await listener.lost(lost, origin_s=self._ring.started_at_s)


@dataclass(slots=True, kw_only=True)
class _Open:
    session: RecognitionSession
    language: Language
    context: RecognitionContext
    """What the session was told last."""
    begins_s: float
    """Stream second at which its audio begins."""
    finished: bool = False
    """It has all that it is to hear, and was told so."""
    refused: DragomanError | None = None
    """Why it took no more audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    error: DragomanError
    reached_s: float
    """Where the sound ends that may have caused it, stream seconds."""


def _shifted(event: RecognitionEvent, begins_s: float) -> RecognitionEvent:
    """Make session seconds stream seconds."""
    return replace(
        event,
        words=tuple(_shifted_word(word, begins_s) for word in event.words),
        audio_time_s=event.audio_time_s + begins_s,
        speech_end_s=event.speech_end_s + begins_s,
        endpoint_s=None if event.endpoint_s is None else event.endpoint_s + begins_s,
    )


def _shifted_word(word: Word, begins_s: float) -> Word:
    return replace(word, start_s=word.start_s + begins_s, end_s=word.end_s + begins_s)


def _now() -> float:
    return asyncio.get_running_loop().time()
