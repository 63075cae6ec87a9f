"""What PyTorch's checkpoints say of tensors: the names and calls that are taken, and the numbers that are meant.

For torch_checkpoint.py and torch_stream.py. Source: PyTorch's ``torch/_utils.py``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from dragoman.models.converting.plain_pickle import Name, PickleRefused, PlainPickle
from dragoman.models.converting.stored_arrays import BFLOAT16, StoredArray

MOST_PICKLE_BYTES: Final = 4_000_000
"""Two hundred or so for each tensor, and large models have two thousand of them: read in a second."""
MOST_STORAGES: Final = 100_000
_MOST_DIMENSIONS: Final = 8
_TENSOR: Final = Name("torch._utils", "_rebuild_tensor_v2")
_DICTIONARY: Final = Name("collections", "OrderedDict")
_KINDS: Final[dict[str, np.dtype[Any]]] = {
    "Double": np.dtype("<f8"), "Float": np.dtype("<f4"), "Half": np.dtype("<f2"), "BFloat16": BFLOAT16,
    "Long": np.dtype("<i8"), "Int": np.dtype("<i4"), "Short": np.dtype("<i2"), "Char": np.dtype("<i1"),
    "Byte": np.dtype("<u1"), "Bool": np.dtype("?"),
}  # fmt: skip
_STORAGES: Final = {Name("torch", f"{name}Storage"): kind for name, kind in _KINDS.items()}


@dataclass(frozen=True, slots=True)
class Storage:
    """Numbers that lie one after the other in the file; tensors are parts of it."""

    kind: np.dtype[Any]
    key: str
    count: int

    @property
    def size_bytes(self) -> int:
        return self.count * self.kind.itemsize


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: Storage
    first: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def tensor_reader() -> PlainPickle:
    """Make a reader of one pickle, which takes dictionaries of tensors and nothing else that has a name."""
    return PlainPickle(take_name=_take_name, call=_call, persistent=_storage)


def place_tensors(value: object, path: Path, begin: Callable[[Storage], int]) -> dict[str, StoredArray]:
    """Say where the tensors of a dictionary lie in ``path``; ``begin`` gives the first byte of a storage.

    Raises ``PickleRefused`` if ``value`` is no dictionary, and what ``begin`` raises.
    """
    if not isinstance(value, dict):
        raise PickleRefused("it holds no tensors by name")
    return {
        name: StoredArray(
            path=path,
            kind=tensor.storage.kind,
            shape=tensor.shape,
            offset=begin(tensor.storage) + tensor.first * tensor.storage.kind.itemsize,
            strides=tensor.strides,
        )
        for name, tensor in value.items()
        if isinstance(name, str) and isinstance(tensor, _Tensor)
    }


def _take_name(name: Name) -> None:
    if name not in {_TENSOR, _DICTIONARY, *_STORAGES}:
        raise PickleRefused(f"it names {name}, which is no part of plain weights")


def _call(name: Name, arguments: tuple[Any, ...]) -> object:
    if name == _DICTIONARY and not arguments:
        return {}
    if name == _TENSOR:
        return _tensor(arguments)
    raise PickleRefused(f"it calls {name} with what plain weights do not have")


def _storage(persistent_id: object) -> Storage:
    """Read ``('storage', type, key, device, count)``; the old form has None behind it, or else a part of a storage."""
    match persistent_id:
        case ("storage", Name() as kind, str() as key, str(), int() as count) | (
            "storage",
            Name() as kind,
            str() as key,
            str(),
            int() as count,
            None,
        ) if kind in _STORAGES and count >= 0:
            return Storage(_STORAGES[kind], key, count)
    raise PickleRefused("it names a storage that is none")


def _tensor(arguments: tuple[Any, ...]) -> _Tensor:
    """Make what ``_rebuild_tensor_v2(storage, first, shape, strides, needs gradient, hooks)`` stands for."""
    match arguments:
        case (Storage() as storage, int() as first, tuple() as shape, tuple() as strides, bool(), dict(), *_):
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
