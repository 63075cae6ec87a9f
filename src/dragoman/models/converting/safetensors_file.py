"""Read a safetensors file: named arrays behind a JSON header. To weights_folder.py.

Format: 8 bytes little-endian length, the header, then the bytes of all arrays. Nothing in it is code.
"""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from dragoman.ground.errors import ModelCorrupt
from dragoman.models.converting.stored_arrays import BFLOAT16, StoredArray
from dragoman.models.fields import Fields

_MAX_HEADER_BYTES = 100_000_000
_TYPES: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": BFLOAT16,
}


def read_safetensors(path: Path) -> dict[str, StoredArray]:
    """List the arrays of a file. Raises ``ModelCorrupt`` for one that cannot be read."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(8)
        length = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
        if not 2 <= length <= min(_MAX_HEADER_BYTES, size - 8):
            raise ModelCorrupt(f"{path} is no safetensors file, or it is cut short")
        try:
            parsed: object = json.loads(file.read(length))
        except (ValueError, RecursionError) as error:
            raise ModelCorrupt(f"{path} has a damaged header ({error})") from error
    begin = 8 + length
    arrays = {}
    for name, fields in Fields(parsed, where=path.name, error=ModelCorrupt).tables():
        if name == "__metadata__":
            continue
        kind = fields.text("dtype")
        shape, (first, last) = fields.wholes("shape"), fields.wholes("data_offsets", 2)
        if kind not in _TYPES:
            raise fields.wrong(f"numbers of type {kind} are not read; these are: {', '.join(_TYPES)}")
        wanted = int(np.prod(shape, dtype=object)) * _TYPES[kind].itemsize
        if last - first != wanted or begin + last > size:
            raise fields.wrong("its bytes lie outside the file; it is cut short or damaged")
        arrays[name] = StoredArray(path=path, kind=_TYPES[kind], shape=shape, offset=begin + first)
    return arrays
