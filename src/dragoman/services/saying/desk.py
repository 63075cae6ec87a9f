"""Have a wish spoken, or find it spoken already. From the routes; voices are chosen and checked by ``VoiceRouter``.

Text that waits for an engine is bounded: so many are spoken at once, a few wait, and the next is asked to come again.
A speech is made at the engine's speed, however slowly it is read: who stops reading keeps nobody from speaking, until
too much speech waits to be read.
"""

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from weakref import WeakSet

from dragoman.ground.audio import Audio, join_audio
from dragoman.ground.engines import TextToSpeech
from dragoman.ground.errors import CapacityExhausted
from dragoman.services.saying.cache import Speech, SpeechCache
from dragoman.services.saying.stand_ins import answering
from dragoman.services.saying.tiers import first_asked
from dragoman.services.saying.wishes import Wish, find_engines, refuse_at_once
from dragoman.services.web import within
from dragoman.voicing.router import SpokenPiece, VoiceRouter

WAITING = 8
"""Texts that may wait for their turn."""
MOST_UNREAD_BYTES = 256 << 20
"""Of sound that is not read yet. Above it no speech is begun; what was begun before is made to its end."""
PIECE_S = 10.0
"""Of a speech out of the cache, which many may read at the same time: what each holds for itself stays small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SayingLimits:
    """What a service takes and keeps."""

    most_characters: int = 5000
    at_once: int = 2
    """Texts that are spoken at the same time."""
    most_unread_bytes: int = MOST_UNREAD_BYTES
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
        self._open: WeakSet[OpenSpeech] = WeakSet()
        self._asked_at_s = -math.inf

    async def open(self, wish: Wish, *, within_s: float) -> "OpenSpeech":
        """Begin to speak: the first sound is there when this returns. Close what it gives.

        What was kept answers first, also where its engine is too slow to be waited for.
        Raises ``OnlyLater``, ``CapacityExhausted``, and what ``VoiceRouter.speak_pieces`` raises.
        """
        self.touch()
        if self._unread_bytes() > self.limits.most_unread_bytes:
            raise CapacityExhausted("too much speech waits to be read by who asked for it; try again in a minute")
        speech = self._open_found(wish) or await self._open_making(wish, within_s)
        self._open.add(speech)
        return speech

    def _unread_bytes(self) -> int:
        """Add up what is held for readers; a speech out of the cache counts once, however many read it."""
        sounds = {each.sound: each.unread_bytes for each in self._open if each.unread_bytes}
        return sum(sounds.values()) + sum(each.encoded_bytes for each in self._open)

    def _open_found(self, wish: Wish) -> "OpenSpeech | None":
        found = self.find(wish)
        if found is None:
            return None
        return OpenSpeech(None, first=SpokenPiece(audio=found.audio, engine=found.engine))

    async def _open_making(self, wish: Wish, within_s: float) -> "OpenSpeech":
        refuse_at_once(wish.language, find_engines(wish.engine, self.engines))
        if self._inside >= self.limits.at_once + WAITING:
            raise CapacityExhausted(f"{self._inside} texts are being spoken here; try again in a moment")
        self._inside += 1
        making = _Making(partial(self._make, wish, within_s), on_end=self._leave)
        try:
            first = await within(within_s, anext(making.pieces))
        except BaseException:
            await making.close()
            raise
        return OpenSpeech(making, first=first)

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

    def find(self, wish: Wish) -> Speech | None:
        """Find what was kept and answers ``wish``, a better voice first; counted as a hit or a miss."""
        return self.cache.find(self.kept_for(wish) or wish, now_s=_now_s())

    def kept_for(self, wish: Wish) -> Wish | None:
        """Give the best wish whose speech was kept and answers ``wish``; None if there is none."""
        self.forget_old()
        return next((each for each in answering(wish, self.engines) if each in self.cache), None)

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
        """What nobody has asked for fills half of the cache at most, and drives nothing out."""
        return self.cache.held_bytes < self.limits.cache_bytes // 2

    async def _make(self, wish: Wish, within_s: float, on_piece: Callable[[SpokenPiece], None]) -> None:
        made: list[SpokenPiece] = []
        async with self._turns, aclosing(self.speak(wish, within_s=within_s)) as pieces:
            async for piece in pieces:
                made.append(piece)
                on_piece(piece)
        self.keep(wish, made)

    def _leave(self) -> None:
        self._inside -= 1
        self.touch()


class _Making:
    """A speech while it is made, by a task of its own."""

    def __init__(
        self,
        make: Callable[[Callable[[SpokenPiece], None]], Coroutine[None, None, None]],
        *,
        on_end: Callable[[], None],
    ) -> None:
        """``make`` tells of every piece; ``on_end`` is told however it ends."""
        # Holds no more than one speech, which ``SayingLimits.most_characters`` bounds.
        self._made: asyncio.Queue[SpokenPiece | None] = asyncio.Queue()
        self.unread_bytes = 0
        self._task = asyncio.create_task(make(self._put), name="speech")
        self._task.add_done_callback(lambda _: on_end())
        self._task.add_done_callback(lambda _: self._made.put_nowait(None))
        self.pieces = self._read()

    async def close(self) -> None:
        """Let go of the engine, and of what nobody will read. May be called twice."""
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.exception()  # its reader has gone, and nobody else asks why it failed
        await self.pieces.aclose()

    def _put(self, piece: SpokenPiece) -> None:
        self.unread_bytes += piece.audio.samples.nbytes
        self._made.put_nowait(piece)

    async def _read(self) -> AsyncGenerator[SpokenPiece, None]:
        """Give every piece, and then raise what the making failed with."""
        while (piece := await self._made.get()) is not None:
            self.unread_bytes -= piece.audio.samples.nbytes
            yield piece
        await self._task


class OpenSpeech:
    """A speech that has begun. Iterate over it, and close it."""

    def __init__(self, making: _Making | None, *, first: SpokenPiece) -> None:
        """``making`` has what follows the first piece; None if that is all, out of the cache."""
        self._making = making
        self._first = first
        self._closed = False
        self.encoded_bytes = 0
        """Of a file that is made and waits for this reader alone; whoever encodes says so."""

    @property
    def cached(self) -> bool:
        return self._making is None

    @property
    def engine(self) -> str:
        return self._first.engine

    @property
    def sample_rate(self) -> int:
        return self._first.audio.sample_rate

    @property
    def sound(self) -> int:
        """Stands for the memory that it is played from, which speeches out of the cache share."""
        return id(self._first.audio.samples)

    @property
    def unread_bytes(self) -> int:
        """Sound that is held for a reader who is slow or has stopped; what is out of the cache until it closes."""
        if self._closed:
            return 0
        return self._first.audio.samples.nbytes if self._making is None else self._making.unread_bytes

    async def __aiter__(self) -> AsyncIterator[SpokenPiece]:
        if self._making is None:
            for audio in _cut(self._first.audio):
                yield SpokenPiece(audio=audio, engine=self.engine)
            return
        yield self._first
        async for piece in self._making.pieces:
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
        self._closed = True
        self.encoded_bytes = 0
        if self._making is not None:
            await self._making.close()


def _cut(audio: Audio) -> Iterator[Audio]:
    """Give ``audio`` in pieces of ``PIECE_S`` without copying it."""
    step = round(PIECE_S * audio.sample_rate)
    for first in range(0, len(audio.samples), step):
        yield Audio(samples=audio.samples[first : first + step], sample_rate=audio.sample_rate)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
