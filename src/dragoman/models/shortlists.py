"""The shortlist that somebody made beside a model of the store, and that its record does not name. For pull.py and
importing.py, which replace the model's folder, and for ``dragoman models verify``.

``engines/translation/shortlist.py`` says what is in it.
"""

from pathlib import Path
from typing import Final

from dragoman.ground.errors import ModelCorrupt, ModelIncomplete
from dragoman.models.durable import link_or_copy
from dragoman.models.record import ModelRecord, read_record

_FILES: Final = {"ctranslate2": ("vmap.json", "vmap.txt")}
"""By engine; the last is the one without which the others are not read."""


def shortlist_files(folder: Path, record: ModelRecord) -> tuple[str, ...]:
    """Name the files of a shortlist in ``folder`` that is used and that ``record`` does not name."""
    names = _FILES.get(record.engine, ())
    if not names or not (folder / names[-1]).is_file():
        return ()
    published = {file.path for file in record.files}
    return tuple(name for name in names if name not in published and (folder / name).is_file())


def carry_shortlist(old: Path, new: Path, record: ModelRecord) -> bool:
    """Take the shortlist of ``old`` over to ``new``, which replaces it with the model of ``record``.

    Only if they are to have the same files: others may have other pieces. Gives whether one is left behind. Raises
    ``OSError``.
    """
    for name in shortlist_files(new, record):  # of a pull that was killed
        (new / name).unlink()
    names = shortlist_files(old, record)
    try:
        same = _contents(read_record(old)) == _contents(record)
    except (ModelIncomplete, ModelCorrupt):
        same = False
    if not same:
        return bool(names)
    for name in names:
        link_or_copy(old / name, new / name)
    return False


def tell_left_behind(model_id: str) -> str:
    return (
        f"the shortlist of {model_id} was made for other files of it and is gone; make it again: "
        "dragoman models shortlist"
    )


def _contents(record: ModelRecord) -> set[tuple[str, str]]:
    return {(file.path, file.sha256) for file in record.files}
