"""Access tokens: short-lived proofs of who is signed in. From sign_in.py; read by standing.py.

JSON Web Tokens (RFC 7519) of type ``at+jwt`` (RFC 9068) with HMAC-SHA-256. Exactly what is made here is taken here:
the header is one fixed text, so that no algorithm, key id or extension can be asked for.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt

from dragoman.accounts.errors import NotSignedIn

LIFETIME = timedelta(minutes=10)
LEEWAY = timedelta(seconds=60)
"""Clocks of several API processes may differ this much."""
MIN_KEY_BYTES = 32
MAX_CHARS = 1024
ISSUER = "dragoman"
AUDIENCE = "dragoman-api"
_HEADER = {"alg": "HS256", "typ": "at+jwt"}
_TEXTS = ("iss", "aud", "sub", "sid", "jti")
_NUMBERS = ("epoch", "iat", "exp")
_INVALID = "the access token is not valid here; refresh the session or sign in again"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessClaims:
    """What a token says."""

    user_id: str
    session_id: str
    epoch: int
    """Of the user, when it was issued."""
    expires_at: datetime


class AccessTokens:
    """Makes and reads access tokens with one key."""

    def __init__(self, key: bytes) -> None:
        if len(key) < MIN_KEY_BYTES:
            raise ValueError(f"the key has {len(key)} bytes; it takes at least {MIN_KEY_BYTES}")
        self._key = key
        self._jws = jwt.PyJWS(algorithms=["HS256"])
        self._header = self._jws.encode(b"{}", key, algorithm="HS256", headers=_HEADER).partition(".")[0]

    def issue(self, *, user_id: str, session_id: str, epoch: int, at: datetime) -> str:
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": user_id,
            "sid": session_id,
            "epoch": epoch,
            "jti": secrets.token_urlsafe(12),
            "iat": int(at.timestamp()),
            "exp": int((at + LIFETIME).timestamp()),
        }
        payload = json.dumps(claims, separators=(",", ":")).encode()
        return self._jws.encode(payload, self._key, algorithm="HS256", headers=_HEADER)

    def read(self, token: str, *, at: datetime) -> AccessClaims:
        """Read a token of ours. Raises ``NotSignedIn`` for every other, for one that is over, and one of the future."""
        if len(token) > MAX_CHARS or token.partition(".")[0] != self._header:
            raise NotSignedIn(_INVALID)
        try:
            payload: bytes = self._jws.decode(token, self._key, algorithms=["HS256"])
            claims = json.loads(payload, object_pairs_hook=_without_doubles)
        except (jwt.InvalidTokenError, ValueError, RecursionError) as error:
            raise NotSignedIn(_INVALID) from error
        return _check(claims, at)


def _check(claims: object, at: datetime) -> AccessClaims:
    if not isinstance(claims, dict) or set(claims) != {*_TEXTS, *_NUMBERS}:
        raise NotSignedIn(_INVALID)
    texts = all(isinstance(claims[name], str) and claims[name] for name in _TEXTS)
    numbers = all(type(claims[name]) is int and 0 <= claims[name] < 1 << 40 for name in _NUMBERS)
    if not texts or not numbers or (claims["iss"], claims["aud"]) != (ISSUER, AUDIENCE):
        raise NotSignedIn(_INVALID)
    issued = datetime.fromtimestamp(claims["iat"], UTC)
    expires = datetime.fromtimestamp(claims["exp"], UTC)
    if issued > at + LEEWAY or not issued < expires <= issued + LIFETIME:
        raise NotSignedIn(_INVALID)
    if at >= expires:
        raise NotSignedIn("the access token is over; refresh the session or sign in again")
    return AccessClaims(user_id=claims["sub"], session_id=claims["sid"], epoch=claims["epoch"], expires_at=expires)


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Build an object; a name that stands twice in it says two things."""
    built = dict(pairs)
    if len(built) != len(pairs):
        raise ValueError("a name stands twice")
    return built
