"""Read what an ONNX file says of its model, without loading it: a walk over the outermost fields, past the weights.

For ``sherpa_folder.py``: sherpa-onnx ends the process at a model that lacks an entry. Source: ``onnx.proto`` (message
``ModelProto``, whose field 7 is the graph and 14 the metadata) and the encoding of Protocol Buffers.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from dragoman.ground.errors import ModelCorrupt

_GRAPH: Final = 7
_METADATA: Final = 14
_KEY, _VALUE = 1, 2
_MAX_ENTRY_BYTES: Final = 1 << 20
_MAX_FIELDS: Final = 4096
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def read_onnx_metadata(file: Path) -> dict[str, str]:
    """Give the model's metadata. Raises ``ModelCorrupt`` if ``file`` is not a whole ONNX model."""
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            found = dict(_entries(stream, size))
    except (OSError, ValueError) as error:
        raise ModelCorrupt(f"{file} is not an ONNX model ({error}); fetch the model again") from error
    return found


def _entries(stream: BinaryIO, size: int) -> Iterator[tuple[str, str]]:
    has_graph = False
    for number, length in _fields(stream, size):
        has_graph = has_graph or number == _GRAPH
        if number == _METADATA and length <= _MAX_ENTRY_BYTES:
            yield _read_entry(stream, length)
        else:
            stream.seek(length, os.SEEK_CUR)
    if not has_graph:
        raise ValueError("it has no graph")


def _read_entry(stream: BinaryIO, length: int) -> tuple[str, str]:
    end = stream.tell() + length
    parts = {_KEY: "", _VALUE: ""}
    for number, part_length in _fields(stream, end):
        parts[number] = stream.read(part_length).decode("utf-8")
    return parts[_KEY], parts[_VALUE]


def _fields(stream: BinaryIO, end: int) -> Iterator[tuple[int, int]]:
    """Give number and length of each field of bytes up to ``end``; whoever is given one moves behind it."""
    for _ in range(_MAX_FIELDS):
        if stream.tell() >= end:
            return
        tag = _read_varint(stream)
        number, kind = tag >> 3, tag & 7
        if kind == _BYTES:
            length = _read_varint(stream)
            if stream.tell() + length > end:
                raise ValueError("it ends too early")
            yield number, length
        elif kind == _VARINT:
            _read_varint(stream)
        elif kind in {_FIXED64, _FIXED32}:
            stream.seek(8 if kind == _FIXED64 else 4, os.SEEK_CUR)
        else:
            raise ValueError("its fields make no sense")
    raise ValueError("it has too many fields")


def _read_varint(stream: BinaryIO) -> int:
    value = 0
    for place in range(10):
        byte = stream.read(1)
        if not byte:
            raise ValueError("it ends too early")
        value |= (byte[0] & 0x7F) << (7 * place)
        if byte[0] < 0x80:
            return value
    raise ValueError("its fields make no sense")
