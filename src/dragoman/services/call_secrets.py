"""The secrets of one start, all made of the service token: whoever has it is one of our processes.

From up.py, by the environment, to the API and the interpreter.
"""

import hashlib
import hmac
from dataclasses import dataclass, field

from dragoman.meetings.invitations import Invitations
from dragoman.rooms.key_pair import KeyPair


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSecrets:
    """What the processes of a call know and nobody else does."""

    livekit: KeyPair
    inner_token: str = field(repr=False)
    """What interpreters show the API."""
    invitations: bytes = field(repr=False)
    """Makes room ids and secrets where there are no accounts, whose own key outlives this start."""


def derive_secrets(service_token: str) -> CallSecrets:
    """Derive each secret for its purpose alone (HMAC-SHA-256 of the purpose, RFC 2104)."""

    def derive(purpose: str) -> bytes:
        return hmac.new(service_token.encode(), purpose.encode(), hashlib.sha256).digest()

    return CallSecrets(
        livekit=KeyPair(key="dragoman", secret=derive("livekit").hex()),
        inner_token=derive("inner").hex(),
        invitations=derive("invitations"),
    )


def make_invitations(secrets: CallSecrets, *, room_links: bytes | None) -> Invitations:
    """Make what knows rooms by their ids; ``room_links`` is the key of the accounts for it, if there are any.

    By it links last as the rooms do, whatever this start's token is. What the token's key made is known again as well:
    calls go on when the first account is made.
    """
    if room_links is None:
        return Invitations(secrets.invitations)
    return Invitations(room_links, secrets.invitations)
