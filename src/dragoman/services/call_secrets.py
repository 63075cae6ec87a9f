"""The secrets of one start, all made of the service token: whoever has it is one of our processes.

From up.py, by the environment, to the API and the interpreter.
"""

import hashlib
import hmac
from dataclasses import dataclass, field

from dragoman.rooms.key_pair import KeyPair


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSecrets:
    """What the processes of a call know and nobody else does."""

    livekit: KeyPair
    inner_token: str = field(repr=False)
    """What interpreters show the API."""
    invitations: bytes = field(repr=False)
    """Makes room ids and secrets: with the same service token, links survive a restart."""


def derive_secrets(service_token: str) -> CallSecrets:
    """Derive each secret for its purpose alone (HMAC-SHA-256 of the purpose, RFC 2104)."""

    def derive(purpose: str) -> bytes:
        return hmac.new(service_token.encode(), purpose.encode(), hashlib.sha256).digest()

    return CallSecrets(
        livekit=KeyPair(key="dragoman", secret=derive("livekit").hex()),
        inner_token=derive("inner").hex(),
        invitations=derive("invitations"),
    )
