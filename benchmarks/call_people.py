"""People of a measured call, driven from Python: they join as the page does, speak, read, listen. To ``call_run.py``.

A microphone is open all the time and gives silence where nobody speaks, in real time: what was said is known to have
left the mouth at the time its samples stand for, not when a library took them.
"""

import asyncio
import json
import time
from collections import deque
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass

import httpx2
import numpy as np
from benchmarks.call_lags import Level
from benchmarks.call_site import CallFailed
from livekit import rtc

from dragoman.ground.audio import RECOGNITION_RATE, Audio, Samples, from_pcm16, to_pcm16
from dragoman.ground.rooms import NoticeKind
from dragoman.interpreting.ladder import Level as LadderLevel
from dragoman.rooms.livekit_captions import CAPTION_TOPIC
from dragoman.rooms.livekit_participants import NOTICES

CONNECT_S = 20.0
EAR_FRAME_MS = 50
SPEECH_BITS_PER_S = 24_000
"""What the page sends a voice with."""
PICTURE = (320, 180)
PICTURES_PER_S = 30
FLIP_EVERY = 15
"""Pictures between two flips of dark and bright."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenFinal:
    """A final caption as it reached a reader."""

    segment: str
    speaker: str
    language: str
    source_language: str
    text: str
    engine_end_s: float
    """Wall clock."""
    at_s: float


class NotLetIn(CallFailed):
    """Somebody cannot join; why is the message."""


class Person:
    """Somebody in a call.

    ``hears`` is a language or ``ORIGINAL``; ``chunk_s``: the microphone gives its sound in pieces of this length.
    """

    def __init__(self, name: str, *, speaks: str, reads: str, hears: str, chunk_s: float) -> None:
        self.name = name
        self.hears = hears
        self.speaks = speaks
        self.reads = reads
        self.identity = ""
        self.room = ""
        self.finals: list[SeenFinal] = []
        self.levels: list[Level] = []
        """Of the dubs that this person listens to."""
        self.rtc = rtc.Room()
        self._listens = False
        self._secret = ""
        self._chunk = round(chunk_s * RECOGNITION_RATE)
        self._to_say: deque[tuple[Samples, asyncio.Future[float]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    async def join(self, client: httpx2.AsyncClient, room: str, *, listens: bool) -> None:
        """Join as the page does; with ``listens`` the dubs are measured, else only received. Raises ``NotLetIn``."""
        choices = {
            "name": self.name,
            "speaks": self.speaks,
            "reads": self.reads,
            "listens": self.hears,
            "consent": True,
        }
        answer = await client.post(f"/api/v1/rooms/{room}/join", json=choices)
        if not answer.is_success:
            raise NotLetIn(f"{self.name} cannot join: {answer.text}")
        joined = answer.json()
        self.room, self.identity, self._secret, self._listens = room, joined["identity"], joined["secret"], listens
        self.rtc.on("track_published", self._published)
        self.rtc.on("track_subscribed", self._subscribed)
        self.rtc.register_text_stream_handler(CAPTION_TOPIC, self._caption)
        address = f"ws://{client.base_url.host}:{client.base_url.port}"
        try:
            async with asyncio.timeout(CONNECT_S):
                await self.rtc.connect(address, joined["token"], rtc.RoomOptions(auto_subscribe=False))
        except (TimeoutError, rtc.ConnectError) as error:
            raise NotLetIn(f"{self.name} finds no way into the room: {error or 'no answer'}") from error
        for participant in self.rtc.remote_participants.values():
            for publication in participant.track_publications.values():
                self._published(publication, participant)
        source = rtc.AudioSource(RECOGNITION_RATE, 1, queue_size_ms=200)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE, dtx=True, red=True)
        options.audio_encoding.max_bitrate = SPEECH_BITS_PER_S
        microphone = rtc.LocalAudioTrack.create_audio_track("microphone", source)
        await self.rtc.local_participant.publish_track(microphone, options)
        self._start(self._speak(source))

    async def leave(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(CONNECT_S):
                await self.rtc.disconnect()

    def sees_interpreter(self) -> bool:
        return "interpreter" in self.rtc.remote_participants

    def is_refused(self) -> bool:
        """Say whether this person is told at the moment that the machine has no room to interpret them."""
        interpreter = self.rtc.remote_participants.get("interpreter")
        told = json.loads(interpreter.attributes.get(NOTICES, "[]")) if interpreter is not None else []
        return any(
            notice["speaker"] == self.identity
            and notice["kind"] == NoticeKind.CAPACITY
            and notice["level"] == LadderLevel.ORIGINAL_ONLY
            for notice in told
        )

    async def say(self, audio: Audio) -> float:
        """Say something after what is being said; returns at once when it begins, with that moment."""
        begins: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._to_say.append((audio.samples, begins))
        return await begins

    async def journal(self, client: httpx2.AsyncClient, language: str) -> list[SeenFinal]:
        """Give the finals that the API keeps, as for a latecomer; ``at_s`` of them is 0."""
        headers = {"Authorization": f"Bearer {self._secret}"}
        found: list[SeenFinal] = []
        after = 0
        while True:
            path = f"/api/v1/rooms/{self.room}/captions?language={language}&after_seq={after}"
            answer = await client.get(path, headers=headers)
            answer.raise_for_status()
            captions = answer.json()["captions"]
            for caption in captions:
                found.append(
                    SeenFinal(
                        segment=caption["segment"],
                        speaker=caption["speaker"],
                        language=caption["language"],
                        source_language=caption["source_language"],
                        text=caption["text"],
                        engine_end_s=self._wall_s(caption["end_s"]),
                        at_s=0.0,
                    )
                )
                after = max(after, caption["seq"])
            if not captions:
                return found

    async def flash(self, seconds: float) -> list[tuple[float, bool]]:
        """Show a picture that flips between dark and bright twice a second; give when it flipped, and to bright."""
        width, height = PICTURE
        source = rtc.VideoSource(width, height)
        options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA, simulcast=False)
        camera = rtc.LocalVideoTrack.create_video_track("camera", source)
        published = await self.rtc.local_participant.publish_track(camera, options)
        pictures = [_picture(16), _picture(235)]
        flips = []
        began_s = time.time()
        for number in range(round(seconds * PICTURES_PER_S)):
            await asyncio.sleep(max(0.0, began_s + number / PICTURES_PER_S - time.time()))
            bright = number // FLIP_EVERY % 2
            if number % FLIP_EVERY == 0:
                flips.append((time.time(), bool(bright)))
            source.capture_frame(pictures[bright])
        await self.rtc.local_participant.unpublish_track(published.sid)
        await source.aclose()
        return flips

    async def _speak(self, source: rtc.AudioSource) -> None:
        began_s, given = time.time(), 0
        saying: Samples = np.zeros(0, np.float32)
        try:
            while True:
                if not len(saying) and self._to_say:
                    saying, begins = self._to_say.popleft()
                    begins.set_result(began_s + given / RECOGNITION_RATE)
                piece, saying = saying[: self._chunk], saying[self._chunk :]
                frame = np.zeros(self._chunk, np.float32)
                frame[: len(piece)] = piece
                given += self._chunk
                # A microphone gives a piece when all of it has been said.
                await asyncio.sleep(max(0.0, began_s + given / RECOGNITION_RATE - time.time()))
                await source.capture_frame(rtc.AudioFrame(to_pcm16(frame), RECOGNITION_RATE, 1, self._chunk))
        finally:
            await source.aclose()

    def _published(self, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant) -> None:
        if publication.name.startswith("dub:") and publication.name.endswith(f":{self.hears}"):
            publication.set_subscribed(True)

    def _subscribed(
        self, track: rtc.Track, publication: rtc.RemoteTrackPublication, participant: rtc.RemoteParticipant
    ) -> None:
        if self._listens:
            self._start(self._listen(track))

    async def _listen(self, track: rtc.Track) -> None:
        stream = rtc.AudioStream(
            track, sample_rate=RECOGNITION_RATE, num_channels=1, frame_size_ms=EAR_FRAME_MS, capacity=200
        )
        frame_s = EAR_FRAME_MS / 1000
        try:
            async for event in stream:
                samples = from_pcm16(event.frame.data)
                # Sound within a frame came before its end: five places a frame are precise enough.
                ended_s = time.time()
                for part, piece in enumerate(np.array_split(samples, 5)):
                    rms = float(np.sqrt(np.mean(np.square(piece))))
                    self.levels.append(Level(at_s=ended_s - frame_s * (4 - part) / 5, rms=rms))
        finally:
            await stream.aclose()

    def _caption(self, reader: rtc.TextStreamReader, sender: str) -> None:
        self._start(self._read(reader))

    async def _read(self, reader: rtc.TextStreamReader) -> None:
        text = await reader.read_all()
        at_s = time.time()
        told = dict(reader.info.attributes or {})
        if told.get("lk.transcription_final") != "true":
            return
        self.finals.append(
            SeenFinal(
                segment=told["lk.segment_id"].rpartition(".")[0],
                speaker=told["dragoman.speaker"],
                language=told["dragoman.language"],
                source_language=told["dragoman.source_language"],
                text=text,
                engine_end_s=self._wall_s(float(told["dragoman.end_s"])),
                at_s=at_s,
            )
        )

    def _wall_s(self, room_s: float) -> float:
        """Room seconds count from the making of the room, as LiveKit tells everybody."""
        return float(self.rtc.creation_time.timestamp()) + room_s

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def wait_for_interpreter(people: Sequence[Person], *, within_s: float = 60.0) -> None:
    """Wait until everybody sees the interpreter. Raises ``TimeoutError``."""
    async with asyncio.timeout(within_s):
        while not all(person.sees_interpreter() for person in people):  # noqa: ASYNC110  # a library's state, no event
            await asyncio.sleep(0.05)


async def wait_for_the_last(people: Sequence[Person], *, quiet_s: float, at_most_s: float) -> None:
    """Wait until there was a final and then none for ``quiet_s``: the last dub has sounded too."""
    count, changed_s, until_s = 0, time.time(), time.time() + at_most_s
    while time.time() < until_s and (count == 0 or time.time() - changed_s < quiet_s):
        now = sum(len(person.finals) for person in people)
        if now != count:
            count, changed_s = now, time.time()
        await asyncio.sleep(0.1)


def _picture(grey: int) -> rtc.VideoFrame:
    width, height = PICTURE
    data = np.full((height, width, 4), grey, np.uint8)
    data[:, :, 3] = 255
    return rtc.VideoFrame(width, height, rtc.VideoBufferType.RGBA, data.tobytes())
