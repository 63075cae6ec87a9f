"""A recording that speaks into a room as a microphone would: frames of 50 ms, each when its last sample is due.

From ``audio_file.py``; to ``wav_room.py``.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np

from dragoman.ground.audio import FRAME_S, RECOGNITION_RATE, Audio, Samples
from dragoman.ground.virtual_time import hold_virtual_time
from dragoman.rooms.audio_file import RecordingReader

FRAME_SAMPLES = round(FRAME_S * RECOGNITION_RATE)
_CHUNK_FRAMES = 20
"""Frames read from the file at a time, in a thread: decoding must not hold up the event loop."""


@dataclass(slots=True, kw_only=True)
class RoomClock:
    """The room's time line on the running loop, which can be cut off."""

    opened_at_s: float
    ended: asyncio.Event

    def now_s(self) -> float:
        """Room seconds."""
        return asyncio.get_running_loop().time() - self.opened_at_s

    async def wait_until(self, room_s: float) -> bool:
        """Sleep until ``room_s``; at once if that has passed. False if the room ended meanwhile."""
        remaining_s = room_s - self.now_s()
        if remaining_s > 0 and not self.ended.is_set():
            try:
                async with asyncio.timeout(remaining_s):
                    await self.ended.wait()
            except TimeoutError:
                return True
        return not self.ended.is_set()


class FileMicrophone:
    """One recording in one room. Frames nobody has asked for yet wait: none is ever skipped."""

    def __init__(self, *, reader: RecordingReader, clock: RoomClock, starts_at_s: float, duration_s: float) -> None:
        self.ends_at_s = starts_at_s + duration_s
        """Room seconds of the recording's last sample."""
        self.played_to_s = starts_at_s
        """Room seconds up to which frames were handed out."""
        self.worst_lateness_s = 0.0
        """Longest time by which a frame was handed out after it was due."""
        self.unread = asyncio.Event()
        """Set while nobody reads."""
        self.unread.set()
        self._reader = reader
        self._clock = clock
        self._starts_at_s = starts_at_s
        self._frames = 0
        self._chunk: Samples = np.zeros(0, np.float32)

    async def frames(self) -> AsyncIterator[Audio]:
        """Give the frames from where the last reader stopped; one reader at a time.

        A frame is due when its last sample has been spoken. If the loop is late, frames that are due come at once
        until it has caught up. The last frame is filled with silence. Raises what ``RecordingReader.read`` raises.
        """
        self.unread.clear()
        try:
            while await self._has_more():
                due_s = self._starts_at_s + (self._frames + 1) * FRAME_S
                if not await self._clock.wait_until(due_s):
                    return
                # Taken only now: a reader that is cancelled while it waits loses nothing for the next one.
                frame, self._chunk = self._chunk[:FRAME_SAMPLES], self._chunk[FRAME_SAMPLES:]
                self.worst_lateness_s = max(self.worst_lateness_s, self._clock.now_s() - due_s)
                self._frames += 1
                self.played_to_s = due_s
                if len(frame) < FRAME_SAMPLES:
                    frame = np.pad(frame, (0, FRAME_SAMPLES - len(frame)))
                yield Audio(samples=frame, sample_rate=RECOGNITION_RATE)
        finally:
            self.unread.set()

    def close(self) -> None:
        self._reader.close()

    async def _has_more(self) -> bool:
        if not len(self._chunk):
            with hold_virtual_time():
                self._chunk = await asyncio.to_thread(self._reader.read, FRAME_SAMPLES * _CHUNK_FRAMES)
        return len(self._chunk) > 0
