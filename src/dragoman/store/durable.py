"""Make a file so that a crash leaves the old one or the new one, never half of it. From backup.py and restore.py."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dragoman.ground.errors import OutputNotWritable, StoreFull, StoreUnavailable

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def workplace(file: Path) -> Iterator[Path]:
    """Give an empty folder beside ``file`` for what is to take its place; it is gone at the end.

    What a crash left in it goes at the next time, or by ``remove_if_left``. Raises ``StoreUnavailable`` while another
    process works there, ``StoreFull`` and ``OutputNotWritable``.
    """
    folder = file.with_name(f".{file.name}.part")
    with _named(file):
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid != os.geteuid():  # what lies in it would be removed
            raise OutputNotWritable(f"{folder} is somebody else's; remove it, or name another place than {file}")
        with (folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StoreUnavailable(f"another command is just making {file}; wait until it is done") from error
            for left in folder.iterdir():
                if left.name != "lock":
                    left.unlink()
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)


def workplaces(folder: Path, *, of: str = "*") -> list[Path]:
    """List the workplaces in ``folder`` for files that look like ``of``: those in use, and what crashes left."""
    return [it for it in folder.glob(f".{of}.part") if it.is_dir() and not it.is_symlink()]


def remove_if_left(folder: Path) -> None:
    """Remove a workplace that a crash left; where somebody works it stays. Raises ``OSError``."""
    try:
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
    except (BlockingIOError, FileNotFoundError):  # in use, or just removed by whoever used it
        pass


def sync_file(file: Path) -> None:
    """Make what is in ``file`` survive a power cut."""
    _sync(file, os.O_RDONLY)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` survive a power cut."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _named(file: Path) -> Iterator[None]:
    """Say of which file the operating system refused something."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StoreFull(f"there is no room for {file}; free some space, nothing was changed") from error
        raise OutputNotWritable(f"{file} cannot be made: {error.strerror or error}") from error
