"""Secrets of webhooks, and the signatures that receivers check."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.accounts.webhook_signing import SIGNATURE_HEADER, SecretBox, new_secret, sign
from dragoman.client.webhooks import SignatureWrong, read_webhook
from dragoman.ground.errors import StoreDamaged

BOX = SecretBox(bytes(range(32)))


def test_a_secret_opens_with_the_same_key_and_for_the_same_webhook_only() -> None:
    secret = new_secret()
    closed = BOX.close(secret, webhook_id="one")

    assert BOX.open(closed, webhook_id="one") == secret
    assert secret not in closed
    assert len(closed) <= 400  # as long as its column
    for box, webhook_id in ((BOX, "two"), (SecretBox(bytes(32)), "one")):
        with pytest.raises(StoreDamaged, match="make it anew"):
            box.open(closed, webhook_id=webhook_id)


@pytest.mark.parametrize("closed", ["", "x", "AAAA", "not base64!"])
def test_what_is_no_closed_secret_is_damaged(closed: str) -> None:
    with pytest.raises(StoreDamaged):
        BOX.open(closed, webhook_id="one")


@given(st.dictionaries(st.text(), st.text()), st.integers(0, 10**11))
def test_a_receiver_with_the_secret_reads_what_was_signed(told: dict[str, str], at_s: int) -> None:
    body = json.dumps(told).encode()

    assert read_webhook(body, {SIGNATURE_HEADER: sign("whsec_a", body, at_s=at_s)}, "whsec_a", now_s=at_s) == told


def test_a_changed_or_old_or_unsigned_delivery_is_refused() -> None:
    signature = sign("whsec_a", b"{}", at_s=1000)

    for body, header, secret, now_s in (
        (b"{} ", signature, "whsec_a", 1000),
        (b"{}", signature, "whsec_b", 1000),
        (b"{}", signature, "whsec_a", 1301),
        (b"{}", signature, "whsec_a", 699),
        (b"{}", signature.replace("t=1000", "t=1001"), "whsec_a", 1000),
        (b"{}", "", "whsec_a", 1000),
        (b"{}", "v1=00", "whsec_a", 1000),
    ):
        with pytest.raises(SignatureWrong):
            read_webhook(body, {SIGNATURE_HEADER: header}, secret, now_s=now_s)
