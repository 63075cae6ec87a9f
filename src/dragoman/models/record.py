"""What the store writes down: ``dragoman.json`` in each model's folder, and ``models.lock.json`` for all of them.

The first says what the folder holds and is written last, so a folder without it is not a model. The second holds
models to what was pulled: those whose hashes nobody published, and those of revisions that the table has no more. For
pull.py, adding.py and store.py.
"""

from dataclasses import dataclass
from pathlib import Path

from dragoman.ground.engines import LanguagePair
from dragoman.ground.errors import ModelCorrupt, ModelIncomplete
from dragoman.ground.languages import Language
from dragoman.models.accepted_files import RECORD_NAME
from dragoman.models.durable import read_json, write_json
from dragoman.models.fields import Fields
from dragoman.models.table import ModelFile, read_file, read_languages

PINS_NAME = "models.lock.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRecord:
    """What a model's folder holds."""

    id: str
    engine: str
    languages: tuple[Language, ...] = ()
    pairs: tuple[LanguagePair, ...] = ()
    licence: str
    commercial: bool
    attribution: str = ""
    source: str = ""
    """Repository on the hub; empty for a model that somebody added from a folder."""
    revision: str = ""
    files: tuple[ModelFile, ...]
    """With size and SHA-256, all of them."""

    @property
    def size_bytes(self) -> int:
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """The revision to which a model is held, and its files with size and SHA-256."""

    repo: str
    revision: str
    files: tuple[ModelFile, ...]


def read_record(folder: Path) -> ModelRecord:
    """Read a model folder's record. Raises ``ModelIncomplete`` if there is none, ``ModelCorrupt`` if it is damaged."""
    path = folder / RECORD_NAME
    if not path.is_file():
        raise ModelIncomplete(f"{folder} has no {RECORD_NAME}, so its model is not complete")
    return parse_record(read_json(path), where=f"{folder.name}/{RECORD_NAME}")


def parse_record(value: object, *, where: str) -> ModelRecord:
    """Read the content of a ``dragoman.json``. Raises ``ModelCorrupt`` that begins with ``where``."""
    fields = Fields(value, where=where, error=ModelCorrupt)
    languages, pairs = read_languages(fields)
    return ModelRecord(
        id=fields.text("id"),
        engine=fields.text("engine"),
        languages=languages,
        pairs=pairs,
        licence=fields.text("licence"),
        commercial=fields.flag("commercial"),
        attribution=fields.text("attribution"),
        source=fields.text("source"),
        revision=fields.text("revision"),
        files=_read_files(fields.table("files")),
    )


def names_files(folder: Path) -> bool:
    """Say whether ``folder`` has a record that names files; one that people wrote may give only languages or pairs."""
    path = folder / RECORD_NAME
    return path.is_file() and Fields(read_json(path), where=str(path), error=ModelCorrupt).has_value("files")


def write_record(folder: Path, record: ModelRecord) -> None:
    """Declare that ``folder`` is complete. Raises ``OSError``."""
    value: dict[str, object] = {"id": record.id, "engine": record.engine}
    if record.languages:
        value["languages"] = list(record.languages)
    if record.pairs:
        value["pairs"] = [list(pair) for pair in record.pairs]
    value |= {
        "licence": record.licence,
        "commercial": record.commercial,
        "attribution": record.attribution,
        "source": record.source,
        "revision": record.revision,
        "files": _files_value(record.files),
    }
    write_json(folder / RECORD_NAME, value)


def read_pins(models_dir: Path) -> dict[str, Pin]:
    """Read which models are held to which revision. Raises ``ModelCorrupt`` if the lock file is damaged."""
    path = models_dir / PINS_NAME
    if not path.is_file():
        return {}
    fields = Fields(read_json(path), where=PINS_NAME, error=ModelCorrupt)
    return {
        model_id: Pin(repo=pin.text("repo"), revision=pin.text("revision"), files=_read_files(pin.table("files")))
        for model_id, pin in fields.tables()
    }


def write_pins(models_dir: Path, pins: dict[str, Pin]) -> None:
    """Write the lock file. Raises ``OSError``."""
    value = {
        model_id: {"repo": pin.repo, "revision": pin.revision, "files": _files_value(pin.files)}
        for model_id, pin in sorted(pins.items())
    }
    write_json(models_dir / PINS_NAME, value)


def _read_files(files: Fields) -> tuple[ModelFile, ...]:
    read = []
    for path, fields in files.tables():
        row = {"path": path, "size": fields.whole("size"), "sha256": fields.text("sha256")}
        read.append(read_file(Fields(row, where=path, error=ModelCorrupt)))
        if not read[-1].sha256:
            raise fields.wrong("sha256 must not be empty")
    if not read:
        raise files.wrong("no file is named")
    return tuple(read)


def _files_value(files: tuple[ModelFile, ...]) -> dict[str, dict[str, int | str]]:
    return {file.path: {"size": file.size, "sha256": file.sha256} for file in files}
