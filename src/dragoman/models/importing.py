"""Take models out of a bundle that exporting.py wrote, or somebody else: for ``dragoman models import``.

Nothing in it is believed: every file is held to the record before it, and the record to the model table or to what this
store has recorded.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dragoman.ground.errors import LicenceNotAccepted, ModelCorrupt, ModelError, ModelNotFound
from dragoman.models.accepted_files import RECORD_NAME
from dragoman.models.checking import OnBytes
from dragoman.models.disk_space import FreeBytes, free_disk_bytes, require_space
from dragoman.models.durable import lock
from dragoman.models.families import require_family
from dragoman.models.licences import LOCKS_NAME, Licences, Noncommercial, require_licence
from dragoman.models.record import PINS_NAME, ModelRecord, Pin, parse_record, read_pins, write_pins, write_record
from dragoman.models.shortlists import carry_shortlist, tell_left_behind
from dragoman.models.table import ModelEntry, ModelTable, is_model_id
from dragoman.models.tar import Member, TarReader
from dragoman.models.unfinished import make_unfinished, put_in_place

MAX_RECORD_BYTES = 1 << 20
MAX_MODELS = 200
_LOCK_WAIT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One model that came by bundle."""

    id: str
    folder: Path
    size_bytes: int
    was_here: bool


class Importer:
    """Takes bundles into ``models_dir``.

    ``accepted`` are licences, by SPDX identifier, that whoever imports accepts; ``on_notice`` is called with sentences
    for the person who waits; ``free_bytes`` gives the room on a folder's disk.
    """

    def __init__(
        self,
        models_dir: Path,
        table: ModelTable,
        licences: Licences,
        *,
        accepted: frozenset[str] = frozenset(),
        on_bytes: OnBytes = lambda count: None,
        on_notice: Callable[[str], None] = lambda notice: None,
        free_bytes: FreeBytes = free_disk_bytes,
    ) -> None:
        self._models_dir = models_dir
        self._table = table
        self._licences = licences
        self._accepted = accepted
        self._on_bytes = on_bytes
        self._on_notice = on_notice
        self._free_bytes = free_bytes

    def take(self, bundle: Path) -> Iterator[Imported]:
        """Take the models of ``bundle`` one after the other, each in its place at once and only when it is whole.

        Raises ``ModelNotFound`` without a bundle, ``ModelCorrupt`` that names what is wrong, ``LicenceNotAccepted``,
        ``DiskFull`` before a model is unpacked, and ``ModelError`` if the disk refuses. Models before it stay.
        """
        if not bundle.is_file():
            raise ModelNotFound(f"no file {bundle}; give what dragoman models export wrote")
        try:
            self._models_dir.mkdir(parents=True, exist_ok=True)
            with bundle.open("rb") as stream:
                reader = TarReader(stream)
                member = reader.next_member()
                if member is None:
                    raise ModelCorrupt(f"{bundle} is empty; dragoman models export writes a bundle")
                for _ in range(MAX_MODELS):
                    if member is None:
                        return
                    record = _read_record(reader, member)
                    with lock(self._models_dir / LOCKS_NAME / record.id, wait_s=_LOCK_WAIT_S):
                        yield self._take_model(reader, record)
                    member = reader.next_member()
                raise ModelCorrupt(f"{bundle} holds more than {MAX_MODELS} models; export fewer at once")
        except OSError as error:
            raise ModelError(f"{bundle} cannot be taken into {self._models_dir}: {error.strerror or error}") from error

    def _take_model(self, reader: TarReader, record: ModelRecord) -> Imported:
        self._hold_to_known(record)
        self._settle_licence(record)
        temporary = make_unfinished(self._models_dir, record.id, doing="importing")
        try:
            require_space(record.id, record.size_bytes, self._models_dir, free_bytes=self._free_bytes)
            self._unpack(reader, record, temporary)
            require_family(temporary, record.engine, [file.path for file in record.files])
            self._pin(record)
            final = self._models_dir / record.id
            was_here = final.is_dir()
            if carry_shortlist(final, temporary, record):
                self._on_notice(tell_left_behind(record.id))
            put_in_place(temporary, final)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return Imported(id=record.id, folder=final, size_bytes=record.size_bytes, was_here=was_here)

    def _settle_licence(self, record: ModelRecord) -> None:
        try:
            require_licence(self._licences, self._table, record)
        except LicenceNotAccepted as error:
            licence = self._table.entry(record.id).licence if record.id in self._table else record.licence
            if self._licences.rule is Noncommercial.REFUSED:
                raise
            if licence not in self._accepted:
                raise LicenceNotAccepted(
                    f"{record.id} has the licence {licence}, which forbids commercial use; who uses it otherwise "
                    f"accepts it by: dragoman models import BUNDLE --accept-licence {licence}"
                ) from error
            self._licences.accept(record.id, licence)

    def _unpack(self, reader: TarReader, record: ModelRecord, folder: Path) -> None:
        """Write exactly the files of ``record`` and hold each to its size and hash."""
        for file in record.files:
            member = reader.next_member()
            expected = f"{record.id}/{file.path}"
            if member is None or member.name != expected or member.size != file.size:
                found = "the end" if member is None else f"{member.name[:200]!r} of {member.size} bytes"
                raise ModelCorrupt(f"the bundle has {found} where {expected} of {file.size} bytes belongs")
            target = folder / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            if _write(target, reader.chunks(), self._on_bytes) != file.sha256:
                raise ModelCorrupt(f"the bytes of {expected} in the bundle are not its own; export or copy it again")
        write_record(folder, record)

    def _hold_to_known(self, record: ModelRecord) -> None:
        """Compare what the bundle says of itself with the table, or with what was recorded here.

        What was recorded here counts for other revisions than the table's, which an earlier table may have had.
        """
        entry = self._table.entry(record.id) if record.id in self._table else None
        if entry is not None and (record.source, record.engine) != (entry.repo, entry.engine):
            raise ModelCorrupt(f"{record.id} in the bundle is not the {record.id} of the model table")
        pin = read_pins(self._models_dir).get(record.id)
        recorded = pin is not None and pin.revision == record.revision and set(pin.files) == set(record.files)
        if entry is not None and (entry.pinned or pin is None):
            if not _agrees(entry, record) and (entry.revision == record.revision or not recorded):
                raise ModelCorrupt(
                    f"{record.id} in the bundle (revision {record.revision or 'none'}) is not what the model table "
                    f"holds it to (revision {entry.revision or 'any'}); export it where this version pulled it, or "
                    f"fetch it: dragoman models pull {record.id}"
                )
        elif pin is not None and not recorded:
            raise ModelCorrupt(
                f"{record.id} in the bundle (revision {record.revision or 'none'}) is not what {PINS_NAME} holds it "
                f"to; if you trust the bundle, remove {record.id} from {self._models_dir / PINS_NAME} and import again"
            )

    def _pin(self, record: ModelRecord) -> None:
        """Hold a model of the table to what the bundle brought, as a pull does."""
        if record.id not in self._table:
            return
        with lock(self._models_dir / LOCKS_NAME / PINS_NAME, wait_s=_LOCK_WAIT_S):
            pins = read_pins(self._models_dir)
            pin = Pin(repo=record.source, revision=record.revision, files=record.files)
            write_pins(self._models_dir, pins | {record.id: pin})
        if record.id not in pins and not self._table.entry(record.id).pinned:
            self._on_notice(
                f"nobody has published all hashes of {record.id}, so it was taken on the word of the bundle: revision "
                f"{record.revision} and the SHA-256 of {len(record.files)} files are recorded in {PINS_NAME}, and "
                "every later load, pull and import is held to them"
            )


def _agrees(entry: ModelEntry, record: ModelRecord) -> bool:
    """Say whether ``record`` has the revision, names, sizes and hashes of the table, as far as the table has them."""
    known = {file.path: file for file in entry.files}
    return (
        entry.revision in {"", record.revision}
        and known.keys() == {file.path for file in record.files}
        and all(
            known[file.path].size in {0, file.size} and known[file.path].sha256 in {"", file.sha256}
            for file in record.files
        )
    )


def _read_record(reader: TarReader, member: Member) -> ModelRecord:
    """Read the record that a model begins with. Raises ``ModelCorrupt``."""
    model_id, _, name = member.name.partition("/")
    if name != RECORD_NAME or not is_model_id(model_id):
        raise ModelCorrupt(
            f"the bundle has {member.name[:200]!r} where a model's {RECORD_NAME} belongs: "
            "dragoman models export writes one"
        )
    if member.size > MAX_RECORD_BYTES:
        raise ModelCorrupt(
            f"{member.name} in the bundle has {member.size} bytes, and at most {MAX_RECORD_BYTES} belong"
        )
    try:
        value: object = json.loads(b"".join(reader.chunks()))
    except (ValueError, RecursionError) as error:
        raise ModelCorrupt(f"{member.name} in the bundle is damaged ({error}); export or copy it again") from error
    record = parse_record(value, where=f"{member.name} in the bundle")
    if record.id != model_id:
        raise ModelCorrupt(f"{member.name} in the bundle is the record of {record.id[:80]!r}")
    return record


def _write(target: Path, chunks: Iterator[bytes], on_bytes: OnBytes) -> str:
    """Write a file and sync it; give its SHA-256."""
    digest = hashlib.sha256()
    with target.open("xb") as stream:
        for chunk in chunks:
            stream.write(chunk)
            digest.update(chunk)
            on_bytes(len(chunk))
        stream.flush()
        os.fsync(stream.fileno())
    return digest.hexdigest()
