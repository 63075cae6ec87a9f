"""Record what the dubbed tracks of one language play, on the room's time line. From ``wav_room.py``; to ``mixdown.py``.

The sound lies in a spool file, 24 kHz 16-bit mono, whose holes are silence: two hours of it are never in memory.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from dragoman.ground.audio import Audio, Samples
from dragoman.ground.errors import OutputNotWritable
from dragoman.ground.languages import Language
from dragoman.rooms.disk import writing_to

DUB_RATE = 24_000
"""Hertz of recorded dubs and of mixes."""

MOST_QUEUED_S = 0.2
"""Seconds that may wait unplayed before the next audio is taken, as on a live track."""

Clock = Callable[[], float]
"""Seconds of the room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DubInterval:
    """One stretch of unbroken dubbed voice, in seconds of the room."""

    start_s: float
    end_s: float
    speaker: str
    language: Language


class DubSpool:
    """16-bit mono samples on disk that can be added to anywhere."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with writing_to(path.parent):
            self._file = path.open("w+b", buffering=0)
        self.samples = 0
        """Length of the spool."""

    def mix_in(self, first_sample: int, samples: Samples) -> None:
        """Add float32 ``samples`` to what is there from ``first_sample`` on; the sum is limited to 16 bits."""
        under = self._read_pcm(first_sample, len(samples))
        mixed = np.round(samples * 32767.0).astype(np.int32)
        mixed[: len(under)] += under
        with writing_to(self._path.parent):
            self._file.seek(first_sample * 2)
            self._write_all(mixed.clip(-32768, 32767).astype("<i2").tobytes())
        self.samples = max(self.samples, first_sample + len(samples))

    def read(self, first_sample: int, samples: int) -> Samples:
        """Give ``samples`` float32 samples from ``first_sample`` on, silence after the end."""
        out = np.zeros(samples, np.float32)
        pcm = self._read_pcm(first_sample, samples)
        out[: len(pcm)] = pcm / np.float32(32767.0)
        return out

    def close(self) -> None:
        """Close the file, which stays. May be called twice."""
        self._file.close()

    def _write_all(self, pcm: bytes) -> None:
        left = memoryview(pcm)
        while left:
            left = left[self._file.write(left) :]

    def _read_pcm(self, first_sample: int, samples: int) -> NDArray[np.int16]:
        self._file.seek(first_sample * 2)
        return np.frombuffer(self._file.read(samples * 2), "<i2")


class DubRecording:
    """Everything dubbed into one language: the spool and who spoke when."""

    def __init__(self, *, language: Language, spool: DubSpool) -> None:
        self.language = language
        self.spool = spool
        self._intervals: list[DubInterval] = []

    @property
    def intervals(self) -> tuple[DubInterval, ...]:
        """In order of their start."""
        return tuple(sorted(self._intervals, key=lambda interval: interval.start_s))

    def add_interval(self, added: DubInterval) -> None:
        """Note that a dub sounds; what follows the same speaker's last stretch without a gap continues it."""
        for at, interval in enumerate(self._intervals[-8:], start=max(0, len(self._intervals) - 8)):
            if interval.speaker == added.speaker and abs(interval.end_s - added.start_s) < 0.001:
                self._intervals[at] = replace(interval, end_s=added.end_s)
                return
        self._intervals.append(added)


class RecordedDub:
    """A ``DubTrack`` that sounds into a spool, as fast as it would sound to a listener."""

    def __init__(
        self,
        *,
        recording: DubRecording,
        speaker: str,
        listeners: frozenset[str],
        clock: Clock,
        failed: Callable[[OutputNotWritable], None],
    ) -> None:
        self.listeners = listeners
        """Nobody listening means that nothing is recorded; time passes all the same."""
        self._recording = recording
        self._speaker = speaker
        self._clock = clock
        self._failed = failed
        self._turn = asyncio.Lock()
        self._ends_at_s = 0.0
        """Room seconds at which everything handed over will have sounded."""
        self._written_to = 0
        self._resampler: soxr.ResampleStream | None = None
        self._rate = 0
        self._closed = False

    @property
    def queued_s(self) -> float:
        return max(0.0, self._ends_at_s - self._clock())

    async def play(self, audio: Audio) -> None:
        """Take the next audio once at most 0.2 s wait before it. A full disk is the room's to tell."""
        async with self._turn:
            if (too_much_s := self.queued_s - MOST_QUEUED_S) > 0 and not self._closed:
                await asyncio.sleep(too_much_s)
            if self._closed:
                return
            start_s = max(self._ends_at_s, self._clock())
            if start_s > self._ends_at_s or audio.sample_rate != self._rate:
                self._begin(start_s, audio.sample_rate)
            self._ends_at_s = start_s + audio.duration_s
            self._record(start_s, audio)

    async def wait_until_played(self) -> None:
        if self.queued_s > 0 and not self._closed:
            await asyncio.sleep(self.queued_s)

    async def close(self) -> None:
        """End the track; what was handed over stays in the recording."""
        if not self._closed:
            self._closed = True
            self._flush()

    def _begin(self, start_s: float, sample_rate: int) -> None:
        """Start a new stretch of voice: the last one's tail leaves the resampler, and the gap stays silent."""
        self._flush()
        self._written_to = round(start_s * DUB_RATE)
        self._rate = sample_rate
        if sample_rate != DUB_RATE:
            self._resampler = soxr.ResampleStream(sample_rate, DUB_RATE, 1, dtype="float32", quality="HQ")

    def _record(self, start_s: float, audio: Audio) -> None:
        if not self.listeners or not len(audio.samples):
            return
        samples = audio.samples
        self._write(samples if self._resampler is None else self._resampler.resample_chunk(samples))
        self._recording.add_interval(
            DubInterval(
                start_s=start_s, end_s=self._ends_at_s, speaker=self._speaker, language=self._recording.language
            )
        )

    def _flush(self) -> None:
        if self._resampler is not None:
            self._write(self._resampler.resample_chunk(np.zeros(0, np.float32), last=True))
            self._resampler = None

    def _write(self, samples: Samples) -> None:
        if not len(samples):
            return
        try:
            self._recording.spool.mix_in(self._written_to, samples)
        except OutputNotWritable as error:
            self._failed(error)
        self._written_to += len(samples)
