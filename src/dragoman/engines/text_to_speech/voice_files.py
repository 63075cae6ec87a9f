"""The files of a voice model's folder, found by how their names begin, and checked. For ``voice_families.py``."""

import hashlib
from pathlib import Path

from dragoman.engines.onnx_header import OnnxHeader, read_onnx_header
from dragoman.engines.text_to_speech.voice_folder import FolderVoice
from dragoman.ground.errors import ModelIncomplete, ModelWrongFamily


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


def recorded_voices(folder: Path, *, with_text: bool) -> tuple[FolderVoice, ...]:
    """List the recordings in ``voices/``; a model that must know the words has them in a ``.txt`` beside each.

    Raises ``ModelIncomplete`` if there is none.
    """
    voices = []
    for path in sorted((folder / "voices").glob("*.wav")):
        words = path.with_suffix(".txt")
        text = words.read_text(encoding="utf-8").strip() if with_text and words.is_file() else ""
        if not with_text or text:
            voices.append(FolderVoice(name=path.stem, reference=str(path), reference_text=text))
    if not voices:
        beside = " and, beside it, NAME.txt with its exact words" if with_text else ""
        raise ModelIncomplete(f"{folder} has no stock voice; put a recording of 3 to 10 s to voices/NAME.wav{beside}")
    return tuple(voices)
