"""Which field of a request does not fit, and why, from what the reader of bodies says. To problems.py."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from dragoman.ground.facts import Facts, Reason

MAX_FIELD_CHARS = 80
_KINDS: Mapping[str, tuple[Reason, str]] = MappingProxyType(
    {
        "missing": (Reason.MISSING, ""),
        "extra_forbidden": (Reason.UNKNOWN_FIELD, ""),
        "string_too_short": (Reason.TOO_SHORT, "min_length"),
        "string_too_long": (Reason.TOO_LONG, "max_length"),
        "too_short": (Reason.TOO_FEW, "min_length"),
        "too_long": (Reason.TOO_MANY, "max_length"),
        "greater_than_equal": (Reason.TOO_SMALL, "ge"),
        "less_than_equal": (Reason.TOO_LARGE, "le"),
        "literal_error": (Reason.NOT_OFFERED, ""),
        "enum": (Reason.NOT_OFFERED, ""),
    }
)
"""Reasons by pydantic's type of error, and where it keeps the number."""
_LEAST = frozenset({Reason.TOO_SHORT, Reason.TOO_FEW, Reason.TOO_SMALL})


def facts_of_field(place: str, kind: str, context: Mapping[str, Any]) -> Facts:
    """Say it of the field at ``place``; what was sent is not repeated. ``kind``: pydantic's type of error."""
    reason, name = _KINDS.get(kind, (Reason.MALFORMED, ""))
    number = context.get(name)
    bound = number if isinstance(number, int) else None
    least, allowed = (bound, None) if reason in _LEAST else (None, bound)
    return Facts(reason=reason, field=place[:MAX_FIELD_CHARS], least=least, allowed=allowed)
