"""Who does something, and what a person is in a team: words that the store, the accounts and the API share."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self

ActorKind = Literal["user", "api_key", "command", "system"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does something, as the audit log names them."""

    kind: ActorKind
    id: str | None = None
    """Of the user, of whom an API key is as well; None for a command and for the server itself."""
    address: str = ""
    """Network address it came from; empty for what came by none."""


SYSTEM = Actor(kind="system")
"""The server by itself: a job, a limit that was reached."""
COMMAND = Actor(kind="command")
"""Whoever sits at the machine and types."""


class TeamRole(StrEnum):
    """What somebody is in a team; a later one stands above those before."""

    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"

    @property
    def rank(self) -> int:
        """0 for the lowest."""
        return list(TeamRole).index(self)

    def is_at_least(self, other: Self) -> bool:
        return self.rank >= other.rank
