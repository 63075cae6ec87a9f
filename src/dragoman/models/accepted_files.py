"""Which files may enter the store. By name for table.py and record.py, by content for pull.py and adding.py.

Pickled weights run whatever code they carry when they are loaded, so no name that usually holds them is taken, a
``.bin`` must begin as CTranslate2 writes it, and an ``.npz`` may hold numbers alone (plain_arrays.py).
"""

import struct
from pathlib import Path, PurePosixPath

RECORD_NAME = "dragoman.json"
"""The store's own file in every model folder."""

_ACCEPTED_SUFFIXES = frozenset(
    {".bin", ".json", ".txt", ".spm", ".model", ".vocab", ".onnx", ".data", ".npz", ".gguf", ".safetensors", ".wav"}
)
"""``.data`` are the weights beside an ``.onnx``: bare numbers. ``.wav`` are the recordings some voices are made of."""
_PICKLE_SUFFIXES = frozenset({".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".npy", ".joblib"})
_PICKLE_STEMS = ("pytorch_model", "training_args", "optimizer", "scheduler")
_MAX_PATH_CHARACTERS = 200


def why_refused(path: str) -> str:
    """Say why a file of this name may not enter the store; empty if it may."""
    name = PurePosixPath(path).name
    stem, suffix = name.split(".")[0], PurePosixPath(name).suffix.lower()
    if why_unsafe_path(path):
        return why_unsafe_path(path)
    if is_pickle_name(path):
        return (
            f"{path} is a pickle, which runs code when it is loaded; dragoman models convert makes a safe model of it"
        )
    if suffix not in _ACCEPTED_SUFFIXES or not stem:
        return f"{path} is no model file that we read; these are: *{' *'.join(sorted(_ACCEPTED_SUFFIXES))}"
    return ""


def why_unsafe_path(path: str) -> str:
    """Say why ``path`` could name a file outside its model's folder; empty if it cannot."""
    parts = path.split("/")
    if not path or len(path) > _MAX_PATH_CHARACTERS or not path.isprintable():
        return f"{path[:_MAX_PATH_CHARACTERS]!r} is no usable file name"
    if "\\" in path or ":" in path or any(part in {"", ".", ".."} for part in parts):
        return f"{path!r} leads out of the model's folder"
    if path == RECORD_NAME:
        return f"{RECORD_NAME} is the store's own file"
    return ""


def is_pickle_name(path: str) -> bool:
    """Say whether files of this name usually hold pickled Python objects."""
    name = PurePosixPath(path).name.lower()
    return PurePosixPath(name).suffix in _PICKLE_SUFFIXES or name.startswith(_PICKLE_STEMS)


def read_ctranslate2_spec(path: Path) -> str:
    """Read the name of the model's kind from the head of a CTranslate2 file: ``WhisperSpec``, ``TransformerSpec``.

    Empty if the file does not begin as CTranslate2's do: a little-endian 32-bit version, then a name with its 16-bit
    length. (``PK``, the head of torch's zip files, would be a version beyond 67 million.) Source: CTranslate2's
    ``model_spec.py``.
    """
    with path.open("rb") as file:
        head = file.read(6)
        if len(head) < 6:
            return ""
        version, length = struct.unpack("<IH", head)
        name = file.read(length) if version < 100 and length < 128 else b""
    spec = name.rstrip(b"\0").decode("ascii", errors="replace")
    return spec if spec.endswith("Spec") and spec.isidentifier() else ""
