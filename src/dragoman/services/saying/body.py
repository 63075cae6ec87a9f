"""Read the JSON object in a request's body, field by field. For ``synthesize_http.py`` and ``openai_http.py``."""

import json
from typing import Final

from starlette.requests import Request

from dragoman.ground.errors import WireError
from dragoman.services.saying.wishes import TextNotSpeakable
from dragoman.services.transcribing.problems import FieldInvalid, MediaTypeUnknown
from dragoman.services.web import receive_body
from dragoman.wire.fields import sendable
from dragoman.wire.frames import Header, JsonValue

_BESIDE_TEXT_BYTES: Final = 16 << 10


class Body:
    """What was sent. Every method raises ``FieldInvalid`` naming the field."""

    def __init__(self, fields: Header) -> None:
        self._fields = fields

    def text(self, name: str) -> str:
        """Give a text, empty if there is none; half characters become question marks."""
        value = self._fields.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise FieldInvalid(f"{name} is a text, not {_shown(value)}")
        return sendable(value)

    def name(self, name: str) -> str:
        """Give a name without spaces around it."""
        return self.text(name).strip()

    def number(self, name: str, *, otherwise: float) -> float:
        value = self._fields.get(name)
        if value is None:
            return otherwise
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FieldInvalid(f"{name} is a number, not {_shown(value)}")
        # Of any size: what is too large for a float is too fast as well.
        return float(value) if abs(value) < 1e6 else 1e6

    def flag(self, name: str) -> bool:
        value = self._fields.get(name)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise FieldInvalid(f"{name} is true or false, not {_shown(value)}")
        return value


async def read_body(request: Request, *, most_characters: int) -> Body:
    """Read it within its limits.

    Raises ``MediaTypeUnknown``, ``WireError`` for what is no JSON object, ``TextNotSpeakable`` for what is far too
    long, and ``EngineTimeout`` for what does not arrive.
    """
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise MediaTypeUnknown(f"the body is {kind[:60] or 'of no type'}; send application/json with the text")
    # A character of JSON takes at most twelve bytes: two escaped halves.
    most_bytes = 12 * most_characters + _BESIDE_TEXT_BYTES
    too_much = TextNotSpeakable(f"at most {most_characters} characters are spoken at once: send it in parts")
    body = await receive_body(request, max_bytes=most_bytes, too_much=too_much)
    try:
        fields: JsonValue = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WireError('the body is no JSON; send an object such as {"text": "Xin chào", "language": "vi"}') from error
    if not isinstance(fields, dict):
        raise WireError('the body is JSON, but no object; send one such as {"text": "Xin chào", "language": "vi"}')
    return Body(fields)


def _shown(value: JsonValue) -> str:
    return repr(value)[:40]
