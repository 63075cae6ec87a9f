"""Take a folder of one's own into the store: recognised, checked, hashed, in one step. For store.py."""

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path

from dragoman.ground.engines import LanguagePair
from dragoman.ground.errors import ModelError, ModelIncomplete, ModelNotFound, SettingsInvalid
from dragoman.ground.languages import Language
from dragoman.models.disk_space import FreeBytes, free_disk_bytes, require_space
from dragoman.models.durable import lock, try_to_link
from dragoman.models.families import (
    KNOWN_ENGINES,
    RECOGNISERS,
    VOICES,
    list_model_files,
    recognise_engine,
    require_family,
)
from dragoman.models.licences import LOCKS_NAME
from dragoman.models.record import ModelRecord, write_record
from dragoman.models.table import ModelFile, is_model_id
from dragoman.models.unfinished import make_unfinished, put_in_place

_UNKNOWN_LICENCE = "LicenseRef-unknown"
_LOCK_WAIT_S = 60.0


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
    free_bytes: FreeBytes = free_disk_bytes,
) -> ModelRecord:
    """Link or copy the model's files in ``folder`` to ``models_dir/model_id``; other files stay behind.

    Without ``engine`` it is recognised from the files. What an add of the same id left that was killed is settled
    first. Raises ``ModelNotFound``, ``ModelIncomplete``, ``ModelWrongFamily``, ``SettingsInvalid`` for options that do
    not fit, ``DiskFull`` before files are copied that cannot be linked, ``DownloadFailed`` while another process is at
    work on the id, and ``ModelError`` if the disk refuses.
    """
    if not folder.is_dir():
        raise ModelNotFound(f"no folder {folder}; give the folder that holds the model's files")
    try:
        engine = engine or recognise_engine(folder)
        _require_options(model_id, engine, languages, pairs)
        names = list_model_files(folder, engine)
        require_family(folder, engine, names)
        if not names:
            raise ModelIncomplete(f"{folder} holds no model files")
        models_dir.mkdir(parents=True, exist_ok=True)
        with lock(models_dir / LOCKS_NAME / model_id, wait_s=_LOCK_WAIT_S):
            built = make_unfinished(models_dir, model_id, doing="adding")
            try:
                _take(names, folder, built, model_id=model_id, free_bytes=free_bytes)
                record = ModelRecord(
                    id=model_id,
                    engine=engine,
                    languages=tuple(languages),
                    pairs=tuple(pairs),
                    licence=licence or _UNKNOWN_LICENCE,
                    commercial=commercial,
                    attribution=attribution,
                    files=tuple(_hashed(built, name) for name in names),
                )
                write_record(built, record)
                put_in_place(built, models_dir / model_id)
            finally:
                shutil.rmtree(built, ignore_errors=True)
    except OSError as error:
        raise ModelError(f"{folder} cannot be added to {models_dir}: {error.strerror or error}") from error
    return record


def _require_options(model_id: str, engine: str, languages: Sequence[Language], pairs: Sequence[LanguagePair]) -> None:
    if not is_model_id(model_id):
        raise SettingsInvalid(f"{model_id!r} cannot be an id: lower-case letters, digits, '.', '_' and '-', at most 64")
    if engine not in KNOWN_ENGINES:
        raise SettingsInvalid(f"no engine {engine!r} takes a model; there are: {', '.join(KNOWN_ENGINES)}")
    if engine not in RECOGNISERS and engine not in VOICES and (languages or not pairs):
        raise SettingsInvalid("say which pairs the model translates: --languages en:vi, not a single language")
    if engine in RECOGNISERS and (pairs or not languages):
        raise SettingsInvalid("say which languages the model recognises: --languages vi, not a pair")
    if engine in VOICES and (pairs or not languages):
        raise SettingsInvalid("say which languages the model speaks: --languages vi, not a pair")


def _take(names: Sequence[str], folder: Path, built: Path, *, model_id: str, free_bytes: FreeBytes) -> None:
    """Link the files, and copy those that cannot be linked if there is room for all of them."""
    for name in names:
        (built / name).parent.mkdir(exist_ok=True)
    copied = [name for name in names if not try_to_link(folder / name, built / name)]
    if copied:
        size_bytes = sum((folder / name).stat().st_size for name in copied)
        require_space(model_id, size_bytes, built.parent, free_bytes=free_bytes)
    for name in copied:
        shutil.copy2((folder / name).resolve(), built / name)


def _hashed(built: Path, name: str) -> ModelFile:
    target = built / name
    with target.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return ModelFile(path=name, size=target.stat().st_size, sha256=sha256)
