"""A frame: four bytes header length, four bytes payload length (little-endian), JSON header, PCM payload.

The same bytes travel over pipes (``read_frame``) and in HTTP bodies and WebSocket messages (``unpack_frame``).
What the headers mean is in ``messages.py``.
"""

import json
import struct
from typing import BinaryIO

from dragoman.ground.errors import WireError

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
Header = dict[str, JsonValue]

MAX_HEADER_BYTES = 1 << 20
MAX_PAYLOAD_BYTES = 64 << 20
"""Half an hour of 16 kHz PCM; nothing longer is sent in one piece."""

_LENGTHS = struct.Struct("<II")


def pack_frame(header: Header, payload: bytes = b"") -> bytes:
    """Write a frame."""
    encoded = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    return _LENGTHS.pack(len(encoded), len(payload)) + encoded + payload


def unpack_frame(data: bytes) -> tuple[Header, bytes]:
    """Read one whole frame. Raises ``WireError`` for anything else, trailing bytes included."""
    if len(data) < _LENGTHS.size:
        raise WireError(f"a frame has at least {_LENGTHS.size} bytes, this one {len(data)}")
    header_bytes, payload_bytes = _check(*_LENGTHS.unpack_from(data))
    if len(data) != _LENGTHS.size + header_bytes + payload_bytes:
        raise WireError(f"the frame says {header_bytes}+{payload_bytes} bytes, and {len(data) - _LENGTHS.size} came")
    end = _LENGTHS.size + header_bytes
    return _header(data[_LENGTHS.size : end]), data[end:]


def read_frame(stream: BinaryIO) -> tuple[Header, bytes] | None:
    """Read the next frame of a pipe; None at its end. Raises ``WireError`` if it ends inside a frame."""
    lengths = stream.read(_LENGTHS.size)
    if not lengths:
        return None
    if len(lengths) < _LENGTHS.size:
        raise WireError("the stream ended inside a frame")
    header_bytes, payload_bytes = _check(*_LENGTHS.unpack(lengths))
    body = stream.read(header_bytes + payload_bytes)
    if len(body) < header_bytes + payload_bytes:
        raise WireError("the stream ended inside a frame")
    return _header(body[:header_bytes]), body[header_bytes:]


def _check(header_bytes: int, payload_bytes: int) -> tuple[int, int]:
    if header_bytes > MAX_HEADER_BYTES or payload_bytes > MAX_PAYLOAD_BYTES:
        raise WireError(f"a frame of {header_bytes}+{payload_bytes} bytes is over the limit")
    return header_bytes, payload_bytes


def _header(encoded: bytes) -> Header:
    try:
        header = json.loads(encoded)
    except ValueError as error:
        raise WireError("the frame's header is not JSON") from error
    if not isinstance(header, dict):
        raise WireError("the frame's header is not a JSON object")
    return header
