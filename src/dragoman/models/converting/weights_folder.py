"""Find the weights in a published model's folder: one file, or several with an index. For those that read each family.

Safetensors come first; PyTorch's checkpoints are read where there are none, and nothing in them is run.
"""

from collections.abc import Callable
from pathlib import Path

from dragoman.ground.errors import ModelCorrupt, ModelIncomplete
from dragoman.models.accepted_files import why_unsafe_path
from dragoman.models.converting.safetensors_file import read_safetensors
from dragoman.models.converting.stored_arrays import StoredArray, Weights
from dragoman.models.converting.torch_checkpoint import read_torch_checkpoint
from dragoman.models.durable import read_json
from dragoman.models.fields import Fields

_READERS: dict[str, Callable[[Path], dict[str, StoredArray]]] = {
    "model.safetensors": read_safetensors,
    "pytorch_model.bin": read_torch_checkpoint,
}
"""By name, in the order in which they are preferred; a model in several files has an index of this name."""


def open_weights(folder: Path) -> Weights:
    """List the arrays of a folder.

    Raises ``ModelIncomplete`` without files of weights, and ``ModelCorrupt`` for one that cannot be read.
    """
    for name, read in _READERS.items():
        files = _files(folder, name)
        if files:
            return Weights(folder, {array: place for path in files for array, place in read(path).items()})
    raise ModelIncomplete(f"{folder} has no weights; these are read: {', '.join(_READERS)}, whole or with an index")


def _files(folder: Path, name: str) -> list[Path]:
    """Name the files that go by ``name``; none if there are no such weights."""
    if (folder / name).is_file():
        return [folder / name]
    index = f"{name}.index.json"
    if not (folder / index).is_file():
        return []
    places = Fields(read_json(folder / index), where=index, error=ModelCorrupt).table("weight_map")
    parts = sorted({places.text(weight) for weight in places.names()})
    for part in parts:
        if why_unsafe_path(part) or not (folder / part).is_file():
            raise ModelIncomplete(f"{folder} lacks {part}, which its {index} names")
    return [folder / part for part in parts]
