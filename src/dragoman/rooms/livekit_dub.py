"""One dubbed voice as a LiveKit track: sound in, 24 kHz Opus out. ``livekit_dub_tracks.py`` publishes it.

Handed-over sound waits here and goes to LiveKit in pieces of 100 to 200 ms, the end of a clause apart: smaller ones
cost too much, larger ones cannot be taken back.
"""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress

import numpy as np
import soxr
import structlog
from livekit import rtc

from dragoman.ground.audio import Audio, Samples, to_pcm16
from dragoman.rooms.livekit_errors import RoomUnavailable

log = structlog.get_logger()

DUB_RATE = 24_000
"""Hertz. Opus at 24 kb/s carries no more than 12 kHz of voice."""
AHEAD_S = 0.2
"""Unplayed sound in front of what is handed over; also LiveKit's queue, which cannot be revised."""
_MOST_SAMPLES = round(AHEAD_S * DUB_RATE)
_LEAST_SAMPLES = _MOST_SAMPLES // 2
_HELD_S = 0.06
"""Less than a piece waits so long for more, or until so little is left unplayed; then it was the end of a clause."""
_TAKE_S = 3.0
"""Longer than this LiveKit never needs to take a piece; it means that the connection is gone."""


class LiveKitDubTrack:
    """See ``DubTrack``. ``run`` is its task; ``sounding`` is told when the voice begins and when it has ended.

    Once LiveKit takes no more sound the track has failed, and ``play`` says so; once the room has ended, what is handed
    over is dropped in silence.
    """

    def __init__(self, *, sounding: Callable[[bool], None], unpublish: Callable[[], Awaitable[None]]) -> None:
        self.source = rtc.AudioSource(DUB_RATE, 1, queue_size_ms=round(AHEAD_S * 1000))
        self._sounding = sounding
        self._unpublish = unpublish
        self._waiting: deque[Samples] = deque()
        self._waiting_samples = 0
        self._arrived = asyncio.Event()
        self._over = asyncio.Event()
        self._closed = False
        self._failed = False
        """LiveKit took no more of it."""
        self._played_at_s = 0.0
        """Loop time at which all that LiveKit has taken will have sounded."""
        self._resampler: soxr.ResampleStream | None = None
        self._source_rate = DUB_RATE

    @property
    def queued_s(self) -> float:
        if self._over.is_set():
            return 0.0
        return self._waiting_samples / DUB_RATE + max(0.0, self._played_at_s - _now_s())

    async def play(self, audio: Audio) -> None:
        """See ``DubTrack``. Raises ``RuntimeError`` on a closed track, ``RoomUnavailable`` on one that failed."""
        while (too_much_s := self.queued_s - AHEAD_S) > 0:
            await self._pause(too_much_s)
        if self._closed:
            raise RuntimeError("play on a closed track")
        if self._failed:
            raise RoomUnavailable("LiveKit takes no more sound of this dub; close it, and open it anew")
        samples = self._at_dub_rate(audio)
        if not self._over.is_set():
            self._wait(samples)
            self._arrived.set()

    async def wait_until_played(self) -> None:
        while not self._over.is_set() and (self.queued_s > 0 or self._resampler is not None):
            await self._pause(max(self.queued_s, _HELD_S))

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            self.stop()
            await self._unpublish()

    def stop(self) -> None:
        """Fall silent at once and for ever."""
        self._over.set()
        self._arrived.set()
        self._waiting.clear()
        self._waiting_samples = 0

    async def run(self) -> None:
        """Hand the sound to LiveKit as it is played, until ``stop``."""
        sounds = False
        try:
            while not self._over.is_set():
                unplayed_s = self._played_at_s - _now_s()
                if self._waiting_samples < _LEAST_SAMPLES and (self._waiting or self._resampler is not None):
                    if await self._more_comes(max(0.0, unplayed_s - _HELD_S) if sounds else _HELD_S):
                        continue
                    self._end_clause()
                if self._waiting:
                    if not sounds:
                        sounds = True
                        self._sounding(True)
                    await self._hand_over(self._next_piece())
                elif not await self._more_comes(unplayed_s if sounds else None) and sounds:
                    sounds = False
                    self._sounding(False)
        except Exception:  # the top of a task; LiveKit raises no narrower one
            log.exception("dub_track_failed")
            self._failed = not self._over.is_set()
        finally:
            self.stop()
            if sounds:
                self._sounding(False)
            self.source.clear_queue()
            await self.source.aclose()

    async def _more_comes(self, within_s: float | None) -> bool:
        """Wait for sound for ``within_s`` seconds, or for ever."""
        self._arrived.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._arrived.wait()
                return True
        return False

    async def _hand_over(self, samples: Samples) -> None:
        async with asyncio.timeout(_TAKE_S):
            await self.source.capture_frame(rtc.AudioFrame(to_pcm16(samples), DUB_RATE, 1, len(samples)))
        self._waiting_samples = sum(map(len, self._waiting))
        self._played_at_s = _now_s() + self.source.queued_duration

    def _next_piece(self) -> Samples:
        """Take what waits, in equal parts of 200 ms at most; it counts as waiting until LiveKit has taken it."""
        waiting = np.concatenate(list(self._waiting))
        self._waiting.clear()
        size = math.ceil(len(waiting) / math.ceil(len(waiting) / _MOST_SAMPLES))
        if size < len(waiting):
            self._waiting.append(waiting[size:])
        return waiting[:size]

    def _wait(self, samples: Samples) -> None:
        if len(samples):
            self._waiting.append(samples)
            self._waiting_samples += len(samples)

    def _at_dub_rate(self, audio: Audio) -> Samples:
        if self._source_rate != audio.sample_rate:
            self._end_clause()
            self._source_rate = audio.sample_rate
        if audio.sample_rate == DUB_RATE:
            return audio.samples
        if self._resampler is None:
            self._resampler = soxr.ResampleStream(audio.sample_rate, DUB_RATE, 1, dtype="float32", quality="HQ")
        resampled: Samples = self._resampler.resample_chunk(audio.samples)
        return resampled

    def _end_clause(self) -> None:
        """Let the resampler give what it still holds, about 30 ms."""
        if self._resampler is not None:
            self._wait(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True))
            self._resampler = None

    async def _pause(self, seconds: float) -> None:
        """Wait, but not beyond the end of the track."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()


def _now_s() -> float:
    return asyncio.get_running_loop().time()
