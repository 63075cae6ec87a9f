"""A room whose interpreter takes over from an earlier one: numbers go on, names of segments stay apart.

Between ``interpreting/interpreter.py``, which counts from 1, and any ``Room``. From ``services/interpreter.py``.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

from dragoman.ground.audio import Audio
from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.ground.rooms import DubTrack, Notice, Room, RoomEvent


class ContinuedRoom:
    """See ``Room``. ``keep`` gets every final, numbered, and may hold it back for a moment before it is shown."""

    def __init__(self, room: Room, *, epoch: int, last_seq: int, keep: Callable[[Caption], Awaitable[None]]) -> None:
        self._room = room
        self._prefix = f"{epoch}."
        self._first = last_seq
        self._keep = keep
        self.last_seq = last_seq

    @property
    def name(self) -> str:
        return self._room.name

    @property
    def opened_at_s(self) -> float:
        return self._room.opened_at_s

    def events(self) -> AsyncIterator[RoomEvent]:
        return self._room.events()

    def microphone(self, identity: str) -> AsyncIterator[Audio]:
        return self._room.microphone(identity)

    async def publish(self, caption: Caption, *, readers: frozenset[str]) -> None:
        caption = replace(caption, segment=self._prefix + caption.segment)
        if caption.final:
            caption = caption.numbered(self._first + caption.seq)
            self.last_seq = max(self.last_seq, caption.seq)
            await self._keep(caption)
        await self._room.publish(caption, readers=readers)

    async def mark_unvoiced(self, *, segment: str, language: Language) -> None:
        await self._room.mark_unvoiced(segment=self._prefix + segment, language=language)

    async def open_dub(self, *, speaker: str, language: Language, listeners: frozenset[str]) -> DubTrack:
        return await self._room.open_dub(speaker=speaker, language=language, listeners=listeners)

    async def set_listeners(self, *, speaker: str, language: Language, listeners: frozenset[str]) -> None:
        await self._room.set_listeners(speaker=speaker, language=language, listeners=listeners)

    async def tell(self, notice: Notice) -> None:
        await self._room.tell(notice)
