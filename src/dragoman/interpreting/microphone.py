"""Feed one microphone to recognition, a session per language. From the room; to speaker_desk.py.

A session that ends by itself (its service went away) is followed by a new one; a language that nobody recognises is
asked for again every few seconds, for engines may come back.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dragoman.ground.audio import Audio
from dragoman.ground.engines import RecognitionContext, RecognitionSession, Recognizer
from dragoman.ground.errors import EngineError
from dragoman.ground.languages import Language
from dragoman.ground.rooms import Room
from dragoman.ground.speech import RecognitionEvent

RETRY_S = 5.0
MAX_SESSIONS = 4
"""Sessions that still have events to give while the next one listens; a speaker who switches faster than that waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardEvent:
    """A recognition event with its place in time."""

    event: RecognitionEvent
    origin_s: float
    """Loop time at which the session's audio began: its times count from here."""


@dataclass(slots=True, kw_only=True)
class _Open:
    session: RecognitionSession
    language: Language
    origin_s: float
    ended: bool = False


class Microphone:
    """Of one participant, from unmuting to muting."""

    def __init__(
        self,
        *,
        room: Room,
        identity: str,
        language: Language,
        recognizer: Recognizer,
        failed: Callable[[EngineError], Awaitable[None]],
    ) -> None:
        self._room = room
        self._identity = identity
        self._language = language
        self._recognizer = recognizer
        self._failed = failed
        self._retry_at_s = 0.0

    def change_language(self, language: Language) -> None:
        """What is said from now on is in ``language``."""
        self._language = language
        self._retry_at_s = 0.0

    async def run(self, heard: Callable[[HeardEvent], Awaitable[None]]) -> None:
        """Listen until the microphone ends, and pass every event to ``heard``, session by session."""
        sessions: asyncio.Queue[_Open | None] = asyncio.Queue(MAX_SESSIONS)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._feed(sessions), name=f"feed {self._identity}")
            while (opened := await sessions.get()) is not None:
                try:
                    async for event in opened.session:
                        await heard(HeardEvent(event=event, origin_s=opened.origin_s))
                finally:
                    opened.ended = True
                    await opened.session.close()

    async def _feed(self, sessions: asyncio.Queue[_Open | None]) -> None:
        opened: _Open | None = None
        async for frame in self._room.microphone(self._identity):
            if opened is None or opened.ended or opened.language != self._language:
                if opened is not None and not opened.ended:
                    await opened.session.finish()
                opened = await self._open(frame)
                if opened is None:
                    continue
                await sessions.put(opened)
            await opened.session.push(frame)
        if opened is not None and not opened.ended:
            await opened.session.finish()
        await sessions.put(None)

    async def _open(self, first: Audio) -> _Open | None:
        now = asyncio.get_running_loop().time()
        if now < self._retry_at_s:
            return None
        language = self._language
        try:
            session = await self._recognizer.open(language=language, context=RecognitionContext())
        except EngineError as error:
            self._retry_at_s = now + RETRY_S
            await self._failed(error)
            return None
        return _Open(session=session, language=language, origin_s=now - first.duration_s)
