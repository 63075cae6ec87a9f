"""Decode WAV, FLAC, OGG and MP3 block by block with libsndfile. For ``audio_file.py``; its sibling decodes uploads.

libsndfile runs in this process. The command line accepts that for files that its user names: a crash ends one command
of one person. A server that takes files from strangers opens them in a child process.
"""

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from dragoman.ground.audio import Samples
from dragoman.ground.errors import AudioUnreadable
from dragoman.rooms.cut_short import ends_early
from dragoman.rooms.recording_formats import READABLE_FORMATS, Container

BLOCK_VALUES = 65_536
"""Values decoded at a time over all channels: 256 KiB, however many channels there are."""

_ALLOWED = {"WAV", "WAVEX", "RF64", "FLAC", "OGG", "MP3"}
_RATES = range(2_000, 768_001)
_LENGTH_UNKNOWN = 1 << 62
_SEEK_FAILED = 39
"""libsndfile's code when it cannot stand behind the last sample of a FLAC file that does not state its length."""


class SoundFileSource:
    """A recording as blocks of mono float32 at its own rate."""

    def __init__(self, path: Path, container: Container) -> None:
        """Open the file. Raises ``AudioUnreadable`` if libsndfile refuses it."""
        self._name = str(path)
        self._raw = path.open("rb")
        try:
            # By descriptor: given a name, soundfile would believe its ending (".raw").
            self._file = soundfile.SoundFile(self._raw.fileno(), closefd=False)
        except soundfile.SoundFileError as error:
            self._raw.close()
            raise AudioUnreadable(f"{path} is damaged or not audio ({error}); {READABLE_FORMATS}") from error
        self.sample_rate: int = self._file.samplerate
        """Hertz."""
        if self._file.format not in _ALLOWED or self.sample_rate not in _RATES:
            self.close()
            raise AudioUnreadable(
                f"{path} is {self._file.format} at {self.sample_rate} Hz, and we read {_RATES.start} to"
                f" {_RATES.stop - 1} Hz; {READABLE_FORMATS}"
            )
        self.cut_short = ends_early(path, container)
        """True once it is known that the file should have gone on."""
        self._promised: int = self._file.frames if container in (Container.FLAC, Container.MP3) else 0
        self._decoded = 0
        channels = self._file.channels
        self._block: NDArray[np.float32] = np.empty((max(1, BLOCK_VALUES // channels), channels), np.float32)

    def read_block(self) -> Samples:
        """Decode the next block, mixed down to mono; an empty one at the end. Damage ends the recording there."""
        frames = self._decode()
        self._decoded += len(frames)
        if not len(frames) and self._decoded < self._promised < _LENGTH_UNKNOWN:
            self.cut_short = True
        clean = np.nan_to_num(frames, nan=0.0, posinf=0.0, neginf=0.0).clip(-1.0, 1.0)
        mono: Samples = clean.mean(axis=1, dtype=np.float32)
        return mono

    def close(self) -> None:
        self._file.close()
        self._raw.close()

    def _decode(self) -> NDArray[np.float32]:
        # libsndfile reports damage after it has decoded up to it, without a count: what is still NaN was not reached.
        self._block.fill(np.nan)
        try:
            frames: NDArray[np.float32] = self._file.read(out=self._block)
        except soundfile.LibsndfileError as error:
            if error.code != _SEEK_FAILED or self._promised < _LENGTH_UNKNOWN:
                self.cut_short = True
            reached = np.flatnonzero(~np.isnan(self._block[:, 0]))
            return self._block[: reached[-1] + 1 if len(reached) else 0]
        return frames
