"""See from its outline whether a recording's file ends before it should. For ``audio_file.py``.

Only lengths that the container states are compared with the size of the file; nothing is decoded, and what a header
promises is never allocated. FLAC and MP3 state a count of samples instead: ``sound_file_source.py`` compares that.
"""

from pathlib import Path
from typing import BinaryIO

from dragoman.rooms.recording_formats import Container

_MOST_CHUNKS = 100_000
"""Chunks or boxes looked at: a fragmented MP4 of four hours has two per second at most."""
_STREAMED = 0xFFFFFFFF
"""What programs that write WAV into a pipe put where they cannot know the length."""


def ends_early(path: Path, container: Container) -> bool:
    """True if the file is shorter than its container says; False where the container does not say."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if container is Container.WAV:
            return _wav_ends_early(file, size)
        if container is Container.OGG:
            return _ogg_ends_early(file, size)
        if container is Container.MP4:
            return _mp4_ends_early(file, size)
        return container is Container.WEBM and _webm_ends_early(file, size)


def _wav_ends_early(file: BinaryIO, size: int) -> bool:
    """RIFF: chunks of a four-letter name and a 32-bit little-endian length; RF64 is left to its decoder."""
    if file.read(12)[:4] != b"RIFF":
        return False
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return False
        length = int.from_bytes(head[4:], "little")
        if head[:4] == b"data":
            return length != _STREAMED and file.tell() + length > size
        file.seek(length + length % 2, 1)
    return False


def _ogg_ends_early(file: BinaryIO, size: int) -> bool:
    """Ogg (RFC 3533): the last page carries the flag 4, end of stream, and is whole."""
    file.seek(max(0, size - (1 << 17)))  # a page has 65,307 bytes at most, so one starts in here
    tail = file.read()
    start = tail.rfind(b"OggS")
    page = tail[start:]
    if start < 0 or len(page) < 27 or len(page) < 27 + page[26]:
        return True
    whole = 27 + page[26] + sum(page[27 : 27 + page[26]])
    return len(page) < whole or not page[5] & 4


def _mp4_ends_early(file: BinaryIO, size: int) -> bool:
    """ISO 14496-12: boxes of a 32-bit big-endian length and a four-letter name; length 1 puts 64 bits behind."""
    position = 0
    for _ in range(_MOST_CHUNKS):
        file.seek(position)
        head = file.read(16)
        if len(head) < 8:
            return bool(head)
        length = int.from_bytes(head[:4], "big")
        if length == 0:  # up to the end of the file
            return False
        if length == 1:
            length = int.from_bytes(head[8:16], "big")
        if length < 8 or position + length > size:
            return True
        position += length
    return False


def _webm_ends_early(file: BinaryIO, size: int) -> bool:
    """Matroska (RFC 9559): the EBML header, then one segment; browsers that record live leave its length open."""
    file.seek(4)
    header = _ebml_length(file)
    if header is None:
        return False
    file.seek(header, 1)
    if file.read(4) != b"\x18\x53\x80\x67":
        return False
    segment = _ebml_length(file)
    return segment is not None and file.tell() + segment > size


def _ebml_length(file: BinaryIO) -> int | None:
    """Read a length of 1 to 8 bytes: the zeros in front tell how many follow; all ones mean unknown."""
    first = file.read(1)
    if not first or first[0] == 0:
        return None
    bytes_behind = 8 - first[0].bit_length()
    value = int.from_bytes(bytes([first[0] & (0x7F >> bytes_behind)]) + file.read(bytes_behind), "big")
    return None if value == (1 << 7 * (bytes_behind + 1)) - 1 else value
