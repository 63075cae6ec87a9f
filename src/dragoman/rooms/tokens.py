"""Make the tokens that open LiveKit's doors. Plain functions over a key pair (key_pair.py); every grant is said.

LiveKit grants publishing, subscribing and data by default, so nothing is left to defaults here. A token limits joining
alone: the server renews the tokens of those who are inside. They are JSON Web Tokens signed by HMAC-SHA256 (RFC 7519,
RFC 7515); LiveKit's own maker of them brings a client of its whole API, 10 MB in the interpreter.
"""

import base64
import hashlib
import hmac
import json
import time
import unicodedata
from collections.abc import Mapping
from datetime import timedelta

from dragoman.rooms.key_pair import KeyPair
from dragoman.rooms.livekit_errors import ParticipantInvalid

TOKEN_LIFE = timedelta(minutes=10)
MAX_NAME_CHARACTERS = 256
"""LiveKit's limit on rooms, identities and names."""
MAX_ATTRIBUTES_BYTES = 8 << 10
"""All attributes of a participant together: each change is sent to everybody. LiveKit would take 64 KiB."""

RESERVED_IDENTITY = "interpreter"
"""Identities that begin so are the interpreter's: no person may carry one."""

_DIRECTION_MARKS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_HUMAN_SOURCES = ["microphone", "camera", "screen_share", "screen_share_audio"]

Grants = dict[str, bool | str | list[str]]
"""What a token allows, by the names that LiveKit reads (``VideoGrant`` of its protocol)."""


def human_token(
    keys: KeyPair,
    *,
    room: str,
    identity: str,
    name: str,
    attributes: Mapping[str, str],
    life: timedelta = TOKEN_LIFE,
) -> str:
    """Let a person into ``room`` with microphone, camera and screen.

    Languages and consent are ``attributes`` that the person cannot change alone: they go through our API. Raises
    ``ParticipantInvalid``.
    """
    check_human_identity(identity)
    grants = _nothing() | {
        "roomJoin": True,
        "room": _checked("room", room),
        "canPublish": True,
        "canPublishSources": _HUMAN_SOURCES,
        "canSubscribe": True,
    }
    person = {"name": _checked("name", name), "kind": "standard", "attributes": check_attributes(attributes)}
    return _sign(keys, {"sub": identity, "video": grants, **person}, life)


def interpreter_token(
    keys: KeyPair,
    *,
    room: str,
    identity: str = RESERVED_IDENTITY,
    attributes: Mapping[str, str] | None = None,
    life: timedelta = TOKEN_LIFE,
) -> str:
    """Let an interpreter into ``room``: seen by all, of kind agent, free to keep its notices in its attributes."""
    grants = _nothing() | {
        "roomJoin": True,
        "room": _checked("room", room),
        "canPublish": True,
        "canSubscribe": True,
        "canPublishData": True,
        "canUpdateOwnMetadata": True,
        "agent": True,
    }
    agent = {"name": "Interpreter", "kind": "agent", "attributes": check_attributes(attributes or {})}
    return _sign(keys, {"sub": _checked("identity", identity), "video": grants, **agent}, life)


def worker_token(keys: KeyPair, *, life: timedelta = TOKEN_LIFE) -> str:
    """Let a process register for dispatch (``dispatch.py``), and nothing else."""
    return _sign(keys, {"video": _nothing() | {"agent": True}}, life)


def api_token(keys: KeyPair, *, room: str = "", life: timedelta = TOKEN_LIFE) -> str:
    """Let our API manage rooms; with ``room``, that one alone and without making or listing others."""
    grants = _nothing() | {"roomAdmin": True, "roomCreate": not room, "roomList": not room}
    if room:
        grants["room"] = _checked("room", room)
    return _sign(keys, {"video": grants}, life)


def check_human_identity(identity: str) -> str:
    """Give ``identity`` back if a person may carry it. Raises ``ParticipantInvalid``."""
    _checked("identity", identity)
    if identity.casefold().startswith(RESERVED_IDENTITY):
        raise ParticipantInvalid(f"the identity {identity!r} is kept for the interpreter; choose another one")
    return identity


def check_attributes(attributes: Mapping[str, str]) -> dict[str, str]:
    """Give ``attributes`` back as a dict if a token may carry them. Raises ``ParticipantInvalid``."""
    size = sum(len(key.encode()) + len(value.encode()) for key, value in attributes.items())
    if size > MAX_ATTRIBUTES_BYTES:
        raise ParticipantInvalid(f"the attributes have {size} bytes; at most {MAX_ATTRIBUTES_BYTES} are carried")
    for key in attributes:
        if not key or not key.isprintable():
            raise ParticipantInvalid(f"an attribute cannot be called {key!r}; use printable characters")
    return dict(attributes)


def _nothing() -> Grants:
    """Grant nothing, inside a room or outside it."""
    return {
        "roomJoin": False,
        "canPublish": False,
        "canSubscribe": False,
        "canPublishData": False,
        "canUpdateOwnMetadata": False,
        "hidden": False,
        "agent": False,
        "roomAdmin": False,
        "roomCreate": False,
        "roomList": False,
    }


def _sign(keys: KeyPair, claims: Mapping[str, object], life: timedelta) -> str:
    now_s = int(time.time())
    whole = {"sub": "", **claims, "iss": keys.key, "nbf": now_s, "exp": now_s + int(life.total_seconds())}
    said = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(whole)}"
    return f"{said}.{_letters(hmac.digest(keys.secret.encode(), said.encode(), hashlib.sha256))}"


def _part(said: Mapping[str, object]) -> str:
    return _letters(json.dumps(said, separators=(",", ":")).encode())


def _letters(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _checked(what: str, text: str) -> str:
    """Refuse what is empty, too long, or carries characters that nobody sees (they make two names look the same)."""
    if not text.strip():
        raise ParticipantInvalid(f"the {what} is empty; give at least one visible character")
    if len(text) > MAX_NAME_CHARACTERS:
        raise ParticipantInvalid(f"the {what} has {len(text)} characters; at most {MAX_NAME_CHARACTERS} work")
    # Format characters (Cf) include the joiners that Hindi, Persian and emoji need; direction marks are the trouble.
    if any(unicodedata.category(letter) in ("Cc", "Cs") or letter in _DIRECTION_MARKS for letter in text):
        raise ParticipantInvalid(f"the {what} {text!r} has characters that cannot be shown; leave them out")
    return text
