"""A folder as a source of models: a copy of another machine's models folder, or files as a hub has them.

``FOLDER/ID/`` with its ``dragoman.json`` says what it holds and is asked for by the repository that is written there;
``FOLDER/OWNER/NAME/`` has only files, which serve models whose hashes are known. For sources.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from dragoman.ground.errors import DownloadFailed, ModelError
from dragoman.models.accepted_files import RECORD_NAME, why_unsafe_path
from dragoman.models.record import ModelRecord, read_record
from dragoman.models.source import HubListing, HubStream
from dragoman.models.web import TryAgain

_CHUNK_BYTES = 1 << 20
_ANY_REVISION = "main"


class FolderMirror:
    """A ``ModelSource``. Raises ``DownloadFailed`` for what is no folder."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise DownloadFailed(f"the mirror {folder} is no folder; give a folder, or an address with http(s)://")
        self._folder = folder
        self.address = str(folder)

    def listing(self, repo: str, revision: str) -> HubListing | None:
        """See ``ModelSource``."""
        held = self._held(repo, revision)
        if held is None:
            return None
        _, record = held
        return HubListing(revision=record.revision, files={file.path: file for file in record.files})

    @contextmanager
    def open_file(self, repo: str, revision: str, path: str, *, offset: int) -> Iterator[HubStream]:
        """See ``ModelSource``."""
        held = self._held(repo, revision)
        file = (held[0] if held else self._folder / repo) / path
        if why_unsafe_path(path) or not file.is_file():
            raise DownloadFailed(f"{self._folder} has no {path} of {repo} at {revision}")
        if offset and file.stat().st_size <= offset:
            raise DownloadFailed(f"{path} of {repo} in {self._folder} is shorter than what was published")
        with file.open("rb") as stream:
            stream.seek(offset)
            yield HubStream(start=offset, chunks=_chunks(stream))

    def _held(self, repo: str, revision: str) -> tuple[Path, ModelRecord] | None:
        for path in sorted(self._folder.glob(f"*/{RECORD_NAME}")):
            try:
                record = read_record(path.parent)
            except ModelError:
                continue  # it is of no use to us, whatever it is
            if record.source == repo and revision in {_ANY_REVISION, record.revision}:
                return path.parent, record
        return None


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    try:
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk
    except OSError as error:  # a stick that was pulled out, a share that is away
        raise TryAgain(f"the folder cannot be read ({error.strerror})") from error
