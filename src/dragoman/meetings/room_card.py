"""What is known of a lasting room while nobody is in it; a call held in it follows this. A plain value.

From ``lasting_rooms.py``, which reads it from the store; to ``meeting.py``.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomCard:
    id: str
    title: str
    owner_id: str
    team_id: str | None = None
    lobby: bool = False
    """A host lets everybody in by hand."""
    interpretation: bool = True
    """On when a call begins; a host may switch it in the call."""
    most_people: int | None = None
    """None for what the plan and the machine carry."""
    hosts: Mapping[str, str] = field(default_factory=dict)
    """Users who may host, the owner and the co-hosts, each with the name that their host secret is made for."""
