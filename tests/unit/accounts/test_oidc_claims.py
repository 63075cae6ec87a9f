"""ID tokens and keys that no provider should send; what a real one sends is in tests/integration/test_oidc.py."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from dragoman.accounts.errors import OidcRefused
from dragoman.accounts.oidc_claims import Expected, KeyWish, find_key, key_wish, read_id_token, read_keys
from dragoman.accounts.oidc_state import GOOD_FOR, Attempts

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
EXPECTED = Expected(issuer="https://id.example.org", client_id="dragoman", nonce="n")
KEY = ECKey.generate_key("P-256", {"kid": "a"})
GOOD = {
    "iss": EXPECTED.issuer,
    "aud": "dragoman",
    "nonce": "n",
    "sub": "an",
    "iat": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 60,
}
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_KEY_FIELDS = ("n", "e", "crv", "x", "y", "k", "kid", "use", "alg", "d", "key_ops")
ODD_KEY = st.fixed_dictionaries(
    {"kty": st.sampled_from(["RSA", "EC", "oct"])}, optional=dict.fromkeys(_KEY_FIELDS, ANY_JSON)
)


def sign(claims: dict[str, Any], **header: Any) -> str:
    return jwt.encode({"alg": "ES256", "kid": "a", **header}, claims, KEY, algorithms=["ES256"])


def in_base64(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def is_refused(read: Callable[[], object]) -> bool:
    """Anything but ``OidcRefused`` goes through and fails the test."""
    try:
        read()
    except OidcRefused:
        return True
    return False


def test_a_good_token_names_its_person() -> None:
    identity = read_id_token(sign(GOOD), KEY, EXPECTED, now=NOW)

    assert (identity.issuer, identity.subject, identity.email, identity.name) == (EXPECTED.issuer, "an", None, "")


@given(name=st.sampled_from(sorted(GOOD)), value=ANY_JSON)
def test_no_value_of_a_claim_is_more_than_refused(name: str, value: Any) -> None:
    token = sign({**GOOD, name: value})

    refused = is_refused(lambda: read_id_token(token, KEY, EXPECTED, now=NOW))

    assert refused or name in ("iat", "exp", "sub", "aud")


@given(header=ANY_JSON, payload=ANY_JSON)
def test_no_header_is_more_than_refused(header: object, payload: object) -> None:
    token = f"{in_base64(header)}.{in_base64(payload)}.{in_base64('signature')}"

    assert is_refused(lambda: key_wish(token))


@given(text=st.text(max_size=60))
def test_no_text_is_more_than_refused(text: str) -> None:
    assert is_refused(lambda: key_wish(text))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "RS512"},
        {"alg": "es256"},
        {"alg": ["ES256"]},
        {"alg": "ES256", "kid": 7},
        {},
    ],
    ids=str,
)
def test_an_algorithm_that_is_none_of_ours_is_refused(header: dict[str, object]) -> None:
    with pytest.raises(OidcRefused):
        key_wish(f"{in_base64(header)}.{in_base64(GOOD)}.c2ln")


def test_what_a_header_calls_critical_is_refused() -> None:
    signed = f"{in_base64({'alg': 'ES256', 'kid': 'a', 'crit': ['b64x'], 'b64x': True})}.{in_base64(GOOD)}.c2ln"

    assert is_refused(lambda: read_id_token(signed, KEY, EXPECTED, now=NOW))


def test_a_deeply_nested_token_is_refused() -> None:
    payload = base64.urlsafe_b64encode(b'{"a":' + b"[" * 20_000).decode().rstrip("=")
    token = f"{in_base64({'alg': 'ES256', 'kid': 'a'})}.{payload}.c2ln"

    assert is_refused(lambda: read_id_token(token, KEY, EXPECTED, now=NOW))


@given(rows=st.lists(ODD_KEY, max_size=3))
def test_keys_that_are_none_are_left_out(rows: list[dict[str, Any]]) -> None:
    assert read_keys({"keys": rows}) == ()


@pytest.mark.parametrize("document", [None, [], {}, {"keys": None}, {"keys": {}}, {"keys": [None, 3, "key"]}], ids=str)
def test_a_document_without_keys_has_none(document: object) -> None:
    assert read_keys(document) == ()


@pytest.mark.filterwarnings("ignore:Key size")
def test_a_key_that_is_short_or_encrypts_or_is_shared_checks_nothing() -> None:
    short = RSAKey.generate_key(1024).as_dict(private=False)
    encrypting = {**RSAKey.generate_key(2048).as_dict(private=False), "use": "enc"}

    assert read_keys({"keys": [short, encrypting, {"kty": "oct", "k": "c2VjcmV0"}]}) == ()


def test_a_key_is_found_by_its_name_or_as_the_only_one_that_fits() -> None:
    other, rsa = ECKey.generate_key("P-256", {"kid": "b"}), RSAKey.generate_key(2048, {"kid": "a"})

    assert find_key([KEY, other, rsa], KeyWish("ES256", "a")) is KEY
    assert find_key([KEY, rsa], KeyWish("ES256", None)) is KEY
    assert find_key([KEY, other], KeyWish("ES256", None)) is None
    assert find_key([other, rsa], KeyWish("ES256", "a")) is None


def test_a_key_of_another_kind_does_not_check_a_token() -> None:
    rsa = RSAKey.generate_key(2048, {"kid": "a"})

    assert is_refused(lambda: read_id_token(sign(GOOD), rsa, EXPECTED, now=NOW))


def test_nothing_secret_of_an_attempt_is_in_its_repr() -> None:
    attempt = Attempts(b"k" * 32, clock=lambda: NOW).begin(redirect_uri="https://here", user_id=None)

    assert not any(secret in repr(attempt) for secret in (attempt.state, attempt.nonce, attempt.verifier))


@given(cookie=st.text(max_size=80), state=st.text(max_size=50))
def test_no_cookie_is_more_than_refused(cookie: str, state: str) -> None:
    attempts = Attempts(b"k" * 32, clock=lambda: NOW)

    assert is_refused(lambda: attempts.take(cookie, state))


def test_an_attempt_sealed_by_another_server_is_refused() -> None:
    theirs, ours = Attempts(b"t" * 32, clock=lambda: NOW), Attempts(b"o" * 32, clock=lambda: NOW)
    attempt = theirs.begin(redirect_uri="https://here", user_id=None)

    assert is_refused(lambda: ours.take(theirs.seal(attempt), attempt.state))
    assert theirs.take(theirs.seal(attempt), attempt.state) == attempt
    assert is_refused(lambda: theirs.take(theirs.seal(attempt), attempt.state))


def test_an_attempt_is_good_to_its_last_second() -> None:
    now = [NOW]
    attempts = Attempts(b"k" * 32, clock=lambda: now[0])
    attempt = attempts.begin(redirect_uri="https://here", user_id=None)

    now[0] += GOOD_FOR

    assert attempts.take(attempts.seal(attempt), attempt.state) == attempt
