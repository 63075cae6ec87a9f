"""Mozilla's registry of Firefox's translation models: a list of all of them, and their files, compressed with gzip.

The list names every file's path below ``baseUrl`` with the size and SHA-256 of what is inside. It names no revision,
so a model's is made of its files' hashes. For sources.py.
"""

import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath

from dragoman.ground.errors import DownloadFailed, ModelCorrupt
from dragoman.models.accepted_files import why_unsafe_path
from dragoman.models.fields import Fields
from dragoman.models.source import HubListing, HubStream
from dragoman.models.table import ModelFile, revision_of
from dragoman.models.web import WebClient, chunks_of, parse_url

_GZIP = 16 + zlib.MAX_WBITS
_PIECE_BYTES = 1 << 20
_SIZES = ("tiny", "base-memory", "base")
"""Architectures, the smallest first."""


class FirefoxRegistry:
    """A ``ModelSource`` of repositories such as ``firefox/vi-en``. To be closed by ``web``'s owner.

    A file is always sent from its begin: what is compressed has no offsets.
    """

    def __init__(self, address: str, web: WebClient) -> None:
        self.address = str(parse_url(address))
        self._web = web
        self._models: Fields | None = None
        self._base = ""

    def listing(self, repo: str, revision: str) -> HubListing | None:
        """See ``ModelSource``. Of several models of one pair ``main`` is the largest that was released."""
        chosen = self._chosen(repo, revision)
        if chosen is None:
            return None
        files = _listed(chosen)
        own = revision_of(files.values())
        return HubListing(revision=own, files=files) if revision in {"main", own} else None

    @contextmanager
    def open_file(self, repo: str, revision: str, path: str, *, offset: int) -> Iterator[HubStream]:
        """See ``ModelSource``."""
        what = f"{path} of {repo}"
        places = {_name(row): row.text("path") for row in self._chosen(repo, revision) or ()}
        if path not in places:
            raise DownloadFailed(f"{self.address} has no {what}")
        address = f"{self._base.rstrip('/')}/{places[path].lstrip('/')}"
        with self._web.open(address, offset=0, what=what) as answer:
            if answer.status_code == 404:
                raise DownloadFailed(f"{self._base} has no {what}")
            chunks = chunks_of(answer)
            yield HubStream(start=0, chunks=unpack(chunks, what) if places[path].endswith(".gz") else chunks)

    def _chosen(self, repo: str, revision: str) -> Sequence[Fields] | None:
        """Give the files of the model of this revision, or else of the one that is to be used now; None without any.

        Models that were replaced stay in the registry, so that one which a release of ours is held to is still found.
        """
        if self._models is None:
            parsed = self._web.get_json(self.address, what="Mozilla's registry")
            fields = Fields(parsed, where="Mozilla's registry", error=DownloadFailed)
            self._base = fields.text("baseUrl")
            self._models = fields.table("models")
        rows = self._models.rows(repo.partition("/")[2])
        for row in rows if revision != "main" else ():
            files = _files(row)
            if revision_of(_listed(files).values()) == revision:
                return files
        released = [row for row in rows if row.text("releaseStatus", "").lower().startswith("release")]
        if not released:
            return None
        return _files(max(released, key=lambda row: _rank(row.text("architecture", ""))))


def unpack(chunks: Iterator[bytes], what: str) -> Iterator[bytes]:
    """Take gzip off as it arrives, a mebibyte at a time. Raises ``ModelCorrupt`` if it is none."""
    gzip = zlib.decompressobj(_GZIP)
    try:
        for chunk in chunks:
            yield gzip.decompress(chunk, _PIECE_BYTES)
            while gzip.unconsumed_tail:
                yield gzip.decompress(gzip.unconsumed_tail, _PIECE_BYTES)
        yield gzip.flush()
    except zlib.error as error:
        raise ModelCorrupt(f"{what} is not compressed as it should be ({error})") from error


def _files(model: Fields) -> Sequence[Fields]:
    return [row for _, row in model.table("files").tables()]


def _listed(files: Sequence[Fields]) -> dict[str, ModelFile]:
    """Give what is inside the files, by name."""
    listed = {}
    for row in files:
        size, sha256 = row.whole("uncompressedSize", 0), row.text("uncompressedHash", "").lower()
        listed[_name(row)] = ModelFile(path=_name(row), size=size, sha256=sha256)
    return listed


def _name(row: Fields) -> str:
    name = PurePosixPath(row.text("path")).name.removesuffix(".gz")
    if why_unsafe_path(name):
        raise row.wrong(why_unsafe_path(name))
    return name


def _rank(architecture: str) -> int:
    return _SIZES.index(architecture) if architecture in _SIZES else -1
