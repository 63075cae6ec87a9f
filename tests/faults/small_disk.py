"""A disk of a few megabytes for the process that asks: a real one where root may mount, a limit on files elsewhere."""

import ctypes
import os
import resource
from pathlib import Path

SIZE_BYTES = 2 << 20
_NEW_NAMESPACE, _REMOUNT, _PRIVATE = 0x20000, 32, (1 << 18) | 0x4000
_LIBC = ctypes.CDLL(None, use_errno=True)


class SmallDisk:
    """Make it in a process that ends with the test: what it mounts is seen by nobody else."""

    def __init__(self, folder: Path, *, size_bytes: int = SIZE_BYTES) -> None:
        self._folder = folder
        self._size_bytes = size_bytes
        folder.mkdir(exist_ok=True)
        self.is_mounted = (
            os.geteuid() == 0
            and _LIBC.unshare(_NEW_NAMESPACE) == 0
            and _LIBC.mount(b"none", b"/", None, _PRIVATE, None) == 0
            and self._mount(0, size_bytes)
        )
        if not self.is_mounted:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, resource.RLIM_INFINITY))

    def make_room(self) -> None:
        if self.is_mounted:
            assert self._mount(_REMOUNT, self._size_bytes * 20)
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def _mount(self, flags: int, size_bytes: int) -> bool:
        options = f"size={size_bytes}".encode()
        return bool(_LIBC.mount(b"tmpfs", bytes(self._folder), b"tmpfs", flags, options) == 0)
