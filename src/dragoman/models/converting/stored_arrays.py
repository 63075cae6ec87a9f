"""Arrays that lie in files of weights, whatever the format. From safetensors_file.py and torch_checkpoint.py.

Arrays are looked at where they lie on the disk; a model of gigabytes is not held in memory twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dragoman.ground.errors import ModelCorrupt

BFLOAT16 = np.dtype("<u2")
"""NumPy has no such type; these are its bits, the upper half of a float32."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArray:
    """Where one array lies. Whoever makes it has checked that all of it lies inside ``path``."""

    path: Path
    kind: np.dtype[Any]
    """``BFLOAT16`` for bfloat16."""
    shape: tuple[int, ...]
    offset: int
    """Bytes from the begin of the file to the first number."""
    strides: tuple[int, ...] = ()
    """Numbers, not bytes, from one to the next in each dimension; empty where they follow each other."""

    def read(self) -> NDArray[np.float32]:
        """Give the numbers as float32. Raises ``ModelCorrupt`` if the file has become shorter since."""
        if 0 in self.shape:
            return np.empty(self.shape, dtype=np.float32)
        strides = self.strides or plain_strides(self.shape)
        count = 1 + sum((size - 1) * stride for size, stride in zip(self.shape, strides, strict=True))
        try:
            # Quantizing writes into what it is given; "c" keeps that out of the file.
            flat = np.memmap(self.path, dtype=self.kind, mode="c", offset=self.offset, shape=(count,))
        except (ValueError, OSError) as error:
            raise ModelCorrupt(f"{self.path} cannot be read any more ({error})") from error
        stepped = np.lib.stride_tricks.as_strided(
            np.asarray(flat), self.shape, tuple(stride * self.kind.itemsize for stride in strides)
        )
        if self.kind == BFLOAT16:
            return (stepped.astype(np.uint32) << 16).view(np.float32)
        return np.ascontiguousarray(stepped, dtype=np.float32).reshape(self.shape)


class Weights:
    """The arrays of a model by name, float32 whatever they were stored as."""

    def __init__(self, folder: Path, arrays: Mapping[str, StoredArray]) -> None:
        self._folder = folder
        self._arrays = arrays

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        """Raises ``ModelCorrupt`` for an array that is missing."""
        if name not in self._arrays:
            raise ModelCorrupt(f"{self._folder} has no weights {name}; is it the model that its config.json says?")
        return self._arrays[name].read()

    def first(self, *names: str) -> NDArray[np.float32]:
        """Give the first array of these names that there is."""
        return self[next((name for name in names if name in self), names[0])]


def plain_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Give the strides of numbers that follow each other, the last dimension the fastest."""
    return tuple(int(np.prod(shape[axis + 1 :], dtype=object)) for axis in range(len(shape)))
