"""Check an ID token: who the provider says has signed in. Plain; from oidc.py, with keys of oidc_provider.py.

Source: OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725 for algorithms. Nothing in a token says how it is checked:
the algorithms are ours, and a key comes from the provider's own list alone.
"""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from dragoman.accounts.errors import OidcRefused

Key = RSAKey | ECKey
Claims = Mapping[str, object]

ALGORITHMS: Mapping[str, type[Key]] = {"RS256": RSAKey, "ES256": ECKey}
SKEW = timedelta(minutes=2)
"""Between the provider's clock and ours."""
OLDEST = timedelta(minutes=10)
MAX_TOKEN_CHARS = 64 << 10
MAX_SUBJECT_CHARS = 255
_LEAST_RSA_BITS = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a token has to say."""

    issuer: str
    client_id: str
    nonce: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who has signed in at the provider."""

    issuer: str
    subject: str
    """Theirs for ever, at this issuer."""
    email: str | None
    """Only if the provider has verified it."""
    name: str


@dataclass(frozen=True, slots=True)
class KeyWish:
    """Which key a token says it was signed with."""

    algorithm: str
    key_id: str | None


def key_wish(token: str) -> KeyWish:
    """Read which key checks a token. Raises ``OidcRefused`` for an algorithm that is none of ours, such as none."""
    if len(token) > MAX_TOKEN_CHARS:
        raise _refused("is too long")
    try:
        header = jws.extract_compact(token.encode("utf-8", "replace"), registry=_registry()).headers()
    except (JoseError, ValueError, RecursionError) as error:
        raise _refused("is no signed token") from error
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise _refused(f"is not signed with {' or '.join(ALGORITHMS)}")
    if key_id is not None and not isinstance(key_id, str):
        raise _refused("names its key wrongly")
    return KeyWish(algorithm, key_id)


def find_key(keys: Sequence[Key], wish: KeyWish) -> Key | None:
    """Give the key for a token; without a name, the only one that fits."""
    fitting = [it for it in keys if isinstance(it, ALGORITHMS[wish.algorithm]) and it.alg in (None, wish.algorithm)]
    if wish.key_id is not None:
        fitting = [it for it in fitting if it.kid == wish.key_id]
    return fitting[0] if len(fitting) == 1 else None


def read_keys(document: object) -> tuple[Key, ...]:
    """Read a JWK Set (RFC 7517): the keys that can check signatures; what else is in it does not matter."""
    rows = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        return ()
    found = (_read_key(row) for row in rows[:100])
    return tuple(key for key in found if key is not None)


def read_id_token(token: str, key: Key, expected: Expected, *, now: datetime) -> Identity:
    """Check signature and claims. Raises ``OidcRefused``, which says what is wrong and nothing of the token."""
    try:
        claims: Claims = jwt.decode(token, key, algorithms=list(ALGORITHMS), registry=_registry()).claims
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise _refused("does not carry the provider's signature") from error
    _check_parties(claims, expected)
    _check_times(claims, now)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode("utf-8", "replace"), expected.nonce.encode()):
        raise _refused("was made for another sign-in")
    subject, email, name = claims.get("sub"), claims.get("email"), claims.get("name")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_CHARS or not subject.isprintable():
        raise _refused("names nobody")
    verified = claims.get("email_verified") is True
    return Identity(
        issuer=expected.issuer,
        subject=subject,
        email=email if isinstance(email, str) and verified else None,
        name=name[:200] if isinstance(name, str) else "",
    )


def _check_parties(claims: Claims, expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise _refused("comes from another provider")
    audience, authorized = claims.get("aud"), claims.get("azp")
    audiences = audience if isinstance(audience, list) else [audience]
    several = len(audiences) > 1
    if expected.client_id not in audiences or (
        authorized != expected.client_id and (several or authorized is not None)
    ):
        raise _refused("is for another server")


def _check_times(claims: Claims, now: datetime) -> None:
    expires, made, begins = (_moment(claims, name, now) for name in ("exp", "iat", "nbf"))
    if expires is None or made is None:
        raise _refused("has no times")
    if now >= expires + SKEW or now > made + OLDEST + SKEW:
        raise _refused("is too old")
    if made > now + SKEW or (begins is not None and begins > now + SKEW):
        raise _refused("is from the future; look at the clocks of both servers")


def _moment(claims: Claims, name: str, now: datetime) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refused("has no times")
    try:
        return datetime.fromtimestamp(value, tz=now.tzinfo)
    except (ValueError, OverflowError, OSError) as error:
        raise _refused("has no times") from error


def _read_key(row: object) -> Key | None:
    if not isinstance(row, dict) or row.get("use") not in (None, "sig"):
        return None
    load: Mapping[str, Callable[[dict[str, str | list[str]]], Key]] = {
        "RSA": RSAKey.import_key,
        "EC": ECKey.import_key,
    }
    try:
        key = load[str(row.get("kty"))](row)
        large_enough = key.raw_value.key_size >= _LEAST_RSA_BITS if isinstance(key, RSAKey) else True
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key if large_enough else None


def _registry() -> jws.JWSRegistry:
    # Some providers add words of their own to the header. What "crit" demands is refused all the same.
    return jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)


def _refused(what: str) -> OidcRefused:
    return OidcRefused(f"what the provider sent {what}; begin the sign-in again, and tell the admin if it stays so")
