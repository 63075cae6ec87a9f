"""Speak with a model hub: its list of files with hashes, and the bytes of a file from any offset. For download.py.

The protocol is Hugging Face's: ``GET /api/models/REPO/revision/REV?blobs=true`` lists, ``GET /REPO/resolve/REV/PATH``
answers with a redirect to a storage server, which honours ``Range``. Redirects are followed by hand, because each
hop is checked: at most five, http or https only, and never from https down to http.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import quote

import httpx2

from dragoman.ground.errors import DownloadFailed, ModelCorrupt
from dragoman.models.fields import Fields
from dragoman.models.table import ModelFile

MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429, 500, 502, 503, 504})
_MAX_LISTING_BYTES = 8_000_000


class TryAgain(Exception):
    """The hub could not answer now. Stays within this package: download.py tries again or gives up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubListing:
    """What a hub says of one revision of a repository."""

    revision: str
    """The commit, 40 hexadecimal digits."""
    files: dict[str, ModelFile]
    """By path; with size and SHA-256 or Git's SHA-1, as far as the hub gives them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubStream:
    """A file that is arriving."""

    start: int
    """Where in the file the first byte lies; 0 from a server that does not honour ``Range``."""
    chunks: Iterator[bytes]


class HubClient:
    """One hub. Blocks, and is to be closed; proxies are those of the environment.

    ``stall_s`` is how long a server may send nothing before the try is given up.
    """

    def __init__(self, endpoint: str, *, stall_s: float = 30.0, connect_s: float = 10.0) -> None:
        self._endpoint = _parse_url(endpoint.rstrip("/"))
        self._client = httpx2.Client(
            timeout=httpx2.Timeout(stall_s, connect=connect_s),
            follow_redirects=False,
            headers={"User-Agent": "dragoman", "Accept-Encoding": "identity"},
        )

    def __enter__(self) -> "HubClient":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    @property
    def address(self) -> str:
        return str(self._endpoint)

    def listing(self, repo: str, revision: str) -> HubListing | None:
        """List the files of ``revision`` (a commit, or ``main``); None if the hub has no such revision.

        Raises ``TryAgain`` or ``DownloadFailed``.
        """
        what = f"{repo} at {revision}"
        path = f"/api/models/{quote(repo)}/revision/{quote(revision, safe='')}?blobs=true"
        with self._open(path, {}, what) as answer:
            if answer.status_code == 404:
                return None
            body = b""
            for chunk in _chunks(answer):
                body += chunk
                if len(body) > _MAX_LISTING_BYTES:
                    raise DownloadFailed(f"the hub's list of files of {what} is longer than {_MAX_LISTING_BYTES} bytes")
        try:
            parsed = json.loads(body)
        except ValueError as error:
            raise DownloadFailed(f"the hub's list of files of {what} is not JSON; is {self.address} a hub?") from error
        return read_listing(parsed, what=what)

    @contextmanager
    def open_file(self, repo: str, revision: str, path: str, *, offset: int) -> Iterator[HubStream]:
        """Open a file from byte ``offset`` on.

        Raises ``TryAgain``, also while the chunks arrive; ``DownloadFailed`` if another try is of no use; and
        ``ModelCorrupt`` if the hub's file ends before ``offset``.
        """
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        what = f"{path} of {repo} at {revision}"
        with self._open(f"/{quote(repo)}/resolve/{quote(revision, safe='')}/{quote(path)}", headers, what) as answer:
            if answer.status_code == 404:
                raise DownloadFailed(f"{self.address} has no {what}")
            if answer.headers.get("content-encoding", "identity") != "identity":
                raise DownloadFailed(f"the hub sends {what} compressed, though we asked it not to; is a proxy between?")
            start = _range_start(answer) if answer.status_code == 206 else 0
            if start > offset:
                raise TryAgain(f"the hub skipped from byte {offset} to {start}")
            yield HubStream(start=start, chunks=_chunks(answer))

    @contextmanager
    def _open(self, path: str, headers: dict[str, str], what: str) -> Iterator[httpx2.Response]:
        url = _parse_url(f"{self._endpoint}{path}")
        for _ in range(MAX_REDIRECTS + 1):
            try:
                answer = self._client.send(self._client.build_request("GET", url, headers=headers), stream=True)
            except httpx2.TransportError as error:
                raise TryAgain(f"{url.host} cannot be reached ({_describe(error)})") from error
            try:
                if answer.status_code not in _REDIRECTS:
                    self._refuse_failure(answer, what)
                    yield answer
                    return
                url = redirect_target(url, answer.headers.get("location", ""))
            finally:
                answer.close()
        raise DownloadFailed(f"the hub redirects {what} more than {MAX_REDIRECTS} times")

    def _refuse_failure(self, answer: httpx2.Response, what: str) -> None:
        status = answer.status_code
        if status in {200, 206, 404}:
            return
        if status in _WORTH_ANOTHER_TRY:
            raise TryAgain(f"the hub answered {status} {answer.reason_phrase}")
        if status == 416:
            raise ModelCorrupt(f"the hub's {what} is shorter than what was published")
        if status in {401, 403}:
            raise DownloadFailed(
                f"{self.address} has no {what}, or not for everyone ({status}); fetch it by hand and add the folder"
            )
        raise DownloadFailed(f"{self.address} answered {status} {answer.reason_phrase} for {what}")


def redirect_target(url: httpx2.URL, location: str) -> httpx2.URL:
    """Say where a redirect leads. Raises ``DownloadFailed`` if we do not go there."""
    try:
        target = url.join(location)
    except httpx2.InvalidURL as error:
        raise DownloadFailed(f"{url.host} redirects to an address that cannot be read") from error
    if not location or target.scheme not in {"http", "https"} or not target.host:
        raise DownloadFailed(f"{url.host} redirects to {location[:100]!r}; only http and https are followed")
    if url.scheme == "https" and target.scheme != "https":
        raise DownloadFailed(f"{url.host} redirects from https down to http at {target.host}; that is not followed")
    return target


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


def _parse_url(text: str) -> httpx2.URL:
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL as error:
        raise DownloadFailed(f"the hub's address {text!r} cannot be read: {error}") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise DownloadFailed(f"the hub's address must begin with http:// or https://, not {text!r}")
    return url


def _chunks(answer: httpx2.Response) -> Iterator[bytes]:
    """Give the body as it arrives; nothing that has arrived is held back, so a cut loses no byte."""
    try:
        yield from answer.iter_raw()
    except httpx2.TransportError as error:
        raise TryAgain(f"the connection broke ({_describe(error)})") from error


def _range_start(answer: httpx2.Response) -> int:
    unit, _, rest = answer.headers.get("content-range", "").partition(" ")
    start = rest.partition("-")[0]
    if unit != "bytes" or not start.isdecimal():
        raise TryAgain("the hub answered with a part of the file and did not say which")
    return int(start)


def _describe(error: httpx2.TransportError) -> str:
    return str(error) or type(error).__name__
