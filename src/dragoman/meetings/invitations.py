"""Ids and secrets that need no memory: a key makes them and recognises them. To meetings.py.

The key outlives the API's process, so links, hosts and participants stay valid when it is replaced in the middle of a
call. Source of the construction: HMAC (RFC 2104) with SHA-256, one label for each use.
"""

import base64
import hashlib
import hmac
import secrets

MIN_KEY_BYTES = 32
_NONCE_BYTES = 9
_TAG_BYTES = 9
_ROOM_ID_CHARS = 24
"""18 bytes in base64url: 72 random bits, and as many that prove them ours."""


class Invitations:
    """Makes and checks room ids, host secrets and participants' secrets.

    The first key makes them; what ``older`` ones made is recognised too.
    """

    def __init__(self, key: bytes, *older: bytes) -> None:
        self._keys = (key, *older)
        shortest = min(map(len, self._keys))
        if shortest < MIN_KEY_BYTES:
            raise ValueError(f"the key has {shortest} bytes; it takes at least {MIN_KEY_BYTES}")

    def new_room_id(self) -> str:
        """Make an id that nobody can guess, 24 letters of base64url."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return _text(nonce + self._tag("room", _text(nonce))[:_TAG_BYTES])

    def is_ours(self, room_id: str) -> bool:
        """Say whether ``new_room_id`` made this id with one of our keys, now or in an earlier process."""
        if len(room_id) != _ROOM_ID_CHARS or not room_id.isascii():
            return False
        try:
            data = base64.b64decode(room_id, altchars=b"-_", validate=True)
        except ValueError:
            return False
        nonce, tag = data[:_NONCE_BYTES], data[_NONCE_BYTES:]
        return any(hmac.compare_digest(tag, _tag(key, "room", _text(nonce))[:_TAG_BYTES]) for key in self._keys)

    def host_secret(self, room_id: str) -> str:
        return _text(self._tag("host", room_id))

    def host_secret_of(self, room_id: str, host: str) -> str:
        """Give ``<host>.<proof>``: who hosts a lasting room, by a name of ``RoomCard.hosts``, while that is one."""
        return f"{host}.{_text(self._tag('hosting user', room_id, host))}"

    def participant_secret(self, room_id: str, identity: str) -> str:
        """Give ``<identity>.<proof>``, which says who somebody is and that this room let them in."""
        return f"{identity}.{_text(self._tag('participant', room_id, identity))}"

    def is_host(self, room_id: str, secret: str) -> bool:
        return self._proves(secret, "host", room_id)

    def identify_host(self, room_id: str, secret: str) -> str | None:
        """Say for which host ``host_secret_of`` made this secret; None if for nobody."""
        host, _, proof = secret.partition(".")
        return host if self._proves(proof, "hosting user", room_id, host) else None

    def identify(self, room_id: str, secret: str) -> str | None:
        """Say whose secret this is; None if it is nobody's in this room."""
        identity, _, proof = secret.partition(".")
        return identity if self._proves(proof, "participant", room_id, identity) else None

    def key_for(self, purpose: str) -> bytes:
        """Derive 32 bytes for one purpose alone, the same in every process."""
        return self._tag("key", purpose)

    def _tag(self, *parts: str) -> bytes:
        return _tag(self._keys[0], *parts)

    def _proves(self, given: str, *parts: str) -> bool:
        proof = given.encode("utf-8", "replace")
        return any(hmac.compare_digest(proof, _text(_tag(key, *parts)).encode()) for key in self._keys)


PERSON = "p-"
"""How the identities begin of who comes in by ``join``; practice speakers have others."""


def new_identity() -> str:
    """Make a participant's identity: the server's, never the client's, and nothing of the person is in it."""
    return f"{PERSON}{secrets.token_hex(6)}"


def _tag(key: bytes, *parts: str) -> bytes:
    # Length in front of each part, so that no two lists of parts read the same.
    message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
    return hmac.digest(key, message, hashlib.sha256)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
