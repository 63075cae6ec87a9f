"""The folder of results, which appears all at once or not at all. The writers beside this file write into it.

Results grow in a hidden folder next to the wanted one and are renamed when they are complete. A run that was killed
leaves the hidden folder behind; the next run into the same place removes it. Whether its owner still lives is told by
a lock on the folder, which ends with the process on every kind of death.
"""

import fcntl
import os
import secrets
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from dragoman.ground.errors import OutputNotWritable
from dragoman.rooms.disk import translate_disk_error, writing_to

_WORK = ".work"
_TRIES = 8
_LONGEST_NAME_BYTES = 230
"""Linux's file systems take 255 bytes, of which we add 18."""


class ResultsFolder:
    """Where one run writes. As a context manager it commits at the end, and removes everything after an error.

    Raises ``OutputNotWritable`` when the place is taken, not ours to write, or the disk is full; a full disk met by
    whatever writes inside the ``with`` is translated too.
    """

    def __init__(self, out: Path) -> None:
        self.out = _resolve(out)
        self._growing: Path | None = None
        self._lock: int | None = None
        self._inside = False

    def __enter__(self) -> Self:
        try:
            with writing_to(self.out):
                self._begin()
        except OSError as error:  # a name that is too long, a file system that takes no folders
            self._remove_growing()
            raise _no_place(self.out, error.strerror) from error
        except BaseException:  # an interruption too
            self._remove_growing()
            raise
        return self

    def _begin(self) -> None:
        _check_free(self.out)
        self._inside = _must_grow_inside(self.out)
        parent = self.out if self._inside else self.out.parent
        parent.mkdir(parents=True, exist_ok=True)
        _remove_left_over(parent, self.out)
        if self.out.exists() and any(self.out.iterdir()):
            raise OutputNotWritable(f"{self.out} is not empty; choose another --out or empty it")
        self._growing, self._lock = _make_growing(parent, self.out)
        self.work.mkdir()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.commit()
            if isinstance(error, OSError) and (translated := translate_disk_error(error, self.out)) is not error:
                raise translated from error
        finally:
            self._remove_growing()

    @property
    def work(self) -> Path:
        """For files that are needed on the way and are not results; gone after ``commit``."""
        return self._place / _WORK

    def path(self, name: str) -> Path:
        """Say where to write the result ``name``."""
        return self._place / name

    def commit(self) -> None:
        """Let the results appear, whatever there is so far: after an interruption too. Later calls do nothing."""
        if self._growing is None:
            return
        with writing_to(self.out):
            shutil.rmtree(self.work)
            try:
                self._move_into_place(self._growing)
            except OSError as error:
                if self.out.exists() and any(entry != self._growing for entry in self.out.iterdir()):
                    raise OutputNotWritable(
                        f"{self.out} was filled by somebody else meanwhile; choose another --out"
                    ) from error
                raise
        self._growing = None
        self._release()

    @property
    def _place(self) -> Path:
        if self._growing is None:
            raise ValueError("results are written between entering and committing")
        return self._growing

    def _move_into_place(self, growing: Path) -> None:
        for file in growing.iterdir():
            _flush_to_disk(file)
        if not self._inside:
            growing.rename(self.out)
            return
        for entry in sorted(growing.iterdir()):
            entry.rename(self.out / entry.name)
        growing.rmdir()

    def _remove_growing(self) -> None:
        if self._growing is not None:
            shutil.rmtree(self._growing, ignore_errors=True)
            self._growing = None
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _resolve(out: Path) -> Path:
    try:
        return out.resolve()
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in the name, a loop of links
        raise _no_place(out, error) from error


def _no_place(out: Path, reason: object) -> OutputNotWritable:
    return OutputNotWritable(f"{str(out)!r} is no place for results ({reason}): choose another --out")


def _check_free(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise OutputNotWritable(f"{out} is a file; choose another --out")
    above = next(folder for folder in out.parents if folder.exists())
    if not above.is_dir():
        raise OutputNotWritable(f"{above} is a file, so there can be no folder {out}; choose another --out")


def _must_grow_inside(out: Path) -> bool:
    """True for an empty folder that cannot be replaced: a mounted volume, the current folder, one alone is ours."""
    if not out.exists():
        return False
    return out.is_mount() or out == Path.cwd() or not os.access(out.parent, os.W_OK | os.X_OK)


def _prefix(out: Path) -> str:
    """Begin the name of a hidden folder; of a long name only the beginning, for the whole must not be longer still."""
    return f".{os.fsencode(out.name)[:_LONGEST_NAME_BYTES].decode(errors='ignore')}.growing-"


def _make_growing(parent: Path, out: Path) -> tuple[Path, int]:
    """Make the hidden folder and lock it; again if another run has taken it for left over in between."""
    for _ in range(_TRIES):
        folder = parent / (_prefix(out) + secrets.token_hex(4))
        try:
            folder.mkdir()
            lock = _lock_folder(folder)
        except FileExistsError:  # somebody else's
            raise
        except BaseException:  # an interruption too
            shutil.rmtree(folder, ignore_errors=True)
            raise
        if lock is not None:
            return folder, lock
    raise OutputNotWritable(f"{out} is being written by another run; choose another --out")


def _lock_folder(folder: Path) -> int | None:
    """Lock a folder and give the descriptor that holds the lock; None if another process has it or removed it."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), folder.stat()):
            return lock
    except (BlockingIOError, FileNotFoundError):
        os.close(lock)
        return None
    except OSError:
        os.close(lock)
        raise
    os.close(lock)
    return None


def _remove_left_over(parent: Path, out: Path) -> None:
    """Remove hidden folders of killed runs: those that nobody holds locked."""
    for folder in parent.iterdir():
        if not folder.name.startswith(_prefix(out)) or folder.is_symlink():
            continue
        lock = _lock_folder(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _flush_to_disk(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
