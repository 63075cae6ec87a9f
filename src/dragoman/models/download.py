"""Bring one file here, however often the connection breaks. From source.py; to pull.py.

Bytes that arrived are kept in a ``.part`` file through breaks, kills and restarts; only bytes that turned out wrong
are deleted.
"""

import errno
import hashlib
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from dragoman.ground.errors import DownloadFailed, ModelCorrupt
from dragoman.models.source import HubStream, ModelSource
from dragoman.models.table import ModelFile
from dragoman.models.web import TryAgain

Answer = TypeVar("Answer")

_HASH_CHUNK_BYTES = 1 << 20
_PROGRESS_BYTES = 1 << 20
"""A try that brought this much was worth it, and the count of failed tries starts anew."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0


class Downloader:
    """Fetches files from one source. ``tries`` in a row may bring less than 1 MiB before it gives up."""

    def __init__(self, hub: ModelSource, *, tries: int, sleep: Callable[[float], None]) -> None:
        self.hub = hub
        self._tries = tries
        self._sleep = sleep

    def fetch(
        self, repo: str, revision: str, file: ModelFile, *, name: str, part: Path, on_bytes: Callable[[int], None]
    ) -> ModelFile:
        """Complete ``part`` until it is ``file``, which is ``name`` in ``repo``; give ``file`` with its SHA-256.

        ``on_bytes`` gets how many bytes of the file are there, first those of earlier tries. Raises ``ModelCorrupt``
        after deleting wrong bytes, ``DownloadFailed`` with what is there kept, and ``OSError``.
        """
        try:
            with PartFile(part, file) as arrived:
                on_bytes(arrived.size)
                self._complete(repo, revision, name, arrived, on_bytes)
                arrived.sync()
                return arrived.verified()
        except ModelCorrupt as error:
            part.unlink(missing_ok=True)
            raise ModelCorrupt(f"{repo}: {error}; what had arrived was deleted, so pull again") from error

    def ask(self, question: Callable[[], Answer]) -> Answer:
        """Repeat a short question to the hub until it is answered. Raises ``DownloadFailed``."""
        failures = 0
        while True:
            try:
                return question()
            except TryAgain as problem:
                failures += 1
                if failures >= self._tries:
                    raise DownloadFailed(
                        f"{self.hub.address} did not answer in {failures} tries: {problem}"
                    ) from problem
            self._sleep(pause_s(failures))

    def _complete(
        self, repo: str, revision: str, name: str, arrived: "PartFile", on_bytes: Callable[[int], None]
    ) -> None:
        failures = 0
        while arrived.missing:
            before = arrived.size
            problem: TryAgain
            try:
                with self.hub.open_file(repo, revision, name, offset=before) as stream:
                    _pour(stream, arrived, on_bytes)
                problem = TryAgain("the hub ended before the file did")
            except TryAgain as error:
                problem = error
            if not arrived.missing:
                return
            failures = 0 if arrived.size - before >= _PROGRESS_BYTES else failures + 1
            if failures >= self._tries:
                raise DownloadFailed(
                    f"{arrived.file.path} of {repo} did not arrive in {failures} tries: {problem}; {arrived.size} of "
                    f"{arrived.file.size} bytes are kept, and the next pull goes on where this one stopped"
                ) from problem
            self._sleep(pause_s(failures))


class PartFile:
    """The bytes of a file that have arrived, hashed as they come; those of an earlier run are hashed anew."""

    def __init__(self, path: Path, file: ModelFile) -> None:
        self.file = file
        self.size = 0
        self._sha256 = hashlib.sha256()
        # Git hashes a header with the length before the content. It is no safeguard against a forger (SHA-1), but
        # the only hash that hubs give for small files; their SHA-256 is recorded at the first pull.
        self._git_sha1 = hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)
        self._stream = path.open("a+b", buffering=0)
        self._take_over()

    def __enter__(self) -> "PartFile":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stream.close()

    @property
    def missing(self) -> int:
        return self.file.size - self.size

    def append(self, data: bytes) -> None:
        """Write and hash ``data``. Raises ``OSError``; what was written before the disk was full is kept."""
        view = memoryview(data)
        while view:
            written = self._stream.write(view)
            if not written:
                raise OSError(errno.EIO, "the disk takes no more bytes")
            self._count(view[:written])
            view = view[written:]

    def sync(self) -> None:
        os.fsync(self._stream.fileno())

    def verified(self) -> ModelFile:
        """Give the file with its SHA-256. Raises ``ModelCorrupt`` naming the file if the bytes are not its own."""
        sha256 = self._sha256.hexdigest()
        wrong_sha256 = self.file.sha256 and sha256 != self.file.sha256
        wrong_git = self.file.git_sha1 and self._git_sha1.hexdigest() != self.file.git_sha1
        if wrong_sha256 or wrong_git:
            raise ModelCorrupt(f"the bytes of {self.file.path} are not the published ones")
        return replace(self.file, sha256=sha256)

    def _take_over(self) -> None:
        if os.fstat(self._stream.fileno()).st_size > self.file.size:
            self._stream.truncate(0)
        self._stream.seek(0)
        while chunk := self._stream.read(_HASH_CHUNK_BYTES):
            self._count(chunk)

    def _count(self, data: bytes | memoryview) -> None:
        self._sha256.update(data)
        self._git_sha1.update(data)
        self.size += len(data)


def pause_s(failures: int) -> float:
    """Say how long to wait after so many failures in a row: twice as long each time, up to half a minute."""
    return float(min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** max(0, failures - 1)))


def _pour(stream: HubStream, arrived: PartFile, on_bytes: Callable[[int], None]) -> None:
    """Append what is new; bytes that are there already (the server ignored ``Range``) or too many are dropped."""
    position = stream.start
    for chunk in stream.chunks:
        new = chunk[arrived.size - position :][: arrived.missing]
        position += len(chunk)
        if new:
            arrived.append(new)
            on_bytes(arrived.size)
        if not arrived.missing:
            return
