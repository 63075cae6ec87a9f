"""A room whose interpreter takes over from an earlier one: numbers go on, names of segments stay apart.

Between ``interpreting/interpreter.py``, which counts from 1, and any ``Room``. From ``services/interpreter.py``.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace

from dragoman.ground.audio import Audio
from dragoman.ground.captions import Caption, Unfinished
from dragoman.ground.glossary import NO_TERMS, TermBase
from dragoman.ground.languages import Language
from dragoman.ground.precedence import ORDINARY
from dragoman.ground.rooms import DubTrack, Notice, ParticipantChanged, ParticipantLeft, Room, RoomEvent
from dragoman.ground.voices import VoiceWish
from dragoman.meetings.ladder_view import LadderView


class ContinuedRoom:
    """See ``Room`` and ``Safekeeping``. What was inherited keeps the names that its readers know.

    ``keep`` gets every final, numbered, and ``keep_unfinished`` every unfinished segment; both may hold back for a
    moment what is then shown. ``forget_unfinished`` gets those of whose words nothing is to be finished.
    """

    def __init__(
        self,
        room: Room,
        *,
        epoch: int,
        last_seq: int,
        keep: Callable[[Caption], Awaitable[None]],
        keep_unfinished: Callable[[Sequence[Unfinished]], Awaitable[None]] | None = None,
        forget_unfinished: Callable[[str], None] | None = None,
        inherited: Sequence[Unfinished] = (),
        terms: Callable[[], TermBase] = lambda: NO_TERMS,
    ) -> None:
        self._room = room
        self._prefix = f"{epoch}."
        self._first = last_seq
        self._keep_final = keep
        self._keep_unfinished = keep_unfinished
        self._forget_unfinished = forget_unfinished
        self._inherited = tuple(inherited)
        self._inherited_names = frozenset(left.segment for left in inherited)
        self.last_seq = last_seq
        self.ladder = LadderView()
        self.most_speakers: int | None = None
        """That may be interpreted at once; None for any number."""
        self.priority = ORDINARY
        """By the plan of its owner, among work of one kind."""
        self.microphones = 0
        """That are open and interpreted."""
        self.terms = terms
        """Gives the glossary of the room as it is now."""

    @property
    def inherited(self) -> Sequence[Unfinished]:
        return self._inherited

    async def keep(self, unfinished: Sequence[Unfinished]) -> None:
        if self._keep_unfinished is not None:
            await self._keep_unfinished([replace(it, segment=self._named(it.segment)) for it in unfinished])

    def forget(self, speaker: str) -> None:
        if self._forget_unfinished is not None:
            self._forget_unfinished(speaker)

    @property
    def name(self) -> str:
        return self._room.name

    @property
    def opened_at_s(self) -> float:
        return self._room.opened_at_s

    async def events(self) -> AsyncIterator[RoomEvent]:
        async for event in self._room.events():
            match event:
                case ParticipantChanged(participant=participant):
                    self.ladder.came(participant.identity)
                case ParticipantLeft(identity=identity):
                    self.ladder.left(identity)
            yield event

    async def microphone(self, identity: str) -> AsyncIterator[Audio]:
        self.microphones += 1
        try:
            async for frame in self._room.microphone(identity):
                yield frame
        finally:
            self.microphones -= 1

    async def publish(self, caption: Caption, *, readers: frozenset[str]) -> None:
        caption = replace(caption, segment=self._named(caption.segment))
        if caption.final:
            caption = caption.numbered(self._first + caption.seq)
            self.last_seq = max(self.last_seq, caption.seq)
            await self._keep_final(caption)
        await self._room.publish(caption, readers=readers)

    async def mark_unvoiced(self, *, segment: str, language: Language, wish: VoiceWish | None = None) -> None:
        await self._room.mark_unvoiced(segment=self._named(segment), language=language, wish=wish)

    async def open_dub(
        self,
        *,
        speaker: str,
        language: Language,
        listeners: frozenset[str],
        wish: VoiceWish = VoiceWish.NATURAL,
    ) -> DubTrack:
        return await self._room.open_dub(speaker=speaker, language=language, listeners=listeners, wish=wish)

    async def set_listeners(
        self,
        *,
        speaker: str,
        language: Language,
        listeners: frozenset[str],
        wish: VoiceWish = VoiceWish.NATURAL,
    ) -> None:
        await self._room.set_listeners(speaker=speaker, language=language, listeners=listeners, wish=wish)

    async def tell(self, notice: Notice) -> None:
        self.ladder.told(notice)
        await self._room.tell(notice)

    def _named(self, segment: str) -> str:
        return segment if segment in self._inherited_names else self._prefix + segment
