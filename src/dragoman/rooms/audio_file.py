"""Open a recording and read it piece by piece as mono sound at the rate that is asked for.

``recording_formats.py`` tells what the file is; ``sound_file_source.py`` or ``upload_decoder.py`` decodes it;
``file_microphone.py`` and ``mixdown.py`` read from here. A file is never in memory as a whole, and no header is
believed: the length that counts is the length decoded so far.
"""

import threading
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
import soxr

from dragoman.ground.audio import RECOGNITION_RATE, Samples
from dragoman.ground.errors import AudioTooLong, AudioUnreadable
from dragoman.rooms.recording_formats import READABLE_FORMATS, recognise_container
from dragoman.rooms.sound_file_source import SoundFileSource
from dragoman.rooms.upload_decoder import UploadDecoder

DEFAULT_LIMIT_S = 4 * 3600.0
"""Seconds of the longest recording: a long conference session."""


class SoundSource(Protocol):
    """A decoder: blocks of mono float32 at its own rate."""

    @property
    def sample_rate(self) -> int: ...
    @property
    def cut_short(self) -> bool: ...
    def read_block(self) -> Samples: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What decoding a recording from end to end has shown."""

    path: Path
    duration_s: float
    cut_short: bool
    """The file ends before it should; what is there can be read."""


class RecordingReader:
    """A recording as mono float32 in [-1, 1] at ``sample_rate`` hertz. Close it; threads may take turns with it."""

    def __init__(self, source: SoundSource, *, name: str, sample_rate: int, limit_s: float) -> None:
        self.sample_rate = sample_rate
        self._source = source
        self._name = name
        self._limit_s = limit_s
        self._decoded_samples = 0
        self._resampler: soxr.ResampleStream | None = None
        if source.sample_rate != sample_rate:
            self._resampler = soxr.ResampleStream(source.sample_rate, sample_rate, 1, dtype="float32", quality="HQ")
        self._ready: deque[Samples] = deque()
        self._ready_samples = 0
        self._at_end = False
        self._closed = False
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def cut_short(self) -> bool:
        """True if the file ends before it should; certain once the end has been read."""
        return self._source.cut_short

    @property
    def decoded_s(self) -> float:
        """Seconds decoded so far, those not handed out yet included."""
        return self._decoded_samples / self._source.sample_rate

    def read(self, samples: int) -> Samples:
        """Give the next ``samples`` samples, fewer only at the end, none after it or after ``close``.

        Raises ``AudioTooLong`` as soon as more than the limit has been decoded, and ``AudioUnreadable`` if the
        decoder of an upload fails.
        """
        with self._turn:
            while self._ready_samples < samples and not self._at_end and not self._closed:
                self._decode_block()
            return self._take(samples)

    def close(self) -> None:
        """Let go of the file. May be called twice; waits for a reading thread, which has a deadline of its own."""
        with self._turn:
            if not self._closed:
                self._closed = True
                self._ready.clear()
                self._ready_samples = 0
                self._source.close()

    def check_not_empty(self) -> None:
        """Raise ``AudioUnreadable`` if there is not one sample in the file."""
        with self._turn:
            while not self._decoded_samples and not self._at_end:
                self._decode_block()
        if not self._decoded_samples:
            raise AudioUnreadable(f"{self._name} holds no sound that can be decoded; {READABLE_FORMATS}")

    def _decode_block(self) -> None:
        block = self._source.read_block()
        self._at_end = not len(block)
        self._decoded_samples += len(block)
        if self.decoded_s > self._limit_s:
            self._at_end = True
            raise AudioTooLong(
                f"{self._name} is longer than the limit of {self._limit_s / 3600:.3g} hours: cut it into shorter files"
            )
        if self._resampler is not None:
            block = self._resampler.resample_chunk(block, last=self._at_end).clip(-1.0, 1.0)
        if len(block):
            self._ready.append(block)
            self._ready_samples += len(block)

    def _take(self, samples: int) -> Samples:
        taken: list[Samples] = []
        missing = min(samples, self._ready_samples)
        self._ready_samples -= missing
        while missing > 0:
            block = self._ready.popleft()
            if len(block) > missing:
                self._ready.appendleft(block[missing:])
            taken.append(block[:missing])
            missing -= len(taken[-1])
        return np.concatenate(taken) if taken else np.zeros(0, np.float32)


def open_recording(
    path: Path, *, sample_rate: int = RECOGNITION_RATE, limit_s: float = DEFAULT_LIMIT_S, vouched_for: bool = True
) -> RecordingReader:
    """Open a recording of any readable format for reading at ``sample_rate`` (8,000 to 48,000 Hz).

    What nobody has ``vouched_for``, such as a stranger's upload, is decoded in a limited child process, whatever it is.
    Raises ``AudioUnreadable`` with what would work. Blocks while the first sound is decoded.
    """
    container = recognise_container(path)
    source: SoundSource
    if container.needs_upload_decoder or not vouched_for:
        source = UploadDecoder(path, container, sample_rate=sample_rate)
    else:
        source = SoundFileSource(path, container)
    reader = RecordingReader(source, name=str(path), sample_rate=sample_rate, limit_s=limit_s)
    try:
        reader.check_not_empty()
    except BaseException:
        reader.close()
        raise
    return reader


def measure_recording(path: Path, *, limit_s: float = DEFAULT_LIMIT_S) -> Recording:
    """Decode a recording from end to end, keeping nothing, and say how long it really is.

    Costs a few seconds per hour of sound. Raises ``AudioUnreadable`` and ``AudioTooLong``.
    """
    with open_recording(path, limit_s=limit_s) as reader:
        while len(reader.read(RECOGNITION_RATE * 10)):
            pass
        return Recording(path=path, duration_s=reader.decoded_s, cut_short=reader.cut_short)
