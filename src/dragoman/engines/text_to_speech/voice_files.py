"""The files of a voice model's folder, found by how their names begin, and checked. For ``voice_families.py``."""

import hashlib
from pathlib import Path
from typing import Final

from dragoman.engines.onnx_header import OnnxHeader, read_onnx_header
from dragoman.ground.errors import ModelCorrupt, ModelIncomplete, ModelWrongFamily

VOCOS: Final = ("vocos", "matcha-tts vocos")
_VOCODER_RATE: Final = 22_050
"""Of one that states none, to sherpa-onnx."""


class VoiceFiles:
    """The files at the top of a folder; ``lm_main.int8.onnx`` is found as ``lm_main``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._names = sorted(path.name for path in folder.iterdir() if path.is_file())

    def fingerprint(self) -> str:
        """Give a short hash of the names, sizes and times of the files; reading them all would take seconds."""
        stats = [(name, (self.folder / name).stat()) for name in self._names]
        rows = [f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats]
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:12]

    def onnx(self) -> list[str]:
        return [name for name in self._names if name.endswith(".onnx")]

    def has(self, stem: str, suffix: str = ".onnx") -> bool:
        return self._find(stem, suffix) is not None

    def path(self, stem: str, suffix: str = ".onnx") -> Path:
        """Give the file; of several that without ``int8``, whose sound was not traded for size."""
        name = self._find(stem, suffix)
        if name is None:
            raise ModelIncomplete(f"{self.folder} lacks {stem}{suffix}; copy all files of the model")
        path = self.folder / name
        if not path.stat().st_size:
            raise ModelIncomplete(f"{path} is empty; fetch the model again")
        return path

    def model(self, stem: str, *, inputs: int, outputs: int = 1, needs: tuple[str, ...] = ()) -> OnnxHeader:
        """Check an ONNX file: as many tensors as the family has at least, and the metadata without which
        sherpa-onnx ends its process."""
        path = self.path(stem)
        header = read_onnx_header(path)
        if len(header.inputs) < inputs or len(header.outputs) < outputs:
            raise ModelWrongFamily(
                f"{path} has the inputs {', '.join(header.inputs) or 'none'}; a model of {inputs} is needed here"
            )
        missing = [name for name in needs if not header.metadata.get(name)]
        if missing:
            raise ModelWrongFamily(
                f"{path} does not state its {', '.join(missing)}; take the model as sherpa-onnx publishes it"
            )
        return header

    def paths(self, *stems: str) -> dict[str, str]:
        """Give ONNX files by their stems, as sherpa-onnx's configurations name them."""
        return {stem: str(self.path(stem)) for stem in stems}

    def vocoder(self, stem: str, *, kinds: tuple[str, ...], sample_rate: int) -> Path:
        """Check that a vocoder is of one of ``kinds`` and makes the rate that the model before it states.

        sherpa-onnx ends its process over any other.
        """
        path = self.path(stem)
        stated = self.model(stem, inputs=1, needs=("model_type",)).metadata
        if stated["model_type"] not in kinds:
            raise ModelWrongFamily(f"{path} is a vocoder {stated['model_type'][:20]!r}; take {' or '.join(kinds)}")
        rate = stated.get("sample_rate") or str(_VOCODER_RATE)
        if rate != str(sample_rate):
            raise ModelWrongFamily(f"{path} makes {rate[:20]} Hz; this model needs a vocoder of {sample_rate} Hz")
        return path

    def optional(self, name: str) -> str:
        return str(self.folder / name) if name in self._names else ""

    def lexicons(self) -> tuple[Path, ...]:
        names = [name for name in self._names if name.startswith("lexicon") and name.endswith(".txt")]
        # Two spellings of English would be asked in turn: the American one is enough.
        names = [name for name in names if name != "lexicon-gb-en.txt" or "lexicon-us-en.txt" not in names]
        return tuple(self.folder / name for name in names)

    def _find(self, stem: str, suffix: str) -> str | None:
        fitting = [name for name in self._names if name.startswith(stem) and name.endswith(suffix)]
        return min(fitting, key=lambda name: (".int8." in name, ".fp16." in name, len(name)), default=None)


def lexicon_argument(lexicons: tuple[Path, ...]) -> dict[str, str]:
    """Give the argument of sherpa-onnx's configurations for ``lexicons``, if there are any."""
    return {"lexicon": ",".join(map(str, lexicons))} if lexicons else {}


def whole_number(value: object, name: str, path: Path, *, most: int) -> int:
    """Read a number of 1 to ``most`` that a model states. Raises ``ModelCorrupt``."""
    text = str(value).strip()
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise ModelCorrupt(f"{path} states {text[:20]!r} as its {name}; fetch the model again")
    return int(text)
