"""Receive the body of a request within its limits: JSON or a form. To ``fields.py``."""

import asyncio
import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from dragoman.ground.errors import EngineTimeout, WireError
from dragoman.services.transcribing.problems import FieldInvalid, MediaTypeUnknown
from dragoman.services.translating_texts.problems import TextTooLong
from dragoman.services.web import FRAME_TYPE
from dragoman.wire.frames import JsonValue

JSON_TYPE: Final = "application/json"
FORM_TYPE: Final = "application/x-www-form-urlencoded"
RECEIVE_WITHIN_S: Final = 60.0
"""From the first byte of a body to its last."""
BYTES_PER_CHARACTER: Final = 12
"""Of a body, at most: a character beyond the first plane, escaped in JSON or in a form."""
_OVERHEAD_BYTES: Final = 64 << 10
_MAX_FIELDS: Final = 1000


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").split(";")[0].strip().lower()


def most_bytes(max_characters: int) -> int:
    """Say how many bytes a body with so many characters may have."""
    return max_characters * BYTES_PER_CHARACTER + _OVERHEAD_BYTES


async def receive_fields(request: Request, *, max_characters: int) -> Mapping[str, JsonValue]:
    """Receive the fields of a request; a form's are texts, a repeated one is a list of them.

    Raises ``TextTooLong`` as soon as more comes than so many characters can need, ``MediaTypeUnknown``,
    ``FieldInvalid`` or ``WireError`` for what does not parse, and ``EngineTimeout`` for what takes too long to come.
    """
    kind = media_type(request)
    if kind not in (JSON_TYPE, FORM_TYPE):
        raise MediaTypeUnknown(
            f"the body is {kind[:60] or 'of no type'}; send {JSON_TYPE} or {FORM_TYPE} "
            f"({FRAME_TYPE} is what our own processes send)"
        )
    body = await receive_body(request, max_bytes=most_bytes(max_characters))
    return parse_fields(body, kind)


async def receive_body(request: Request, *, max_bytes: int) -> bytes:
    """Receive a body. Raises ``TextTooLong`` and ``EngineTimeout``."""
    received = bytearray()
    try:
        async with asyncio.timeout(RECEIVE_WITHIN_S):
            async for chunk in request.stream():
                received += chunk
                if len(received) > max_bytes:
                    raise TextTooLong(f"a request has at most {max_bytes} bytes here; send the text in parts")
    except TimeoutError as error:
        raise EngineTimeout(f"the text did not arrive within {RECEIVE_WITHIN_S:.0f} s; send less") from error
    return bytes(received)


def parse_fields(body: bytes, kind: str) -> Mapping[str, JsonValue]:
    """Read the fields of a body. Raises ``WireError`` for what is not of its kind, ``FieldInvalid`` for no object."""
    return _parse_json(body) if kind == JSON_TYPE else _parse_form(body)


def _parse_json(body: bytes) -> Mapping[str, JsonValue]:
    try:
        value: JsonValue = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WireError("the body is not JSON; send an object such as the one that the documentation shows") from error
    if not isinstance(value, dict):
        raise FieldInvalid("the body is JSON, but no object; send the fields as {name: value}")
    return value


def _parse_form(body: bytes) -> Mapping[str, JsonValue]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, encoding="utf-8", errors="strict", max_num_fields=_MAX_FIELDS
        )
    except ValueError as error:
        raise WireError(f"the form cannot be read: it has UTF-8 text and at most {_MAX_FIELDS} fields") from error
    found: dict[str, list[JsonValue]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}
