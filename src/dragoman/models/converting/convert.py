"""Convert a published model: which family it is, its weights, and the files that its engine wants beside them.

For ``dragoman models convert``. Nothing that a file holds is ever run: safetensors and Marian's .npz hold no code, and
PyTorch's checkpoints are read as data (torch_checkpoint.py).
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from dragoman.ground.errors import ModelCorrupt, ModelIncomplete, ModelWrongFamily, OutputNotWritable
from dragoman.models.accepted_files import why_unsafe_path
from dragoman.models.converting import marian
from dragoman.models.converting.m2m100 import FILES, convert_m2m100
from dragoman.models.converting.tokens import TOKENIZER, write_tokenizer
from dragoman.models.converting.whisper import convert_whisper
from dragoman.models.durable import read_json, replace_folder
from dragoman.models.families import recognise_engine, require_family
from dragoman.models.fields import Fields

QUANTIZATIONS = ("int8", "int8_float32", "int16", "float16", "float32")
_MARIAN_CONFIG = "decoder.yml"


def convert_model(source: Path, target: Path, *, quantization: str = "int8") -> str:
    """Convert the model in the folder ``source`` into ``target``, which is new or empty; give the engine that takes it.

    ``target`` is there when it is whole, or not at all. Raises ``ModelWrongFamily`` for a model that cannot be
    converted here, ``ModelIncomplete`` or ``ModelCorrupt`` for one that is not whole, and ``OutputNotWritable``.
    """
    if not source.is_dir():
        raise ModelIncomplete(f"no folder {source}; give the folder of a model as it was published")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OutputNotWritable(f"{target} is there already; name a new folder")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".converting-{target.name}-", dir=target.parent))
        try:
            if (source / _MARIAN_CONFIG).is_file():
                _convert_marian(source, temporary, quantization)
            else:
                _convert_transformers(source, temporary, quantization)
            engine = recognise_engine(temporary)
            require_family(temporary, engine, [path.name for path in temporary.iterdir()])
            temporary.chmod(0o755)
            replace_folder(temporary, target, trash=temporary.with_name(f"{temporary.name}-old"))
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise OutputNotWritable(f"{target} cannot be written: {error.strerror or error}") from error
    return engine


def _convert_transformers(source: Path, target: Path, quantization: str) -> None:
    path = source / "config.json"
    if not path.is_file():
        raise ModelIncomplete(f"{source} has neither config.json nor {_MARIAN_CONFIG}; it is no published model")
    config = Fields(read_json(path), where=f"{source.name}/config.json", error=ModelWrongFamily)
    match config.text("model_type", ""):
        case "m2m_100":
            _save(convert_m2m100(source, config), target, quantization)
            _copy(source, target, FILES)
        case "marian":
            _save(marian.convert_marian(source, config), target, quantization)
            _copy(source, target, marian.FILES)
        case "whisper":
            _save(convert_whisper(source, config), target, quantization)
            write_tokenizer(source, target / TOKENIZER)
        case other:
            raise ModelWrongFamily(
                f"{source} holds a model of type {other or 'unknown'!r}; these are converted: NLLB and M2M100 "
                "(m2m_100), OPUS-MT (marian; also as Marian itself has it, .npz with decoder.yml), Whisper and "
                "PhoWhisper (whisper)"
            )


def _save(spec: Any, target: Path, quantization: str) -> None:
    spec.validate()
    spec.optimize(quantization=None if quantization == "float32" else quantization)
    spec.save(str(target))


def _convert_marian(source: Path, target: Path, quantization: str) -> None:
    # Here, because it brings a reader of YAML that nothing else needs.
    import yaml
    from ctranslate2.converters.opus_mt import OpusMTConverter

    try:
        parsed: object = yaml.safe_load((source / _MARIAN_CONFIG).read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ModelCorrupt(f"{source / _MARIAN_CONFIG} is damaged ({error})") from error
    config = Fields(parsed, where=_MARIAN_CONFIG, error=ModelWrongFamily)
    if not config.texts("models") or not config.texts("vocabs"):
        raise config.wrong("it names no models and vocabs, as the one of a translator of OPUS-MT does")
    for name in (*config.texts("models"), *config.texts("vocabs")):
        if why_unsafe_path(name) or not (source / name).is_file():
            raise ModelIncomplete(f"{source} lacks {name}, which its {_MARIAN_CONFIG} names")
    try:
        converter = OpusMTConverter(str(source))
        converter.convert(str(target), quantization=None if quantization == "float32" else quantization, force=True)
    except (ValueError, KeyError, RuntimeError) as error:
        raise ModelWrongFamily(f"{source} cannot be converted: {error}") from error
    _copy(source, target, marian.FILES)


def _copy(source: Path, target: Path, names: tuple[str, ...]) -> None:
    for name in names:
        if not (source / name).is_file():
            raise ModelIncomplete(f"{source} lacks {name}, which splits sentences for the model")
        shutil.copyfile(source / name, target / name)
