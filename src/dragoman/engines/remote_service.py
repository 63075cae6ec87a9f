"""One request to an engine service, with a deadline, and every way it fails as an ``EngineError``.

For the three ``remote.py`` (speech_to_text/, translation/, text_to_speech/). Nothing is retried here: routers do that.
"""

import io
import json
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx2

from dragoman.ground.engines import EngineInfo, EngineKind
from dragoman.ground.errors import DragomanError, EngineCrashed, EngineTimeout, EngineUnavailable, WireError
from dragoman.ground.precedence import priority_now
from dragoman.wire.frames import (
    MAX_HEADER_BYTES,
    MAX_PAYLOAD_BYTES,
    Header,
    JsonValue,
    pack_frame,
    read_frame,
    unpack_frame,
)
from dragoman.wire.messages import message_type, read_error, read_infos
from dragoman.wire.requests import DEADLINE_HEADER, PRIORITY_HEADER

CONNECT_WITHIN_S = 2.0
GRACE_S = 0.5
"""Waited beyond the deadline given to the service, so that its own answer to a missed deadline arrives."""

MAX_ANSWER_BYTES = MAX_HEADER_BYTES + MAX_PAYLOAD_BYTES

INFO_WITHIN_S = 5.0


class EngineService:
    """One engine of a service, as its clients see it. Safe in several threads at once.

    ``client`` has the service's address as ``base_url`` and, where the service wants a token, the ``Authorization``
    header; it stays the caller's to close. ``engine`` is a label (``EngineInfo.label``); empty means the first of the
    service's engines. ``timeout_s`` is for each answer, or each piece of it.
    """

    def __init__(self, client: httpx2.Client, *, kind: EngineKind, engine: str, timeout_s: float) -> None:
        self._client = client
        self._kind = kind
        self.engine = engine
        self.timeout_s = timeout_s
        self._info: EngineInfo | None = None
        self._asking_info = threading.Lock()
        self._closed = False

    def info(self) -> EngineInfo:
        """Give what the engine says of itself, asked once and kept. Raises ``EngineError``."""
        with self._asking_info:
            if self._info is None:
                # Whole utterances only: what follows along is the service's live session (remote_session.py).
                self._info = replace(self._choose(self._ask_infos()), remote=True, streaming=False)
            return self._info

    def labels(self) -> list[str]:
        """List the engines of the service, its first choice first. Raises ``EngineError``, also if it has none."""
        infos = self._ask_infos()
        self._choose(infos)
        return [info.label for info in infos if info.kind == self._kind]

    def warm_up(self) -> None:
        self.refuse_if_closed()
        self.info()

    def close(self) -> None:
        """Answer no more calls; the client stays open for the other engines of the service."""
        self._closed = True

    def get(self, path: str, parameters: dict[str, str]) -> Header:
        """Get a JSON object."""
        with self._answer("GET", path, timeout_s=INFO_WITHIN_S, parameters=parameters) as answer:
            return _json_object(_read_whole(answer, INFO_WITHIN_S + GRACE_S))

    def ask(self, path: str, header: Header, payload: bytes = b"", *, timeout_s: float | None = None) -> Header:
        """Send a frame and give the header of the frame that answers."""
        timeout_s = self.timeout_s if timeout_s is None else min(self.timeout_s, timeout_s)
        with self._answer("POST", path, timeout_s=timeout_s, content=pack_frame(header, payload)) as answer:
            answered, _ = unpack_frame(_read_whole(answer, timeout_s + GRACE_S))
            return answered

    def stream(self, path: str, header: Header) -> Generator[tuple[Header, bytes], None, None]:
        """Send a frame and give the frames that answer, until ``end``; raises what an error frame says."""
        with self._answer("POST", path, timeout_s=self.timeout_s, content=pack_frame(header)) as answer:
            reader = io.BufferedReader(_Chunks(answer.iter_bytes()))
            while (frame := read_frame(reader)) is not None:
                kind = message_type(frame[0])
                if kind == "end":
                    return
                if kind == "error":
                    raise read_error(frame[0])
                yield frame
            raise EngineCrashed("the service ended its answer in the middle")

    @contextmanager
    def _answer(
        self,
        method: str,
        path: str,
        *,
        timeout_s: float,
        content: bytes | None = None,
        parameters: dict[str, str] | None = None,
    ) -> Iterator[httpx2.Response]:
        """Hold an answer open; whatever goes wrong while it is, becomes one of our errors."""
        self.refuse_if_closed()
        if timeout_s <= 0:
            raise EngineTimeout("the deadline had passed before the service was asked")
        wait_s = timeout_s + GRACE_S
        try:
            with self._client.stream(
                method,
                path,
                content=content,
                params=parameters,
                headers={
                    DEADLINE_HEADER: str(max(1, round(timeout_s * 1000))),
                    PRIORITY_HEADER: str(priority_now()),
                },
                timeout=httpx2.Timeout(wait_s, connect=min(wait_s, CONNECT_WITHIN_S)),
            ) as answer:
                if answer.status_code != httpx2.codes.OK:
                    raise _refusal(answer, _read_whole(answer, wait_s))
                yield answer
        except httpx2.ConnectTimeout as error:
            raise EngineUnavailable(f"{self._where()} cannot be reached within {CONNECT_WITHIN_S} s") from error
        except httpx2.TimeoutException as error:
            raise EngineTimeout(f"{self._where()} did not answer within {wait_s:.1f} s") from error
        except httpx2.ConnectError as error:
            raise EngineUnavailable(f"{self._where()} cannot be reached: {error}") from error
        except httpx2.RequestError as error:
            raise EngineCrashed(f"{self._where()} broke off: {error}") from error
        except WireError as error:
            raise EngineCrashed(f"{self._where()} answered out of step: {error}") from error

    def _ask_infos(self) -> tuple[EngineInfo, ...]:
        answer = self.get("/info", {})
        with answers_in_step():
            return read_infos(answer)

    def _choose(self, infos: tuple[EngineInfo, ...]) -> EngineInfo:
        of_kind = [info for info in infos if info.kind == self._kind]
        for info in of_kind:
            if self.engine in ("", info.label):
                return info
        known = ", ".join(info.label for info in of_kind) or "none"
        raise EngineUnavailable(f"{self._where()} has no {self._kind} engine {self.engine!r}; there are: {known}")

    def _where(self) -> str:
        return f"the {self._kind} service at {self._client.base_url}"

    def refuse_if_closed(self) -> None:
        """Raise ``EngineUnavailable`` after ``close``."""
        if self._closed:
            raise EngineUnavailable("this engine is closed; open it again")


@contextmanager
def answers_in_step() -> Iterator[None]:
    """Read an answer inside: a ``WireError`` leaves as ``EngineCrashed``, as the engine seams know it."""
    try:
        yield
    except WireError as error:
        raise EngineCrashed(f"the service answered out of step: {error}") from error


class _Chunks(io.RawIOBase):
    """The chunks of an HTTP body as a file, for ``read_frame``."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # BufferedReader passes a memoryview
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk
        count = min(len(buffer), len(self._rest))
        buffer[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _read_whole(answer: httpx2.Response, wait_s: float) -> bytes:
    """Read a body that keeps within size and time; the client's own timeouts only watch the gaps between chunks."""
    ends_at_s = time.monotonic() + wait_s
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise WireError(f"the answer is over {MAX_ANSWER_BYTES >> 20} MiB")
        if time.monotonic() > ends_at_s:
            raise EngineTimeout(f"the answer was not complete within {wait_s:.1f} s")
    return bytes(body)


def _json_object(body: bytes) -> Header:
    try:
        value: JsonValue = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WireError("the answer is not JSON") from error
    if not isinstance(value, dict):
        raise WireError("the answer is not a JSON object")
    return value


def _refusal(answer: httpx2.Response, body: bytes) -> DragomanError:
    """Read why a service refused: its error frame, or else the bare status."""
    if answer.status_code in (httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN):
        return EngineUnavailable(f"the service refuses our token ({answer.status_code}); check it on both sides")
    try:
        header, _ = unpack_frame(body)
        return read_error(header)
    except WireError:
        return EngineCrashed(f"the service answered with status {answer.status_code} and no reason")
