"""Have a wish spoken, or find it spoken already. From the routes; voices are chosen and checked by ``VoiceRouter``.

Text that waits for an engine is bounded: so many are spoken at once, a few wait, and the next is asked to come again.
"""

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from dragoman.ground.audio import join_audio
from dragoman.ground.engines import TextToSpeech
from dragoman.ground.errors import CapacityExhausted
from dragoman.services.saying.cache import Speech, SpeechCache
from dragoman.services.saying.tiers import first_asked
from dragoman.services.saying.wishes import Wish, find_engines, refuse_at_once
from dragoman.services.web import within
from dragoman.voicing.router import SpokenPiece, VoiceRouter

WAITING = 8
"""Texts that may wait for their turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SayingLimits:
    """What a service takes and keeps."""

    most_characters: int = 5000
    at_once: int = 2
    """Texts that are spoken at the same time."""
    cache_bytes: int = 64 << 20
    cache_s: float = 24 * 3600.0


class SpeechDesk:
    """What the routes work with."""

    def __init__(
        self, *, engines: Sequence[TextToSpeech], router: VoiceRouter, cache: SpeechCache, limits: SayingLimits
    ) -> None:
        self.engines = engines
        self.cache = cache
        self.limits = limits
        self._router = router
        self._turns = asyncio.Semaphore(limits.at_once)
        self._inside = 0
        self._asked_at_s = -math.inf

    async def open(self, wish: Wish, *, within_s: float) -> "OpenSpeech":
        """Begin to speak: the first sound is there when this returns. Close what it gives.

        Raises ``OnlyLater``, ``CapacityExhausted``, and what ``VoiceRouter.speak_pieces`` raises.
        """
        refuse_at_once(wish.language, find_engines(wish.engine, self.engines))
        self.touch()
        found = self.cache.find(wish, now_s=_now_s())
        if found is not None:
            return OpenSpeech(None, first=SpokenPiece(audio=found.audio, engine=found.engine))
        if self._inside >= self.limits.at_once + WAITING:
            raise CapacityExhausted(f"{self._inside} texts are being spoken here; try again in a moment")
        pieces = self._spoken(wish, within_s)
        try:
            first = await within(within_s, anext(pieces))
        except BaseException:
            await pieces.aclose()
            raise
        return OpenSpeech(pieces, first=first)

    def speak(self, wish: Wish, *, within_s: float) -> AsyncGenerator[SpokenPiece, None]:
        """Speak at once, whoever waits: for ``backroom.py``. Raises what ``VoiceRouter.speak_pieces`` raises."""
        return self._router.speak_pieces(
            wish.text,
            language=wish.language,
            voice=wish.voice,
            speed=wish.speed,
            deadline_s=within_s,
            engine=wish.engine,
        )

    def keep(self, wish: Wish, made: Sequence[SpokenPiece], *, prepared: bool = False) -> Speech:
        """Put a speech together and keep it; ``prepared`` says that nobody has asked for it."""
        audio = join_audio([piece.audio for piece in made], made[0].audio.sample_rate)
        spoken = Speech(audio=audio, engine=made[0].engine)
        asked = first_asked(wish.language, self.engines)
        # What only stood in for the best voice is not kept: next time that one may answer again.
        if spoken.engine == (wish.engine or (asked and asked.info.label)):
            self.cache.keep(wish, spoken, now_s=_now_s(), prepared=prepared)
        return spoken

    def forget_old(self) -> None:
        """Drop what was kept for too long."""
        self.cache.expire(now_s=_now_s())

    def touch(self) -> None:
        """Somebody wants something: the service is not idle."""
        self._asked_at_s = _now_s()

    @property
    def idle_s(self) -> float:
        """Seconds since anybody was served or asked for anything."""
        return 0.0 if self._inside else _now_s() - self._asked_at_s

    def has_room_to_prepare(self) -> bool:
        """What nobody has asked for fills a quarter of the cache at most, and drives nothing out."""
        return self.cache.held_bytes < self.limits.cache_bytes // 4

    async def _spoken(self, wish: Wish, within_s: float) -> AsyncGenerator[SpokenPiece, None]:
        self._inside += 1
        try:
            async with self._turns:
                made: list[SpokenPiece] = []
                async with aclosing(self.speak(wish, within_s=within_s)) as pieces:
                    async for piece in pieces:
                        made.append(piece)
                        yield piece
        finally:
            self._inside -= 1
            self.touch()
        if made:
            self.keep(wish, made)


class OpenSpeech:
    """A speech that has begun. Iterate over it, and close it."""

    def __init__(self, rest: AsyncGenerator[SpokenPiece, None] | None, *, first: SpokenPiece) -> None:
        """``rest`` is what follows the first piece; None if that is all, out of the cache."""
        self._rest = rest
        self._first = first

    @property
    def cached(self) -> bool:
        return self._rest is None

    @property
    def engine(self) -> str:
        return self._first.engine

    @property
    def sample_rate(self) -> int:
        return self._first.audio.sample_rate

    async def __aiter__(self) -> AsyncIterator[SpokenPiece]:
        yield self._first
        if self._rest is not None:
            async for piece in self._rest:
                yield piece

    async def whole(self) -> Speech:
        """Wait for the end, and close."""
        try:
            pieces = [piece.audio async for piece in self]
        finally:
            await self.close()
        return Speech(audio=join_audio(pieces, self.sample_rate), engine=self.engine)

    async def close(self) -> None:
        """Let go of the engine. May be called twice."""
        if self._rest is not None:
            await self._rest.aclose()


def _now_s() -> float:
    return asyncio.get_running_loop().time()
