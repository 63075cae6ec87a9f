"""Read the weights of a PyTorch checkpoint, ``pytorch_model.bin``, without PyTorch. To weights_folder.py.

A zip: ``NAME/data.pkl`` says which tensors there are, ``NAME/data/KEY`` holds the bare numbers of each storage, not
compressed. The pickle is read as data by plain_pickle.py: names and calls are PyTorch's own for tensors, and any other
one is refused before anything is made of it. Source: PyTorch's ``torch/serialization.py`` and ``torch/_utils.py``.
"""

import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import numpy as np

from dragoman.ground.errors import ModelCorrupt
from dragoman.models.converting.plain_pickle import Name, PickleRefused, PlainPickle
from dragoman.models.converting.stored_arrays import BFLOAT16, StoredArray

_MOST_PICKLE_BYTES: Final = 4_000_000
"""Two hundred or so for each tensor, and large models have two thousand of them: read in a second."""
_MOST_MEMBERS: Final = 100_000
_MOST_DIMENSIONS: Final = 8
_TENSOR: Final = Name("torch._utils", "_rebuild_tensor_v2")
_DICTIONARY: Final = Name("collections", "OrderedDict")
_KINDS: Final[dict[str, np.dtype[Any]]] = {
    "Double": np.dtype("<f8"), "Float": np.dtype("<f4"), "Half": np.dtype("<f2"), "BFloat16": BFLOAT16,
    "Long": np.dtype("<i8"), "Int": np.dtype("<i4"), "Short": np.dtype("<i2"), "Char": np.dtype("<i1"),
    "Byte": np.dtype("<u1"), "Bool": np.dtype("?"),
}  # fmt: skip
_STORAGES: Final = {Name("torch", f"{name}Storage"): kind for name, kind in _KINDS.items()}
_NO_CHECKPOINT: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, KeyError),
    *(OSError, ValueError, NotImplementedError, RuntimeError),
)
"""The last four: places before the file's begin, a packing that is not known here, a password."""
_LOCAL_HEADER: Final = struct.Struct("<4s22xHH")
"""Of a zip's member: signature, and the lengths of its name and of what is added, before the bytes."""
_LOCAL_SIGNATURE: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class _Storage:
    """Numbers that lie one after the other in the file; tensors are parts of it."""

    kind: np.dtype[Any]
    offset: int
    count: int


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: _Storage
    first: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read_torch_checkpoint(path: Path) -> dict[str, StoredArray]:
    """List the tensors of a checkpoint. Nothing in it is run.

    Raises ``ModelCorrupt`` for one that is damaged, that is of the old form without a zip, or that names anything but
    tensors.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            return _Checkpoint(path, archive, file).tensors()
    except PickleRefused as error:
        raise ModelCorrupt(f"{path} is not read: {error}; nothing of it was run") from error
    except _NO_CHECKPOINT as error:
        raise ModelCorrupt(f"{path} is no checkpoint as PyTorch writes it since 1.6, or it is damaged") from error


class _Checkpoint:
    def __init__(self, path: Path, archive: zipfile.ZipFile, file: IO[bytes]) -> None:
        self._path = path
        self._archive = archive
        self._file = file
        self._size = path.stat().st_size
        self._members = {member.filename: member for member in archive.infolist()}
        pickles = [name for name in self._members if name.count("/") == 1 and name.endswith("/data.pkl")]
        if len(pickles) != 1 or len(self._members) > _MOST_MEMBERS:
            raise PickleRefused("it holds no list of tensors, or several")
        self._pickle = self._members[pickles[0]]
        self._root = pickles[0].partition("/")[0]

    def tensors(self) -> dict[str, StoredArray]:
        if self._pickle.file_size > _MOST_PICKLE_BYTES:
            raise PickleRefused(f"its list of tensors has {self._pickle.file_size} bytes")
        order = self._members.get(f"{self._root}/byteorder")
        if order is not None and (order.file_size > 10 or self._archive.read(order) != b"little"):
            raise PickleRefused("its numbers are not little-endian")
        reader = PlainPickle(take_name=_take_name, call=_call, persistent=self._storage)
        value = reader.load(self._archive.read(self._pickle))
        if not isinstance(value, dict):
            raise PickleRefused("it holds no tensors by name")
        return {
            name: StoredArray(
                path=self._path,
                kind=tensor.storage.kind,
                shape=tensor.shape,
                offset=tensor.storage.offset + tensor.first * tensor.storage.kind.itemsize,
                strides=tensor.strides,
            )
            for name, tensor in value.items()
            if isinstance(name, str) and isinstance(tensor, _Tensor)
        }

    def _storage(self, persistent_id: object) -> _Storage:
        """Find what ``('storage', type, key, device, count)`` means."""
        match persistent_id:
            case ("storage", Name() as kind, str() as key, str(), int() as count) if kind in _STORAGES and count >= 0:
                member = self._members.get(f"{self._root}/data/{key}")
                if member is None:
                    raise PickleRefused(f"the numbers of storage {key[:20]!r} are missing")
                return _Storage(_STORAGES[kind], self._begin(member, count * _STORAGES[kind].itemsize), count)
        raise PickleRefused("it names a storage that is none")

    def _begin(self, member: zipfile.ZipInfo, wanted: int) -> int:
        """Say where the bytes of a member begin in the file; all ``wanted`` ones lie in it."""
        if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1:
            raise PickleRefused("its numbers are compressed or locked")
        self._file.seek(member.header_offset)
        signature, name_bytes, more_bytes = _LOCAL_HEADER.unpack(self._file.read(_LOCAL_HEADER.size))
        begin = int(member.header_offset + _LOCAL_HEADER.size + name_bytes + more_bytes)
        if signature != _LOCAL_SIGNATURE or wanted > member.file_size or begin + member.file_size > self._size:
            raise PickleRefused("its numbers lie outside the file; it is cut short or damaged")
        return begin


def _take_name(name: Name) -> None:
    if name not in {_TENSOR, _DICTIONARY, *_STORAGES}:
        raise PickleRefused(f"it names {name}, which is no part of plain weights")


def _call(name: Name, arguments: tuple[Any, ...]) -> object:
    if name == _DICTIONARY and not arguments:
        return {}
    if name == _TENSOR:
        return _tensor(arguments)
    raise PickleRefused(f"it calls {name} with what plain weights do not have")


def _tensor(arguments: tuple[Any, ...]) -> _Tensor:
    """Make what ``_rebuild_tensor_v2(storage, first, shape, strides, needs gradient, hooks)`` stands for."""
    match arguments:
        case (_Storage() as storage, int() as first, tuple() as shape, tuple() as strides, bool(), dict(), *_):
            whole = [first, *shape, *strides]
            if any(type(number) is not int or number < 0 for number in whole) or len(shape) != len(strides):
                raise PickleRefused("a tensor's place is not given in whole numbers")
            if len(shape) > _MOST_DIMENSIONS:
                raise PickleRefused(f"a tensor has {len(shape)} dimensions")
            steps = sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True))
            # A stride of 0 would make gigabytes of one number.
            count = int(np.prod(shape, dtype=object))
            if count and (first + steps >= storage.count or count > storage.count):
                raise PickleRefused("a tensor lies outside its storage")
            return _Tensor(storage, first, shape, strides)
    raise PickleRefused("a tensor is not given as PyTorch gives it")
