"""Checkpoints as PyTorch writes them, made by hand: a pickle of protocol 2 with persistent ids, in a zip.

Before 1.6 the pickle stood in a stream of others, the numbers behind it; ``old_form`` writes it so.
"""

import io
import pickle
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

KINDS = {"Float": "<f4", "Half": "<f2", "BFloat16": "<u2", "Double": "<f8"}


def write_torch_checkpoint(
    path: Path,
    arrays: Mapping[str, NDArray[Any]],
    *,
    kind: str = "Float",
    transposed: bool = False,
    old_form: bool = False,
) -> None:
    """Write ``arrays`` under their names; ``transposed`` stores those of two dimensions column by column."""
    storages, pickled = {}, PickleWriter(old_form=old_form)
    pickled.begin()
    for number, (name, array) in enumerate(arrays.items()):
        turned = transposed and array.ndim == 2
        plain = np.ascontiguousarray(array.T if turned else array, dtype="<f4")
        stored = (plain.view("<u4") >> 16).astype("<u2") if kind == "BFloat16" else plain.astype(KINDS[kind])
        # Some numbers before the tensor, as in a storage that several share.
        storages[str(number)] = bytes(3 * stored.itemsize) + stored.tobytes()
        strides = [step // plain.itemsize for step in plain.strides][-array.ndim :] if array.ndim else []
        pickled.tensor(
            name, kind, str(number), count=stored.size + 3, first=3,
            shape=array.shape, strides=tuple(strides[::-1] if turned else strides),
        )  # fmt: skip
    if old_form:
        write_stream(path, pickled.end(), storages, item_bytes=np.dtype(KINDS[kind]).itemsize)
    else:
        write_zip(path, pickled.end(), storages)


def write_stream(
    path: Path,
    pickled: bytes,
    storages: Mapping[str, bytes],
    *,
    item_bytes: int = 4,
    form: int = 1001,
    little_endian: bool = True,
) -> None:
    """Write the form before PyTorch 1.6."""
    machine = {"protocol_version": form, "little_endian": little_endian, "type_sizes": {"short": 2, "int": 4}}
    head = [pickle.dumps(value, protocol=2) for value in (0x1950A86A20F9469CFC6C, form, machine)]
    keys = sorted(storages)
    numbers = [struct.pack("<q", len(storages[key]) // item_bytes) + storages[key] for key in keys]
    path.write_bytes(b"".join([*head, pickled, pickle.dumps(keys, protocol=2), *numbers]))


def write_zip(path: Path, pickled: bytes, storages: Mapping[str, bytes], *, root: str = "pytorch_model") -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(f"{root}/data.pkl", pickled)
        archive.writestr(f"{root}/byteorder", "little")
        for key, content in storages.items():
            archive.writestr(f"{root}/data/{key}", content)
        archive.writestr(f"{root}/version", "3\n")


class PickleWriter:
    """Opcodes in the order in which PyTorch has them: an ``OrderedDict``, its items in one go, what belongs to it."""

    def __init__(self, *, old_form: bool = False) -> None:
        # Behind a storage the old form says of which larger one it is a part: none.
        self._end_of_storage = b"NtQ" if old_form else b"tQ"
        self._out = io.BytesIO()
        self._memo = 0

    def begin(self) -> None:
        self._out.write(b"\x80\x02ccollections\nOrderedDict\n")
        self._put()
        self._out.write(b")R")
        self._put()
        self._out.write(b"(")

    def tensor(
        self,
        name: str,
        kind: str,
        key: str,
        *,
        count: int,
        first: int,
        shape: tuple[int, ...],
        strides: tuple[int, ...],
    ) -> None:
        self._text(name)
        self._out.write(b"ctorch._utils\n_rebuild_tensor_v2\n((")
        self._text("storage")
        self._out.write(f"ctorch\n{kind}Storage\n".encode())
        self._text(key)
        self._text("cpu")
        self._whole(count)
        self._out.write(self._end_of_storage)
        self._whole(first)
        self._tuple(shape)
        self._tuple(strides)
        self._out.write(b"\x89ccollections\nOrderedDict\n)RtR")
        self._put()

    def end(self) -> bytes:
        """Finish with what a model's layers say of their versions, as ``state_dict`` does."""
        self._out.write(b"u}")
        self._text("_metadata")
        self._out.write(b"ccollections\nOrderedDict\n)Rsb.")
        return self._out.getvalue()

    def _tuple(self, numbers: tuple[int, ...]) -> None:
        if len(numbers) > 3:
            self._out.write(b"(")
        for number in numbers:
            self._whole(number)
        self._out.write([b")", b"\x85", b"\x86", b"\x87", b"t"][min(len(numbers), 4)])

    def _whole(self, number: int) -> None:
        if 0 <= number < 256:
            self._out.write(struct.pack("<cB", b"K", number))
        elif number < 1 << 31:
            self._out.write(struct.pack("<ci", b"J", number))
        else:
            digits = number.to_bytes(number.bit_length() // 8 + 1, "little")
            self._out.write(struct.pack("<cB", b"\x8a", len(digits)) + digits)

    def _text(self, text: str) -> None:
        content = text.encode()
        self._out.write(struct.pack("<cI", b"X", len(content)) + content)
        self._put()

    def _put(self) -> None:
        self._out.write(struct.pack("<cI", b"r", self._memo))
        self._memo += 1
