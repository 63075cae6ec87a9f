"""Look at a folder before CTranslate2 does, which ends the whole process over some damaged files.

Used by ``speech_to_text/faster_whisper.py`` and ``translation/ctranslate2.py``. Source of the format: CTranslate2's
``model_spec.py`` (``_serialize``) and ``model.cc``: all numbers little-endian, every string a 16-bit length and bytes
that end in a zero. Header: binary version, name of the specification, its revision, number of weights; then each weight
(name, shape, type, bytes), then the aliases.
"""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from dragoman.ground.errors import ModelCorrupt, ModelIncomplete, ModelNotFound, ModelWrongFamily

MODEL_FILE = "model.bin"

_TAKEN_BY = {
    "WhisperSpec": "the speech-to-text engine faster_whisper",
    "TransformerSpec": "the translation engine ctranslate2",
}
_MAX_NAME_BYTES = 512
_MAX_WEIGHTS = 1 << 20


def require_files(folder: Path, names: Sequence[str]) -> None:
    """Check that ``folder`` holds every file of ``names``; ``a.json|a.txt`` is satisfied by either.

    Raises ``ModelNotFound`` if there is no such folder, ``ModelIncomplete`` naming all that is missing or empty.
    """
    if not folder.is_dir():
        raise ModelNotFound(f"no folder {folder}; give a folder that holds {', '.join(names)}")
    missing = [name for name in names if not any(_has_content(folder / choice) for choice in name.split("|"))]
    if missing:
        raise ModelIncomplete(
            f"{folder} lacks {', '.join(name.replace('|', ' or ') for name in missing)}; "
            "fetch the model again, or copy all of its files"
        )


def read_model_spec(folder: Path) -> str:
    """Say what kind of model ``folder`` holds, as its converter named it: ``WhisperSpec``, ``TransformerSpec``.

    Walks the whole ``model.bin`` (only the headers of the weights are read, so this takes milliseconds) and raises
    ``ModelIncomplete`` if it is missing or cut short, ``ModelCorrupt`` if it is not a CTranslate2 model.
    """
    require_files(folder, [MODEL_FILE])
    path = folder / MODEL_FILE
    with path.open("rb") as file:
        reader = _Reader(file, path)
        version = reader.number("<I")
        if not 1 <= version < 100:
            raise ModelCorrupt(f"{path} is not a CTranslate2 model; convert the model with dragoman models convert")
        spec = reader.name()
        _walk_weights(reader, version)
    return spec


def require_spec(folder: Path, wanted: str) -> None:
    """Check that ``folder`` holds a model of the kind ``wanted``.

    Raises what ``read_model_spec`` raises, and ``ModelWrongFamily`` that names the engine which takes the model.
    """
    spec = read_model_spec(folder)
    if spec != wanted:
        taker = _TAKEN_BY.get(spec, "no engine of ours")
        raise ModelWrongFamily(f"{folder} holds a {spec} model, which {taker} takes; a {wanted} model is needed here")


def _walk_weights(reader: "_Reader", version: int) -> None:
    reader.number("<I")  # revision of the specification: CTranslate2 itself says if it is too new
    if version < 4:
        return  # Written before 2020, with another layout of weights; CTranslate2 decides.
    weights = reader.number("<I")
    if weights > _MAX_WEIGHTS:
        raise ModelCorrupt(f"{reader.path} claims {weights} weights; fetch the model again")
    for _ in range(weights):
        reader.name()
        dimensions = reader.number("<B")
        reader.skip(4 * dimensions + 1)  # shape, and the type's id
        reader.skip(reader.number("<I"))
    for _ in range(reader.number("<I")):
        reader.name()
        reader.name()


def _has_content(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


class _Reader:
    """Reads a model file forward and never past its end."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._file = file
        self.path = path
        self._size = path.stat().st_size

    def number(self, layout: str) -> int:
        (value,) = struct.unpack(layout, self._take(struct.calcsize(layout)))
        return int(value)

    def name(self) -> str:
        length = self.number("<H")
        if not 1 <= length <= _MAX_NAME_BYTES:
            raise ModelCorrupt(f"{self.path} is not a CTranslate2 model, or is damaged; fetch it again")
        try:
            return self._take(length).rstrip(b"\0").decode("ascii")
        except UnicodeDecodeError as error:
            raise ModelCorrupt(f"{self.path} is not a CTranslate2 model, or is damaged; fetch it again") from error

    def skip(self, count: int) -> None:
        self._require(count)
        self._file.seek(count, 1)

    def _take(self, count: int) -> bytes:
        self._require(count)
        return self._file.read(count)

    def _require(self, count: int) -> None:
        if self._file.tell() + count > self._size:
            raise ModelIncomplete(f"{self.path} is cut short at {self._size} bytes; fetch the model again")
