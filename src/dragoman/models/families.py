"""Which engine takes the files of a folder, and what is lacking. For pull.py and adding.py."""

from collections.abc import Collection
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from dragoman.ground.errors import ModelIncomplete, ModelWrongFamily
from dragoman.models.accepted_files import is_pickle_name, read_ctranslate2_spec

_ENGINE_OF_SPEC: Final = {"WhisperSpec": "faster_whisper", "TransformerSpec": "ctranslate2"}

_MARIAN: Final = (1).to_bytes(8, "little")
"""How Marian's binary models begin: their version."""
_SHORTLIST: Final = (0xF11A48D5013417F5).to_bytes(8, "little")
"""How Marian's binary shortlists begin."""
_GGUF: Final = b"GGUF"

_ANY_VOCABULARY: Final = (
    frozenset({"shared_vocabulary.json"}),
    frozenset({"shared_vocabulary.txt"}),
    frozenset({"source_vocabulary.json", "target_vocabulary.json"}),
    frozenset({"source_vocabulary.txt", "target_vocabulary.txt"}),
)
_NEEDS: Final[dict[str, tuple[tuple[frozenset[str], ...], ...]]] = {
    "faster_whisper": (
        (frozenset({"model.bin"}),),
        (frozenset({"config.json"}),),
        (frozenset({"tokenizer.json"}),),
        (frozenset({"vocabulary.json"}), frozenset({"vocabulary.txt"})),
    ),
    "ctranslate2": (
        (frozenset({"model.bin"}),),
        (frozenset({"config.json"}),),
        (
            frozenset({"sentencepiece.bpe.model"}),
            frozenset({"spiece.model"}),
            frozenset({"sentencepiece.model"}),
            frozenset({"source.spm", "target.spm"}),
        ),
        _ANY_VOCABULARY,
    ),
    "firefox": (
        (frozenset({"model*.bin"}),),
        (frozenset({"vocab*.spm"}), frozenset({"srcvocab*.spm", "trgvocab*.spm"})),
    ),
    "llama_cpp": ((frozenset({"*.gguf"}),),),
    "sherpa": (
        (frozenset({"tokens.txt"}),),
        (frozenset({"encoder*.onnx"}),),
        (frozenset({"decoder*.onnx"}),),
        (frozenset({"joiner*.onnx"}),),
    ),
}
"""By engine: each need is met by any of its sets of files, which are patterns."""

KNOWN_ENGINES = tuple(_NEEDS)
RECOGNISERS = frozenset({"faster_whisper", "sherpa"})
"""Engines whose languages are recognised, not spoken."""


def recognise_engine(folder: Path) -> str:
    """Say which engine takes the model in ``folder``: by how its files begin, what ``model.bin`` declares, or a joiner.

    Raises ``ModelIncomplete`` without a model, ``ModelWrongFamily`` for a kind that no engine takes.
    """
    if any(_begins(path, _GGUF) for path in folder.glob("*.gguf")):
        return "llama_cpp"
    if any(_begins(path, _MARIAN) for path in folder.glob("model*.bin")):
        return "firefox"
    model = folder / "model.bin"
    if not model.is_file():
        if any(folder.glob("joiner*.onnx")):
            return "sherpa"
        pickles = sorted(path.name for path in folder.iterdir() if is_pickle_name(path.name))
        if pickles:
            raise ModelWrongFamily(
                f"{folder} holds {', '.join(pickles)}: pickles run code when they are loaded and are not taken; "
                "convert the model with ct2-transformers-converter"
            )
        raise ModelIncomplete(
            f"{folder} has no model.bin; convert the model with ct2-transformers-converter (a streaming transducer of "
            "sherpa-onnx has joiner.onnx instead)"
        )
    spec = require_ctranslate2(model)
    if spec not in _ENGINE_OF_SPEC:
        raise ModelWrongFamily(f"{folder} holds a {spec}; the engines take {' and '.join(_ENGINE_OF_SPEC)}")
    return _ENGINE_OF_SPEC[spec]


def require_ctranslate2(model: Path) -> str:
    """Give the kind of model in a ``.bin`` file. Raises ``ModelWrongFamily`` if CTranslate2 did not write it."""
    spec = read_ctranslate2_spec(model)
    if not spec:
        raise ModelWrongFamily(
            f"{model} was not written by CTranslate2 (a pickle, perhaps, which runs code when it is loaded); "
            "convert the model with ct2-transformers-converter"
        )
    return spec


def require_family(folder: Path, engine: str, names: Collection[str]) -> None:
    """Check that the files ``names`` of ``folder`` are a complete model of ``engine``.

    Raises ``ModelIncomplete`` or ``ModelWrongFamily``. Engines of which nothing is known here are only held to safe
    ``.bin`` files.
    """
    for name in names:
        if name.endswith(".bin"):
            _require_safe(folder / name, engine)
    if engine in _NEEDS and recognise_engine(folder) != engine:
        raise ModelWrongFamily(f"{folder} holds a model for {recognise_engine(folder)}, not for {engine}")
    _require_complete(folder, engine, names)


def _require_safe(path: Path, engine: str) -> None:
    """Refuse a ``.bin`` that neither Marian, for its engine, nor CTranslate2 wrote."""
    if engine != "firefox":
        require_ctranslate2(path)
    elif not (_begins(path, _MARIAN) or _begins(path, _SHORTLIST)):
        raise ModelWrongFamily(f"{path} is no binary file of Marian; unpack it, or fetch the model again")


def _begins(path: Path, start: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(start)) == start


def _require_complete(folder: Path, engine: str, names: Collection[str]) -> None:
    """Check that ``names`` are all files that ``engine`` needs. Raises ``ModelIncomplete`` with what is lacking."""
    lacking = [
        " or ".join(" and ".join(sorted(choice)) for choice in need)
        for need in _NEEDS.get(engine, ())
        if not any(all(any(fnmatchcase(name, it) for name in names) for it in choice) for choice in need)
    ]
    if lacking:
        raise ModelIncomplete(f"{folder} lacks {'; '.join(lacking)}: {engine} cannot open it without")
