"""Read what an ONNX file says of itself without loading it: a wrong file would end the process that loads it.

Only lengths and names are read, weights are skipped: a file of 400 MB takes milliseconds. For recognisers and voices.
Source: onnx.proto3 of the ONNX specification (ModelProto, GraphProto, ValueInfoProto, StringStringEntryProto) and the
encoding of protocol buffers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from dragoman.ground.errors import ModelCorrupt, ModelIncomplete

_MODEL_IR_VERSION: Final = 1
_MODEL_GRAPH: Final = 7
_MODEL_METADATA: Final = 14
_GRAPH_INPUT: Final = 11
_GRAPH_OUTPUT: Final = 12
_NAME: Final = 1
_KEY, _VALUE = 1, 2

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MAX_TEXT_BYTES: Final = 1 << 20
_MAX_IR_VERSION: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class OnnxHeader:
    """Names of a model's tensors, and its metadata."""

    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)


def read_onnx_header(path: Path) -> OnnxHeader:
    """Read the header of ``path``. Raises ``ModelIncomplete`` if it ends early, ``ModelCorrupt`` if it is no ONNX."""
    inputs: list[str] = []
    outputs: list[str] = []
    metadata: dict[str, str] = {}
    ir_version = 0
    with path.open("rb") as file:
        reader = _Reader(file, path)
        for number, wire, value in reader.fields(path.stat().st_size):
            if number == _MODEL_IR_VERSION and wire == _VARINT:
                ir_version = value
            elif number == _MODEL_GRAPH and wire == _BYTES:
                _read_graph(reader, value, inputs, outputs)
            elif number == _MODEL_METADATA and wire == _BYTES:
                entry = {key: reader.text(length) for key, kind, length in reader.fields(value) if kind == _BYTES}
                metadata[entry.get(_KEY, "")] = entry.get(_VALUE, "")
    if not 1 <= ir_version <= _MAX_IR_VERSION or not outputs:
        raise ModelCorrupt(f"{path} is no ONNX model; fetch the model again")
    return OnnxHeader(inputs=tuple(inputs), outputs=tuple(outputs), metadata=metadata)


def _read_graph(reader: "_Reader", size: int, inputs: list[str], outputs: list[str]) -> None:
    for number, wire, length in reader.fields(size):
        if wire == _BYTES and number in {_GRAPH_INPUT, _GRAPH_OUTPUT}:
            name = [reader.text(size) for key, kind, size in reader.fields(length) if (key, kind) == (_NAME, _BYTES)]
            (inputs if number == _GRAPH_INPUT else outputs).extend(name)


class _Reader:
    """Walks protocol buffers; what the caller does not read of a field is skipped."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self._path = path
        self._size = path.stat().st_size

    def fields(self, size: int) -> Iterator[tuple[int, int, int]]:
        """Give number, wire type, and value or length of each field of a message of ``size`` bytes that begins here."""
        end = self._file.tell() + size
        if end > self._size:
            raise ModelIncomplete(f"{self._path} is cut short at {self._size} bytes; fetch the model again")
        while self._file.tell() < end:
            key = self._varint()
            wire = key & 7
            if wire == _VARINT:
                after, value = None, self._varint()
            elif wire == _BYTES:
                value = self._varint()
                after = self._file.tell() + value
            elif wire in {_FIXED32, _FIXED64}:
                value = 4 if wire == _FIXED32 else 8
                after = self._file.tell() + value
            else:
                raise self._corrupt()
            yield key >> 3, wire, value
            if after is not None:
                if after > end:
                    raise ModelIncomplete(f"{self._path} is cut short at {self._size} bytes; fetch the model again")
                self._file.seek(after)

    def text(self, length: int) -> str:
        if length > _MAX_TEXT_BYTES:
            raise self._corrupt()
        return self._file.read(length).decode("utf-8", "replace")

    def _varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self._file.read(1)
            if not byte:
                raise ModelIncomplete(f"{self._path} is cut short at {self._size} bytes; fetch the model again")
            value |= (byte[0] & 0x7F) << shift
            if byte[0] < 0x80:
                return value
        raise self._corrupt()

    def _corrupt(self) -> ModelCorrupt:
        return ModelCorrupt(f"{self._path} is no ONNX model, or is damaged; fetch the model again")
