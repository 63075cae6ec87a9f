"""Access tokens: what is made here is taken here, and nothing else that looks like a token."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from dragoman.accounts.access_tokens import LIFETIME, AccessTokens
from dragoman.accounts.errors import NotSignedIn
from dragoman.rooms.key_pair import KeyPair
from dragoman.rooms.tokens import human_token

KEY = bytes(range(32))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HEADER = {"alg": "HS256", "typ": "at+jwt"}


def claims(**changes: object) -> dict[str, object]:
    """Give claims as ours are; None takes one out."""
    noon = int(NOON.timestamp())
    good: dict[str, object] = {
        "iss": "dragoman",
        "aud": "dragoman-api",
        "sub": "user",
        "sid": "session",
        "epoch": 0,
        "jti": "once",
        "iat": noon,
        "exp": noon + 600,
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def text(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def sign(header: str, payload: str, *, key: bytes = KEY, digest: Callable[..., Any] = hashlib.sha256) -> str:
    """Sign two texts as they stand."""
    signed = f"{base64url(header.encode())}.{base64url(payload.encode())}"
    return f"{signed}.{base64url(hmac.digest(key, signed.encode(), digest))}"


def token(header: Mapping[str, object] = HEADER, *, key: bytes = KEY, **changes: object) -> str:
    return sign(text(header), text(claims(**changes)), key=key)


def test_a_token_says_who_issued_it_for_whom_until_it_is_over() -> None:
    tokens = AccessTokens(KEY)

    read = tokens.read(tokens.issue(user_id="an", session_id="s1", epoch=3, at=NOON), at=NOON + timedelta(minutes=9))

    assert (read.user_id, read.session_id, read.epoch) == ("an", "s1", 3)
    assert read.expires_at == NOON + LIFETIME


def test_a_token_that_is_made_by_the_book_is_read() -> None:
    assert AccessTokens(KEY).read(token(), at=NOON).user_id == "user"


@pytest.mark.parametrize("late", [timedelta(0), timedelta(hours=2)])
def test_a_token_that_is_over_is_refused(late: timedelta) -> None:
    tokens = AccessTokens(KEY)
    issued = tokens.issue(user_id="an", session_id="s1", epoch=0, at=NOON)

    with pytest.raises(NotSignedIn, match="over"):
        tokens.read(issued, at=NOON + LIFETIME + late)


def test_clocks_may_differ_by_a_minute_and_no_more() -> None:
    tokens = AccessTokens(KEY)
    issued = tokens.issue(user_id="an", session_id="s1", epoch=0, at=NOON)

    assert tokens.read(issued, at=NOON - timedelta(seconds=60)).user_id == "an"
    with pytest.raises(NotSignedIn):
        tokens.read(issued, at=NOON - timedelta(seconds=61))


def test_a_short_key_is_refused_at_start() -> None:
    with pytest.raises(ValueError, match="at least 32"):
        AccessTokens(b"abc")


_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_PUBLIC = _RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
_UNSIGNED = sign(text(HEADER), text(claims())).rpartition(".")[0]

FORGED = {
    "no algorithm": sign(text({"alg": "none", "typ": "at+jwt"}), text(claims())).rpartition(".")[0] + ".",
    "none in capitals, with our signature": token({"alg": "NONE", "typ": "at+jwt"}),
    "no signature": f"{_UNSIGNED}.",
    "two parts": _UNSIGNED,
    "four parts": f"{token()}.x",
    "another algorithm of HMAC": sign(text({"alg": "HS512", "typ": "at+jwt"}), text(claims()), digest=hashlib.sha512),
    "RS256 in the header, HMAC in truth": token({"alg": "RS256", "typ": "at+jwt"}),
    "HMAC with a public key": token(key=_PUBLIC),
    "another key": token(key=bytes(32)),
    "an empty key": token(key=b""),
    "a key id that is a path": token({**HEADER, "kid": "../../dev/null"}, key=b""),
    "a key id that is SQL": token({**HEADER, "kid": "x' UNION SELECT 'key"}),
    "a key by address": token({**HEADER, "jku": "https://example.org/keys"}),
    "a certificate by address": token({**HEADER, "x5u": "https://example.org/cert"}),
    "a key of its own": token({**HEADER, "jwk": {"kty": "oct", "k": base64url(bytes(32))}}, key=bytes(32)),
    "an unknown extension": token({**HEADER, "crit": ["exp"]}),
    "an unencoded payload": token({**HEADER, "b64": False, "crit": ["b64"]}),
    "a compressed payload": token({**HEADER, "zip": "DEF"}),
    "another type": token({"alg": "HS256", "typ": "JWT"}),
    "no type": token({"alg": "HS256"}),
    "the header in another order": token({"typ": "at+jwt", "alg": "HS256"}),
    "the header with a space": sign('{"alg": "HS256","typ":"at+jwt"}', text(claims())),
    "no end": token(exp=None),
    "an end in a hundred years": token(exp=int((NOON + timedelta(days=36500)).timestamp())),
    "an end one second too far": token(exp=int((NOON + LIFETIME).timestamp()) + 1),
    "an end before its beginning": token(exp=int(NOON.timestamp()) - 1),
    "an end that is a text": token(exp=str(int(NOON.timestamp()) + 600)),
    "an end that is a fraction": token(exp=NOON.timestamp() + 600.5),
    "an end that is true": token(exp=True),
    "an end without end": sign(text(HEADER), text(claims()).replace(str(int(NOON.timestamp()) + 600), "1e999")),
    "an end that is no number": sign(text(HEADER), text(claims()).replace(str(int(NOON.timestamp()) + 600), "NaN")),
    "a huge end": token(exp=10**300),
    "no beginning": token(iat=None),
    "a beginning in the future": token(iat=int(NOON.timestamp()) + 61),
    "another issuer": token(iss="somebody"),
    "no issuer": token(iss=None),
    "another audience": token(aud="livekit"),
    "a list of audiences": token(aud=["dragoman-api", "livekit"]),
    "no audience": token(aud=None),
    "nobody": token(sub=None),
    "an empty user": token(sub=""),
    "a user that is a number": token(sub=7),
    "a user that is a list": token(sub=["user"]),
    "no session": token(sid=None),
    "no id": token(jti=None),
    "no epoch": token(epoch=None),
    "an epoch that is a text": token(epoch="0"),
    "an epoch below none": token(epoch=-1),
    "a claim that we do not make": token(admin=True),
    "two users": sign(text(HEADER), text(claims())[:-1] + ',"sub":"admin"}'),
    "two ends": sign(text(HEADER), f'{{"exp":{10**9},' + text(claims())[1:]),
    "a list of claims": sign(text(HEADER), "[]"),
    "a text of claims": sign(text(HEADER), '"sub"'),
    "no JSON": sign(text(HEADER), "{"),
    "nesting without end": sign(text(HEADER), "[" * 400),
    "nothing": "",
    "dots": "...",
    "a megabyte": token(pad="x" * (1 << 20)),
    "a megabyte of nothing": "x" * (1 << 20),
    "what is not ASCII": "é.é.é",
    "half a letter": "\ud800.\ud800.\ud800",
    "NUL": token() + "\0",
    "a token of the media server": human_token(
        KeyPair(key="dragoman", secret=KEY.hex()), room="r", identity="p", name="An", attributes={}
    ),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
def test_every_forged_token_is_refused(forged: str) -> None:
    with pytest.raises(NotSignedIn):
        AccessTokens(KEY).read(forged, at=NOON)


@given(st.data())
def test_a_token_with_one_letter_changed_is_refused(data: st.DataObject) -> None:
    good = token()
    place = data.draw(st.integers(0, len(good) - 1))
    letter = data.draw(st.characters(codec="ascii").filter(lambda it: it != good[place]))
    # The last letter of the signature carries bits that are not part of it.
    changed = good[:place] + letter + good[place + 1 :]
    if place == len(good) - 1:
        return

    with pytest.raises(NotSignedIn):
        AccessTokens(KEY).read(changed, at=NOON)


@given(st.text(max_size=300))
def test_any_text_is_refused(given_text: str) -> None:
    with pytest.raises(NotSignedIn):
        AccessTokens(KEY).read(given_text, at=NOON)
