"""Write speech as a file, whole or while it is made: WAV, FLAC, MP3, Opus in OGG, and bare PCM. For the routes.

All but bare PCM, which has no room for it, carry the mark of synthetic speech (``ground/marking.py``) as a comment.
"""

import io
import os
import struct
from enum import StrEnum
from typing import Final

import numpy as np
import soundfile
import soxr

from dragoman.ground.audio import Audio, Samples, to_pcm16

PCM_RATE: Final = 24_000
"""Hertz of bare PCM, as OpenAI's clients expect it."""
_OPUS_RATE: Final = 48_000
_ENDLESS: Final = 0xFFFFFFFF
"""The length in a WAV header that is sent before the end is known."""


class SoundFormat(StrEnum):
    """What can be asked for."""

    WAV = "wav"
    MP3 = "mp3"
    OPUS = "opus"
    FLAC = "flac"
    PCM = "pcm"

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]


_MEDIA_TYPES: Final = {
    SoundFormat.WAV: "audio/wav",
    SoundFormat.MP3: "audio/mpeg",
    SoundFormat.OPUS: "audio/ogg",
    SoundFormat.FLAC: "audio/flac",
    SoundFormat.PCM: "audio/pcm",
}
_CONTAINERS: Final = {
    SoundFormat.WAV: ("WAV", "PCM_16"),
    SoundFormat.MP3: ("MP3", "MPEG_LAYER_III"),
    SoundFormat.OPUS: ("OGG", "OPUS"),
    SoundFormat.FLAC: ("FLAC", "PCM_16"),
}


class SpeechEncoder:
    """Encodes one speech piece by piece. It blocks, a few milliseconds for each second of sound."""

    def __init__(self, sound_format: SoundFormat, *, sample_rate: int, mark: str, whole: bool) -> None:
        """``whole`` is for who waits for the end: lengths in the header are right then."""
        rates = {SoundFormat.PCM: PCM_RATE, SoundFormat.OPUS: _OPUS_RATE}
        self.sample_rate = rates.get(sound_format, sample_rate)
        self._resampler = (
            None if self.sample_rate == sample_rate else soxr.ResampleStream(sample_rate, self.sample_rate, 1)
        )
        self._sink = _Sink()
        # Its decoders refuse a file that does not know its length, so FLAC is sent when it does.
        self._at_once = sound_format is SoundFormat.FLAC
        self._bare = sound_format is SoundFormat.PCM or (sound_format is SoundFormat.WAV and not whole)
        self._file: soundfile.SoundFile | None = None
        if not self._bare:
            container, subtype = _CONTAINERS[sound_format]
            self._file = soundfile.SoundFile(self._sink, "w", self.sample_rate, 1, subtype, format=container)
            self._file.comment = mark
        elif sound_format is SoundFormat.WAV:
            self._sink.write(_endless_header(self.sample_rate, mark))

    def push(self, audio: Audio) -> bytes:
        """Give what is ready to be sent; that may be nothing yet."""
        self._write(self._resampled(audio.samples, last=False))
        return b"" if self._at_once else self._sink.take()

    def end(self) -> bytes:
        """Give the rest of what is sent as it is made."""
        self._finish()
        return self._sink.content() if self._at_once else self._sink.take()

    def end_whole(self) -> bytes:
        """Give the whole file, its header filled in."""
        self._finish()
        return self._sink.content()

    def _finish(self) -> None:
        self._write(self._resampled(np.zeros(0, np.float32), last=True))
        if self._file is not None:
            self._file.close()

    def _resampled(self, samples: Samples, *, last: bool) -> Samples:
        if self._resampler is None:
            return samples
        return np.asarray(self._resampler.resample_chunk(samples, last=last), np.float32)

    def _write(self, samples: Samples) -> None:
        if self._file is not None:
            self._file.write(samples)
        else:
            self._sink.write(to_pcm16(samples))


def encode(audio: Audio, sound_format: SoundFormat, *, mark: str) -> bytes:
    """Write a whole speech."""
    encoder = SpeechEncoder(sound_format, sample_rate=audio.sample_rate, mark=mark, whole=True)
    encoder.push(audio)
    return encoder.end_whole()


class _Sink(io.RawIOBase):
    """A file in memory whose beginning may have been sent already: what is written there later stays unsent."""

    def __init__(self) -> None:
        super().__init__()
        self._buffer = io.BytesIO()
        self._taken = 0

    def take(self) -> bytes:
        # What was taken before is not copied again; nobody writes while this looks.
        with self._buffer.getbuffer() as written:
            new = bytes(written[self._taken :])
        self._taken += len(new)
        return new

    def content(self) -> bytes:
        return self._buffer.getvalue()

    def write(self, data: object) -> int:
        return self._buffer.write(memoryview(data))  # type: ignore[arg-type]  # bytes, or libsndfile's own buffer

    def readinto(self, buffer: object) -> int:
        return self._buffer.readinto(memoryview(buffer))  # type: ignore[arg-type]

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._buffer.seek(offset, whence)

    def tell(self) -> int:
        return self._buffer.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True


def _endless_header(sample_rate: int, mark: str) -> bytes:
    text = mark.encode() + b"\0"
    text += b"\0" * (len(text) % 2)
    info = b"INFOICMT" + struct.pack("<I", len(text)) + text
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, sample_rate, 2 * sample_rate, 2, 16)
    parts = form + struct.pack("<4sI", b"LIST", len(info)) + info + struct.pack("<4sI", b"data", _ENDLESS)
    return struct.pack("<4sI4s", b"RIFF", _ENDLESS, b"WAVE") + parts
