"""What the API answers, as plain values. Fields that this version does not know are left out. To client.py."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, get_args, get_type_hints

from dragoman.client.errors import NoAnswer

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The account whose key it is."""

    id: str
    email: str
    name: str
    is_admin: bool
    plan: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    id: str
    name: str
    role: str
    """``owner``, ``admin`` or ``member``."""
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    user_id: str
    name: str
    email: str
    role: str
    joined_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """The calls of a team that began on one day."""

    day: str
    """``2026-11-23``, in UTC."""
    calls: int
    minutes: int
    """Of all of them together."""
    most_people: int
    """In one call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A room whose link stays good."""

    id: str
    title: str
    link: str
    team_id: str | None
    lobby: bool
    interpretation: bool
    most_people: int | None
    created_at: datetime
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A call that goes on in a room."""

    host_secret: str = dataclasses.field(repr=False)
    """Lets its holder be the host."""
    path: str
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    id: str
    starts_local: str
    """``2026-11-23T09:30`` on the clocks of ``time_zone``."""
    time_zone: str
    minutes: int
    weekly_until: str | None
    slots: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work that takes a while."""

    id: str
    kind: str
    state: str
    """``queued``, ``running``, ``done``, ``failed``, or ``parked``: given up after three attempts."""
    progress: float
    error: str | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    id: str
    url: str
    events: list[str]
    disabled: bool
    failures: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWebhook(Webhook):
    secret: str = dataclasses.field(repr=False)
    """For ``read_webhook``. It is shown this once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Something that a webhook was told, or is to be told."""

    id: str
    event: str
    event_id: str
    status: int | None
    error: str | None
    attempts: int
    created_at: datetime
    delivered_at: datetime | None
    next_at: datetime | None


def read_answer(kind: type[Answer], written: Any) -> Answer:
    """Read a JSON object. Raises ``NoAnswer`` where a field is missing or a moment is none."""
    hints = get_type_hints(kind)
    try:
        return kind(**{name: _value(hint, written[name]) for name, hint in hints.items()})
    except (KeyError, TypeError, ValueError) as error:
        raise NoAnswer(f"the server's answer is no {kind.__name__}: {error!r}") from error


def _value(hint: Any, written: Any) -> Any:
    if written is not None and datetime in (hint, *get_args(hint)):
        return datetime.fromisoformat(written)
    return written
