"""Take a folder of one's own into the store: recognised, checked, hashed, in one step. For store.py."""

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from dragoman.ground.engines import LanguagePair
from dragoman.ground.errors import ModelError, ModelIncomplete, ModelNotFound, SettingsInvalid
from dragoman.ground.languages import Language
from dragoman.models.accepted_files import why_refused
from dragoman.models.durable import link_or_copy, replace_folder
from dragoman.models.families import KNOWN_ENGINES, RECOGNISERS, recognise_engine, require_family
from dragoman.models.record import ModelRecord, write_record
from dragoman.models.table import ModelFile, is_model_id

_UNKNOWN_LICENCE = "LicenseRef-unknown"


def add_folder(
    models_dir: Path,
    folder: Path,
    *,
    model_id: str,
    engine: str = "",
    languages: Sequence[Language] = (),
    pairs: Sequence[LanguagePair] = (),
    licence: str = "",
    commercial: bool = False,
    attribution: str = "",
) -> ModelRecord:
    """Link or copy the model files at the top of ``folder`` to ``models_dir/model_id``; other files stay behind.

    Without ``engine`` it is recognised from the files. Raises ``ModelNotFound``, ``ModelIncomplete``,
    ``ModelWrongFamily``, ``SettingsInvalid`` for options that do not fit, and ``ModelError`` if the disk refuses.
    """
    if not folder.is_dir():
        raise ModelNotFound(f"no folder {folder}; give the folder that holds the model's files")
    try:
        names = sorted(path.name for path in folder.iterdir() if path.is_file() and not why_refused(path.name))
        engine = engine or recognise_engine(folder)
        _require_options(model_id, engine, languages, pairs)
        require_family(folder, engine, names)
        if not names:
            raise ModelIncomplete(f"{folder} holds no model files")
        models_dir.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".adding-{model_id}-", dir=models_dir))
        try:
            record = ModelRecord(
                id=model_id,
                engine=engine,
                languages=tuple(languages),
                pairs=tuple(pairs),
                licence=licence or _UNKNOWN_LICENCE,
                commercial=commercial,
                attribution=attribution,
                files=tuple(_take(folder / name, temporary / name) for name in names),
            )
            write_record(temporary, record)
            temporary.chmod(0o755)
            replace_folder(temporary, models_dir / model_id, trash=temporary.with_name(f"{temporary.name}-old"))
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise ModelError(f"{folder} cannot be added to {models_dir}: {error.strerror or error}") from error
    return record


def _require_options(model_id: str, engine: str, languages: Sequence[Language], pairs: Sequence[LanguagePair]) -> None:
    if not is_model_id(model_id):
        raise SettingsInvalid(f"{model_id!r} cannot be an id: lower-case letters, digits, '.', '_' and '-', at most 64")
    if engine not in KNOWN_ENGINES:
        raise SettingsInvalid(f"no engine {engine!r} takes a model; there are: {', '.join(KNOWN_ENGINES)}")
    if engine == "ctranslate2" and (languages or not pairs):
        raise SettingsInvalid("say which pairs the model translates: --languages en:vi, not a single language")
    if engine in RECOGNISERS and (pairs or not languages):
        raise SettingsInvalid("say which languages the model recognises: --languages vi, not a pair")


def _take(source: Path, target: Path) -> ModelFile:
    link_or_copy(source, target)
    with target.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return ModelFile(path=target.name, size=target.stat().st_size, sha256=sha256)
