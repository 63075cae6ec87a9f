"""Write a mono 16-bit WAV file piece by piece, with a comment in it. For ``mixdown.py``.

Our own, because the disk being full must come out as an ``OSError``: libsndfile swallows it when it closes a file.
"""

import struct
from pathlib import Path
from types import TracebackType
from typing import Self

from dragoman.ground.audio import Samples, to_pcm16

_MOST_DATA_BYTES = (1 << 32) - (1 << 16)
"""RIFF counts in 32 bits: 24 hours at 24 kHz."""


class WavWriter:
    """A WAV file being written; its lengths are filled in when it closes."""

    def __init__(self, path: Path, *, sample_rate: int, comment: str) -> None:
        """Create the file. ``comment`` goes into the INFO list (ICMT), where players and archives look."""
        self._file = path.open("wb")
        self._sample_rate = sample_rate
        text = comment.encode() + b"\0"
        text += b"\0" * (len(text) % 2)
        self._info = b"INFOICMT" + struct.pack("<I", len(text)) + text
        self._data_bytes = 0
        self._write_header()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, samples: Samples) -> None:
        """Append float32 samples; outside [-1, 1] they are clipped, never wrapped."""
        pcm = to_pcm16(samples)
        if self._data_bytes + len(pcm) > _MOST_DATA_BYTES:
            raise ValueError("a WAV file holds 4 GiB at most")
        self._file.write(pcm)
        self._data_bytes += len(pcm)

    def close(self) -> None:
        if self._file.closed:
            return
        try:
            self._file.seek(0)
            self._write_header()
        finally:
            self._file.close()

    def _write_header(self) -> None:
        form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, self._sample_rate, 2 * self._sample_rate, 2, 16)
        info = struct.pack("<4sI", b"LIST", len(self._info)) + self._info
        data = struct.pack("<4sI", b"data", self._data_bytes)
        length = 4 + len(form) + len(info) + len(data) + self._data_bytes
        self._file.write(struct.pack("<4sI4s", b"RIFF", length, b"WAVE") + form + info + data)
