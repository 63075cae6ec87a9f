"""The file of a SQLite database: made once, and watched, because others can take it away meanwhile. From opening.py."""

import os
from pathlib import Path

from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from dragoman.ground.errors import StoreUnavailable

_KEPT_AS = "file"
"""Where a connection keeps which file it has open."""


class DatabaseFile:
    """One for an engine.

    A file that is renamed or replaced stays open to whoever has it open, and what they write is lost to everybody
    else; an empty one made in its place takes the log that stands beside it, and ends who works with that.
    Source: SQLite, "How To Corrupt An SQLite Database File", 2.3 and 2.4.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._was_there = False

    def make(self, *, anew: bool) -> None:
        """Make the file for its owner alone, before SQLite would make it for everybody; only ``anew``, and only once.

        One that is there is never opened: closing it would take this process's locks from SQLite.
        Source: as above, 2.2. Raises ``StoreUnavailable``.
        """
        try:
            if not self._file.exists() and (self._was_there or not anew or self._has_log()):
                raise StoreUnavailable(
                    f"the database {self._file.name} is not there any more; put its file back, or a backup: "
                    "dragoman db restore FILE; who wants no accounts any more removes account.key too"
                )
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        except FileExistsError:
            pass
        except OSError as error:
            raise StoreUnavailable(f"the database {self._file} cannot be opened: {error.strerror}") from error
        self._was_there = True

    def note(self, record: ConnectionPoolEntry) -> None:
        """Remember which file a new connection has open."""
        record.info[_KEPT_AS] = self._identity()

    def check(self, record: ConnectionPoolEntry) -> None:
        """Let nobody work with a connection to a file that is not here any more; the pool opens another one."""
        if record.info.get(_KEPT_AS) != self._identity():
            raise DisconnectionError(f"{self._file} is another file now")

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._file.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _has_log(self) -> bool:
        return self._file.with_name(f"{self._file.name}-wal").exists()
