"""Read a checkpoint as PyTorch wrote it before 1.6 of July 2020; models of that time have it. From torch_checkpoint.py.

No zip, but five pickles one behind the other: a number to know it by, the version of the form, what the machine was
like, the tensors, the keys of their storages. Then for each key the count of its numbers, 8 bytes, and the numbers.
Source: ``_legacy_save`` in PyTorch's ``torch/serialization.py``.
"""

import io
import struct
from pathlib import Path
from typing import IO, Final

from dragoman.models.converting.plain_pickle import PickleRefused
from dragoman.models.converting.stored_arrays import StoredArray
from dragoman.models.converting.torch_tensors import (
    MOST_PICKLE_BYTES,
    MOST_STORAGES,
    Storage,
    place_tensors,
    tensor_reader,
)

_MAGIC: Final = 0x1950A86A20F9469CFC6C
_BEGINS: Final = b"\x80\x02\x8a\x0a" + _MAGIC.to_bytes(10, "little")
"""The first pickle, as protocol 2 writes a number of ten bytes."""
_FORM: Final = 1001
_COUNT: Final = struct.Struct("<q")


def is_stream(file: IO[bytes]) -> bool:
    """Say whether ``file`` is of the old form; it is at its begin before and after."""
    found = file.read(len(_BEGINS)) == _BEGINS
    file.seek(0)
    return found


def read_stream(path: Path, file: IO[bytes]) -> dict[str, StoredArray]:
    """List the tensors. Raises ``PickleRefused``, and ``struct.error`` for a file that is cut short."""
    pickles = io.BytesIO(file.read(MOST_PICKLE_BYTES))
    _, form, machine, value, keys = (tensor_reader().load(pickles) for _ in range(5))
    if form != _FORM:
        raise PickleRefused("its form is another one than PyTorch's")
    if not isinstance(machine, dict) or machine.get("little_endian") is not True:
        raise PickleRefused("its numbers are not little-endian")
    if not isinstance(keys, list) or len(keys) > MOST_STORAGES:
        raise PickleRefused("it does not say in which order its numbers come")
    storages: dict[str, Storage] = {}

    def note(storage: Storage) -> int:
        if storages.setdefault(storage.key, storage) != storage:
            raise PickleRefused("it says two things of one storage")
        return 0

    place_tensors(value, path, note)
    begins = _begins(storages, keys, file, first=pickles.tell(), size=path.stat().st_size)

    def begin(storage: Storage) -> int:
        if storage.key not in begins:
            raise PickleRefused(f"the numbers of storage {storage.key[:20]!r} are missing")
        return begins[storage.key]

    return place_tensors(value, path, begin)


def _begins(
    storages: dict[str, Storage], keys: list[object], file: IO[bytes], *, first: int, size: int
) -> dict[str, int]:
    """Walk over the numbers, as they say themselves how many they are."""
    begins: dict[str, int] = {}
    place = first
    for key in keys:
        if not isinstance(key, str) or key not in storages or key in begins:
            raise PickleRefused("numbers come that belong to no tensor")
        file.seek(place)
        (count,) = _COUNT.unpack(file.read(_COUNT.size))
        begins[key] = place + _COUNT.size
        place = begins[key] + storages[key].size_bytes
        if count != storages[key].count or place > size:
            raise PickleRefused("its numbers lie outside the file; it is cut short or damaged")
    return begins
