"""A room of one client behind a socket: its sound in, captions and dubbed voice out, without LiveKit.

``services/api/interpret.py`` moves the messages. Sound is handed on at its own pace, 50 ms every 50 ms: a client may
send a file as fast as it likes and is only held back, and one that stops sending is silent.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np
import soxr

from dragoman.ground.audio import FRAME_S, RECOGNITION_RATE, Audio, Samples, silence
from dragoman.ground.captions import Caption
from dragoman.ground.languages import Language
from dragoman.ground.rooms import (
    MicrophoneOpened,
    Notice,
    Participant,
    ParticipantChanged,
    ParticipantLeft,
    RoomEvent,
)
from dragoman.ground.voices import VoiceWish

SPEAKER = "speaker"
"""Identity of the client as somebody who speaks; ``client:<language>`` reads and listens."""
DUB_RATE = 24_000
MAX_UNHEARD_S = 10.0
"""Sound received and not yet handed on; then the socket is not read."""
SILENT_AFTER_S = 0.3
"""A frame this late is silence: longer than a network hiccup, shorter than the pause that ends an utterance."""
MAX_FINALS, MAX_PARTIALS, MAX_DUB_S = 256, 64, 20.0
"""What waits for a client that reads slowly: more finals close the connection, the rest is dropped, oldest first."""
MAX_EVENTS = 512
"""Changes nobody has read yet: ``choose`` makes at most 50, and is refused while ``has_place`` is false."""
MOST_QUEUED_S = 0.2

_FRAME_SAMPLES = round(FRAME_S * RECOGNITION_RATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the client speaks, reads and hears."""

    speaks: Language
    reads: frozenset[Language]
    listens: frozenset[Language]

    def participants(self) -> list[Participant]:
        """Write them as participants, for a participant reads and hears one language each."""
        speaker = Participant(identity=SPEAKER, name="Speaker", speaks=self.speaks, reads=None, listens=None)
        audience = [
            Participant(
                identity=f"client:{language}",
                name="Client",
                speaks=None,
                reads=language if language in self.reads else None,
                listens=language if language in self.listens else None,
            )
            for language in sorted(self.reads | self.listens)
        ]
        return [*audience, speaker]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DubPiece:
    """Dubbed voice, 24 kHz."""

    language: Language
    samples: Samples
    at_s: float
    """Room seconds at which it begins to sound; pieces that follow each other without a gap belong together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unvoiced:
    """The voice of this final caption was left out."""

    segment: str
    language: Language


RoomOutput = Caption | DubPiece | Unvoiced | Notice


class Outbox:
    """What waits for the client. Finals and words about them keep their order; of a segment only the newest partial
    waits; dubbed sound beyond ``MAX_DUB_S`` is dropped, the oldest first. ``overflowed`` once a final had no place.
    """

    def __init__(self, *, most_finals: int = MAX_FINALS) -> None:
        self.overflowed = False
        self._most = most_finals
        self._lasting: deque[Caption | Unvoiced | Notice] = deque()
        self._partials: OrderedDict[tuple[str, Language], Caption] = OrderedDict()
        self._dub: deque[DubPiece] = deque()
        self._dub_samples = 0
        self._closed = False
        self._changed = asyncio.Event()

    def put(self, output: RoomOutput) -> None:
        """Never waits."""
        match output:
            case DubPiece():
                self._dub.append(output)
                self._dub_samples += len(output.samples)
                while self._dub_samples > MAX_DUB_S * DUB_RATE and len(self._dub) > 1:
                    self._dub_samples -= len(self._dub.popleft().samples)
            case Caption(final=False):
                self._partials.pop((output.segment, output.language), None)
                self._partials[output.segment, output.language] = output
                if len(self._partials) > MAX_PARTIALS:
                    self._partials.popitem(last=False)
            case Caption() | Unvoiced() | Notice():
                if isinstance(output, Caption):
                    self._partials.pop((output.segment, output.language), None)
                if len(self._lasting) >= self._most:
                    self.overflowed = True
                else:
                    self._lasting.append(output)
        self._changed.set()

    def close(self) -> None:
        """No more will come; what waits is still given."""
        self._closed = True
        self._changed.set()

    async def next(self) -> RoomOutput | None:
        """Give the next output, finals before all others; None at the end, or at once after an overflow."""
        while not self.overflowed:
            if self._lasting:
                return self._lasting.popleft()
            if self._dub:
                piece = self._dub.popleft()
                self._dub_samples -= len(piece.samples)
                return piece
            if self._partials:
                return self._partials.popitem(last=False)[1]
            if self._closed:
                return None
            self._changed.clear()
            await self._changed.wait()
        return None


class SocketRoom:
    """See ``Room``. ``hear``, ``choose`` and ``finish`` are the client's; ``outbox`` is what it gets."""

    def __init__(self, *, name: str, wishes: Wishes) -> None:
        """Open the doors now, on the running loop."""
        self.outbox = Outbox()
        self._name = name
        self._opened_at_s = _now_s()
        self._events: asyncio.Queue[RoomEvent | None] = asyncio.Queue(MAX_EVENTS)
        self._present: dict[str, Participant] = {}
        self._unheard = bytearray()
        self._arrived = asyncio.Event()
        self._taken = asyncio.Event()
        self._finished = False
        self._microphone_open = False
        self._tracks: dict[Language, SocketDub] = {}
        self.choose(wishes)

    # What the client does

    async def hear(self, pcm: bytes) -> None:
        """Take sound, 16 kHz 16-bit mono; waits while ``MAX_UNHEARD_S`` lie unheard."""
        while len(self._unheard) > MAX_UNHEARD_S * RECOGNITION_RATE * 2 and not self._finished:
            self._taken.clear()
            await self._taken.wait()
        if self._finished:
            return
        self._unheard += pcm
        self._arrived.set()
        if not self._microphone_open:
            self._microphone_open = True
            self._events.put_nowait(MicrophoneOpened(identity=SPEAKER))

    def choose(self, wishes: Wishes) -> None:
        """Replace what the client speaks, reads and hears, from the next words on."""
        wanted = {participant.identity: participant for participant in wishes.participants()}
        for identity in [identity for identity in self._present if identity not in wanted]:
            del self._present[identity]
            self._events.put_nowait(ParticipantLeft(identity=identity))
        for identity, participant in wanted.items():
            if self._present.get(identity) != participant:
                self._present[identity] = participant
                self._events.put_nowait(ParticipantChanged(participant=participant))

    def finish(self) -> None:
        """No more sound will come; what was said is interpreted to its end. May be called twice."""
        if self._finished:
            return
        self._finished = True
        self._arrived.set()
        self._taken.set()
        self._events.put_nowait(None)  # the interpreter still reads the microphone to its end

    @property
    def has_place(self) -> bool:
        """Say whether another ``choose`` would be noticed in time."""
        return self._events.qsize() < MAX_EVENTS // 4

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

    async def microphone(self, identity: str) -> AsyncIterator[Audio]:
        """See ``Room``."""
        if identity != SPEAKER:
            return
        due_s = _now_s()
        while not (self._finished and not self._unheard):
            due_s += FRAME_S
            await asyncio.sleep(max(0.0, due_s - _now_s()))
            yield await self._next_frame(due_s)

    async def publish(self, caption: Caption, *, readers: frozenset[str]) -> None:
        """See ``Room``. The client is every reader."""
        if readers:
            self.outbox.put(caption)

    async def mark_unvoiced(self, *, segment: str, language: Language, wish: VoiceWish | None = None) -> None:
        self.outbox.put(Unvoiced(segment=segment, language=language))

    async def open_dub(
        self,
        *,
        speaker: str,
        language: Language,
        listeners: frozenset[str],
        wish: VoiceWish = VoiceWish.NATURAL,
    ) -> "SocketDub":
        track = SocketDub(language=language, outbox=self.outbox, opened_at_s=self._opened_at_s)
        track.heard = bool(listeners)
        replaced, self._tracks[language] = self._tracks.get(language), track
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
        if language in self._tracks:
            self._tracks[language].heard = bool(listeners)

    async def tell(self, notice: Notice) -> None:
        self.outbox.put(notice)

    async def _next_frame(self, due_s: float) -> Audio:
        """Give 50 ms: what came, filled up at the end, or silence if nothing comes for too long."""
        try:
            async with asyncio.timeout_at(due_s + SILENT_AFTER_S):
                while len(self._unheard) < 2 * _FRAME_SAMPLES and not self._finished:
                    self._arrived.clear()
                    await self._arrived.wait()
        except TimeoutError:
            return silence(FRAME_S, RECOGNITION_RATE)
        pcm = bytes(self._unheard[: 2 * _FRAME_SAMPLES])
        del self._unheard[: 2 * _FRAME_SAMPLES]
        self._taken.set()
        samples = np.frombuffer(pcm, "<i2", count=len(pcm) // 2).astype(np.float32) / 32768.0
        return Audio(samples=np.pad(samples, (0, _FRAME_SAMPLES - len(samples))), sample_rate=RECOGNITION_RATE)


class SocketDub:
    """A ``DubTrack`` that sends its sound to the client as fast as it would sound."""

    def __init__(self, *, language: Language, outbox: Outbox, opened_at_s: float) -> None:
        self.heard = True
        """Nobody listening means that nothing is sent; time passes all the same."""
        self._language = language
        self._outbox = outbox
        self._opened_at_s = opened_at_s
        self._turn = asyncio.Lock()
        self._ends_at_s = 0.0
        self._sent_to_s = 0.0
        self._resampler: soxr.ResampleStream | None = None
        self._rate = 0
        self._closed = False

    @property
    def queued_s(self) -> float:
        return max(0.0, self._ends_at_s - _now_s())

    async def play(self, audio: Audio) -> None:
        """See ``DubTrack``."""
        async with self._turn:
            if (too_much_s := self.queued_s - MOST_QUEUED_S) > 0 and not self._closed:
                await asyncio.sleep(too_much_s)
            if self._closed:
                return
            start_s = max(self._ends_at_s, _now_s())
            if start_s > self._ends_at_s or audio.sample_rate != self._rate:
                self._begin(start_s, audio.sample_rate)
            self._ends_at_s = start_s + audio.duration_s
            resampler = self._resampler
            self._send(audio.samples if resampler is None else resampler.resample_chunk(audio.samples))

    async def wait_until_played(self) -> None:
        if self.queued_s > 0 and not self._closed:
            await asyncio.sleep(self.queued_s)
        self._flush()

    async def close(self) -> None:
        """See ``DubTrack``."""
        if not self._closed:
            self._flush()
            self._closed = True

    def _begin(self, start_s: float, sample_rate: int) -> None:
        """Start a new stretch of voice: the last one's tail leaves the resampler first."""
        self._flush()
        self._sent_to_s, self._rate = start_s, sample_rate
        if sample_rate != DUB_RATE:
            self._resampler = soxr.ResampleStream(sample_rate, DUB_RATE, 1, dtype="float32", quality="HQ")

    def _flush(self) -> None:
        resampler, self._resampler, self._rate = self._resampler, None, 0
        if resampler is not None:
            self._send(resampler.resample_chunk(np.zeros(0, np.float32), last=True))

    def _send(self, samples: Samples) -> None:
        if self.heard and len(samples):
            at_s = self._sent_to_s - self._opened_at_s
            self._outbox.put(DubPiece(language=self._language, samples=samples, at_s=at_s))
        self._sent_to_s += len(samples) / DUB_RATE


def _now_s() -> float:
    return asyncio.get_running_loop().time()
