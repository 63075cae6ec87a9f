"""Where a model is looked for: the mirrors in their order, then who publishes it. To pull.py, from the settings."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from dragoman.ground.errors import DiskFull, DownloadFailed, ModelCorrupt
from dragoman.models.firefox_registry import FirefoxRegistry
from dragoman.models.folder_mirror import FolderMirror
from dragoman.models.hub import HubClient
from dragoman.models.source import ModelSource
from dragoman.models.table import ModelEntry, ModelTable, Origin
from dragoman.models.web import WebClient

Outcome = TypeVar("Outcome")


class Sources:
    """All sources of one table; a context manager that closes them.

    ``mirrors`` are folders, and addresses of servers that speak a hub's protocol. ``hub`` and ``firefox_registry``
    take the place of the table's. Raises ``DownloadFailed`` for one that cannot be a source.
    """

    def __init__(
        self, table: ModelTable, *, mirrors: Sequence[str] = (), hub: str = "", firefox_registry: str = ""
    ) -> None:
        self._stack = ExitStack()
        self._mirrors: list[ModelSource] = [
            self._hub(mirror) if "://" in mirror else FolderMirror(Path(mirror).expanduser()) for mirror in mirrors
        ]
        self._published = self._hub(hub or table.hub)
        registry = firefox_registry or table.firefox_registry
        self._firefox = FirefoxRegistry(registry, self._stack.enter_context(WebClient())) if registry else None

    def __enter__(self) -> "Sources":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    def of(self, entry: ModelEntry) -> tuple[ModelSource, ...]:
        """Give the sources of a model, in the order in which they are asked."""
        if entry.origin is Origin.HUB:
            return (*self._mirrors, self._published)
        # Mirrors of a hub do not have what lies elsewhere.
        folders = [mirror for mirror in self._mirrors if isinstance(mirror, FolderMirror)]
        return (*folders, *([] if self._firefox is None else [self._firefox]))

    def _hub(self, address: str) -> HubClient:
        return self._stack.enter_context(HubClient(address))


def first_that_has(sources: Sequence[ModelSource], pull: Callable[[ModelSource], Outcome]) -> Outcome:
    """Give what ``pull`` makes of the first source that it can use; what arrived from others before is kept.

    Raises the error of the last one, with those before it; a full disk is not tried again.
    """
    failures: list[DownloadFailed | ModelCorrupt] = []
    for source in sources:
        try:
            return _pull_after_others(source, pull) if failures else pull(source)
        except DiskFull:
            raise
        except (DownloadFailed, ModelCorrupt) as error:
            failures.append(error)
    if not failures:
        raise DownloadFailed("nobody has this model: the table names no place, and there is no mirror")
    raise type(failures[-1])("; and ".join(map(str, failures))) from failures[-1]


def _pull_after_others(source: ModelSource, pull: Callable[[ModelSource], Outcome]) -> Outcome:
    """Begin anew if the whole is wrong: the bytes that another source had sent may have been, and are deleted now."""
    try:
        return pull(source)
    except ModelCorrupt:
        return pull(source)
