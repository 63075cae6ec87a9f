"""Make the tokens that open LiveKit's doors. Plain functions over a key pair; every grant is said.

``VideoGrants`` grants publishing, subscribing and data by default, so nothing is left to defaults here. A token limits
joining alone: the server renews the tokens of those who are inside.
"""

import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from livekit.api import AccessToken, VideoGrants

from dragoman.rooms.livekit_errors import ParticipantInvalid

TOKEN_LIFE = timedelta(minutes=10)
MIN_SECRET_CHARACTERS = 32
MAX_NAME_CHARACTERS = 256
"""LiveKit's limit on rooms, identities and names."""
MAX_ATTRIBUTES_BYTES = 8 << 10
"""All attributes of a participant together: each change is sent to everybody. LiveKit would take 64 KiB."""

RESERVED_IDENTITY = "interpreter"
"""Identities that begin so are the interpreter's: no person may carry one."""

_DIRECTION_MARKS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_HUMAN_SOURCES = ["microphone", "camera", "screen_share", "screen_share_audio"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """What the server and those who make tokens share."""

    key: str
    secret: str

    def __repr__(self) -> str:
        return f"KeyPair(key={self.key!r})"  # the secret must not reach a log

    def __post_init__(self) -> None:
        if not self.key or len(self.secret) < MIN_SECRET_CHARACTERS:
            raise ValueError(f"a key pair has a name and a secret of at least {MIN_SECRET_CHARACTERS} characters")


def make_keys() -> KeyPair:
    """Make a fresh pair, unguessable."""
    return KeyPair(key=f"dragoman-{secrets.token_hex(4)}", secret=secrets.token_urlsafe(48))


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
    grants = VideoGrants(
        room_join=True,
        room=_checked("room", room),
        can_publish=True,
        can_publish_sources=_HUMAN_SOURCES,
        can_subscribe=True,
        can_publish_data=False,
        can_update_own_metadata=False,
        hidden=False,
        room_create=False,
        room_list=False,
        room_admin=False,
        agent=False,
    )
    token = _token(keys, grants, life).with_identity(identity).with_kind("standard")
    return token.with_name(_checked("name", name)).with_attributes(check_attributes(attributes)).to_jwt()


def interpreter_token(
    keys: KeyPair,
    *,
    room: str,
    identity: str = RESERVED_IDENTITY,
    attributes: Mapping[str, str] | None = None,
    life: timedelta = TOKEN_LIFE,
) -> str:
    """Let an interpreter into ``room``: seen by all, of kind agent, free to keep its notices in its attributes."""
    grants = VideoGrants(
        room_join=True,
        room=_checked("room", room),
        can_publish=True,
        can_subscribe=True,
        can_publish_data=True,
        can_update_own_metadata=True,
        hidden=False,
        room_create=False,
        room_list=False,
        room_admin=False,
        agent=True,
    )
    token = _token(keys, grants, life).with_identity(_checked("identity", identity)).with_kind("agent")
    return token.with_name("Interpreter").with_attributes(check_attributes(attributes or {})).to_jwt()


def worker_token(keys: KeyPair, *, life: timedelta = TOKEN_LIFE) -> str:
    """Let a process register for dispatch (``dispatch.py``), and nothing else."""
    return _token(keys, _nothing(agent=True), life).to_jwt()


def api_token(keys: KeyPair, *, room: str = "", life: timedelta = TOKEN_LIFE) -> str:
    """Let our API manage rooms; with ``room``, that one alone and without making or listing others."""
    grants = _nothing(room_admin=True, room_create=not room, room_list=not room)
    grants.room = room and _checked("room", room)
    return _token(keys, grants, life).to_jwt()


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


def _token(keys: KeyPair, grants: VideoGrants, life: timedelta) -> AccessToken:
    return AccessToken(keys.key, keys.secret).with_grants(grants).with_ttl(life)


def _nothing(
    *, agent: bool = False, room_admin: bool = False, room_create: bool = False, room_list: bool = False
) -> VideoGrants:
    """Grant nothing inside a room; outside it, what is said."""
    return VideoGrants(
        room_join=False,
        can_publish=False,
        can_subscribe=False,
        can_publish_data=False,
        can_update_own_metadata=False,
        hidden=False,
        agent=agent,
        room_admin=room_admin,
        room_create=room_create,
        room_list=room_list,
    )


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
