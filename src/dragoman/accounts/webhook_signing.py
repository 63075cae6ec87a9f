"""Secrets of webhooks: made, encrypted for the store, and used to sign. To webhooks.py and webhook_deliveries.py.

Receivers check the signature as ``client/webhooks.py`` does.
"""

import base64
import hashlib
import hmac
import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dragoman.accounts.account_key import derive_key
from dragoman.ground.errors import StoreDamaged

SIGNATURE_HEADER = "Dragoman-Signature"
_NONCE_BYTES = 12


def new_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(32)}"


def sign(secret: str, body: bytes, *, at_s: int) -> str:
    """Write ``t=...,v1=...``: the moment (Unix seconds) and HMAC-SHA-256 of ``t.body`` in hex."""
    signed = hmac.new(secret.encode(), b"%d.%s" % (at_s, body), hashlib.sha256).hexdigest()
    return f"t={at_s},v1={signed}"


class SecretBox:
    """Encrypts secrets with AES-256-GCM by a key derived from the account key, each for its webhook alone."""

    def __init__(self, account_key: bytes) -> None:
        self._cipher = AESGCM(derive_key(account_key, "webhook secrets"))

    def close(self, secret: str, *, webhook_id: str) -> str:
        """Encrypt."""
        nonce = os.urandom(_NONCE_BYTES)
        closed = self._cipher.encrypt(nonce, secret.encode(), webhook_id.encode())
        return base64.b64encode(nonce + closed).decode()

    def open(self, closed: str, *, webhook_id: str) -> str:
        """Decrypt. Raises ``StoreDamaged`` for what another key, or for another webhook, was encrypted."""
        try:
            raw = base64.b64decode(closed, validate=True)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], webhook_id.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise StoreDamaged(
                "the secret of a webhook does not open with this account key; delete the webhook and make it anew"
            ) from error
