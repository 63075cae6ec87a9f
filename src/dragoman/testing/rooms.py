"""A room without a network: the test says who comes and what they say, and reads what was shown and played.

Sound passes at the pace of the running loop's clock, which in virtual time (``ground/virtual_time.py``) leaps.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np

from dragoman.ground.audio import FRAME_S, RECOGNITION_RATE, Audio, silence
from dragoman.ground.captions import Caption
from dragoman.ground.errors import RoomError
from dragoman.ground.languages import Language
from dragoman.ground.rooms import (
    MicrophoneOpened,
    Notice,
    Participant,
    ParticipantChanged,
    ParticipantLeft,
    RoomEvent,
    dub_name,
)
from dragoman.ground.voices import VoiceWish

MAX_EVENTS = 1000
"""Comings and goings nobody has read yet; one more is a mistake in the test and raises ``asyncio.QueueFull``."""

MAX_FRAMES = 600
"""Frames of one microphone nobody has read yet, 30 s; then ``FakeRoom.say`` waits."""

TRACK_AHEAD_S = 0.2
"""Sound a track takes before what it has is played."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A caption as it was published."""

    caption: Caption
    readers: frozenset[str]
    at_s: float
    """Loop time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A piece of sound as a track played it."""

    audio: Audio
    starts_s: float
    """Loop time at which it begins to sound."""
    ends_s: float


class FakeDubTrack:
    """A dubbed voice that sounds in loop time and is remembered in ``played``."""

    def __init__(
        self,
        *,
        speaker: str,
        language: Language,
        listeners: frozenset[str],
        wish: VoiceWish = VoiceWish.NATURAL,
    ) -> None:
        self.speaker = speaker
        self.language = language
        self.wish = wish
        self.listeners = listeners
        self.played: list[Played] = []
        self.closed = False
        self.failed = False
        """The call takes no more of it: ``play`` raises ``RoomError``."""
        self._free_at_s = 0.0

    @property
    def queued_s(self) -> float:
        return max(0.0, self._free_at_s - _now_s())

    async def play(self, audio: Audio) -> None:
        """See ``DubTrack``. Raises ``RuntimeError`` on a closed track."""
        if (too_much_s := self.queued_s - TRACK_AHEAD_S) > 0:
            await asyncio.sleep(too_much_s)
        if self.closed:
            raise RuntimeError("play on a closed track")
        if self.failed:
            raise RoomError("the call takes no more of it")
        starts_s = max(self._free_at_s, _now_s())
        self._free_at_s = starts_s + audio.duration_s
        self.played.append(Played(audio=audio, starts_s=starts_s, ends_s=self._free_at_s))

    async def wait_until_played(self) -> None:
        if not self.closed and self.queued_s > 0:
            await asyncio.sleep(self.queued_s)

    async def close(self) -> None:
        """See ``DubTrack``. What had not sounded yet is cut from ``played``."""
        if self.closed:
            return
        self.closed = True
        now_s = _now_s()
        self.played = [_cut(piece, now_s) for piece in self.played if piece.starts_s < now_s]
        self._free_at_s = min(self._free_at_s, now_s)


class FakeRoom:
    """See ``Room``. Make it on the running loop. ``join``, ``say``, ``mute``, ``leave`` and ``end`` are the test's."""

    def __init__(self, name: str = "room") -> None:
        self._name = name
        self._opened_at_s = _now_s()
        self._events: asyncio.Queue[RoomEvent | None] = asyncio.Queue(MAX_EVENTS)
        self._microphones: dict[str, asyncio.Queue[Audio | None]] = {}
        self.published: list[Published] = []
        """Every caption, in order."""
        self.notices: list[Notice] = []
        self.unvoiced: list[tuple[str, Language]] = []
        """Segment and language of what ``mark_unvoiced`` named."""
        self.dubs_refused = 0
        """How many of the next dubs the call does not take."""
        self.tracks: list[FakeDubTrack] = []
        """Every track ever opened."""

    # What the test does

    def join(self, participant: Participant) -> None:
        """Let somebody come, or choose other languages."""
        self._events.put_nowait(ParticipantChanged(participant=participant))

    def open_microphone(self, identity: str) -> None:
        self._microphones[identity] = asyncio.Queue(MAX_FRAMES)
        self._events.put_nowait(MicrophoneOpened(identity=identity))

    async def say(self, identity: str, audio: Audio) -> None:
        """Let an open microphone hear ``audio`` (16 kHz) in real time, frame by frame; the last is filled up."""
        if audio.sample_rate != RECOGNITION_RATE:
            raise ValueError(f"microphones give {RECOGNITION_RATE} Hz, not {audio.sample_rate}")
        frame_samples = round(FRAME_S * RECOGNITION_RATE)
        microphone = self._microphones[identity]
        starts_s = _now_s()
        for number, begin in enumerate(range(0, len(audio.samples), frame_samples), start=1):
            # A frame is there when its last sample has been spoken, counted from the start so that no delay adds up.
            await asyncio.sleep(max(0.0, starts_s + number * FRAME_S - _now_s()))
            samples = audio.samples[begin : begin + frame_samples]
            filled = np.pad(samples, (0, frame_samples - len(samples)))
            await microphone.put(Audio(samples=filled, sample_rate=RECOGNITION_RATE))

    async def be_silent(self, identity: str, duration_s: float) -> None:
        """Let an open microphone hear digital silence."""
        await self.say(identity, silence(duration_s, RECOGNITION_RATE))

    async def mute(self, identity: str) -> None:
        """Close a microphone; ``open_microphone`` opens it again."""
        microphone = self._microphones.pop(identity, None)
        if microphone is not None:
            await microphone.put(None)

    async def leave(self, identity: str) -> None:
        await self.mute(identity)
        self._events.put_nowait(ParticipantLeft(identity=identity))

    async def end(self) -> None:
        """End the room: every microphone, then the events."""
        for identity in list(self._microphones):
            await self.mute(identity)
        self._events.put_nowait(None)

    # What the test reads

    @property
    def finals(self) -> list[Caption]:
        return [item.caption for item in self.published if item.caption.final]

    @property
    def open_tracks(self) -> list[FakeDubTrack]:
        """Tracks opened and not closed: none when all is over."""
        return [track for track in self.tracks if not track.closed]

    # What the interpreter sees

    @property
    def name(self) -> str:
        return self._name

    @property
    def opened_at_s(self) -> float:
        return self._opened_at_s

    async def events(self) -> AsyncIterator[RoomEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    def microphone(self, identity: str) -> AsyncIterator[Audio]:
        """See ``Room``. A microphone that is not open (any more) gives nothing."""
        return _frames(self._microphones.get(identity))

    async def publish(self, caption: Caption, *, readers: frozenset[str]) -> None:
        self.published.append(Published(caption=caption, readers=readers, at_s=_now_s()))

    async def mark_unvoiced(self, *, segment: str, language: Language, wish: VoiceWish | None = None) -> None:
        self.unvoiced.append((segment, language))

    async def open_dub(
        self,
        *,
        speaker: str,
        language: Language,
        listeners: frozenset[str],
        wish: VoiceWish = VoiceWish.NATURAL,
    ) -> FakeDubTrack:
        """See ``Room``. Raises ``RuntimeError`` if this dub is open already."""
        if self.dubs_refused:
            self.dubs_refused -= 1
            raise RoomError("the call is away")
        if self._track(speaker, language, wish) is not None:
            raise RuntimeError(f"{dub_name(speaker, language, wish)} is open already")
        track = FakeDubTrack(speaker=speaker, language=language, listeners=listeners, wish=wish)
        self.tracks.append(track)
        return track

    async def set_listeners(
        self,
        *,
        speaker: str,
        language: Language,
        listeners: frozenset[str],
        wish: VoiceWish = VoiceWish.NATURAL,
    ) -> None:
        track = self._track(speaker, language, wish)
        if track is not None:
            track.listeners = listeners

    async def tell(self, notice: Notice) -> None:
        self.notices.append(notice)

    def _track(self, speaker: str, language: Language, wish: VoiceWish) -> FakeDubTrack | None:
        key = (speaker, language, wish)
        return next((track for track in self.open_tracks if (track.speaker, track.language, track.wish) == key), None)


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def _cut(piece: Played, at_s: float) -> Played:
    if piece.ends_s <= at_s:
        return piece
    kept = round((at_s - piece.starts_s) * piece.audio.sample_rate)
    audio = Audio(samples=piece.audio.samples[:kept], sample_rate=piece.audio.sample_rate)
    return Played(audio=audio, starts_s=piece.starts_s, ends_s=at_s)


async def _frames(microphone: asyncio.Queue[Audio | None] | None) -> AsyncIterator[Audio]:
    while microphone is not None and (frame := await microphone.get()) is not None:
        yield frame
