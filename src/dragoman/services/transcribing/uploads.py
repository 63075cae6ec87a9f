"""Take a recording out of a request, within its limits, into a file without a name. To ``recordings_http.py``.

Nothing of it stays: the system frees the file when the request is over, however the process ends.
"""

import asyncio
import errno
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, cast

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from dragoman.ground.errors import AudioTooLong, AudioUnreadable, CapacityExhausted, EngineTimeout, WireError
from dragoman.ground.events import Observer, RecognitionRefused
from dragoman.rooms.audio_file import RecordingReader, open_recording
from dragoman.rooms.disk import FULL
from dragoman.rooms.recording_formats import recognise_container
from dragoman.services.transcribing.problems import FieldInvalid, MediaTypeUnknown
from dragoman.services.web import FRAME_TYPE

FORM_TYPE: Final = "multipart/form-data"
RECEIVE_WITHIN_S: Final = 300.0
"""From the first byte of a body to its last."""
MAX_FIELDS: Final = 40
MAX_FIELD_BYTES: Final = 64 << 10
WAITING: Final = 4
"""Uploads that may wait for their turn; the next one is asked to come again."""
ROOM_AFTER_S: Final = 60.0
"""When there may be room again on a full disk: the recordings that lie on it are gone by then, if that is all."""
_IN_MEMORY_BYTES: Final = 1 << 20
_NAMELESS: Final = "what was sent"
_RAW_KINDS: Final = ("audio/", "video/", "application/octet-stream", "application/ogg")


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """What a service takes."""

    max_bytes: int = 200 << 20
    max_s: float = 3 * 3600.0
    """Longest recording, in seconds of sound."""
    at_once: int = 2
    """Recordings that are recognised at the same time."""


class UploadDesk:
    """Lets in as many uploads as may run, and a few that wait."""

    def __init__(self, limits: UploadLimits, *, observer: Observer) -> None:
        """The ``observer`` is told of who is not let in."""
        self.limits = limits
        self._observer = observer
        self._turns = asyncio.Semaphore(limits.at_once)
        self._inside = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[asyncio.Semaphore]:
        """Be let in; what is given is to be held while engines work. Raises ``CapacityExhausted``."""
        if self._inside >= self.limits.at_once + WAITING:
            self._observer.observe(RecognitionRefused(what="recording", reason="queue"))
            raise CapacityExhausted(f"{self._inside} recordings are being transcribed here; try again in a while")
        self._inside += 1
        try:
            yield self._turns
        finally:
            self._inside -= 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A recording that has arrived, and what was asked about it."""

    file: UploadFile
    name: str
    fields: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The fields whose names end with ``[]``."""

    def text(self, name: str) -> str:
        """Give a field without spaces around it; empty if it was not sent."""
        return self.fields.get(name, "").strip()

    def open(self, limits: UploadLimits) -> RecordingReader:
        """Open the recording in a limited child process. It blocks.

        Raises ``MediaTypeUnknown`` for what is no recording of ours, ``AudioUnreadable`` for a damaged one, and
        ``CapacityExhausted`` if the disk has no room for it.
        """
        with _finding_room():
            descriptor = self.file.file.fileno()  # what was in memory until now is written here
            self.file.file.flush()
        path = Path(f"/proc/{os.getpid()}/fd/{descriptor}")
        try:
            if path.stat().st_size:
                _require_known(path, self.name)
            return open_recording(path, limit_s=limits.max_s, vouched_for=False)
        except AudioUnreadable as error:
            raise AudioUnreadable(_named(error, path, self.name)) from error


def _require_known(path: Path, name: str) -> None:
    try:
        container = recognise_container(path)
    except AudioUnreadable as error:
        raise MediaTypeUnknown(_named(error, path, name)) from error
    if container.needs_upload_decoder and find_spec("av") is None:
        raise MediaTypeUnknown(
            f"{name} is WebM or MP4, and this server lacks the decoder for them (`make uploads`); "
            "send WAV, FLAC, OGG (Vorbis or Opus) or MP3"
        )


def _named(error: AudioUnreadable, path: Path, name: str) -> str:
    """Tell the person by the name that they gave, not by ours."""
    return str(error).replace(str(path), name)


@asynccontextmanager
async def receive_upload(request: Request, limits: UploadLimits) -> AsyncIterator[Upload]:
    """Receive a form with a ``file``, or a recording as it is with the fields in the address; it is gone afterwards.

    Raises ``AudioTooLong`` as soon as the limit is passed, ``MediaTypeUnknown``, ``FieldInvalid``, ``WireError`` for a
    form that does not parse, ``EngineTimeout`` for one that takes too long to come, and ``CapacityExhausted`` for one
    that the disk has no room for.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limits.max_bytes + MAX_FIELDS * MAX_FIELD_BYTES:
        raise _too_large(limits)
    try:
        async with asyncio.timeout(RECEIVE_WITHIN_S):
            with _finding_room():
                upload = await _receive(request, limits)
    except TimeoutError as error:
        raise EngineTimeout(f"the recording did not arrive within {RECEIVE_WITHIN_S:.0f} s; send less") from error
    try:
        yield upload
    finally:
        with suppress(OSError):  # what could not be written any more is thrown away all the same
            await upload.file.close()


@contextmanager
def _finding_room() -> Iterator[None]:
    """Raise ``CapacityExhausted`` when the disk has no room for what is written inside."""
    try:
        yield
    except OSError as error:
        # `tempfile` says so, without a name, when it can write in no temporary folder.
        nowhere = error.errno == errno.ENOENT and error.filename is None
        if error.errno not in FULL and not nowhere:
            raise
        raise CapacityExhausted(
            "no room on this server to keep the recording while it is transcribed; try again in a while, or send it as "
            "OGG or MP3, which are smaller",
            retry_after_s=ROOM_AFTER_S,
        ) from error


async def _receive(request: Request, limits: UploadLimits) -> Upload:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind == FORM_TYPE:
        return _of_form(await _receive_form(request, limits))
    if kind.startswith(_RAW_KINDS):
        return await _receive_raw(request, limits)
    raise MediaTypeUnknown(
        f"the body is {kind[:60] or 'of no type'}; send {FORM_TYPE} with a 'file', or a recording as "
        f"audio/* ({FRAME_TYPE} is what our own processes send)"
    )


async def _receive_form(request: Request, limits: UploadLimits) -> FormData:
    parser = MultiPartParser(
        request.headers,
        _counted(request, limits),
        max_files=1,
        max_fields=MAX_FIELDS,
        max_part_size=MAX_FIELD_BYTES,
    )
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise WireError(f"the form cannot be read: {error.message}") from error


def _of_form(form: FormData) -> Upload:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        for value in form.values():
            if isinstance(value, UploadFile):
                with suppress(OSError):
                    value.file.close()
        raise FieldInvalid("the form lacks the recording: send it as the field 'file', with a file name")
    texts = [(key, value) for key, value in form.multi_items() if isinstance(value, str)]
    names = dict.fromkeys(key for key, _ in texts if key.endswith("[]"))
    return Upload(
        file=file,
        name=Path(file.filename or _NAMELESS).name[:120] or _NAMELESS,
        fields={key: value for key, value in texts if not key.endswith("[]")},
        lists={name: tuple(value for key, value in texts if key == name) for name in names},
    )


async def _receive_raw(request: Request, limits: UploadLimits) -> Upload:
    spool = SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115  # the upload owns it
    file = UploadFile(file=cast(BinaryIO, spool), size=0)
    try:
        async for chunk in _counted(request, limits):
            await file.write(chunk)
    except BaseException:
        with suppress(OSError):
            spool.close()
        raise
    return Upload(file=file, name=_NAMELESS, fields=dict(request.query_params))


async def _counted(request: Request, limits: UploadLimits) -> AsyncGenerator[bytes, None]:
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > limits.max_bytes + MAX_FIELDS * MAX_FIELD_BYTES:
            raise _too_large(limits)
        yield chunk


def _too_large(limits: UploadLimits) -> AudioTooLong:
    return AudioTooLong(
        f"a recording has at most {limits.max_bytes >> 20} MiB here; send it in parts, or as FLAC, OGG or MP3, "
        "which are smaller"
    )
