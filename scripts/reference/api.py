"""The page of the API. For make_reference.py."""

import re
from typing import Any

from scripts.reference.markdown import table

from dragoman.services.api.app import openapi_document

CODES_OF_ALL = (
    *("bad_request", "not_signed_in", "origin_not_allowed", "too_slow", "too_large", "request_invalid"),
    *("idempotency_key_reused", "request_under_way", "answer_not_kept"),
    *("too_many_requests", "store_unavailable", "store_full"),
)
"""Said once on the page of the API: what is checked for all routes that take a body, an account, or a key."""


WHO_OF_TAG = {"admin": "admins of the server", "models": "whoever sits at the machine"}


WHO_OF_SCHEME = {"bearer": "whoever has an account", "cookie": "the page, by its cookie", "room_secret": "who is in it"}
"""Who may ask, where a route does not say so itself."""


def api_page() -> str:
    """Write every route of the API, by tag."""
    by_tag: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for path, methods in openapi_document()["paths"].items():
        for method, operation in methods.items():
            by_tag.setdefault(operation["tags"][0], []).append((f"{method.upper()} {path}", operation))
    parts = [
        "# API\n",
        "Every route of a server with accounts; one without has none of those that take an account. The bodies stand\n"
        "in the OpenAPI, at `/api/openapi.json` and by `dragoman openapi`. How it is used: [API](../howto/api.md);\n"
        "what the codes mean: [Errors](errors.md). What answers `forbidden` under *Me* takes no API key.\n",
        f"Many routes answer with these, so that they are not repeated: {', '.join(map(_code, CODES_OF_ALL))}.\n",
    ]
    for tag in sorted(by_tag):
        rows = [_route_row(name, operation) for name, operation in sorted(by_tag[tag], key=_place_of_route)]
        parts.append(f"## {tag.replace('_', ' ').capitalize()}\n")
        parts.append(table(("route", "what it does", "who may", "errors"), rows))
    return "\n".join(parts)


def _place_of_route(route: tuple[str, dict[str, Any]]) -> tuple[str, int]:
    method, path = route[0].split(" ")
    return path, ("GET", "POST", "PUT", "PATCH", "DELETE").index(method)


def _route_row(name: str, operation: dict[str, Any]) -> tuple[str, ...]:
    codes = [
        code
        for status, answer in operation["responses"].items()
        if int(status) >= 400
        for code in re.findall(r"^`(\w+)`", answer["description"], re.MULTILINE)
        if code not in CODES_OF_ALL
    ]
    return _code(name), operation["summary"], _who(operation), ", ".join(map(_code, dict.fromkeys(codes)))


def _code(text: str) -> str:
    return f"`{text}`"


def _who(operation: dict[str, Any]) -> str:
    """Take it from the description, "By the host."; otherwise from what a request carries."""
    said = re.search(r"(?:^|\. )(?:By|To) ([^.;:]+)[.;:]", " ".join(operation.get("description", "").split()))
    if said:
        return said[1]
    schemes = [scheme for asked in operation.get("security", ({},)) for scheme in asked or ("",)]
    words = [WHO_OF_SCHEME.get(scheme, "everybody") for scheme in schemes]
    return WHO_OF_TAG.get(operation["tags"][0]) or words[0]
