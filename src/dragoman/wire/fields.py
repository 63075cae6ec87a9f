"""Read a header field by field, strictly. For messages.py, which knows what the fields mean.

A reader takes every field once, by name and type, and refuses in the end whatever nobody took: a message that an older
process does not understand fails there, instead of being half understood.
"""

import math
from collections.abc import Callable
from typing import TypeVar

from dragoman.ground.errors import WireError
from dragoman.ground.languages import LANGUAGES, Language
from dragoman.wire.frames import Header, JsonValue

T = TypeVar("T")


def sendable(text: str) -> str:
    """Replace half characters, which no UTF-8 can carry, by question marks; ``Fields.text`` refuses them."""
    return text.encode("utf-8", "replace").decode()


class Fields:
    """The fields of one JSON object. Every method raises ``WireError`` naming the field."""

    def __init__(self, value: JsonValue, *, of: str) -> None:
        if not isinstance(value, dict):
            raise WireError(f"{of} is a JSON object, not {_kind(value)}")
        self._left: Header = dict(value)
        self._of = of

    def text(self, name: str) -> str:
        value = self._take(name)
        if not isinstance(value, str):
            raise self._wrong(name, "text", value)
        # JSON can escape half a surrogate pair, which no UTF-8 text holds and nothing further on could write.
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise WireError(f"field {name!r} of {self._of} holds half a character")
        return value

    def number(self, name: str) -> float:
        """Read a finite number."""
        value = self._take(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(name, "a number", value)
        try:
            number = float(value)
        except OverflowError as error:
            raise WireError(f"field {name!r} of {self._of} is too large") from error
        if not math.isfinite(number):
            raise WireError(f"field {name!r} of {self._of} is a finite number, not {number}")
        return number

    def seconds(self, name: str) -> float:
        """Read a time or a duration: a number from 0."""
        value = self.number(name)
        if value < 0:
            raise WireError(f"field {name!r} of {self._of} is not negative")
        return value

    def count(self, name: str) -> int:
        """Read a whole number from 0."""
        value = self._take(name)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._wrong(name, "a whole number", value)
        if not 0 <= value < 1 << 53:
            raise WireError(f"field {name!r} of {self._of} is a whole number from 0 to 2^53")
        return value

    def flag(self, name: str) -> bool:
        value = self._take(name)
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false", value)
        return value

    def language(self, name: str) -> Language:
        code = Language(self.text(name))
        if code not in LANGUAGES:
            raise WireError(f"field {name!r} of {self._of} is not a language of ours: {code[:20]!r}")
        return code

    def items(self, name: str) -> list[JsonValue]:
        value = self._take(name)
        if not isinstance(value, list):
            raise self._wrong(name, "a list", value)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Read a list of texts."""
        return tuple(Fields({name: item}, of=self._of).text(name) for item in self.items(name))

    def languages(self, name: str) -> tuple[Language, ...]:
        """Read a list of languages."""
        return tuple(Fields({name: item}, of=self._of).language(name) for item in self.items(name))

    def value(self, name: str) -> JsonValue:
        """Take a field as it is: another reader will judge it."""
        return self._take(name)

    def optional(self, name: str, read: Callable[[str], T]) -> T | None:
        """Read a field that may be null (but not absent) with one of the methods above."""
        if self._left.get(name, "") is None:
            self._take(name)
            return None
        return read(name)

    def end(self) -> None:
        """Refuse the fields that nobody took."""
        if self._left:
            raise WireError(f"unknown field {next(iter(self._left))[:40]!r} in {self._of}")

    def _take(self, name: str) -> JsonValue:
        if name not in self._left:
            raise WireError(f"field {name!r} of {self._of} is missing")
        return self._left.pop(name)

    def _wrong(self, name: str, wanted: str, value: JsonValue) -> WireError:
        return WireError(f"field {name!r} of {self._of} is {wanted}, not {_kind(value)}")


def _kind(value: JsonValue) -> str:
    return "null" if value is None else type(value).__name__
