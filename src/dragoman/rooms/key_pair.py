"""The name and secret that LiveKit's server shares with those who make tokens. To tokens.py and livekit_config.py."""

import secrets
from dataclasses import dataclass

MIN_SECRET_CHARACTERS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """What the server and those who make tokens share."""

    key: str
    secret: str

    def __repr__(self) -> str:
        return f"KeyPair(key={self.key!r})"  # the secret must not reach a log

    def __post_init__(self) -> None:
        if not self.key or len(self.secret) < MIN_SECRET_CHARACTERS:
            raise ValueError(f"a key pair has a name and a secret of at least {MIN_SECRET_CHARACTERS} characters")


def make_keys() -> KeyPair:
    """Make a fresh pair, unguessable."""
    return KeyPair(key=f"dragoman-{secrets.token_hex(4)}", secret=secrets.token_urlsafe(48))
