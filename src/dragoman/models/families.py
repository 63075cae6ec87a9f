"""Which engine takes the files of a folder, and what is lacking. For pull.py and adding.py."""

from collections.abc import Collection
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from dragoman.ground.errors import ModelIncomplete, ModelWrongFamily
from dragoman.models.accepted_files import is_pickle_name, read_ctranslate2_spec, why_refused
from dragoman.models.plain_arrays import why_not_plain

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
    # Families of voices differ too much to be listed; the engine says which of its files is missing.
    "vieneu": (
        (
            frozenset({"constants.npz"}),
            frozenset({"vieneu_prefill.onnx"}),
            frozenset({"onnx_update/vieneu_prefill.onnx"}),
            frozenset({"onnx_int8/vieneu_prefill.onnx"}),
        ),
    ),
    "sherpa_voice": ((frozenset({"tokens.txt"}), frozenset({"tts.json"}), frozenset({"token_scores.json"})),),
}
"""By engine: each need is met by any of its sets of files, which are patterns."""
_VOICE_TABLES = frozenset({"voices.bin", "voice.bin", "unicode_indexer.bin"})
"""Plain numbers beside the voices of sherpa, which are never unpickled."""

KNOWN_ENGINES = tuple(_NEEDS)
RECOGNISERS = frozenset({"faster_whisper", "sherpa"})
"""Engines whose languages are recognised, not spoken."""
VOICES = ("vieneu", "sherpa_voice")
"""Engines whose languages are spoken. The one with the more telling files is asked first."""
_SUBFOLDERS = {"vieneu": ("onnx_update", "onnx_int8", "codec"), "sherpa_voice": ("voices",)}
"""By engine: where its files lie below the model's folder, as published."""


def list_model_files(folder: Path, engine: str) -> list[str]:
    """List what of ``folder`` may enter the store, relative to it. Raises ``OSError``."""
    places = [folder, *(folder / name for name in _SUBFOLDERS.get(engine, ()) if (folder / name).is_dir())]
    names = [path.relative_to(folder).as_posix() for place in places for path in place.iterdir() if path.is_file()]
    return sorted(name for name in names if not why_refused(name))


def recognise_engine(folder: Path) -> str:
    """Say which engine takes the model in ``folder``: by how its files begin, what ``model.bin`` declares, or names.

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
        for voice in VOICES:
            names = set(list_model_files(folder, voice))
            if any(name.endswith(".onnx") for name in names) and any(need <= names for need in _NEEDS[voice][0]):
                return voice
        pickles = sorted(path.name for path in folder.iterdir() if is_pickle_name(path.name))
        if pickles:
            raise ModelWrongFamily(
                f"{folder} holds {', '.join(pickles)}: pickles run code when they are loaded and are not taken; "
                "convert the model with dragoman models convert"
            )
        raise ModelIncomplete(
            f"{folder} has no model.bin; convert the model with dragoman models convert (a streaming transducer of "
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
            "convert the model with dragoman models convert"
        )
    return spec


def require_family(folder: Path, engine: str, names: Collection[str]) -> None:
    """Check that the files ``names`` of ``folder`` are a complete model of ``engine``.

    Raises ``ModelIncomplete`` or ``ModelWrongFamily``. Engines of which nothing is known here are only held to safe
    ``.bin`` and ``.npz`` files.
    """
    for name in names:
        if name.endswith(".npz"):
            _require_plain(folder / name)
        if name.endswith(".bin") and not (engine == "sherpa_voice" and name in _VOICE_TABLES):
            _require_safe(folder / name, engine)
    if engine in _NEEDS and recognise_engine(folder) != engine:
        raise ModelWrongFamily(f"{folder} holds a model for {recognise_engine(folder)}, not for {engine}")
    _require_complete(folder, engine, names)


def _require_plain(arrays: Path) -> None:
    """Check an ``.npz`` file. Raises ``ModelWrongFamily`` if it could run code when it is loaded, or is damaged."""
    why = why_not_plain(arrays)
    if why:
        raise ModelWrongFamily(f"{arrays} is not taken: {why}; only plain arrays run no code when they are loaded")


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
