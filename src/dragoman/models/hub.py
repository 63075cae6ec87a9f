"""Speak with a model hub: its list of files with hashes, and the bytes of a file from any offset. For download.py.

The protocol is Hugging Face's: ``GET /api/models/REPO/revision/REV?blobs=true`` lists, ``GET /REPO/resolve/REV/PATH``
answers with a redirect to a storage server, which honours ``Range``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from urllib.parse import quote

from dragoman.ground.errors import DownloadFailed
from dragoman.models.fields import Fields
from dragoman.models.source import HubListing, HubStream
from dragoman.models.table import ModelFile
from dragoman.models.web import TryAgain, WebClient, chunks_of, parse_url, start_of


class HubClient:
    """One hub, or a mirror that speaks its protocol: a ``ModelSource``. To be closed.

    ``stall_s`` is how long a server may send nothing before the try is given up.
    """

    def __init__(self, endpoint: str, *, stall_s: float = 30.0, connect_s: float = 10.0) -> None:
        self._endpoint = parse_url(endpoint.rstrip("/"))
        self._web = WebClient(stall_s=stall_s, connect_s=connect_s)

    def __enter__(self) -> "HubClient":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._web.close()

    @property
    def address(self) -> str:
        return str(self._endpoint)

    def listing(self, repo: str, revision: str) -> HubListing | None:
        """See ``ModelSource``."""
        what = f"{repo} at {revision}"
        path = f"/api/models/{quote(repo)}/revision/{quote(revision, safe='')}?blobs=true"
        parsed = self._web.get_json(f"{self._endpoint}{path}", what=what)
        return None if parsed is None else read_listing(parsed, what=what)

    @contextmanager
    def open_file(self, repo: str, revision: str, path: str, *, offset: int) -> Iterator[HubStream]:
        """See ``ModelSource``."""
        what = f"{path} of {repo} at {revision}"
        address = f"{self._endpoint}/{quote(repo)}/resolve/{quote(revision, safe='')}/{quote(path)}"
        with self._web.open(address, offset=offset, what=what) as answer:
            if answer.status_code == 404:
                raise DownloadFailed(f"{self.address} has no {what}")
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise DownloadFailed(f"the hub sends {what} compressed, though we asked it not to; is a proxy between?")
            start = start_of(answer)
            if start > offset:
                raise TryAgain(f"the hub skipped from byte {offset} to {start}")
            yield HubStream(start=start, chunks=chunks_of(answer))


def read_listing(parsed: object, *, what: str) -> HubListing:
    """Read the hub's answer. Raises ``DownloadFailed``."""
    fields = Fields(parsed, where=f"the hub's list of files of {what}", error=DownloadFailed)
    files = {}
    for row in fields.rows("siblings"):
        large = row.table("lfs") if row.has_value("lfs") else None
        path = row.text("rfilename")
        files[path] = ModelFile(
            path=path,
            size=large.whole("size") if large else row.whole("size", 0),
            sha256=large.text("sha256").lower() if large else "",
            git_sha1="" if large else row.text("blobId", "").lower(),
        )
    return HubListing(revision=fields.text("sha"), files=files)
