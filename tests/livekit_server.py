"""A real livekit-server on loopback for tests, and people in its rooms who are driven from Python."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from livekit import api, rtc

from dragoman.ground.audio import Audio, from_pcm16, to_pcm16
from dragoman.ground.languages import Language
from dragoman.ground.rooms import Participant
from dragoman.rooms.key_pair import KeyPair, make_keys
from dragoman.rooms.livekit_captions import CAPTION_TOPIC
from dragoman.rooms.livekit_config import LiveKitConfig, LiveKitPorts
from dragoman.rooms.livekit_participants import describe_participant
from dragoman.rooms.livekit_room import LiveKitRoom
from dragoman.rooms.livekit_server import LiveKitServer, find_livekit_server
from dragoman.rooms.tokens import human_token, interpreter_token
from dragoman.testing.free_ports import free_ports

INSTALLED = Path(__file__).resolve().parent.parent / ".cache" / "livekit" / "livekit-server"
"""Where ``scripts/install_livekit.sh`` puts it."""

HEARD_RATE = 16_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sfu:
    """The running server."""

    server: LiveKitServer
    keys: KeyPair

    @property
    def url(self) -> str:
        return self.server.config.url

    def interpreter_room(self, room: str, *, epoch: int = 1) -> LiveKitRoom:
        """Give the room as the interpreter sees it; ``async with`` joins."""
        return LiveKitRoom(url=self.url, token=interpreter_token(self.keys, room=room), epoch=epoch)

    @asynccontextmanager
    async def api(self) -> AsyncIterator[api.LiveKitAPI]:
        async with api.LiveKitAPI(self.url.replace("ws", "http", 1), self.keys.key, self.keys.secret) as client:
            yield client

    async def choose(self, room: str, participant: Participant) -> None:
        """Change a person's languages, as our API does."""
        async with self.api() as client:
            await client.room.update_participant(
                api.UpdateParticipantRequest(
                    room=room, identity=participant.identity, attributes=describe_participant(participant)
                )
            )


@asynccontextmanager
async def running_livekit(folder: Path) -> AsyncIterator[Sfu]:
    """Run the pinned server on free ports of loopback."""
    signalling, media_tcp, media_udp = free_ports(3)
    keys = make_keys()
    config = LiveKitConfig(
        keys=keys,
        ports=LiveKitPorts(signalling=signalling, media_tcp=media_tcp, media_udp=media_udp),
    )
    async with LiveKitServer(program=find_livekit_server(INSTALLED), config=config, folder=folder) as server:
        yield Sfu(server=server, keys=keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenCaption:
    """A caption as it reached a reader."""

    text: str
    attributes: dict[str, str]
    sender: str
    at_s: float
    """Loop time."""

    @property
    def final(self) -> bool:
        return self.attributes["lk.transcription_final"] == "true"


def person(
    identity: str, *, speaks: str = "", reads: str = "", listens: str = "", consents: bool = True
) -> Participant:
    """Describe somebody."""
    return Participant(
        identity=identity,
        name=identity.title(),
        speaks=Language(speaks) if speaks else None,
        reads=Language(reads) if reads else None,
        listens=Language(listens) if listens else None,
        consents=consents,
    )


class Guest:
    """A person in a room: reads captions, hears every track that the server gives, and may speak."""

    def __init__(self, participant: Participant) -> None:
        self.participant = participant
        self.rtc = rtc.Room()
        self.captions: list[SeenCaption] = []
        self.hints: list[tuple[str, dict[str, str | int]]] = []
        """Topic and content of data messages."""
        self.heard: dict[str, list[np.ndarray]] = {}
        """Sound by the name of its track, 16 kHz."""
        self.loud_at_s: dict[str, float] = {}
        """Loop time at which a track was first heard to sound."""
        self.changed = asyncio.Event()
        self._source: rtc.AudioSource | None = None
        self._microphone: rtc.LocalTrackPublication | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._last_read: asyncio.Task[None] | None = None

    @property
    def finals(self) -> list[SeenCaption]:
        return [caption for caption in self.captions if caption.final]

    def sound_of(self, track: str) -> np.ndarray:
        pieces = self.heard.get(track, [])
        return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)

    async def wait_for(self, what: Callable[[], object], *, timeout_s: float = 10.0) -> None:
        """Wait until ``what()`` is true; it is asked again whenever something reached this person."""
        async with asyncio.timeout(timeout_s):
            while not what():
                self.changed.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.changed.wait(), 0.1)

    def sees_interpreter(self) -> bool:
        return "interpreter" in self.rtc.remote_participants

    async def speak(self, audio: Audio) -> None:
        """Speak through the microphone in real time; returns when all has been said."""
        if self._source is None:
            self._source = rtc.AudioSource(audio.sample_rate, 1, queue_size_ms=200)
            track = rtc.LocalAudioTrack.create_audio_track("microphone", self._source)
            options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
            self._microphone = await self.rtc.local_participant.publish_track(track, options)
        step = audio.sample_rate // 10
        for first in range(0, len(audio.samples), step):
            piece = audio.samples[first : first + step]
            await self._source.capture_frame(rtc.AudioFrame(to_pcm16(piece), audio.sample_rate, 1, len(piece)))
        await self._source.wait_for_playout()

    def mute(self) -> None:
        assert self._microphone is not None
        track = self._microphone.track
        assert isinstance(track, rtc.LocalAudioTrack)
        track.mute()

    def unmute(self) -> None:
        assert self._microphone is not None
        track = self._microphone.track
        assert isinstance(track, rtc.LocalAudioTrack)
        track.unmute()

    async def join(self, url: str, token: str) -> None:
        self.rtc.on("track_subscribed", self._subscribed)
        self.rtc.on("data_received", self._data)
        for event in ("participant_connected", "participant_attributes_changed", "track_published"):
            self.rtc.on(event, lambda *_: self.changed.set())
        self.rtc.register_text_stream_handler(CAPTION_TOPIC, self._caption)
        async with asyncio.timeout(10):
            await self.rtc.connect(url, token)

    async def leave(self) -> None:
        async with asyncio.timeout(10):
            await self.rtc.disconnect()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            if self._source is not None:
                await self._source.aclose()

    def _subscribed(self, track: rtc.Track, publication: rtc.TrackPublication, who: rtc.RemoteParticipant) -> None:
        self._start(self._listen(track, publication.name))

    async def _listen(self, track: rtc.Track, name: str) -> None:
        pieces = self.heard.setdefault(name, [])
        stream = rtc.AudioStream(track, sample_rate=HEARD_RATE, num_channels=1, frame_size_ms=50, capacity=200)
        try:
            async for event in stream:
                samples = from_pcm16(event.frame.data)
                pieces.append(samples)
                if name not in self.loud_at_s and float(np.abs(samples).max()) > 0.01:
                    self.loud_at_s[name] = asyncio.get_running_loop().time()
                self.changed.set()
        finally:
            await stream.aclose()

    def _caption(self, reader: rtc.TextStreamReader, sender: str) -> None:
        self._last_read = self._start(self._read(reader, sender, after=self._last_read))

    async def _read(self, reader: rtc.TextStreamReader, sender: str, *, after: asyncio.Task[None] | None) -> None:
        """Read a stream to its end. Streams count in the order in which they began: they are read side by side."""
        text = await reader.read_all()
        now_s = asyncio.get_running_loop().time()
        if after is not None:
            await asyncio.wait([after])
        attributes = dict(reader.info.attributes or {})
        self.captions.append(SeenCaption(text=text, attributes=attributes, sender=sender, at_s=now_s))
        self.changed.set()

    def _data(self, packet: rtc.DataPacket) -> None:
        self.hints.append((packet.topic or "", json.loads(packet.data)))
        self.changed.set()

    def _start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


@asynccontextmanager
async def guest(sfu: Sfu, room: str, participant: Participant) -> AsyncIterator[Guest]:
    """Let somebody into a room, and out of it at the end."""
    joined = Guest(participant)
    attributes = describe_participant(participant)
    token = human_token(
        sfu.keys, room=room, identity=participant.identity, name=participant.name, attributes=attributes
    )
    await joined.join(sfu.url, token)
    try:
        yield joined
    finally:
        await joined.leave()
