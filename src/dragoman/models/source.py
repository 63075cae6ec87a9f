"""What models are fetched from: a hub, Mozilla's registry, or a folder. The seam between them and download.py."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from dragoman.models.table import ModelFile


@dataclass(frozen=True, slots=True, kw_only=True)
class HubListing:
    """What a source says of one revision of a repository."""

    revision: str
    """The commit, 40 hexadecimal digits."""
    files: dict[str, ModelFile]
    """By path; with size and SHA-256 or Git's SHA-1, as far as the source gives them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubStream:
    """A file that is arriving."""

    start: int
    """Where in the file the first byte lies; 0 from a server that does not honour ``Range``."""
    chunks: Iterator[bytes]


class ModelSource(Protocol):
    """One place that has models. Blocks."""

    @property
    def address(self) -> str:
        """Name it for people."""
        ...

    def listing(self, repo: str, revision: str) -> HubListing | None:
        """List the files of ``revision`` (a commit, or ``main``); None if there is no such revision.

        Raises ``TryAgain`` or ``DownloadFailed``.
        """
        ...

    def open_file(self, repo: str, revision: str, path: str, *, offset: int) -> AbstractContextManager[HubStream]:
        """Open a file from byte ``offset`` on, or from its begin.

        Raises ``TryAgain``, also while the chunks arrive; ``DownloadFailed`` if another try is of no use; and
        ``ModelCorrupt`` if the source's file ends before ``offset``.
        """
        ...
