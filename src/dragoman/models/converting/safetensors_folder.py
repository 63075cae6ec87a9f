"""Read safetensors: named arrays behind a JSON header, in one file or in several with an index. To layers.py.

Format: 8 bytes little-endian length, the header, then the bytes of all arrays. Nothing in it is code. Arrays are looked
at where they lie on the disk; a model of gigabytes is not held in memory twice.
"""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.ground.errors import ModelCorrupt, ModelIncomplete
from dragoman.models.accepted_files import why_unsafe_path
from dragoman.models.durable import read_json
from dragoman.models.fields import Fields

_SINGLE, _INDEX = "model.safetensors", "model.safetensors.index.json"
_MAX_HEADER_BYTES = 100_000_000
_TYPES: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "BF16": np.dtype("<u2"),
}


class SafetensorsFolder:
    """The arrays of a folder by name, float32 whatever they were stored as.

    Raises ``ModelIncomplete`` without such files, ``ModelCorrupt`` for one that cannot be read or an array that is
    missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._arrays: dict[str, tuple[Path, np.dtype[Any], tuple[int, ...], int]] = {}
        for path in _files(folder):
            self._read_header(path)

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        if name not in self._arrays:
            raise ModelCorrupt(f"{self._folder} has no weights {name}; is it the model that its config.json says?")
        path, kind, shape, offset = self._arrays[name]
        # Quantizing writes into what it is given; "c" keeps that out of the file.
        stored = (
            np.memmap(path, dtype=kind, mode="c", offset=offset, shape=shape) if np.prod(shape) else np.empty(shape)
        )
        if kind == _TYPES["BF16"]:
            # The upper half of a float32.
            return (np.asarray(stored).astype(np.uint32) << 16).view(np.float32)
        return np.asarray(stored, dtype=np.float32)

    def first(self, *names: str) -> NDArray[np.float32]:
        """Give the first array of these names that there is."""
        return self[next((name for name in names if name in self), names[0])]

    def _read_header(self, path: Path) -> None:
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
            self._arrays[name] = (path, _TYPES[kind], shape, begin + first)


def _files(folder: Path) -> list[Path]:
    if (folder / _SINGLE).is_file():
        return [folder / _SINGLE]
    if not (folder / _INDEX).is_file():
        raise ModelIncomplete(f"{folder} has no {_SINGLE}; weights in pickles are not read, because they can run code")
    places = Fields(read_json(folder / _INDEX), where=_INDEX, error=ModelCorrupt).table("weight_map")
    names = sorted({places.text(weight) for weight in places.names()})
    for name in names:
        if why_unsafe_path(name) or not (folder / name).is_file():
            raise ModelIncomplete(f"{folder} lacks {name}, which its {_INDEX} names")
    return [folder / name for name in names]
