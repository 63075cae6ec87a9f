"""Look at the disk before the first byte. For pull.py, importing.py, adding.py and exporting.py."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from dragoman.ground.errors import DiskFull

SPARE_BYTES: Final = 16_000_000
"""Left free beside what is written, for the records and whatever else writes to that disk."""

FreeBytes = Callable[[Path], int]
"""Gives the room on a folder's disk."""


def free_disk_bytes(folder: Path) -> int:
    """Give the room on the disk of ``folder``. Raises ``OSError``."""
    return shutil.disk_usage(folder).free


def require_space(
    what: str,
    size_bytes: int,
    folder: Path,
    *,
    free_bytes: FreeBytes = free_disk_bytes,
    else_: str = "set another models folder",
) -> None:
    """Raise ``DiskFull`` if ``what``, of ``size_bytes`` and some to spare, has no room in ``folder``.

    ``else_`` is what helps where no room can be made. Raises ``OSError``.
    """
    free, needed = free_bytes(folder), size_bytes + SPARE_BYTES
    if free < needed:
        raise DiskFull(
            f"{what} needs {needed / 1e6:.0f} MB more in {folder}, and {free / 1e6:.0f} MB are free; "
            f"make room, or {else_}"
        )
