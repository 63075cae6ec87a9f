"""A disk of its own for the data of a running ``dragoman up``, which a test fills and empties. Over small_disk.py.

Where root may mount it is a real one, seen by those processes alone; elsewhere what the API may write is limited.
"""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.small_disk import SmallDisk
from tests.site import Site

SIZE_BYTES = 16 << 20


class DataDisk:
    """``mount`` is what ``running_site`` calls in its process."""

    def __init__(self, folder: Path) -> None:
        """``folder``: of the data, with what is in it already."""
        self._folder = folder
        self._limits = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)

    def mount(self) -> None:
        """Put the disk in the place of the folder, with what was in it. In the process that goes on there."""
        if os.geteuid() != 0:
            return
        found = {file.name: file.read_bytes() for file in self._folder.iterdir() if file.is_file()}
        disk = SmallDisk(self._folder, size_bytes=SIZE_BYTES)
        if disk.is_mounted:
            for name, content in found.items():
                (self._folder / name).write_bytes(content)
        else:
            disk.make_room()

    def inside(self, site: Site) -> Path:
        """Give the folder as the processes of ``site`` see it."""
        return Path(f"/proc/{site.process.pid}/root{self._folder}")

    def fill(self, site: Site) -> None:
        """Leave no room at all."""
        if self._is_mounted(site):
            with (self.inside(site) / "filler").open("wb") as filler:
                while _written(filler.fileno()):
                    pass
        else:
            api = site.process_id("api")
            self._limits = resource.prlimit(api, resource.RLIMIT_FSIZE)
            resource.prlimit(api, resource.RLIMIT_FSIZE, (1, self._limits[1]))

    def make_room(self, site: Site) -> None:
        if self._is_mounted(site):
            (self.inside(site) / "filler").unlink()
        else:
            resource.prlimit(site.process_id("api"), resource.RLIMIT_FSIZE, self._limits)

    @contextmanager
    def kept(self, site: Site) -> Iterator[Path]:
        """Give the folder even when the processes have ended, which takes their disk along."""
        held = os.open(self.inside(site), os.O_PATH | os.O_DIRECTORY)
        try:
            yield Path(f"/proc/self/fd/{held}")
        finally:
            os.close(held)

    def _is_mounted(self, site: Site) -> bool:
        return self.inside(site).stat().st_dev != self._folder.stat().st_dev


def _written(file: int) -> bool:
    try:
        return os.write(file, bytes(4096)) > 0
    except OSError:
        return False
