"""The models on this machine: which there are, and where, once their bytes are known to be right.

``find`` is the ``FindModel`` of ``engines/registry.py``. Filled by pull.py, adding.py and importing.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from dragoman.ground.engines import LanguagePair
from dragoman.ground.errors import ModelCorrupt, ModelError, ModelIncomplete, ModelNotFound, SettingsInvalid
from dragoman.ground.languages import Language
from dragoman.models.accepted_files import RECORD_NAME
from dragoman.models.adding import add_folder
from dragoman.models.checking import FileCheck, OnBytes, check_files
from dragoman.models.in_use import claim
from dragoman.models.licences import Licences, require_licence
from dragoman.models.pull import INCOMING_NAME
from dragoman.models.record import PINS_NAME, ModelRecord, names_files, read_pins, read_record
from dragoman.models.table import ModelEntry, ModelFile, ModelTable, is_model_id
from dragoman.models.verified import VerifiedFiles


class ModelState(StrEnum):
    """How much of a model is here."""

    ABSENT = "absent"
    INCOMPLETE = "incomplete"
    """A pull was cut, or files are missing or of the wrong size."""
    INSTALLED = "installed"
    OTHER_REVISION = "other revision"
    """Whole and usable, but the table has another revision by now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredModel:
    """One line of ``dragoman models list``."""

    id: str
    engine: str
    state: ModelState
    size_bytes: int
    """On disk if installed, else of the download."""
    languages: tuple[Language, ...]
    pairs: tuple[LanguagePair, ...]
    licence: str
    commercial: bool
    attribution: str
    ram_mb: int
    """0 if nobody measured it."""
    recommended: bool
    """Worth proposing to people who have not asked for it."""
    own: bool
    """Added from a folder; the table does not know it."""

    @property
    def usable(self) -> bool:
        return self.state in {ModelState.INSTALLED, ModelState.OTHER_REVISION}


class ModelStore:
    """The models folder, read with the table of what could be in it."""

    def __init__(self, models_dir: Path, table: ModelTable, *, licences: Licences | None = None) -> None:
        self._models_dir = models_dir
        self._table = table
        self._licences = licences or Licences(models_dir=models_dir)
        self._verified = VerifiedFiles(models_dir)

    def list(self) -> tuple[StoredModel, ...]:
        """List the table's models, then one's own. Looks at sizes only; ``find`` checks the bytes."""
        known = [self._listed(entry) for entry in self._table]
        own = [_own(record, self._state(record.id, None)) for record in self._own_records()]
        return (*known, *own)

    def find(self, name: str) -> Path:
        """Give the folder of an installed model (``name`` is its id) or of one's own (``name`` is a path).

        Sizes are checked each time, SHA-256 once per change of a file. An installed one is kept from being removed
        until this process ends. Raises ``ModelNotFound``, ``ModelIncomplete``, ``ModelCorrupt`` or
        ``LicenceNotAccepted``, naming the file and the command that helps.
        """
        if is_model_id(name) and (name in self._table or (self._models_dir / name).is_dir()):
            return self._find_installed(name)
        folder = Path(name).expanduser()
        if not folder.is_dir():
            ids = [*self._table.ids, *(record.id for record in self._own_records())]
            raise ModelNotFound(f"no model {name!r} and no such folder; there are: {', '.join(ids)}")
        if names_files(folder):
            self._verify(folder, read_record(folder), help_with="copy it again")
        return folder

    def add(
        self,
        folder: Path,
        *,
        model_id: str = "",
        engine: str = "",
        languages: Sequence[Language] = (),
        pairs: Sequence[LanguagePair] = (),
        licence: str = "",
        commercial: bool = False,
        attribution: str = "",
    ) -> StoredModel:
        """Take one's own model into the store, as ``add_folder`` does; by default under the folder's name.

        An own model of the same id is replaced. Raises what ``add_folder`` raises, and ``SettingsInvalid`` for an id
        of the table.
        """
        model_id = model_id or folder.resolve().name.lower()
        if model_id in self._table:
            raise SettingsInvalid(f"{model_id} is the id of a model that can be pulled; give yours another one")
        record = add_folder(
            self._models_dir,
            folder,
            model_id=model_id,
            engine=engine,
            languages=languages,
            pairs=pairs,
            licence=licence,
            commercial=commercial,
            attribution=attribution,
        )
        return _own(record, ModelState.INSTALLED)

    def _find_installed(self, model_id: str) -> Path:
        command = self.remedy(model_id)
        folder = self._folder(model_id)
        record = self._read(folder, command)
        self._verify(folder, record, help_with=command)
        self._hold_to_published(record)
        require_licence(self._licences, self._table, record)
        claim(self._models_dir, model_id)
        return folder

    def remedy(self, model_id: str) -> str:
        """Give the command that brings a model back."""
        return (
            f"dragoman models pull {model_id}"
            if model_id in self._table
            else f"dragoman models add FOLDER --id {model_id}"
        )

    def check(self, model_id: str, *, on_bytes: OnBytes = lambda count: None) -> tuple[FileCheck, ...]:
        """Read every byte of an installed model again and compare it with what was published.

        Raises ``ModelNotFound``; ``ModelIncomplete`` or ``ModelCorrupt`` for a model whose record cannot be used.
        """
        if not is_model_id(model_id):
            raise ModelNotFound(f"{model_id!r} is no id of a model; dragoman models list has them")
        folder = self._folder(model_id)
        record = self._read(folder, self.remedy(model_id))
        self._hold_to_published(record)
        return check_files(folder, record, on_bytes=on_bytes)

    def ids_here(self) -> tuple[str, ...]:
        """Name the models of which something is in its place, whole or damaged."""
        folders = sorted(path for path in self._models_dir.glob("*") if path.is_dir() and is_model_id(path.name))
        return tuple(path.name for path in folders if path.name in self._table or (path / RECORD_NAME).exists())

    def record_of(self, model_id: str) -> ModelRecord:
        """Give what is written of an installed model. Raises as ``check`` does."""
        return self._read(self._folder(model_id), self.remedy(model_id))

    def _folder(self, model_id: str) -> Path:
        folder, command = self._models_dir / model_id, self.remedy(model_id)
        if not folder.is_dir():
            if (self._models_dir / INCOMING_NAME / model_id).is_dir():
                raise ModelIncomplete(f"{model_id} has arrived in part; this goes on where it stopped: {command}")
            raise ModelNotFound(f"{model_id} is not on this machine; fetch it: {command}")
        return folder

    def _read(self, folder: Path, command: str) -> ModelRecord:
        try:
            return read_record(folder)
        except (ModelIncomplete, ModelCorrupt) as error:
            raise type(error)(f"{error}; this mends it: {command}") from error

    def _verify(self, folder: Path, record: ModelRecord, *, help_with: str) -> None:
        lacking = [file.path for file in record.files if not _has_size(folder, file)]
        if lacking:
            raise ModelIncomplete(f"{folder}: {', '.join(lacking)} missing or cut short; this mends it: {help_with}")
        try:
            wrong = [file.path for file in record.files if self._verified.sha256(folder / file.path) != file.sha256]
        except OSError as error:
            raise ModelError(f"{folder} cannot be read: {error.strerror or error}") from error
        if wrong:
            raise ModelCorrupt(f"{folder}: the bytes of {', '.join(wrong)} are not its own; this mends it: {help_with}")

    def _hold_to_published(self, record: ModelRecord) -> None:
        """Compare the record, which lies beside the files, with what the table or the last pull says.

        A revision that is not the table's is good only if a pull of an earlier table recorded it.
        """
        pin = read_pins(self._models_dir).get(record.id)
        entry = self._table.entry(record.id) if record.id in self._table else None
        if entry is not None and entry.pinned and record.revision == entry.revision:
            differs, by = set(entry.files) != set(record.files), "the model table"
        elif pin is not None:
            differs, by = pin.revision != record.revision or set(pin.files) != set(record.files), PINS_NAME
        else:
            differs, by = entry is not None and entry.pinned, "the model table"
        if differs:
            raise ModelCorrupt(
                f"{record.id} on this machine (revision {record.revision}) is not what {by} holds it to; "
                f"fetch it again: dragoman models pull {record.id}"
            )

    def _listed(self, entry: ModelEntry) -> StoredModel:
        state = self._state(entry.id, entry)
        size = read_record(self._models_dir / entry.id).size_bytes if state in _ON_DISK else entry.download_bytes
        return StoredModel(
            id=entry.id,
            engine=entry.engine,
            state=state,
            size_bytes=size,
            languages=entry.languages,
            pairs=entry.pairs,
            licence=entry.licence,
            commercial=entry.commercial,
            attribution=entry.attribution,
            ram_mb=entry.ram_mb,
            recommended=entry.recommended,
            own=False,
        )

    def _state(self, model_id: str, entry: ModelEntry | None) -> ModelState:
        folder = self._models_dir / model_id
        if not folder.is_dir():
            cut = (self._models_dir / INCOMING_NAME / model_id).is_dir()
            return ModelState.INCOMPLETE if cut else ModelState.ABSENT
        try:
            record = read_record(folder)
        except (ModelIncomplete, ModelCorrupt):
            return ModelState.INCOMPLETE
        if not all(_has_size(folder, file) for file in record.files):
            return ModelState.INCOMPLETE
        moved_on = entry is not None and entry.revision not in {"", record.revision}
        return ModelState.OTHER_REVISION if moved_on else ModelState.INSTALLED

    def _own_records(self) -> tuple[ModelRecord, ...]:
        records = []
        for path in sorted(self._models_dir.glob(f"*/{RECORD_NAME}")):
            model_id = path.parent.name
            if is_model_id(model_id) and model_id not in self._table:
                try:
                    records.append(read_record(path.parent))
                except ModelCorrupt:
                    continue  # ``find`` names it; the list of the others is still of use.
        return tuple(records)


_ON_DISK = frozenset({ModelState.INSTALLED, ModelState.OTHER_REVISION})


def _own(record: ModelRecord, state: ModelState) -> StoredModel:
    return StoredModel(
        id=record.id,
        engine=record.engine,
        state=state,
        size_bytes=record.size_bytes,
        languages=record.languages,
        pairs=record.pairs,
        licence=record.licence,
        commercial=record.commercial,
        attribution=record.attribution,
        ram_mb=0,
        recommended=False,
        own=True,
    )


def _has_size(folder: Path, file: ModelFile) -> bool:
    path = folder / file.path
    return path.is_file() and path.stat().st_size == file.size
