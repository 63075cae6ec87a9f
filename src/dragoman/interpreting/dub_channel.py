"""One dubbed voice of a target language: one dub at a time, whoever speaks. From language_dubs.py; to the
room's tracks.

``pacer.py`` decides what is spoken faster and what is skipped; a skipped segment stays a caption, and is marked.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from dragoman.ground.audio import Audio
from dragoman.ground.errors import EngineError, NothingToSpeak, RoomError, TextNotReadable
from dragoman.ground.events import Observer, VoiceEnded, VoiceSkipped, VoiceStarted
from dragoman.ground.languages import Language
from dragoman.ground.rooms import DubTrack, Notice, NoticeKind, Room
from dragoman.ground.routes import RoomVoices
from dragoman.ground.voices import VoicePiece, VoiceTier, VoiceWish
from dragoman.interpreting.echo import EchoGuard
from dragoman.interpreting.ladder import Level
from dragoman.interpreting.pacer import Behind, Pacer, Plan, Waiting
from dragoman.interpreting.tuning import InterpretingTuning

CHUNK_S = 0.2
"""Most audio handed to a track at a time: late enough to stop, large enough to be cheap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DubItem:
    """A segment to be spoken."""

    segment: str
    speaker: str
    text: str
    ended_at_s: float
    """Loop time of the end of what the speaker said."""
    offered_at_s: float
    """Loop time at which its translation was there."""
    outcome: Callable[[VoiceWish, VoicePiece | None], Awaitable[None]]
    """Told how it sounded to those with this wish, by its first piece; None if no voice could be had."""


class DubChannel:
    """Of one language and wish, in one room. ``run`` is its task."""

    def __init__(
        self,
        *,
        language: Language,
        room: Room,
        voices: RoomVoices,
        echo: EchoGuard,
        observer: Observer,
        tuning: InterpretingTuning,
        wish: VoiceWish = VoiceWish.NATURAL,
    ) -> None:
        self._language = language
        self._wish = wish
        self._room = room
        self._voices = voices
        self._echo = echo
        self._observer = observer
        self._tuning = tuning
        self._pacer = Pacer(language=language)
        self._behind = Behind()
        self._waiting: list[DubItem] = []
        self._skipped: list[tuple[DubItem, str]] = []
        self._tracks: dict[str, DubTrack] = {}
        self._listeners: dict[str, frozenset[str]] = {}
        self._told: dict[str, VoiceTier] = {}
        """What people know that each speaker's dub sounds like."""
        self._leaving: set[str] = set()
        self._playing: str | None = None
        """Whose dub is being made or handed over."""
        self._unspoken_s = 0.0
        """Seconds of it that are not handed over yet: by the estimate, or of the piece in hand if that is more."""
        self._changed = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def offer(self, item: DubItem) -> None:
        """Let ``item`` be spoken in its turn, or skipped when too much waits. Never waits itself."""
        self._waiting.append(item)
        self._plan()
        self._wake()

    async def set_listeners(self, speaker: str, listeners: frozenset[str]) -> None:
        """Say who hears ``speaker`` from now on. Nobody: what waits is dropped and the track closed."""
        self._leaving.discard(speaker)
        if self._listeners.get(speaker, frozenset()) == listeners:
            return
        self._listeners[speaker] = listeners
        await self._room.set_listeners(speaker=speaker, language=self._language, listeners=listeners, wish=self._wish)
        if listeners:
            return
        self._skip([item for item in self._waiting if item.speaker == speaker], "left")
        self._wake()
        if self._playing != speaker:
            await self._close_track(speaker)

    def let_go(self, speaker: str) -> None:
        """The speaker is done: once what waits has sounded, the track is closed."""
        if speaker in self._listeners:
            self._leaving.add(speaker)
            self._wake()

    @property
    def backlog_s(self) -> float:
        """Seconds of voice that are to come: handed over and unplayed, being made, and waiting."""
        return self._unplayed_s + sum(self._pacer.estimate_s(item.text) for item in self._waiting)

    @property
    def _unplayed_s(self) -> float:
        """What is to come of all that waits no more. One dub sounds at a time."""
        return self._unspoken_s + max((track.queued_s for track in self._tracks.values()), default=0.0)

    async def drain(self) -> None:
        """Wait until nothing waits and nothing sounds."""
        await self._idle.wait()

    async def run(self) -> None:
        """Speak what waits, for ever; ends by cancellation, all tracks closed."""
        self._changed.set()  # after a failure there may be something left to do
        try:
            while True:
                await self._changed.wait()
                self._changed.clear()
                await self._report_skipped()
                while self._waiting:
                    plan = self._plan()
                    await self._tell_who_is_behind()
                    items, self._waiting = self._waiting[: plan.together], self._waiting[plan.together :]
                    if items:
                        await self._speak(items, plan.speed)
                    await self._report_skipped()
                for track in list(self._tracks.values()):
                    await track.wait_until_played()
                await self._tell_who_is_behind()
                if self._waiting or self._skipped:
                    continue  # offered meanwhile, and perhaps let go: it sounds before its track is closed
                await self._close_unheard()
                if not self._waiting and not self._skipped:
                    self._idle.set()
        finally:
            for speaker in list(self._tracks):
                await self._close_track(speaker)

    def _wake(self) -> None:
        self._idle.clear()
        self._changed.set()

    def _plan(self) -> Plan:
        """Skip what is too late; say what is spoken next, and how fast."""
        now = asyncio.get_running_loop().time()
        waiting = [
            Waiting(text=item.text, speaker=item.speaker, waited_s=now - item.offered_at_s) for item in self._waiting
        ]
        plan = self._pacer.plan(waiting, unplayed_s=self._unplayed_s)
        self._skip([self._waiting[place] for place in plan.skip], "late")
        return plan

    def _skip(self, items: list[DubItem], reason: str) -> None:
        for item in items:
            self._waiting.remove(item)
            self._skipped.append((item, reason))

    async def _report_skipped(self) -> None:
        while self._skipped:
            item, reason = self._skipped.pop(0)
            await self._unvoiced(item, reason)

    async def _unvoiced(self, item: DubItem, reason: str) -> None:
        self._observer.observe(
            VoiceSkipped(segment=item.segment, speaker=item.speaker, language=self._language, reason=reason)
        )
        await self._room.mark_unvoiced(segment=item.segment, language=self._language, wish=self._wish)

    async def _speak(self, items: Sequence[DubItem], speed: float) -> None:
        """Speak what one person said, as one text."""
        self._playing = speaker = items[0].speaker
        text = " ".join(item.text for item in items)
        self._unspoken_s = self._pacer.estimate_s(text) / speed
        sounded_s = 0.0
        voiced = 0
        first: VoicePiece | None = None
        try:
            async for piece in self._voices.speak(
                text,
                speaker=speaker,
                language=self._language,
                wish=self._wish,
                speed=speed,
                deadline_s=self._tuning.voice_deadline_s,
            ):
                audio = piece.audio
                track = await self._track(speaker)
                if first is None:
                    first = piece
                    self._started(items, track, speed)
                    await self._tell_voice(speaker, piece.tier)
                self._unspoken_s = max(self._unspoken_s, audio.duration_s)
                for chunk in _chunks(audio):
                    await track.play(chunk)
                    sounded_s += chunk.duration_s
                    self._unspoken_s -= chunk.duration_s
        except (NothingToSpeak, TextNotReadable):
            # Pictures, or letters that no voice here can read: nothing is wrong with the voice.
            voiced = self._count_begun(items, sounded_s * speed)
            await self._all_unvoiced(items[voiced:], "nothing_to_speak")
        except EngineError:
            # The route has reported each engine. What sounded stays; the captions that it did not reach are marked.
            voiced = self._count_begun(items, sounded_s * speed)
            await self._ended(items, None)
            await self._all_unvoiced(items[voiced:], "voice_gone")
        except RoomError:
            # The call is away for a moment, or takes no track: no voice reaches anybody. The next sentence tries anew.
            voiced = self._count_begun(items, sounded_s * speed)
            self._unspoken_s = 0.0
            await self._ended(items, None)
            await self._all_unvoiced(items[voiced:], "room_gone")
            await self._close_track(speaker)
        else:
            voiced = len(items)
            await self._ended(items, first)
            if first is not None:
                self._pacer.learn(text, duration_s=sounded_s, speed=speed)
        finally:
            self._playing = None
            self._unspoken_s = 0.0
        if first is not None:
            for item in items[:voiced]:
                share = len(item.text) / max(1, sum(len(each.text) for each in items[:voiced]))
                self._observer.observe(
                    VoiceEnded(
                        segment=item.segment,
                        speaker=speaker,
                        language=self._language,
                        duration_s=sounded_s * share,
                    )
                )

    def _count_begun(self, items: Sequence[DubItem], sounded_s: float) -> int:
        """Count those whose turn had come, by the estimate, when a voice broke off after so long at speed 1."""
        begins_s = 0.0
        for place, item in enumerate(items):
            if begins_s >= sounded_s:
                return place
            begins_s += self._pacer.estimate_s(item.text)
        return len(items)

    async def _ended(self, items: Sequence[DubItem], first: VoicePiece | None) -> None:
        for item in items:
            await item.outcome(self._wish, first)

    async def _all_unvoiced(self, items: Sequence[DubItem], reason: str) -> None:
        for item in items:
            await self._unvoiced(item, reason)

    async def _tell_who_is_behind(self) -> None:
        """Tell speakers whose dub is late that the others still listen, and that they have caught up."""
        for speaker in sorted({*self._behind.speakers, *(item.speaker for item in self._waiting)}):
            waiting_s = sum(self._pacer.estimate_s(item.text) for item in self._waiting if item.speaker == speaker)
            unplayed_s = self._tracks[speaker].queued_s if speaker in self._tracks else 0.0
            told = self._behind.look(speaker, backlog_s=waiting_s + unplayed_s)
            if told is not None:
                await self._room.tell(
                    Notice(
                        kind=NoticeKind.BEHIND,
                        speaker=speaker,
                        language=self._language,
                        level=int(told),
                        reason="voice_behind",
                        wish=self._wish,
                    )
                )

    async def _tell_voice(self, speaker: str, tier: VoiceTier) -> None:
        if self._told.get(speaker) != tier:
            self._told[speaker] = tier
            await self._room.tell(
                Notice(
                    kind=NoticeKind.VOICE,
                    speaker=speaker,
                    language=self._language,
                    level=Level.FULL,
                    reason=tier,
                    wish=self._wish,
                )
            )

    def _started(self, items: Sequence[DubItem], track: DubTrack, speed: float) -> None:
        starts_s = asyncio.get_running_loop().time() + track.queued_s
        for item in items:
            ends_s = starts_s + self._pacer.estimate_s(item.text) / speed
            self._echo.dubbed(
                item.text,
                language=self._language,
                listeners=self._listeners.get(item.speaker, frozenset()),
                start_s=starts_s,
                end_s=ends_s,
            )
            self._observer.observe(
                VoiceStarted(
                    segment=item.segment,
                    speaker=item.speaker,
                    language=self._language,
                    lag_ms=(starts_s - item.ended_at_s) * 1000,
                    speed=speed,
                )
            )
            starts_s = ends_s

    async def _track(self, speaker: str) -> DubTrack:
        """Give the speaker's track; another speaker's dub sounds to its end first."""
        for other, track in list(self._tracks.items()):  # one may be closed meanwhile
            if other != speaker:
                await track.wait_until_played()
        if speaker not in self._tracks:
            self._tracks[speaker] = await self._room.open_dub(
                speaker=speaker,
                language=self._language,
                listeners=self._listeners.get(speaker, frozenset()),
                wish=self._wish,
            )
        return self._tracks[speaker]

    async def _close_unheard(self) -> None:
        """Close the tracks of those who are done or have no listener. Nothing waits when this begins."""
        self._leaving &= self._tracks.keys()
        for speaker in list(self._tracks):
            if any(item.speaker == speaker for item in self._waiting):
                continue  # offered while another track was closed; the next round sees to it
            if speaker in self._leaving or not self._listeners.get(speaker):
                self._leaving.discard(speaker)
                await self._close_track(speaker)

    async def _close_track(self, speaker: str) -> None:
        track = self._tracks.pop(speaker, None)
        self._told.pop(speaker, None)
        if track is not None:
            await track.close()


def _chunks(audio: Audio) -> Iterator[Audio]:
    """Cut into equal parts: a rest of 10 ms would cost a room as much as a whole chunk."""
    step = max(1, math.ceil(len(audio.samples) / max(1, math.ceil(audio.duration_s / CHUNK_S))))
    for first in range(0, len(audio.samples), step):
        yield Audio(samples=audio.samples[first : first + step], sample_rate=audio.sample_rate)
