"""Read every byte of a model again and say which file is wrong. For ``dragoman models verify`` and exporting.py."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from dragoman.models.accepted_files import RECORD_NAME
from dragoman.models.record import ModelRecord
from dragoman.models.shortlists import shortlist_files
from dragoman.models.table import ModelFile

_CHUNK_BYTES = 1 << 20

OnBytes = Callable[[int], None]
"""Told how many bytes were read since it was last told."""


class FileState(StrEnum):
    """How a file compares with what was published of it."""

    GOOD = "good"
    MISSING = "is missing"
    WRONG_SIZE = "has another size"
    WRONG_BYTES = "has other bytes than were published"
    UNREADABLE = "cannot be read"
    SHORTLIST = "is of a shortlist of yours, which is used"
    UNKNOWN = "is no file of this model; nothing reads it"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCheck:
    """One file, and how it is."""

    path: str
    state: FileState
    detail: str = ""
    """Figures, or what the system said; may be empty."""

    def __str__(self) -> str:
        return f"{self.path} {self.state}{f' ({self.detail})' if self.detail else ''}"


def check_files(folder: Path, record: ModelRecord, *, on_bytes: OnBytes = lambda count: None) -> tuple[FileCheck, ...]:
    """Hash every file of ``record`` anew, whatever is remembered; then name files that are not of it."""
    checks = [_check(folder / file.path, file, on_bytes) for file in record.files]
    known = {file.path for file in record.files} | {RECORD_NAME}
    there = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    own = shortlist_files(folder, record)
    strange = [
        FileCheck(path=name, state=FileState.SHORTLIST if name in own else FileState.UNKNOWN)
        for name in there
        if name not in known
    ]
    return (*checks, *strange)


def read_hashed(stream: BinaryIO, digest: "hashlib._Hash", *, on_bytes: OnBytes) -> Iterator[bytes]:
    """Give the bytes of ``stream`` to its end, and put them into ``digest``. Raises ``OSError``."""
    while chunk := stream.read(_CHUNK_BYTES):
        digest.update(chunk)
        on_bytes(len(chunk))
        yield chunk


def _check(path: Path, file: ModelFile, on_bytes: OnBytes) -> FileCheck:
    if not path.is_file():
        return FileCheck(path=file.path, state=FileState.MISSING)
    digest = hashlib.sha256()
    try:
        size = path.stat().st_size
        if size != file.size:
            detail = f"{size} bytes instead of {file.size}"
            return FileCheck(path=file.path, state=FileState.WRONG_SIZE, detail=detail)
        with path.open("rb") as stream:
            for _ in read_hashed(stream, digest, on_bytes=on_bytes):
                pass
    except OSError as error:
        return FileCheck(path=file.path, state=FileState.UNREADABLE, detail=error.strerror or str(error))
    good = digest.hexdigest() == file.sha256
    return FileCheck(path=file.path, state=FileState.GOOD if good else FileState.WRONG_BYTES)
