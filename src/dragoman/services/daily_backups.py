"""One backup a day, the newest fourteen kept. A job; from ``store/backup.py``; restored by ``dragoman db restore``."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from dragoman.accounts.saved_copies import BACKUPS, remove_unfinished
from dragoman.ground.errors import OutputNotWritable, StoreError
from dragoman.ground.jobs import JobData
from dragoman.jobs.work import Work
from dragoman.store.backup import back_up
from dragoman.store.database import Database, utc_now

BACKUP = "backup"
"""The kind of job."""
KEPT = 14
DEADLINE_S = 3600.0


class DailyBackups:
    """Saves a database in ``data_dir/backups``, a file a day; one that is there already is made anew.

    What a killed one left goes first: the next has another name, and would not meet it.
    """

    def __init__(
        self, database: Database, *, data_dir: Path, kept: int = KEPT, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._database = database
        self._data_dir = data_dir
        self._folder = data_dir / BACKUPS
        self._kept = kept
        self._clock = clock

    async def make(self, work: Work) -> JobData:
        """Do a job of the kind ``BACKUP``: ``Handler``. Gives the name of the file and what went for it."""

        def on_progress(done: int, total: int) -> None:
            work.report(done / max(1, total))

        now = self._clock()
        file = self._folder / f"dragoman-{now:%Y-%m-%d}.backup"
        try:
            await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
            await asyncio.to_thread(remove_unfinished, self._data_dir, self._database.file)
            contents = await back_up(self._database, file, at=now, on_progress=on_progress, replaces=True)
        except (OutputNotWritable, OSError) as error:  # nobody's wrong input: it is tried again
            raise StoreError(f"the backup {file.name} cannot be made: {error}") from error
        removed = await asyncio.to_thread(self._remove_oldest, file.name)
        return {"file": file.name, "rows": sum(contents.rows.values()), "removed": removed}

    def _remove_oldest(self, new: str) -> list[str]:
        """Keep ``new`` and those before it by their names, which are dates.

        Those of days to come are of a clock that was wrong, and go first; the newest of them last.
        """
        files = self._folder.glob("dragoman-????-??-??.backup")
        oldest = sorted(files, key=lambda file: (file.name <= new, file.name))[: -self._kept]
        for file in oldest:
            file.unlink(missing_ok=True)
        return [file.name for file in oldest]
