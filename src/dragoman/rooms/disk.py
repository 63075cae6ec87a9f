"""Turn what the disk says into a sentence for a person. Used wherever results are written."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dragoman.ground.errors import OutputNotWritable

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def writing_to(place: Path) -> Iterator[None]:
    """Raise ``OutputNotWritable`` when a write inside meets a full disk, a quota, or a lack of rights.

    Other errors pass: they are not the disk's.
    """
    try:
        yield
    except OSError as error:
        raise translate_disk_error(error, place) from error


def translate_disk_error(error: OSError, place: Path) -> OSError | OutputNotWritable:
    """Give the ``OutputNotWritable`` for ``error``, or ``error`` itself where it means something else."""
    if error.errno in FULL:
        return OutputNotWritable(
            f"the disk of {place} is full ({_free_mb(place)} MB free): make room, or choose another --out"
        )
    if error.errno in _REFUSED:
        return OutputNotWritable(f"{place} is not ours to write ({error.strerror}): choose another --out")
    return error


def _free_mb(place: Path) -> str:
    existing = next((folder for folder in (place, *place.parents) if folder.exists()), Path("/"))
    return f"{shutil.disk_usage(existing).free / 1e6:.1f}"
