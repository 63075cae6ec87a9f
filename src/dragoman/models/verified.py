"""Hash every file once: what lies on disk, remembered as long as the file does not change. For store.py and pull.py."""

import hashlib
import json
from contextlib import suppress
from pathlib import Path

from dragoman.models.durable import write_json

_NAME = ".verified.json"
_Key = tuple[int, int, int]
"""Size in bytes, time of the last change in nanoseconds, inode."""


class VerifiedFiles:
    """Remembers hashes in ``models_dir``, so that a model of 500 MB is read once and not at every start.

    Whoever may write there may also forge the memory: it guards against damage and half copies, not against an
    intruder on the machine.
    """

    def __init__(self, models_dir: Path) -> None:
        self._path = models_dir / _NAME

    def sha256(self, path: Path) -> str:
        """Give the SHA-256 of ``path`` in hexadecimal. Raises ``OSError``."""
        status = path.stat()
        key = (status.st_size, status.st_mtime_ns, status.st_ino)
        name = str(path.absolute())
        known = self._read().get(name)
        if known and known[0] == key:
            return known[1]
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self._remember(name, key, digest)
        return digest

    def _read(self) -> dict[str, tuple[_Key, str]]:
        # A memory that is missing or damaged costs one more hashing, nothing else.
        known: dict[str, tuple[_Key, str]] = {}
        with suppress(OSError, ValueError, TypeError, AttributeError):
            for name, (size, mtime_ns, inode, digest) in json.loads(self._path.read_text(encoding="utf-8")).items():
                known[name] = ((size, mtime_ns, inode), digest)
        return known

    def _remember(self, name: str, key: _Key, digest: str) -> None:
        known = {other: value for other, value in self._read().items() if Path(other).exists()} | {name: (key, digest)}
        # Nothing is lost if the store is mounted read-only: the next start hashes again.
        with suppress(OSError):
            write_json(self._path, {other: [*kept, sha] for other, (kept, sha) in known.items()})
