"""Plain tar files, one member after the other: regular files and nothing else. For exporting.py and importing.py.

Headers are POSIX.1-1988 (ustar). What other tars may hold, links, devices, holes and headers of unbounded length, is
refused by name before a byte of it is read, so a bundle from a stranger can neither leave its folder nor fill memory.
"""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from dragoman.ground.errors import ModelCorrupt

BLOCK_BYTES = 512
_CHUNK_BYTES = 1 << 20
_FILES = frozenset({tarfile.REGTYPE, tarfile.AREGTYPE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of a tar."""

    name: str
    size: int


class TarReader:
    """Walks through ``stream``; what was not read of a member is skipped. Raises ``ModelCorrupt`` and ``OSError``."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = self._padding = 0

    def next_member(self) -> Member | None:
        """Go to the next file; None at the end mark."""
        while True:
            self._skip()
            head = self._stream.read(BLOCK_BYTES)
            if len(head) < BLOCK_BYTES:
                raise ModelCorrupt("this is no bundle, or it is cut short; copy it again")
            if not head.strip(b"\0"):
                return None
            info = _parse(head)
            if info.type != tarfile.DIRTYPE or info.size:
                break
        if info.type not in _FILES or info.size < 0:
            raise ModelCorrupt(
                f"{info.name[:200]!r} is no plain file; a bundle holds nothing else: dragoman models export writes one"
            )
        self._left, self._padding = info.size, -info.size % BLOCK_BYTES
        return Member(name=info.name, size=info.size)

    def chunks(self) -> Iterator[bytes]:
        """Give the bytes of the present file."""
        while self._left:
            chunk = self._stream.read(min(_CHUNK_BYTES, self._left))
            if not chunk:
                raise ModelCorrupt("the bundle is cut short; copy it again")
            self._left -= len(chunk)
            yield chunk

    def _skip(self) -> None:
        for _ in self.chunks():
            pass
        self._stream.read(self._padding)
        self._padding = 0


def _parse(head: bytes) -> tarfile.TarInfo:
    try:
        return tarfile.TarInfo.frombuf(head, "utf-8", "strict")
    except (tarfile.HeaderError, UnicodeDecodeError) as error:
        raise ModelCorrupt(f"this is no bundle of dragoman models export ({error})") from error


def write_member(stream: BinaryIO, member: Member, chunks: Iterator[bytes]) -> None:
    """Append a file of exactly ``member.size`` bytes. Raises ``OSError``, and ``ModelCorrupt`` for a name too long."""
    info = tarfile.TarInfo(member.name)
    info.size, info.mode = member.size, 0o644
    try:
        stream.write(info.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict"))
    except ValueError as error:
        raise ModelCorrupt(f"{member.name} does not fit into a tar: {error}") from error
    for chunk in chunks:
        stream.write(chunk)
    stream.write(bytes(-member.size % BLOCK_BYTES))


def write_end(stream: BinaryIO) -> None:
    """Write the two empty blocks that end a tar."""
    stream.write(bytes(2 * BLOCK_BYTES))
