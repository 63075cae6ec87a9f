"""Whether an ``.npz`` file holds numbers alone. For families.py.

Python objects in it would be pickles, which run code when they are loaded. Only headers are read, never the arrays.
Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import io
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import Final

from numpy.lib import format as npy

_ZIP_START: Final = b"PK\x03\x04"
"""A file that ends as an archive and begins as something else is not taken: readers differ on what it is."""
_READERS: Final = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
"""By version of the format; the third is for names that plain numbers do not have."""
_MOST_ARRAYS: Final = 1_000
_HEADER_BYTES: Final = 16_384
"""NumPy takes no longer ones; a header may claim 4 GB, which an archive would unpack from a few kilobytes."""
_MOST_TOLD: Final = 80
"""Characters of what the file says, in a refusal."""
_NO_ARRAY: Final = (ValueError, TypeError, SyntaxError, tokenize.TokenError, RecursionError, MemoryError)
"""What NumPy raises for headers that are none: it reads them as Python's literals."""
_NO_ARCHIVE: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError),
    *(OSError, NotImplementedError, RuntimeError),
)
"""The last three: a place before the file's begin, a packing that is not known here, a password."""


def why_not_plain(path: Path) -> str:
    """Say why ``path`` is not an archive of plain arrays; empty if it is. Raises ``OSError`` if it cannot be opened."""
    with path.open("rb") as file:
        if file.read(4) != _ZIP_START:
            return "it is no archive of arrays"
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if not 0 < len(members) <= _MOST_ARRAYS:
                return f"it holds {len(members)} arrays; 1 to {_MOST_ARRAYS} are taken"
            for member in members:
                with archive.open(member) as file:
                    if _holds_objects(file.read(_HEADER_BYTES)):
                        return f"{member.filename[:_MOST_TOLD]!r} holds Python objects"
    except (*_NO_ARCHIVE, *_NO_ARRAY) as error:
        return f"it is damaged, or no archive of arrays ({str(error)[:_MOST_TOLD] or type(error).__name__})"
    return ""


def _holds_objects(head: bytes) -> bool:
    """Raises one of ``_NO_ARRAY`` for what is no array."""
    file = io.BytesIO(head)
    version = npy.read_magic(file)
    if version not in _READERS:
        raise ValueError(f"version {version[0]}.{version[1]} of NumPy's format")
    _, _, dtype = _READERS[version](file)
    return bool(dtype.hasobject)
