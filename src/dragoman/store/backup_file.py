"""The file of a backup: a zip of a SQLite database and of a manifest that says what it must be. From backup.py and
restore.py; from whichever database it was made, it restores into either.
"""

import errno
import hashlib
import struct
import zipfile
import zlib
from datetime import datetime
from pathlib import Path
from typing import IO, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from dragoman.ground.errors import StoreDamaged, StoreOutdated

_VERSION = 1
_MANIFEST, _DATABASE = "manifest.json", "dragoman.db"
_LONGEST_MANIFEST = 65_536
_BLOCK = 1 << 20
_PACKED_BY = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_NOT_WHOLE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, LookupError, RuntimeError, ValueError)
"""What a damaged zip raises."""


class Contents(BaseModel):
    """What a backup holds."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    schema_id: str
    """Of its tables, such as ``0001``."""
    made_at: datetime
    made_by: str
    """``dragoman`` and its version."""
    source: Literal["sqlite", "postgresql"]
    rows: dict[str, int]
    """Of every table."""


class _Manifest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal["dragoman-backup"] = "dragoman-backup"
    version: int = _VERSION
    contents: Contents
    size_bytes: int
    sha256: str
    """Of the database in it, hex."""


class _Heading(BaseModel):
    """What the manifest of every version begins with."""

    format: Literal["dragoman-backup"]
    version: int


def pack(database: Path, contents: Contents, file: Path) -> None:
    """Write ``file`` from a SQLite database that nobody works on, readable by its owner alone. Raises ``OSError``."""
    file.touch(mode=0o600)
    digest = hashlib.sha256()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        with database.open("rb") as source, archive.open(_DATABASE, "w", force_zip64=True) as target:
            while block := source.read(_BLOCK):
                digest.update(block)
                target.write(block)
        manifest = _Manifest(contents=contents, size_bytes=database.stat().st_size, sha256=digest.hexdigest())
        archive.writestr(_MANIFEST, manifest.model_dump_json(indent=1))


def unpack(file: Path, database: Path) -> Contents:
    """Write the database of the backup ``file`` to ``database``, byte by byte what was packed.

    Raises ``StoreDamaged`` for what is no backup or not whole, ``StoreOutdated`` for one of a newer format,
    and ``OSError``.
    """
    try:
        with _opened(file) as stream, zipfile.ZipFile(stream) as archive:
            if any(info.compress_type not in _PACKED_BY for info in archive.infolist()):
                raise zipfile.BadZipFile("packed in another way")
            manifest = _manifest(archive, file)
            with archive.open(_DATABASE) as source:
                whole = _copy(source, database, most_bytes=manifest.size_bytes) == manifest.sha256
    except (*_NOT_WHOLE, OSError) as error:
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # which is a place before the file's begin
            raise
        raise StoreDamaged(f"{file} is no backup, or not whole ({error}); name another one") from error
    if not whole or database.stat().st_size != manifest.size_bytes:
        raise StoreDamaged(f"{file} is damaged: its database is not the one that was saved; name another one")
    return manifest.contents


def _opened(file: Path) -> IO[bytes]:
    try:
        return file.open("rb")
    except OSError as error:
        raise StoreDamaged(f"the backup {file} cannot be read: {error.strerror}; name another one") from error


def _manifest(archive: zipfile.ZipFile, file: Path) -> _Manifest:
    with archive.open(_MANIFEST) as stream:
        text = stream.read(_LONGEST_MANIFEST)
    try:
        heading = _Heading.model_validate_json(text)
        if heading.version > _VERSION:
            raise StoreOutdated(f"{file} was made by a newer release of Dragoman; install that release to restore it")
        return _Manifest.model_validate_json(text)
    except ValidationError as error:
        raise StoreDamaged(f"{file} is no backup of Dragoman's, or damaged; name another one") from error


def _copy(source: IO[bytes], database: Path, *, most_bytes: int) -> str:
    """Write what ``source`` gives, but not much more than ``most_bytes``; give its SHA-256."""
    digest, written = hashlib.sha256(), 0
    database.touch(mode=0o600)
    with database.open("wb") as target:
        while written <= most_bytes and (block := source.read(_BLOCK)):
            digest.update(block)
            target.write(block)
            written += len(block)
    return digest.hexdigest()
