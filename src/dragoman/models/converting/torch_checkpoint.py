"""Read the weights of a PyTorch checkpoint, ``pytorch_model.bin``, without PyTorch. To weights_folder.py.

A zip: ``NAME/data.pkl`` says which tensors there are, ``NAME/data/KEY`` holds the bare numbers of each storage, not
compressed. Before PyTorch 1.6 it was no zip: torch_stream.py. Pickles are read as data by plain_pickle.py: names and
calls are PyTorch's own for tensors (torch_tensors.py), and any other one is refused before anything is made of it.
Source: PyTorch's ``torch/serialization.py``.
"""

import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO, Final

from dragoman.ground.errors import ModelCorrupt
from dragoman.models.converting.plain_pickle import PickleRefused
from dragoman.models.converting.stored_arrays import StoredArray
from dragoman.models.converting.torch_stream import is_stream, read_stream
from dragoman.models.converting.torch_tensors import (
    MOST_PICKLE_BYTES,
    MOST_STORAGES,
    Storage,
    place_tensors,
    tensor_reader,
)

_NO_CHECKPOINT: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError),
    *(OSError, ValueError, NotImplementedError, RuntimeError),
)
"""The last four: places before the file's begin, a packing that is not known here, a password."""
_LOCAL_HEADER: Final = struct.Struct("<4s22xHH")
"""Of a zip's member: signature, and the lengths of its name and of what is added, before the bytes."""
_LOCAL_SIGNATURE: Final = b"PK\x03\x04"


def read_torch_checkpoint(path: Path) -> dict[str, StoredArray]:
    """List the tensors of a checkpoint. Nothing in it is run.

    Raises ``ModelCorrupt`` for one that is damaged or that names anything but tensors.
    """
    try:
        with path.open("rb") as file:
            if is_stream(file):
                return read_stream(path, file)
            with zipfile.ZipFile(file) as archive:
                return _Checkpoint(path, archive, file).tensors()
    except PickleRefused as error:
        raise ModelCorrupt(f"{path} is not read: {error}; nothing of it was run") from error
    except _NO_CHECKPOINT as error:
        raise ModelCorrupt(f"{path} is no checkpoint as PyTorch writes it, or it is damaged") from error


class _Checkpoint:
    def __init__(self, path: Path, archive: zipfile.ZipFile, file: IO[bytes]) -> None:
        self._path = path
        self._archive = archive
        self._file = file
        self._size = path.stat().st_size
        self._members = {member.filename: member for member in archive.infolist()}
        pickles = [name for name in self._members if name.count("/") == 1 and name.endswith("/data.pkl")]
        if len(pickles) != 1 or len(self._members) > MOST_STORAGES:
            raise PickleRefused("it holds no list of tensors, or several")
        self._pickle = self._members[pickles[0]]
        self._root = pickles[0].partition("/")[0]

    def tensors(self) -> dict[str, StoredArray]:
        if self._pickle.file_size > MOST_PICKLE_BYTES:
            raise PickleRefused(f"its list of tensors has {self._pickle.file_size} bytes")
        order = self._members.get(f"{self._root}/byteorder")
        if order is not None and (order.file_size > 10 or self._archive.read(order) != b"little"):
            raise PickleRefused("its numbers are not little-endian")
        value = tensor_reader().load(self._archive.read(self._pickle))
        return place_tensors(value, self._path, self._begin)

    def _begin(self, storage: Storage) -> int:
        """Say where the numbers of a storage begin in the file; all of them lie in it."""
        member = self._members.get(f"{self._root}/data/{storage.key}")
        if member is None:
            raise PickleRefused(f"the numbers of storage {storage.key[:20]!r} are missing")
        if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1:
            raise PickleRefused("its numbers are compressed or locked")
        self._file.seek(member.header_offset)
        signature, name_bytes, more_bytes = _LOCAL_HEADER.unpack(self._file.read(_LOCAL_HEADER.size))
        begin = int(member.header_offset + _LOCAL_HEADER.size + name_bytes + more_bytes)
        if (
            signature != _LOCAL_SIGNATURE
            or storage.size_bytes > member.file_size
            or begin + member.file_size > self._size
        ):
            raise PickleRefused("its numbers lie outside the file; it is cut short or damaged")
        return begin
