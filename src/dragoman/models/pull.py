"""Fetch a model into the store: plan, space, download, verify, put in place. From table.py and source.py; to store.py.

Files arrive under ``.incoming/ID``; the finished folder is moved to ``ID`` in one step, so nobody ever opens half a
model, and a pull that was killed goes on where it stopped.
"""

import errno
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dragoman.ground.errors import DiskFull, DownloadFailed, ModelCorrupt, ModelIncomplete
from dragoman.models.disk_space import FreeBytes, free_disk_bytes, require_space
from dragoman.models.download import Downloader
from dragoman.models.durable import link_or_copy, lock, replace_folder
from dragoman.models.families import require_family
from dragoman.models.licences import LOCKS_NAME, Licences
from dragoman.models.record import PINS_NAME, ModelRecord, Pin, read_pins, read_record, write_pins, write_record
from dragoman.models.shortlists import carry_shortlist, tell_left_behind
from dragoman.models.source import HubListing, ModelSource
from dragoman.models.table import ModelEntry, ModelFile, ModelTable
from dragoman.models.verified import VerifiedFiles

INCOMING_NAME = ".incoming"


@dataclass(frozen=True, slots=True, kw_only=True)
class PullProgress:
    """How far a pull has come."""

    model: str
    file: str
    """The file that is arriving."""
    done_bytes: int
    """Of the whole model, with what earlier pulls brought."""
    total_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PullReport:
    """What a pull did."""

    model: str
    folder: Path
    revision: str
    fetched_bytes: int
    """Brought by this pull; 0 if the model was there."""
    kept_bytes: int
    """There already: whole files, and parts from a pull that was cut."""
    changed: bool
    """The store has what it had not: the model, or a record that says more of it."""
    newly_pinned: bool
    """Nobody published the hashes, so they were taken from the hub and recorded in ``models.lock.json``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is to lie in the model's folder."""

    revision: str
    files: tuple[ModelFile, ...]
    on_trust: bool
    """The hub itself said what the files are, and no earlier pull recorded it."""


class Puller:
    """Fetches models of ``table`` from ``hub`` into ``models_dir``. Blocks; one pull per model at a time, machine-wide.

    ``on_progress`` is called for every piece that arrives, ``on_notice`` with sentences for the person who waits.
    """

    def __init__(
        self,
        models_dir: Path,
        table: ModelTable,
        hub: ModelSource,
        *,
        tries: int = 5,
        licences: Licences | None = None,
        lock_wait_s: float = 3600.0,
        sleep: Callable[[float], None] = time.sleep,
        free_bytes: FreeBytes = free_disk_bytes,
        on_progress: Callable[[PullProgress], None] = lambda progress: None,
        on_notice: Callable[[str], None] = lambda notice: None,
    ) -> None:
        self._models_dir = models_dir
        self._table = table
        self._downloader = Downloader(hub, tries=tries, sleep=sleep)
        self._lock_wait_s = lock_wait_s
        self._sleep = sleep
        self._free_bytes = free_bytes
        self._on_progress = on_progress
        self._on_notice = on_notice
        self._verified = VerifiedFiles(models_dir)
        self._licences = licences or Licences(models_dir=models_dir)

    def pull(self, model_id: str) -> PullReport:
        """Bring ``model_id`` into the store, or find that it is there and whole.

        Raises ``ModelNotFound`` for an unknown id, ``LicenceNotAccepted`` before anything is fetched, ``ModelCorrupt``
        if other bytes came than were published (those are deleted), ``ModelIncomplete`` or ``ModelWrongFamily`` if the
        repository is not what the table says, and ``DownloadFailed`` for all that another try may mend: no connection,
        no space (``DiskFull``), another pull at work.
        """
        entry = self._table.entry(model_id)
        self._licences.require(entry.id, entry.licence, commercial=entry.commercial)
        try:
            self._models_dir.mkdir(parents=True, exist_ok=True)
            with self._lock(model_id):
                return self._pull(entry)
        except OSError as error:
            raise self._disk_problem(error) from error

    def _pull(self, entry: ModelEntry) -> PullReport:
        installed = self._installed(entry)
        if installed:
            self._hold_to(entry, Pin(repo=entry.repo, revision=installed.revision, files=installed.files))
            stated = _record(entry, installed.revision, installed.files)
            learnt = stated != installed  # a later version knows more of its languages
            if learnt:
                write_record(self._models_dir / entry.id, stated)
            return PullReport(
                model=entry.id,
                folder=self._models_dir / entry.id,
                revision=installed.revision,
                fetched_bytes=0,
                kept_bytes=installed.size_bytes,
                changed=learnt,
                newly_pinned=False,
            )
        plan = self._plan(entry)
        incoming = self._models_dir / INCOMING_NAME / entry.id
        incoming.mkdir(parents=True, exist_ok=True)
        self._reuse_good_files(entry, plan, incoming)
        kept = self._require_space(entry, plan, incoming)
        files = self._fetch_all(entry, plan, incoming)
        require_family(incoming, entry.engine, [file.path for file in files])
        self._hold_to(entry, Pin(repo=entry.repo, revision=plan.revision, files=files))
        if plan.on_trust:
            self._tell_trust(entry, plan.revision, files)
        self._put_in_place(entry, plan.revision, files, incoming)
        return PullReport(
            model=entry.id,
            folder=self._models_dir / entry.id,
            revision=plan.revision,
            fetched_bytes=sum(file.size for file in files) - kept,
            kept_bytes=kept,
            changed=True,
            newly_pinned=plan.on_trust,
        )

    def _installed(self, entry: ModelEntry) -> ModelRecord | None:
        """Give the record of a model that is whole and of the revision that we would fetch."""
        folder = self._models_dir / entry.id
        try:
            record = read_record(folder)
        except (ModelIncomplete, ModelCorrupt):
            return None
        pin = Pin(repo=entry.repo, revision=entry.revision, files=entry.files) if entry.pinned else self._pin_of(entry)
        if pin is None or record.revision != pin.revision or set(record.files) != set(pin.files):
            return None
        return record if all(self._is_good(folder / file.path, file) for file in record.files) else None

    def _plan(self, entry: ModelEntry) -> _Plan:
        if entry.pinned:
            return _Plan(revision=entry.revision, files=entry.files, on_trust=False)
        pin = self._pin_of(entry)
        wanted = pin.revision if pin else entry.revision
        listing = self._listing(entry.repo, wanted or "main")
        if listing is None or (wanted and listing.revision != wanted):
            raise self._moved_on(entry, wanted, listing)
        if pin:
            return _Plan(revision=pin.revision, files=pin.files, on_trust=False)
        files = tuple(_as_listed(entry, file, listing) for file in entry.files)
        return _Plan(revision=listing.revision, files=files, on_trust=True)

    def _listing(self, repo: str, revision: str) -> HubListing | None:
        return self._downloader.ask(lambda: self._downloader.hub.listing(repo, revision))

    def _moved_on(self, entry: ModelEntry, wanted: str, listing: HubListing | None) -> DownloadFailed:
        now = listing or self._listing(entry.repo, "main")
        if now is None or not wanted:
            return DownloadFailed(
                f"{self._downloader.hub.address} has no {entry.repo}; set another hub, or add a folder"
            )
        return DownloadFailed(
            f"{entry.id} is held to revision {wanted} of {entry.repo}, and the hub now has {now.revision}; nothing was "
            f"fetched; if you trust the new one, remove {entry.id} from {self._models_dir / PINS_NAME} and pull again"
        )

    def _pin_of(self, entry: ModelEntry) -> Pin | None:
        pin = read_pins(self._models_dir).get(entry.id)
        if pin and (pin.repo != entry.repo or entry.revision not in {"", pin.revision}):
            return None  # The table has moved on to another source since; a release outranks the first pull.
        return pin

    def _reuse_good_files(self, entry: ModelEntry, plan: _Plan, incoming: Path) -> None:
        """Take over what an installed folder has right, so that mending one file does not fetch the others."""
        folder = self._models_dir / entry.id
        for file in plan.files:
            target = incoming / file.path
            if file.sha256 and not target.exists() and self._is_good(folder / file.path, file):
                target.parent.mkdir(parents=True, exist_ok=True)
                link_or_copy(folder / file.path, target)

    def _require_space(self, entry: ModelEntry, plan: _Plan, incoming: Path) -> int:
        """Check the disk first; give how many bytes are there already."""
        kept = sum(
            file.size if (incoming / file.path).is_file() else min(file.size, _size(_part(incoming, file)))
            for file in plan.files
        )
        missing = sum(file.size for file in plan.files) - kept
        require_space(entry.id, missing, self._models_dir, free_bytes=self._free_bytes)
        return kept

    def _fetch_all(self, entry: ModelEntry, plan: _Plan, incoming: Path) -> tuple[ModelFile, ...]:
        total = sum(file.size for file in plan.files)
        done = 0
        fetched = []
        for file in plan.files:
            report = partial(self._report, entry.id, file.path, done, total)
            fetched.append(self._fetch(entry, plan, file, incoming, report))
            done += file.size
        return tuple(fetched)

    def _fetch(
        self, entry: ModelEntry, plan: _Plan, file: ModelFile, incoming: Path, on_bytes: Callable[[int], None]
    ) -> ModelFile:
        final, part = incoming / file.path, _part(incoming, file)
        if final.is_file():
            # Left by a pull that was killed between two files. Its bytes are checked like any others.
            final.replace(part)
        part.parent.mkdir(parents=True, exist_ok=True)
        place = entry.place_of(file.path)
        repo, revision = (place.repo, place.revision) if place.repo else (entry.repo, plan.revision)
        good = self._downloader.fetch(repo, revision, file, name=place.name, part=part, on_bytes=on_bytes)
        part.replace(final)
        return good

    def _put_in_place(self, entry: ModelEntry, revision: str, files: tuple[ModelFile, ...], incoming: Path) -> None:
        for stale in incoming.rglob("*.part"):  # of another revision
            stale.unlink()
        record = _record(entry, revision, files)
        write_record(incoming, record)
        if carry_shortlist(self._models_dir / entry.id, incoming, record):
            self._on_notice(tell_left_behind(entry.id))
        replace_folder(incoming, self._models_dir / entry.id, trash=incoming.with_name(f".old-{entry.id}"))

    def _hold_to(self, entry: ModelEntry, pin: Pin) -> None:
        """Record what came, of the table's own revisions too: a later table may have another one."""
        with self._lock(PINS_NAME):
            pins = read_pins(self._models_dir)
            if pins.get(entry.id) != pin:
                write_pins(self._models_dir, pins | {entry.id: pin})

    def _tell_trust(self, entry: ModelEntry, revision: str, files: tuple[ModelFile, ...]) -> None:
        self._on_notice(
            f"nobody has published hashes of {entry.id}, so it was taken from {entry.repo} as the hub has it now: "
            f"revision {revision} and the SHA-256 of {len(files)} files are recorded in {PINS_NAME}, and every "
            "later load and pull is held to them"
        )

    def _lock(self, name: str) -> AbstractContextManager[None]:
        return lock(
            self._models_dir / LOCKS_NAME / name,
            wait_s=self._lock_wait_s,
            sleep=self._sleep,
            on_wait=lambda: self._on_notice(f"another pull is at work on {name}; waiting for it"),
        )

    def _is_good(self, path: Path, file: ModelFile) -> bool:
        return path.is_file() and path.stat().st_size == file.size and self._verified.sha256(path) == file.sha256

    def _report(self, model: str, file: str, before: int, total: int, size: int) -> None:
        self._on_progress(PullProgress(model=model, file=file, done_bytes=before + size, total_bytes=total))

    def _disk_problem(self, error: OSError) -> DownloadFailed:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return DiskFull(f"the disk of {self._models_dir} is full; make room and pull again: what arrived is kept")
        return DownloadFailed(
            f"{self._models_dir} cannot be written ({error.strerror or error}); check its owner and mount"
        )


def _as_listed(entry: ModelEntry, file: ModelFile, listing: HubListing) -> ModelFile:
    """Give a file of the table with the size and hashes that the hub has for it; those of the table come first."""
    place = entry.place_of(file.path)
    if place.repo:
        return file  # its hashes are the table's
    listed = listing.files.get(place.name)
    if listed is None:
        there = ", ".join(sorted(listing.files))
        raise DownloadFailed(f"{entry.repo} has no {place.name} at {listing.revision}; it has: {there}")
    known = ModelFile(
        path=file.path,
        size=file.size or listed.size,
        sha256=file.sha256 or listed.sha256,
        git_sha1="" if file.sha256 else listed.git_sha1,
    )
    if not known.size or not (known.sha256 or known.git_sha1):
        raise DownloadFailed(f"the hub gives no size and hash of {file.path} of {entry.repo}, so it cannot be verified")
    return known


def _record(entry: ModelEntry, revision: str, files: tuple[ModelFile, ...]) -> ModelRecord:
    """Make the record of a model that is here: what the table says of it, with what came."""
    return ModelRecord(
        id=entry.id,
        engine=entry.engine,
        languages=entry.languages,
        pairs=entry.pairs,
        licence=entry.licence,
        commercial=entry.commercial,
        attribution=entry.attribution,
        source=entry.repo,
        revision=revision,
        files=files,
    )


def _part(incoming: Path, file: ModelFile) -> Path:
    """Name a file's part after its hash, so that the bytes of two revisions never mix."""
    return incoming / f"{file.path}.{(file.sha256 or file.git_sha1)[:12]}.part"


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
