"""Put files and folders in their place so that a crash leaves the old state or the new one, never half of it."""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from dragoman.ground.errors import DownloadFailed, ModelCorrupt, ModelError

_LOCK_POLL_S = 0.2


def write_json(path: Path, value: object) -> None:
    """Replace ``path`` with ``value`` at once, and let it survive a power cut. Raises ``OSError``."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False, indent=1)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def read_json(path: Path) -> object:
    """Read a file of the store. Raises ``ModelCorrupt`` if it is damaged, ``ModelError`` if it cannot be read."""
    try:
        parsed: object = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ModelCorrupt(f"{path} is damaged ({error}); remove it and pull the model again") from error
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
    return parsed


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def link_or_copy(source: Path, target: Path) -> None:
    """Give ``source`` a second name, or copy it where the disk cannot. Raises ``OSError``."""
    if not try_to_link(source, target):
        target.unlink(missing_ok=True)
        shutil.copy2(source.resolve(), target)


def try_to_link(source: Path, target: Path) -> bool:
    """Give ``source`` the second name ``target``; False where the disk cannot."""
    try:
        target.hardlink_to(source.resolve())
    except OSError:
        return False
    return True


def replace_folder(new: Path, final: Path, *, trash: Path) -> None:
    """Put the folder ``new`` in the place of ``final``; what was there goes by way of ``trash``. One disk for all."""
    sync_folder(new)
    shutil.rmtree(trash, ignore_errors=True)
    if final.exists():
        final.rename(trash)
    new.rename(final)
    sync_folder(final.parent)
    shutil.rmtree(trash, ignore_errors=True)


@contextmanager
def lock(
    path: Path,
    *,
    wait_s: float,
    sleep: Callable[[float], None] = time.sleep,
    on_wait: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """Hold the lock file ``path``; the kernel lets go of it however the process ends.

    ``on_wait`` is called once if another process holds it. Raises ``DownloadFailed`` after ``wait_s``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        deadline = time.monotonic() + wait_s
        waiting = False
        while not _try_lock(file.fileno()):
            if not waiting:
                waiting = True
                on_wait()
            if time.monotonic() >= deadline:
                raise DownloadFailed(f"another pull still holds {path.name}; wait until it is done, then pull again")
            sleep(_LOCK_POLL_S)
        yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
