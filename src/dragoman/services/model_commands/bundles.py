"""``dragoman models export`` and ``import``: models for machines without a network, in one file."""

from collections.abc import Callable, Sequence
from pathlib import Path

from dragoman.ground.errors import ModelNotFound
from dragoman.models.exporting import export_models
from dragoman.models.importing import Imported, Importer
from dragoman.models.table import load_table
from dragoman.services.assembly import licences_of, open_store
from dragoman.settings import Settings

OnBytes = Callable[[int], None]


def export_bundle(names: Sequence[str], target: Path, settings: Settings, *, on_bytes: OnBytes) -> int:
    """Write installed models, named by id or profile, into ``target``; give its bytes.

    Raises ``ModelNotFound`` with the command that fetches what is not here, and what ``export_models`` raises.
    """
    store, table = open_store(settings), load_table()
    profiles = {profile.name: profile.models for profile in table.profiles}
    ids = list(dict.fromkeys(model_id for name in names for model_id in profiles.get(name, (name,))))
    if not ids:
        raise ModelNotFound(f"{', '.join(names)} has no models, so there is nothing to export")
    for model_id in ids:
        store.record_of(model_id)  # before the first byte is written
    return export_models(store, settings.models_dir, ids, target, on_bytes=on_bytes)


def exported_bytes(names: Sequence[str], settings: Settings) -> int:
    """Say how many bytes an export would read, as far as the models are here."""
    wanted = {model_id for entry in load_table().profiles if entry.name in names for model_id in entry.models}
    return sum(model.size_bytes for model in open_store(settings).list() if model.id in wanted | set(names))


def import_bundle(
    bundle: Path,
    settings: Settings,
    *,
    accepted: frozenset[str],
    on_bytes: OnBytes,
    on_notice: Callable[[str], None],
    on_done: Callable[[Imported], None],
) -> int:
    """Take the models of ``bundle`` into the store; give how many.

    ``accepted`` are licences, by SPDX identifier, that are accepted for models of the table; ``on_notice`` is called
    with sentences for the person who waits. Raises what ``Importer.take`` raises.
    """
    licences, table = licences_of(settings), load_table()
    importer = Importer(settings.models_dir, table, licences, accepted=accepted, on_bytes=on_bytes, on_notice=on_notice)
    count = 0
    for imported in importer.take(bundle):
        on_done(imported)
        count += 1
    return count
