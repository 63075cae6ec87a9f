"""Tell by its first bytes what kind of file a recording is. To ``audio_file.py``, which picks the decoder.

The name of a file says nothing: only what is on the list below ever reaches a native decoder.
"""

import stat
from enum import StrEnum
from pathlib import Path

from dragoman.ground.errors import AudioUnreadable

READABLE_FORMATS = "give WAV, FLAC, OGG (Vorbis or Opus) or MP3; WebM, MP4 and M4A too after `make uploads`"
"""The end of every message about a file that cannot be read."""


class Container(StrEnum):
    """What we read. The values of the last two are the names that PyAV knows them by."""

    WAV = "wav"
    FLAC = "flac"
    OGG = "ogg"
    MP3 = "mp3"
    WEBM = "matroska"
    MP4 = "mp4"

    @property
    def needs_upload_decoder(self) -> bool:
        """True for what browsers and phones record, which libsndfile does not read."""
        return self in (Container.WEBM, Container.MP4)


def recognise_container(path: Path) -> Container:
    """Look at the file and say what it is.

    Raises ``AudioUnreadable`` for what is missing, not a regular file (a pipe would block, a device never ends), not
    ours to read, empty, or of another kind.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise AudioUnreadable(f"{path} is a folder: name the recording in it; {READABLE_FORMATS}")
        if not stat.S_ISREG(mode):
            raise AudioUnreadable(f"{path} is not a regular file: save the recording as a file first")
        with path.open("rb") as file:
            start = file.read(16)
    except FileNotFoundError as error:
        raise AudioUnreadable(f"there is no file {path}") from error
    except PermissionError as error:
        raise AudioUnreadable(f"{path} may not be read by this user: change its permissions, or copy it") from error
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise AudioUnreadable(f"{str(path)!r} cannot be opened: {error}") from error
    if not start:
        raise AudioUnreadable(f"{path} is empty; {READABLE_FORMATS}")
    container = _container_of(start)
    if container is None:
        raise AudioUnreadable(f"{path} is not a recording that we know; {READABLE_FORMATS}")
    return container


def _container_of(start: bytes) -> Container | None:
    if start[:4] in (b"RIFF", b"RF64") and start[8:12] == b"WAVE":
        return Container.WAV
    if start[4:8] == b"ftyp":
        return Container.MP4
    signatures = {
        b"fLaC": Container.FLAC,
        b"OggS": Container.OGG,
        b"ID3": Container.MP3,
        b"\x1a\x45\xdf\xa3": Container.WEBM,
    }
    for signature, container in signatures.items():
        if start.startswith(signature):
            return container
    # An MPEG frame: eleven set bits, then version and layer; layer 0 would be AAC in ADTS.
    if len(start) > 1 and start[0] == 0xFF and start[1] & 0xE0 == 0xE0 and start[1] & 0x06:
        return Container.MP3
    return None
