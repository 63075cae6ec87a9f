"""Ask a web server, and follow its redirects with care. For hub.py and firefox_registry.py.

Redirects are followed by hand, because each hop is checked: at most five, http or https only, and never from https
down to http.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

import httpx2

from dragoman.ground.errors import DownloadFailed, ModelCorrupt

MAX_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_WORTH_ANOTHER_TRY = frozenset({408, 425, 429, 500, 502, 503, 504})
_MAX_LISTING_BYTES = 8_000_000


class TryAgain(Exception):
    """The server could not answer now. Stays within this package: download.py tries again or gives up."""


class WebClient:
    """Blocks, and is to be closed; proxies are those of the environment.

    ``stall_s`` is how long a server may send nothing before the try is given up.
    """

    def __init__(self, *, stall_s: float = 30.0, connect_s: float = 10.0) -> None:
        self._client = httpx2.Client(
            timeout=httpx2.Timeout(stall_s, connect=connect_s),
            follow_redirects=False,
            headers={"User-Agent": "dragoman", "Accept-Encoding": "identity"},
        )

    def __enter__(self) -> "WebClient":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def open(self, address: str, *, offset: int, what: str) -> Iterator[httpx2.Response]:
        """Ask for the bytes of ``address`` from ``offset`` on; ``what`` names them in errors.

        The answer has status 200, 206 or 404. Raises ``TryAgain``; ``DownloadFailed`` if another try is of no use; and
        ``ModelCorrupt`` if there are no bytes at ``offset``.
        """
        url = parse_url(address)
        first_host = url.host
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        for _ in range(MAX_REDIRECTS + 1):
            try:
                answer = self._client.send(self._client.build_request("GET", url, headers=headers), stream=True)
            except httpx2.TransportError as error:
                raise TryAgain(f"{url.host} cannot be reached ({_describe(error)})") from error
            try:
                if answer.status_code not in _REDIRECTS:
                    _refuse_failure(answer, first_host, what)
                    yield answer
                    return
                url = redirect_target(url, answer.headers.get("location", ""))
            finally:
                answer.close()
        raise DownloadFailed(f"the hub redirects {what} more than {MAX_REDIRECTS} times")

    def get_json(self, address: str, *, what: str) -> object | None:
        """Ask for a list of at most 8 MB; None if there is none. Raises what ``open`` raises."""
        with self.open(address, offset=0, what=what) as answer:
            if answer.status_code == 404:
                return None
            body = b""
            for chunk in chunks_of(answer):
                body += chunk
                if len(body) > _MAX_LISTING_BYTES:
                    raise DownloadFailed(f"the hub's list of files of {what} is longer than {_MAX_LISTING_BYTES} bytes")
        try:
            parsed: object = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise DownloadFailed(f"the hub's list of files of {what} is not JSON; is {address} a hub?") from error
        return parsed


def chunks_of(answer: httpx2.Response) -> Iterator[bytes]:
    """Give the body as it arrives; nothing that has arrived is held back, so a cut loses no byte."""
    try:
        yield from answer.iter_raw()
    except httpx2.TransportError as error:
        raise TryAgain(f"the connection broke ({_describe(error)})") from error


def start_of(answer: httpx2.Response) -> int:
    """Say where in the file the answer begins. Raises ``TryAgain`` if the server does not say it."""
    if answer.status_code != 206:
        return 0
    unit, _, rest = answer.headers.get("content-range", "").partition(" ")
    start = rest.partition("-")[0]
    if unit != "bytes" or not start.isdecimal():
        raise TryAgain("the hub answered with a part of the file and did not say which")
    return int(start)


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


def parse_url(text: str) -> httpx2.URL:
    """Read the address of a hub. Raises ``DownloadFailed``."""
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL as error:
        raise DownloadFailed(f"the hub's address {text!r} cannot be read: {error}") from error
    if url.scheme not in {"http", "https"} or not url.host:
        raise DownloadFailed(f"the hub's address must begin with http:// or https://, not {text!r}")
    return url


def _refuse_failure(answer: httpx2.Response, host: str, what: str) -> None:
    status = answer.status_code
    if status in {200, 206, 404}:
        return
    if status in _WORTH_ANOTHER_TRY:
        raise TryAgain(f"the hub answered {status} {answer.reason_phrase}")
    if status == 416:
        raise ModelCorrupt(f"the hub's {what} is shorter than what was published")
    if status in {401, 403}:
        raise DownloadFailed(
            f"{host} has no {what}, or not for everyone ({status}); fetch it by hand and add the folder"
        )
    raise DownloadFailed(f"{host} answered {status} {answer.reason_phrase} for {what}")


def _describe(error: httpx2.TransportError) -> str:
    return str(error) or type(error).__name__
