"""Write models into one file for machines without a network: for ``dragoman models export``; importing.py reads it.

A bundle is a tar with a folder for every model: ``ID/dragoman.json`` first, then the files that it names.
"""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from dragoman.ground.errors import ModelCorrupt, ModelIncomplete, OutputNotWritable
from dragoman.models.accepted_files import RECORD_NAME
from dragoman.models.checking import OnBytes, read_hashed
from dragoman.models.disk_space import FreeBytes, free_disk_bytes, require_space
from dragoman.models.durable import sync_folder
from dragoman.models.record import ModelRecord
from dragoman.models.store import ModelStore
from dragoman.models.tar import Member, write_end, write_member


def export_models(
    store: ModelStore,
    models_dir: Path,
    ids: Sequence[str],
    target: Path,
    *,
    on_bytes: OnBytes = lambda count: None,
    free_bytes: FreeBytes = free_disk_bytes,
) -> int:
    """Write the models into the tar ``target``, each file checked on the way; give its size in bytes.

    ``target`` is there when it is whole, or not at all. Raises ``ModelNotFound``, ``ModelIncomplete``; ``ModelCorrupt``
    for a file that is not its own; ``DiskFull`` before the first byte; ``OutputNotWritable`` if ``target`` exists or
    cannot be written.
    """
    records = [store.record_of(model_id) for model_id in ids]
    if target.exists():
        raise OutputNotWritable(f"{target} is there already; name a new file")
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        size_bytes = sum(record.size_bytes for record in records)
        require_space("the bundle", size_bytes, target.parent, free_bytes=free_bytes, else_="name a file elsewhere")
        with part.open("wb") as stream:
            for record in records:
                _write_model(stream, models_dir / record.id, record, on_bytes)
            write_end(stream)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise OutputNotWritable(f"{target} cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def _write_model(stream: BinaryIO, folder: Path, record: ModelRecord, on_bytes: OnBytes) -> None:
    written = (folder / RECORD_NAME).read_bytes()
    write_member(stream, Member(name=f"{record.id}/{RECORD_NAME}", size=len(written)), iter((written,)))
    for file in record.files:
        digest = hashlib.sha256()
        with (folder / file.path).open("rb") as source:
            size = os.fstat(source.fileno()).st_size
            if size != file.size:
                raise ModelIncomplete(
                    f"{record.id}: {file.path} has {size} bytes instead of {file.size}; mend it first"
                )
            member = Member(name=f"{record.id}/{file.path}", size=size)
            write_member(stream, member, read_hashed(source, digest, on_bytes=on_bytes))
        if digest.hexdigest() != file.sha256:
            raise ModelCorrupt(f"{record.id}: the bytes of {file.path} are not its own; mend it first")
