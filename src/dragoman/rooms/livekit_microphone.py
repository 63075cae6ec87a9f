"""One open microphone: from LiveKit's track to frames of 50 ms at 16 kHz. From livekit_room.py, which owns it.

Frames wait in a bounded queue for their reader. Gaps are filled by ``livekit_frame_clock.py``.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import structlog
from livekit import rtc

from dragoman.ground.audio import FRAME_S, RECOGNITION_RATE, Audio, from_pcm16, silence
from dragoman.rooms.livekit_frame_clock import FrameClock

log = structlog.get_logger()

MAX_WAITING_FRAMES = round(30 / FRAME_S)
"""Half a minute that nobody reads; then the microphone ends, and the room opens it again with a clean clock."""
MAX_UNCLAIMED_FRAMES = round(5 / FRAME_S)
"""Kept for a reader who has not come yet (the machine is full, or the last utterance is being finished): the newest."""
UNCLAIMED_S = 5.0
"""Kept so long after the end; then nobody wants to read it as if it were said now."""
TAIL_S = 0.2
"""How long we go on after a mute: its signal overtakes the last sound, which waits in the jitter buffer."""
_LOOK_EVERY_S = 0.1
_STREAM_CAPACITY = 200
"""Frames that LiveKit keeps for us, 10 s; beyond, it drops the oldest."""
_CLOSE_S = 2.0


class LiveKitMicrophone:
    """One participant's sound from unmuting to muting. ``listen`` is its task; ``frames`` gives the sound."""

    def __init__(self, identity: str, track: rtc.RemoteAudioTrack) -> None:
        self.identity = identity
        self.track = track
        self.overflowed = False
        """Nobody read for half a minute."""
        self.broke_off = False
        """Its sound ended, or failed, before anybody asked for the end."""
        self._waiting: asyncio.Queue[Audio | None] = asyncio.Queue(MAX_WAITING_FRAMES + 1)
        self._ends_at_s: float | None = None
        self._ended_at_s: float | None = None
        self._claimed = False
        """Somebody has begun to read; from then on every frame counts."""

    @property
    def ending(self) -> bool:
        """True once it was muted or has ended."""
        return self._ended_at_s is not None or self._ends_at_s is not None

    def mute(self) -> None:
        """End after the sound that is on its way."""
        if self._ends_at_s is None:
            self._ends_at_s = _now_s() + TAIL_S

    def end(self, *, discard: bool = False) -> None:
        """End now; ``discard`` drops what nobody has read yet (its owner withdrew consent)."""
        if discard:
            while not self._waiting.empty():
                self._waiting.get_nowait()
        if self._ended_at_s is None:
            self._ended_at_s = _now_s()
            self._waiting.put_nowait(None)
        elif discard:
            self._waiting.put_nowait(None)  # the mark was among what has been dropped

    async def frames(self) -> AsyncIterator[Audio]:
        """Give the frames until the end. A second reader goes on where the first one stopped.

        Of a microphone that ended longer ago than ``UNCLAIMED_S``, a first reader gets nothing.
        """
        if not self._claimed and self._ended_at_s is not None and _now_s() - self._ended_at_s > UNCLAIMED_S:
            self.end(discard=True)
        self._claimed = True
        while (frame := await self._waiting.get()) is not None:
            yield frame
        self._waiting.put_nowait(None)  # for whoever comes after

    async def listen(self) -> None:
        """Pass frames on until ``mute``, ``end``, or the end of the track."""
        stream: rtc.AudioStream | None = None
        try:
            stream = rtc.AudioStream(
                self.track,
                sample_rate=RECOGNITION_RATE,
                num_channels=1,
                frame_size_ms=round(FRAME_S * 1000),
                capacity=_STREAM_CAPACITY,
            )
            await self._pass_on(stream)
        finally:
            self.broke_off = not self.ending
            self.end()
            if stream is not None:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_CLOSE_S):
                        await stream.aclose()

    async def _pass_on(self, stream: rtc.AudioStream) -> None:
        clock: FrameClock | None = None
        while not self._is_over():
            event: rtc.AudioFrameEvent | None = None
            try:
                async with asyncio.timeout(_LOOK_EVERY_S):
                    event = await anext(stream, None)
                    if event is None:
                        return
            except TimeoutError:
                pass
            now_s = _now_s()
            if clock is None and event is not None:
                clock = FrameClock(now_s)
            for _ in range(clock.missing(now_s) if clock else 0):
                self._put(silence(FRAME_S, RECOGNITION_RATE))
            if clock is not None and event is not None:
                clock.gave()
                self._put(Audio(samples=from_pcm16(event.frame.data), sample_rate=RECOGNITION_RATE))

    def _is_over(self) -> bool:
        return self._ended_at_s is not None or (self._ends_at_s is not None and _now_s() >= self._ends_at_s)

    def _put(self, frame: Audio) -> None:
        if self._ended_at_s is not None:
            return
        if not self._claimed and self._waiting.qsize() >= MAX_UNCLAIMED_FRAMES:
            self._waiting.get_nowait()
        if self._waiting.qsize() >= MAX_WAITING_FRAMES:
            log.warning("microphone_not_read", waited_s=MAX_WAITING_FRAMES * FRAME_S)
            self.overflowed = True
            self.end()
            return
        self._waiting.put_nowait(frame)


def _now_s() -> float:
    return asyncio.get_running_loop().time()
