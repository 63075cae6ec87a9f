"""A room made of recordings: each file is a speaker, each target language has a listener, and everything is kept.

Speakers come from ``file_microphone.py``, dubs go to ``dub_recording.py``; what is kept is written by ``webvtt.py``,
``caption_log.py`` and ``mixdown.py``.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from dragoman.ground.audio import Audio
from dragoman.ground.captions import Caption
from dragoman.ground.errors import OutputNotWritable
from dragoman.ground.languages import Language, language_name
from dragoman.ground.rooms import MicrophoneOpened, Notice, Participant, ParticipantChanged, RoomEvent
from dragoman.ground.voices import VoiceWish
from dragoman.rooms.audio_file import DEFAULT_LIMIT_S, Recording, RecordingReader, open_recording
from dragoman.rooms.dub_recording import DubRecording, DubSpool, RecordedDub
from dragoman.rooms.file_microphone import FileMicrophone, RoomClock

GRACE_S = 2.0
"""Seconds from the end of the last recording to the end of the room: the pause that ends the last utterance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSpeaker:
    """A recording that takes part."""

    identity: str
    name: str
    speaks: Language
    recording: Recording
    starts_at_s: float = 0.0
    """Room seconds at which the recording begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the room is, for the person who waits."""

    played_s: float
    total_s: float
    captions: int
    """Final captions so far, over all languages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomObservers:
    """Who is told while the room runs; called on the event loop, and quick."""

    on_caption: Callable[[Caption, frozenset[str]], None] = lambda caption, readers: None
    """Every caption, partials too, with its readers."""
    on_progress: Callable[[Progress], None] = lambda progress: None
    """Once per second of the room."""


@dataclass(slots=True, kw_only=True)
class RoomRecord:
    """What happened in the room."""

    finals: list[Caption] = field(default_factory=list)
    """In the order of publication."""
    unvoiced: set[tuple[str, Language]] = field(default_factory=set)
    """Segment and language of the captions whose voice was left out."""
    notices: list[Notice] = field(default_factory=list)
    dubs: dict[Language, DubRecording] = field(default_factory=dict)
    """What was dubbed, by target language; none where nothing was voiced."""

    def close(self) -> None:
        """Let go of the spools, when everything has been written from them."""
        for dub in self.dubs.values():
            dub.spool.close()


def name_speakers(
    recordings: Sequence[Recording], languages: Sequence[Language], starts_at_s: Sequence[float] = ()
) -> list[FileSpeaker]:
    """Make a speaker of each recording, named after its file; of equal names the later get ``-2``, ``-3``."""
    taken: set[str] = set()
    speakers = []
    for number, (recording, language) in enumerate(zip(recordings, languages, strict=True)):
        stem = recording.path.stem
        identity = _free_identity(stem, taken)
        taken.add(identity)
        starts = starts_at_s[number] if number < len(starts_at_s) else 0.0
        name = " ".join(stem.split()) or identity
        speakers.append(
            FileSpeaker(identity=identity, name=name, speaks=language, recording=recording, starts_at_s=starts)
        )
    return speakers


def _free_identity(stem: str, taken: set[str]) -> str:
    """Letters, digits, ``_``, ``.`` and ``-`` of any script: the colon separates the parts of a track's name."""
    identity = re.sub(r"[^\w.-]+", "-", stem).strip("-") or "speaker"
    number = 2
    free = identity
    while free in taken:
        free, number = f"{identity}-{number}", number + 1
    return free


class WavRoom:
    """See ``Room``. Make it with ``open`` on the running loop, right before it is needed: its clock starts there."""

    @classmethod
    def open(
        cls,
        *,
        name: str,
        speakers: Sequence[FileSpeaker],
        targets: Sequence[Language],
        voiced: Collection[Language] | None = None,
        work_folder: Path,
        observers: RoomObservers | None = None,
        limit_s: float = DEFAULT_LIMIT_S,
    ) -> Self:
        """Open every recording, then the room. Listeners of languages outside ``voiced`` only read; None: all hear.

        Spools of the dubs lie in ``work_folder``. Blocks while the first sound of each recording is decoded (.3 s for
        one that needs the decoder for uploads). Raises ``AudioUnreadable`` for a file that has changed since it was
        measured.
        """
        with ExitStack() as opened:
            readers = [
                opened.enter_context(open_recording(speaker.recording.path, limit_s=limit_s)) for speaker in speakers
            ]
            room = cls(
                name=name,
                speakers=speakers,
                readers=readers,
                audience=_make_audience(speakers, targets, targets if voiced is None else voiced),
                work_folder=work_folder,
                observers=observers or RoomObservers(),
            )
            opened.pop_all()  # the room closes them from now on
        return room

    def __init__(
        self,
        *,
        name: str,
        speakers: Sequence[FileSpeaker],
        readers: Sequence[RecordingReader],
        audience: Sequence[Participant],
        work_folder: Path,
        observers: RoomObservers,
    ) -> None:
        """Open the doors now: use ``WavRoom.open``, which opens the recordings first."""
        self.record = RoomRecord()
        self.failure: OutputNotWritable | None = None
        """Why the room ended early: there was no room on the disk for a dub."""
        self._name = name
        self._work_folder = work_folder
        self._observers = observers
        self._clock = RoomClock(opened_at_s=asyncio.get_running_loop().time(), ended=asyncio.Event())
        self._participants = [*audience, *map(_as_participant, speakers)]
        self._starts_at_s = {speaker.identity: speaker.starts_at_s for speaker in speakers}
        self._microphones = {
            speaker.identity: FileMicrophone(
                reader=reader,
                clock=self._clock,
                starts_at_s=speaker.starts_at_s,
                duration_s=speaker.recording.duration_s,
            )
            for speaker, reader in zip(speakers, readers, strict=True)
        }
        self._tracks: dict[tuple[str, Language], RecordedDub] = {}
        self._told_of_s = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def name(self) -> str:
        return self._name

    @property
    def opened_at_s(self) -> float:
        return self._clock.opened_at_s

    @property
    def worst_lateness_s(self) -> float:
        """Longest time by which any frame was handed out after it was due."""
        return max((microphone.worst_lateness_s for microphone in self._microphones.values()), default=0.0)

    @property
    def total_s(self) -> float:
        """Room seconds at which the last recording ends."""
        return max((microphone.ends_at_s for microphone in self._microphones.values()), default=0.0)

    def _fail(self, error: OutputNotWritable) -> None:
        self.failure = self.failure or error
        self.end()

    def end(self) -> None:
        """End the room early: every microphone, then the events. What is open is finished by the interpreter."""
        self._clock.ended.set()

    async def close(self) -> None:
        """Let go of the recordings and end the tracks. ``record`` stays, and with it the spools, until its ``close``.

        May be called twice. Does not wait for sound that is still queued.
        """
        self.end()
        for microphone in self._microphones.values():
            # In a thread: a read that is under way ends first, within the decoder's own deadline.
            await asyncio.to_thread(microphone.close)
        for track in self._tracks.values():
            await track.close()

    async def events(self) -> AsyncIterator[RoomEvent]:
        """See ``Room``. Ends 2 s after the last recording has ended or, unread, would have ended."""
        for participant in self._participants:
            yield ParticipantChanged(participant=participant)
        for identity in sorted(self._microphones, key=self._starts_at_s.__getitem__):
            if await self._clock.wait_until(self._starts_at_s[identity]):
                yield MicrophoneOpened(identity=identity)
        for microphone in self._microphones.values():
            await self._clock.wait_until(microphone.ends_at_s)
            await microphone.unread.wait()
        await self._clock.wait_until(self._clock.now_s() + GRACE_S)

    async def microphone(self, identity: str) -> AsyncIterator[Audio]:
        """See ``Room``. Somebody unknown gives nothing."""
        microphone = self._microphones.get(identity)
        if microphone is None:
            return
        async for frame in microphone.frames():
            self._tell_progress()
            yield frame

    async def publish(self, caption: Caption, *, readers: frozenset[str]) -> None:
        """See ``Room``. Keeps finals, and of those that take another's place only the newer one."""
        if caption.replaces:
            place = (caption.segment, caption.language)
            self.record.finals[:] = [it for it in self.record.finals if (it.segment, it.language) != place]
        if caption.final:
            self.record.finals.append(caption)
        self._observers.on_caption(caption, readers)

    async def mark_unvoiced(self, *, segment: str, language: Language, wish: VoiceWish | None = None) -> None:
        self.record.unvoiced.add((segment, language))

    async def open_dub(
        self,
        *,
        speaker: str,
        language: Language,
        listeners: frozenset[str],
        wish: VoiceWish = VoiceWish.NATURAL,
    ) -> RecordedDub:
        """See ``Room``. Raises ``OutputNotWritable`` if there is no room on the disk."""
        recording = self.record.dubs.get(language)
        if recording is None:
            try:
                spool = DubSpool(self._work_folder / f"dub.{language}.pcm")
            except OutputNotWritable as error:
                self._fail(error)
                raise
            recording = self.record.dubs[language] = DubRecording(language=language, spool=spool)
        track = RecordedDub(
            recording=recording, speaker=speaker, listeners=listeners, clock=self._clock.now_s, failed=self._fail
        )
        replaced = self._tracks.get((speaker, language))
        self._tracks[speaker, language] = track
        if replaced is not None:
            await replaced.close()
        return track

    async def set_listeners(
        self,
        *,
        speaker: str,
        language: Language,
        listeners: frozenset[str],
        wish: VoiceWish = VoiceWish.NATURAL,
    ) -> None:
        track = self._tracks.get((speaker, language))
        if track is not None:
            track.listeners = listeners

    async def tell(self, notice: Notice) -> None:
        self.record.notices.append(notice)

    def _tell_progress(self) -> None:
        played_s = max(microphone.played_to_s for microphone in self._microphones.values())
        if int(played_s) > self._told_of_s:
            self._told_of_s = int(played_s)
            self._observers.on_progress(
                Progress(played_s=played_s, total_s=self.total_s, captions=len(self.record.finals))
            )


def _as_participant(speaker: FileSpeaker) -> Participant:
    return Participant(identity=speaker.identity, name=speaker.name, speaks=speaker.speaks, reads=None, listens=None)


def _make_audience(
    speakers: Sequence[FileSpeaker], targets: Sequence[Language], voiced: Collection[Language]
) -> list[Participant]:
    """Make a listener per target language, and a reader per language that is spoken and has no listener."""
    wanted = list(dict.fromkeys(targets))
    spoken = [language for language in dict.fromkeys(speaker.speaks for speaker in speakers) if language not in wanted]
    listeners = [
        Participant(
            identity=f"listener:{language}",
            name=f"Listener ({language_name(language)})",
            speaks=None,
            reads=language,
            listens=language if language in voiced else None,
        )
        for language in wanted
    ]
    readers = [
        Participant(
            identity=f"reader:{language}",
            name=f"Reader ({language_name(language)})",
            speaks=None,
            reads=language,
            listens=None,
        )
        for language in spoken
    ]
    return listeners + readers
