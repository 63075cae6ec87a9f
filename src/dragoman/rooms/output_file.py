"""The one file that a command writes where somebody said: asked for early, written whole or not at all."""

import os
import tempfile
from pathlib import Path

from dragoman.ground.errors import OutputNotWritable
from dragoman.rooms.disk import writing_to


def check_output(out: Path, *, recording: Path | None = None) -> None:
    """Refuse now what could not be written at the end, or would be written over the ``recording`` that is read.

    Raises ``OutputNotWritable``.
    """
    if out.is_dir():
        raise OutputNotWritable(f"{out} is a folder: name the file in it with --out")
    if recording is not None and out.exists() and recording.exists() and out.samefile(recording):
        raise OutputNotWritable(f"{out} is the recording itself: name another file with --out")
    if not out.parent.is_dir():
        raise OutputNotWritable(f"there is no folder {out.parent}: make it, or choose another --out")
    if not os.access(out.parent, os.W_OK):
        raise OutputNotWritable(f"{out.parent} is not ours to write: choose another --out")


def write_output(out: Path, content: bytes) -> None:
    """Replace ``out`` when all of it is written. Raises ``OutputNotWritable``."""
    with writing_to(out.parent):
        handle, name = tempfile.mkstemp(prefix=f".{out.name}-", dir=out.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(name).chmod(0o644)
            Path(name).replace(out)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
