"""Take a model out of the store: out of sight in one step, then off the disk. For ``dragoman models remove``."""

import os
import shutil
from pathlib import Path

from dragoman.ground.errors import ModelError, ModelNotFound
from dragoman.models.durable import lock, sync_folder
from dragoman.models.in_use import unused
from dragoman.models.licences import LOCKS_NAME
from dragoman.models.pull import INCOMING_NAME
from dragoman.models.table import is_model_id

_REMOVED_PREFIX = ".removed-"


def remove_model(models_dir: Path, model_id: str) -> int:
    """Remove an installed model and what has arrived of a pull of it; give the bytes that became free.

    Its pin and its accepted licence stay written down. Raises ``ModelNotFound``; ``ModelInUse`` if a process works
    with it; ``DownloadFailed`` while a pull of it is at work; and ``ModelError`` if the disk refuses. A removal that is
    killed leaves the model whole or gone; the next one clears what it left.
    """
    if not is_model_id(model_id):
        raise ModelNotFound(f"{model_id!r} is no id of a model; dragoman models list has them")
    places = [models_dir / model_id, models_dir / INCOMING_NAME / model_id]
    if not any(place.is_dir() for place in places):
        raise ModelNotFound(f"{model_id} is not on this machine; dragoman models list says what is")
    try:
        with lock(models_dir / LOCKS_NAME / model_id, wait_s=0), unused(models_dir, model_id):
            trash = models_dir / f"{_REMOVED_PREFIX}{model_id}-{os.getpid()}"
            trash.mkdir()
            for number, place in enumerate(places):
                if place.is_dir():
                    place.rename(trash / str(number))
            sync_folder(models_dir)
        return _clear(models_dir)
    except OSError as error:
        raise ModelError(f"{model_id} cannot be removed from {models_dir}: {error.strerror or error}") from error


def _clear(models_dir: Path) -> int:
    """Delete what was taken out, by this removal or by one that was killed; give its bytes."""
    freed = 0
    for trash in models_dir.glob(f"{_REMOVED_PREFIX}*"):
        freed += sum(path.stat().st_size for path in trash.rglob("*") if path.is_file() and path.stat().st_nlink == 1)
        shutil.rmtree(trash)
    return freed
