"""Tell models of one name apart: what ``EngineInfo.version`` says of the files that a translator was opened with."""

import hashlib
import os
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Final

from dragoman.ground.errors import ModelIncomplete

_END_BYTES: Final = 64 << 10
"""Of each file's beginning and end: gigabytes are not read, and weights that were trained anew differ everywhere. A
record of the store lies among the files, and has the hashes of all of them."""


def model_version(package: str, folders: Iterable[Path]) -> str:
    """Name the version of ``package`` and of the models in ``folders``; the same files give the same on any machine.

    Raises ``ModelIncomplete`` if a file cannot be read.
    """
    digest = hashlib.sha256()
    for folder in folders:
        try:
            for path in sorted(it for it in folder.rglob("*") if it.is_file()):
                digest.update(str(path.relative_to(folder)).encode("utf-8", "backslashreplace"))
                _update(digest, path)
        except OSError as error:
            raise ModelIncomplete(
                f"{folder} cannot be read: {error.strerror or error}; fetch the model again"
            ) from error
    return f"{metadata.version(package)} {digest.hexdigest()[:16]}"


def _update(digest: "hashlib._Hash", path: Path) -> None:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        digest.update(f"\0{size}\0".encode() + file.read(_END_BYTES))
        file.seek(max(0, size - _END_BYTES))
        digest.update(file.read(_END_BYTES))
