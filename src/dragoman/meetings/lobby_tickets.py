"""Tickets of a lobby that outlive the API: who waits is in them, sealed. From the API; to lobby.py.

A ticket is what a guest's page asks with. When the API is replaced it brings back whoever waited, with the name and the
choices of before, for as long as a ticket lives that nobody asks after. It stands in addresses, so nobody can read it.
Source: AES-GCM, NIST SP 800-38D, with a random nonce of 96 bits; the room is authenticated with it.
"""

import base64
import binascii
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dragoman.meetings.choices import Choices, choices_of
from dragoman.meetings.lobby import ASKED_WITHIN_S

MAX_CHARS = 1200
"""A name of 60 letters in any script, and the choices."""
OLDEST = timedelta(hours=24)
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiter:
    """Who a ticket brings back."""

    identity: str
    name: str
    choices: Choices
    since: datetime


class LobbyTickets:
    """Of one process, which began at ``began_at`` (UTC); the key, of 32 bytes, is that of those before."""

    def __init__(self, key: bytes, *, began_at: datetime) -> None:
        self._cipher = AESGCM(key)
        self._began_at = began_at

    def seal(self, room_id: str, waiter: Waiter) -> str:
        """Make a ticket that nobody can guess, change or read."""
        said = {
            "identity": waiter.identity,
            "name": waiter.name,
            "choices": waiter.choices.attributes(),
            "since": waiter.since.timestamp(),
        }
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, json.dumps(said, ensure_ascii=False).encode(), room_id.encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")

    def of_before(self, room_id: str, ticket: str, *, at: datetime) -> Waiter | None:
        """Say who waited with a ticket before this process; None for any other, and once that is long ago."""
        if not timedelta() <= at - self._began_at < timedelta(seconds=ASKED_WITHIN_S):
            return None
        waiter = self._open(room_id, ticket)
        if waiter is None or not timedelta() < self._began_at - waiter.since < OLDEST:
            return None
        return waiter

    def _open(self, room_id: str, ticket: str) -> Waiter | None:
        try:
            data = base64.b64decode(ticket + "=" * (-len(ticket) % 4), altchars=b"-_", validate=True)
            said = json.loads(self._cipher.decrypt(data[:_NONCE_BYTES], data[_NONCE_BYTES:], room_id.encode()))
        except (InvalidTag, binascii.Error, ValueError):
            return None
        return Waiter(
            identity=said["identity"],
            name=said["name"],
            choices=choices_of(said["choices"]),
            since=datetime.fromtimestamp(said["since"], UTC),
        )
