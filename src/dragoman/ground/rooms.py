"""The room seam: frames in, captions and dubbed tracks out. ``rooms/wav_room.py`` and LiveKit keep it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from dragoman.ground.audio import Audio
from dragoman.ground.captions import Caption, Unfinished
from dragoman.ground.languages import Language
from dragoman.ground.voices import VoiceWish


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody in the room, with the languages of their choice."""

    identity: str
    """Unique in the room and stable over reconnects."""
    name: str
    speaks: Language | None
    """None for somebody who only listens."""
    reads: Language | None
    """Language of the captions; None for no captions."""
    listens: Language | None
    """Language of the dub; None to hear the original."""
    voice: VoiceWish = VoiceWish.NATURAL
    """Of the dubs this participant hears."""
    consents: bool = True
    """Agreed to be interpreted. Without it no engine ever gets this participant's sound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantChanged:
    """A participant came, or chose other languages."""

    participant: Participant


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantLeft:
    identity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MicrophoneOpened:
    """A participant can be heard from now on: read ``Room.microphone`` until it ends (muted, or gone)."""

    identity: str


RoomEvent = ParticipantChanged | ParticipantLeft | MicrophoneOpened


class NoticeKind(StrEnum):
    """What participants are told about the interpretation of a speaker; the page has the words."""

    LADDER = "ladder"
    CAPACITY = "capacity"
    VOICE = "voice"
    """Which voice a dub has: its ``VoiceTier`` is the reason."""
    BEHIND = "behind"
    """Listeners still hear what was said a while ago: level 1; level 0 once they have caught up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A change people are told of."""

    kind: NoticeKind
    speaker: str
    language: Language | None
    """The target language concerned; None for all."""
    level: int
    """Level of the ladder, 0 to 5 (``interpreting/ladder.py``)."""
    reason: str
    """Stable word for why: ``translation_gone``, ``capacity``; of a voice, ``quick``, ``fallback``."""
    wish: VoiceWish | None = None
    """Of a voice, or one that is behind: the listeners it is made for."""


class DubTrack(Protocol):
    """The dubbed voice of one speaker in one language."""

    @property
    def queued_s(self) -> float:
        """Seconds handed over and not yet sounded."""
        ...

    async def play(self, audio: Audio) -> None:
        """Hand over the next audio, any rate; returns when it is taken (at most 0.2 s wait unplayed before it).

        Raises ``RoomError`` once the call takes no more of it: close it, and open it anew.
        """
        ...

    async def wait_until_played(self) -> None: ...

    async def close(self) -> None:
        """Unpublish. What was handed over may be cut. May be called twice."""
        ...


def dub_name(speaker: str, language: Language, wish: VoiceWish) -> str:
    """Name a dub's track: ``dub:<speaker>:<language>``, and ``:fast`` or ``:own`` behind it for those wishes."""
    return f"dub:{speaker}:{language}" + ("" if wish is VoiceWish.NATURAL else f":{wish}")


class Room(Protocol):
    """A place where people speak, read and listen. Times are seconds of the running event loop's clock."""

    @property
    def name(self) -> str: ...

    @property
    def opened_at_s(self) -> float:
        """Loop time at which the room's own clock stood at 0: captions count from here."""
        ...

    def events(self) -> AsyncIterator[RoomEvent]:
        """Tell who comes, changes and leaves, those already there first; ends when the room ends."""
        ...

    def microphone(self, identity: str) -> AsyncIterator[Audio]:
        """Give the participant's sound, 16 kHz mono, contiguous frames of 50 ms; ends on mute and on leaving."""
        ...

    async def publish(self, caption: Caption, *, readers: frozenset[str]) -> None:
        """Show a caption to ``readers`` alone. A final with the segment and language of partials replaces them."""
        ...

    async def mark_unvoiced(self, *, segment: str, language: Language, wish: VoiceWish | None = None) -> None:
        """Say that the voice of this final caption was left out, so that its listeners read it: those with ``wish``,
        or all."""
        ...

    async def open_dub(
        self,
        *,
        speaker: str,
        language: Language,
        listeners: frozenset[str],
        wish: VoiceWish = VoiceWish.NATURAL,
    ) -> DubTrack:
        """Publish the track ``dub_name(speaker, language, wish)``, audible to ``listeners`` alone.

        Raises ``RoomError`` while the call does not take it; the next one may be taken.
        """
        ...

    async def set_listeners(
        self,
        *,
        speaker: str,
        language: Language,
        listeners: frozenset[str],
        wish: VoiceWish = VoiceWish.NATURAL,
    ) -> None:
        """Replace who hears a dub. Unknown tracks are ignored: they may have just been closed."""
        ...

    async def tell(self, notice: Notice) -> None: ...


class Safekeeping(Protocol):
    """Remembers outside this process what an interpreter is at, so that another one can go on."""

    @property
    def inherited(self) -> Sequence[Unfinished]:
        """What the interpreter before this one left unfinished, in the order it was said."""
        ...

    async def keep(self, unfinished: Sequence[Unfinished]) -> None:
        """Make these safe before anybody reads them, each instead of what was kept of its segment; never waits long."""
        ...

    def forget(self, speaker: str) -> None:
        """Let nobody finish what ``speaker`` said, who does not agree to it any more."""
        ...
