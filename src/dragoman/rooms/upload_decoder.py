"""Read WebM, MP4 and M4A, and whatever a stranger sends, through a limited child process, ``upload_worker.py``.

For ``audio_file.py``.

The pipe is the queue between the two: when nobody reads, the child waits with 64 KiB decoded.
"""

import contextlib
import io
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from dragoman.ground.audio import Samples, from_pcm16
from dragoman.ground.errors import AudioUnreadable, WireError
from dragoman.rooms.cut_short import ends_early
from dragoman.rooms.recording_formats import READABLE_FORMATS, Container
from dragoman.wire.frames import Header, read_frame

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

STALL_S = 30.0
"""Longest wait for the child's next bytes; starting it and decoding a second of sound take .3 s together."""

_REASONS = {
    "no_decoder": "needs the decoder for uploads (`make uploads`), or convert it to WAV or FLAC",
    "no_sound": "has no sound track; record it again with the microphone on",
    "damaged": f"is damaged or not a recording; {READABLE_FORMATS}",
}


class UploadDecoder:
    """A browser's or phone's recording as blocks of mono float32 at ``sample_rate`` hertz. Owns a child process."""

    def __init__(self, path: Path, container: Container, *, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self.cut_short = ends_early(path, container)
        """True once it is known that the file should have gone on."""
        self._name = str(path)
        self._heard_any = False
        self._at_end = False
        # -P: a module of the same name in the current folder must not run instead of ours.
        command = [sys.executable, "-P", "-m", "dragoman.rooms.upload_worker"]
        self._child = subprocess.Popen(
            [*command, str(path.absolute()), container.value, str(sample_rate)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,
        )
        if self._child.stdout is None:
            raise ValueError("the child was started without a pipe")
        self._pipe = self._child.stdout
        self._frames = io.BufferedReader(_PatientPipe(self._pipe.fileno(), STALL_S))

    def read_block(self) -> Samples:
        """Give the next piece of sound; an empty one at the end.

        Raises ``AudioUnreadable`` if nothing could be decoded, or if the child crashed, stalled or met its limits.
        Damage after some sound ends the recording there instead.
        """
        if self._at_end:
            return np.zeros(0, np.float32)
        header, payload = self._next_frame()
        if header.get("kind") == "audio":
            self._heard_any = True
            return from_pcm16(payload)
        self._at_end = True
        if header.get("kind") == "failed":
            if not self._heard_any:
                raise AudioUnreadable(f"{self._name} {_REASONS.get(str(header.get('reason')), _REASONS['damaged'])}")
            self.cut_short = True
        elif header.get("cut_short") is True:
            self.cut_short = True
        return np.zeros(0, np.float32)

    def close(self) -> None:
        """End the child, whatever it is doing, and wait for it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        self._frames.close()
        self._pipe.close()

    def _next_frame(self) -> tuple[Header, bytes]:
        try:
            frame = read_frame(self._frames)
        except (WireError, TimeoutError) as error:
            raise self._crash() from error
        if frame is None:
            raise self._crash()
        return frame

    def _crash(self) -> AudioUnreadable:
        self._at_end = True
        return AudioUnreadable(
            f"{self._name} could not be decoded within the limits of time and memory; convert it to WAV or FLAC"
        )


class _PatientPipe(io.RawIOBase):
    """A pipe whose reads end with ``TimeoutError`` after ``patience_s`` without a byte."""

    def __init__(self, descriptor: int, patience_s: float) -> None:
        self._descriptor = descriptor
        self._patience_ms = patience_s * 1000
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        if not self._poll.poll(self._patience_ms):
            raise TimeoutError("the decoder sent nothing")
        with memoryview(buffer) as view:
            return os.readv(self._descriptor, [view])
