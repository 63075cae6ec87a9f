"""A model hub on loopback, with the faults that real ones have. For the tests of ``dragoman.models``.

It speaks the part of Hugging Face's protocol that matters: the list of files with hashes, ``resolve`` that redirects
to a second path, and ``Range`` there. Large files get a SHA-256, small ones Git's SHA-1, as on the real one. Beside it
stands a list of translation models as Mozilla publishes it, with files that are compressed.
"""

import gzip
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import unquote, urlsplit

_CHUNK_BYTES = 1 << 16
_STALL_LIMIT_S = 60.0
_FIREFOX_LIST, _FIREFOX_FILES = "/db/models.json", "/models/"


@dataclass(slots=True, kw_only=True)
class HubFaults:
    """What goes wrong from now on; may be changed between requests. Counts run down to 0 as the fault happens."""

    cut_after_bytes: int = 0
    """Close the connection after so many bytes of a file's body."""
    cuts: int = 0
    """How many answers are cut so."""
    stall_after_bytes: int | None = None
    """Send so many bytes of a file, then nothing until the client leaves or the hub is closed."""
    ignore_range: bool = False
    """Answer 200 and the whole file whatever part is asked for."""
    wrong_bytes: bool = False
    """Send files of the right size with other content."""
    length_error: int = 0
    """Add this to the announced Content-Length."""
    status: int = 0
    """Answer with this status instead."""
    status_times: int = 0
    redirect_loop: bool = False
    redirect_to: str = ""
    """Redirect files to this address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRequest:
    """One request as it came."""

    path: str
    range: str
    """The Range header, empty without one."""


@dataclass(slots=True, kw_only=True)
class _Repo:
    folder: Path
    revision: str
    small_bytes: int


@dataclass(slots=True, kw_only=True)
class _FirefoxModel:
    folder: Path
    architecture: str
    status: str


@dataclass(slots=True)
class ModelHub:
    """Serves folders as repositories. A context manager; ``endpoint`` is its address while it is open."""

    faults: HubFaults = field(default_factory=HubFaults)
    requests: list[SeenRequest] = field(default_factory=list)
    _repos: dict[str, _Repo] = field(default_factory=dict)
    _firefox: dict[str, list[_FirefoxModel]] = field(default_factory=dict)
    _closing: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _server: "_Server | None" = None
    _thread: threading.Thread | None = None

    def __enter__(self) -> "ModelHub":
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="model-hub")
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closing.set()
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    @property
    def endpoint(self) -> str:
        if self._server is None:
            raise RuntimeError("the hub is not open yet: use it in a with statement")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def add_repo(self, repo: str, folder: Path, *, revision: str = "a" * 40, small_bytes: int = 10_000) -> None:
        """Serve ``folder`` as ``repo``. Files up to ``small_bytes`` are listed with Git's SHA-1 only.

        Called again for the same repository it moves it on to another revision; the old one is gone then.
        """
        self._repos[repo] = _Repo(folder=folder, revision=revision, small_bytes=small_bytes)

    @property
    def firefox_registry(self) -> str:
        """Give the address of the list of Firefox's models."""
        return f"{self.endpoint}{_FIREFOX_LIST}"

    def add_firefox(self, pair: str, folder: Path, *, architecture: str = "tiny", status: str = "Release") -> None:
        """Publish the files of ``folder`` as a model for ``pair``, such as ``en-vi``, beside those that it has."""
        model = _FirefoxModel(folder=folder, architecture=architecture, status=status)
        self._firefox.setdefault(pair, []).append(model)

    def firefox_list(self) -> dict[str, object]:
        models = {
            pair: [
                {
                    "architecture": model.architecture,
                    "releaseStatus": model.status,
                    "files": {
                        f"file{number}": _firefox_file(f"{_FIREFOX_FILES}{pair}/{place}/{path.name}.gz", path)
                        for number, path in enumerate(sorted(model.folder.iterdir()))
                    },
                }
                for place, model in enumerate(known)
            ]
            for pair, known in self._firefox.items()
        }
        return {"baseUrl": self.endpoint, "models": models}

    def firefox_file(self, path: str) -> Path | None:
        """Find the file of which ``path`` asks for the compressed bytes."""
        pair, place, name = path.removeprefix(_FIREFOX_FILES).split("/")
        found = self._firefox[pair][int(place)].folder / name.removesuffix(".gz")
        return found if found.is_file() else None

    def ranges_of(self, name: str) -> list[str]:
        """List the Range headers with which the content of ``name`` was asked for."""
        return [
            seen.range for seen in self.requests if seen.path.startswith("/cdn/") and seen.path.endswith(f"/{name}")
        ]

    def saw(self, request: SeenRequest) -> None:
        with self._lock:
            self.requests.append(request)

    def spend_status(self) -> int:
        """Give the status to fail with, if this answer is to fail."""
        with self._lock:
            if not self.faults.status_times:
                return 0
            self.faults.status_times -= 1
            return self.faults.status

    def spend_cut(self) -> int | None:
        """Give the number of bytes after which this answer is cut, if it is."""
        with self._lock:
            if not self.faults.cuts:
                return None
            self.faults.cuts -= 1
            return self.faults.cut_after_bytes

    def listing(self, repo: str, revision: str) -> dict[str, object] | None:
        known = self._repos.get(repo)
        if known is None or revision not in {"main", known.revision}:
            return None
        siblings = [_sibling(known, path) for path in sorted(known.folder.rglob("*")) if path.is_file()]
        return {"id": repo, "sha": known.revision, "siblings": siblings}

    def file(self, repo: str, revision: str, path: str) -> Path | None:
        known = self._repos.get(repo)
        if known is None or revision not in {"main", known.revision} or not (known.folder / path).is_file():
            return None
        return known.folder / path

    def wait_for_close(self) -> None:
        self._closing.wait(_STALL_LIMIT_S)


def _firefox_file(place: str, path: Path) -> dict[str, object]:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    return {"path": place, "uncompressedSize": len(content), "uncompressedHash": digest}


def _sibling(repo: _Repo, path: Path) -> dict[str, object]:
    content = path.read_bytes()
    blob = hashlib.sha1(f"blob {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()
    sibling: dict[str, object] = {"rfilename": path.relative_to(repo.folder).as_posix(), "size": len(content)}
    if len(content) > repo.small_bytes:
        large = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
        return {**sibling, "blobId": "0" * 40, "lfs": large}
    return {**sibling, "blobId": blob}


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # server_close() then waits for them, and no thread outlives the hub

    def __init__(self, hub: ModelHub) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hub = hub


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Say nothing: the tests read ``ModelHub.requests``."""

    def do_GET(self) -> None:
        hub = self.server.hub
        self.close_connection = True
        path = unquote(urlsplit(self.path).path)
        hub.saw(SeenRequest(path=path, range=self.headers.get("Range", "")))
        status = hub.spend_status()
        parts = path.strip("/").split("/")
        if status:
            self._answer(status, b"")
        elif parts[:2] == ["api", "models"] and len(parts) == 6 and parts[4] == "revision":
            listing = hub.listing(f"{parts[2]}/{parts[3]}", parts[5])
            self._answer(200 if listing else 404, json.dumps(listing).encode())
        elif path == _FIREFOX_LIST:
            self._answer(200, json.dumps(hub.firefox_list()).encode())
        elif path.startswith(_FIREFOX_FILES):
            self._send_compressed(hub.firefox_file(path))
        elif parts[0] == "cdn" and len(parts) >= 5:
            self._send_file(hub.file(f"{parts[1]}/{parts[2]}", parts[3], "/".join(parts[4:])))
        elif len(parts) >= 5 and parts[2] == "resolve":
            self._redirect(parts)
        else:
            self._answer(404, b"")

    def _redirect(self, parts: list[str]) -> None:
        hub = self.server.hub
        target = f"/cdn/{parts[0]}/{parts[1]}/{'/'.join(parts[3:])}"
        if hub.faults.redirect_loop:
            target = self.path
        if hub.file(f"{parts[0]}/{parts[1]}", parts[3], "/".join(parts[4:])) is None:
            self._answer(404, b"")
        else:
            self._answer(302, b"", location=hub.faults.redirect_to or target)

    def _send_file(self, path: Path | None) -> None:
        if path is None:
            self._answer(404, b"")
            return
        faults = self.server.hub.faults
        size = path.stat().st_size
        start = 0 if faults.ignore_range else _range_start(self.headers.get("Range", ""))
        if start >= size:
            self._answer(416, b"")
            return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        self.send_header("Content-Length", str(size - start + faults.length_error))
        self.send_header("Connection", "close")
        self.end_headers()
        self._send_body(path, start)

    def _send_compressed(self, path: Path | None) -> None:
        if path is None:
            self._answer(404, b"")
            return
        content = path.read_bytes()
        body = gzip.compress(bytes(len(content)) if self.server.hub.faults.wrong_bytes else content)
        limit = self.server.hub.spend_cut()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body[:limit])

    def _send_body(self, path: Path, start: int) -> None:
        hub = self.server.hub
        limit = hub.spend_cut()
        if limit is None:
            limit = hub.faults.stall_after_bytes
        try:
            for chunk in _read(path, start, limit):
                self.wfile.write(bytes(len(chunk)) if hub.faults.wrong_bytes else chunk)
            if hub.faults.stall_after_bytes is not None:
                hub.wait_for_close()
        except (BrokenPipeError, ConnectionResetError):
            return  # The client left, as it may.

    def _answer(self, status: int, body: bytes, *, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


def _read(path: Path, start: int, limit: int | None) -> Iterator[bytes]:
    left = path.stat().st_size - start if limit is None else limit
    with path.open("rb") as file:
        file.seek(start)
        while left > 0 and (chunk := file.read(min(_CHUNK_BYTES, left))):
            left -= len(chunk)
            yield chunk


def _range_start(header: str) -> int:
    start = header.removeprefix("bytes=").partition("-")[0]
    return int(start) if start.isdecimal() else 0
