"""Every table. From the files beside this one, which read and write them; what changes here needs a migration.

Times are UTC with their zone. Secrets of people are kept as hashes alone, but the webhooks', which sign with theirs.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, MetaData, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from dragoman.store.columns import ID_LENGTH, Json, UtcTime, new_id

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(DeclarativeBase):
    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map = {datetime: UtcTime, str: String, dict[str, Any]: Json, list[str]: Json}  # noqa: RUF012


def _id() -> Mapped[str]:
    return mapped_column(String(ID_LENGTH), primary_key=True, default=new_id)


def _of(column: str, *, ondelete: str = "CASCADE", primary: bool = False) -> Mapped[Any]:
    return mapped_column(String(64), ForeignKey(column, ondelete=ondelete), index=not primary, primary_key=primary)


class User(Table):
    """A person with an account."""

    __tablename__ = "users"

    id: Mapped[str] = _id()
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """In lower case."""
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """Argon2id; None for who signs in by OpenID Connect only."""
    oidc_issuer: Mapped[str | None] = mapped_column(String(200))
    oidc_subject: Mapped[str | None] = mapped_column(String(255))
    is_admin: Mapped[bool] = mapped_column(default=False)
    """Of the whole server."""
    plan: Mapped[str] = mapped_column(String(16), default="free")
    plan_limits: Mapped[dict[str, Any] | None]
    """Limits of their own, which count where the plan is enterprise."""
    epoch: Mapped[int] = mapped_column(default=0)
    """Grows when every access token of before is to be worth nothing."""
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    last_sign_in_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("oidc_issuer", "oidc_subject"),
        Index(None, "created_at", "id"),
    )


class SignedIn(Table):
    """A session of one browser. Its refresh token is replaced at every use; the one of before betrays a thief."""

    __tablename__ = "sessions"

    id: Mapped[str] = _id()
    user_id: Mapped[str] = _of("users.id")
    refresh_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the token that is good now, hex."""
    spent_hash: Mapped[str | None] = mapped_column(String(64), index=True)
    """Of the one before."""
    rotated_at: Mapped[datetime]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(String(80), default="")
    """Browser and system, in words."""
    address: Mapped[str] = mapped_column(String(64), default="")
    """The network it was last used from: /24, or /48 of IPv6."""


class ApiKey(Table):
    """Lets a program do what its owner may."""

    __tablename__ = "api_keys"

    id: Mapped[str] = _id()
    user_id: Mapped[str] = _of("users.id")
    name: Mapped[str] = mapped_column(String(80))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256, hex."""
    hint: Mapped[str] = mapped_column(String(12))
    """Its first letters, to know it again."""
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class Team(Table):
    __tablename__ = "teams"

    id: Mapped[str] = _id()
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]


class Membership(Table):
    __tablename__ = "memberships"

    team_id: Mapped[str] = _of("teams.id", primary=True)
    user_id: Mapped[str] = _of("users.id", primary=True)
    role: Mapped[str] = mapped_column(String(8))
    """``owner``, ``admin`` or ``member``."""
    joined_at: Mapped[datetime]

    __table_args__ = (Index(None, "user_id"),)


class Invitation(Table):
    """A link that lets one person sign up, or into a team."""

    __tablename__ = "invitations"

    id: Mapped[str] = _id()
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    team_id: Mapped[str | None] = _of("teams.id")
    role: Mapped[str] = mapped_column(String(8), default="member")
    email: Mapped[str | None] = mapped_column(String(254))
    """The only address it is good for; None for any."""
    created_by: Mapped[str | None] = _of("users.id", ondelete="SET NULL")
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[str | None] = _of("users.id", ondelete="SET NULL")


class LastingRoom(Table):
    """A room whose link stays good. Calls happen in it; what is said in them is not here."""

    __tablename__ = "rooms"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """The one in its link: ``Invitations.new_room_id``."""
    owner_id: Mapped[str] = _of("users.id")
    team_id: Mapped[str | None] = _of("teams.id", ondelete="SET NULL")
    """Whose members see it."""
    title: Mapped[str] = mapped_column(String(120))
    lobby: Mapped[bool] = mapped_column(default=False)
    """A host lets everybody in by hand."""
    interpretation: Mapped[bool] = mapped_column(default=True)
    most_people: Mapped[int | None]
    """None for what the plan and the machine carry."""
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "owner_id", "created_at", "id"),)


class RoomHost(Table):
    """A co-host."""

    __tablename__ = "room_hosts"

    room_id: Mapped[str] = _of("rooms.id", primary=True)
    user_id: Mapped[str] = _of("users.id", primary=True)

    __table_args__ = (Index(None, "user_id"),)


class Schedule(Table):
    """When people meet in a room, once or every week."""

    __tablename__ = "schedules"

    id: Mapped[str] = _id()
    room_id: Mapped[str] = _of("rooms.id")
    starts_local: Mapped[str] = mapped_column(String(16))
    """``2026-11-23T09:30`` on the clocks of ``time_zone``: summer time moves the moment, not the hour."""
    time_zone: Mapped[str] = mapped_column(String(64))
    """Of the IANA table."""
    minutes: Mapped[int]
    weekly_until: Mapped[str | None] = mapped_column(String(10))
    """``2027-03-31``, the last day; None for once."""
    slots: Mapped[int] = mapped_column(default=0)
    """Speakers that the machine keeps free for it."""
    sequence: Mapped[int] = mapped_column(default=0)
    """Grows with every change: calendars know the newest by it."""
    created_at: Mapped[datetime]


class CallRun(Table):
    """A call as it was held, for limits and analytics: when and how many, never who or what."""

    __tablename__ = "calls"

    id: Mapped[str] = _id()
    room_id: Mapped[str] = mapped_column(String(64), index=True)
    owner_id: Mapped[str | None] = _of("users.id")
    team_id: Mapped[str | None] = _of("teams.id", ondelete="SET NULL")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    most_people: Mapped[int] = mapped_column(default=0)


class AuditEntry(Table):
    """Who did what to what. Nothing of any content."""

    __tablename__ = "audit"

    id: Mapped[str] = _id()
    at: Mapped[datetime]
    actor_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), index=True)
    actor_kind: Mapped[str] = mapped_column(String(12))
    """``user``, ``api_key``, ``command`` or ``system``."""
    action: Mapped[str] = mapped_column(String(48))
    """``session.opened``, ``room.deleted``."""
    target_kind: Mapped[str] = mapped_column(String(24), default="")
    target_id: Mapped[str] = mapped_column(String(64), default="")
    team_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), index=True)
    address: Mapped[str] = mapped_column(String(64), default="")
    facts: Mapped[dict[str, Any]]
    """Names of fields, counts, roles, plans."""

    __table_args__ = (Index(None, "at", "id"),)


class Job(Table):
    """Work to be done once. The truth about it; whoever works holds a lease."""

    __tablename__ = "jobs"

    id: Mapped[str] = _id()
    kind: Mapped[str] = mapped_column(String(48))
    key: Mapped[str | None] = mapped_column(String(120), unique=True)
    """Who asks twice with one key has one job."""
    owner_id: Mapped[str | None] = mapped_column(String(ID_LENGTH), index=True)
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(8), default="queued")
    """``queued``, ``running``, ``done``, ``failed`` or ``parked``."""
    priority: Mapped[int] = mapped_column(default=0)
    """Within one kind; larger goes first."""
    attempts: Mapped[int] = mapped_column(default=0)
    run_at: Mapped[datetime]
    runner: Mapped[str | None] = mapped_column(String(64))
    beat: Mapped[int] = mapped_column(default=0)
    """Grows while its runner lives: ``ground/leases.py``."""
    progress: Mapped[float] = mapped_column(default=0.0)
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "state", "run_at"),)


class AnsweredRequest(Table):
    """The answer to a request with an idempotency key: who sends it again gets it again."""

    __tablename__ = "answered_requests"

    user_id: Mapped[str] = _of("users.id", primary=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    """None while the first is under way."""
    body: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(index=True)


class Webhook(Table):
    """An address of a team's that is told what happens."""

    __tablename__ = "webhooks"

    id: Mapped[str] = _id()
    team_id: Mapped[str] = _of("teams.id")
    url: Mapped[str] = mapped_column(String(2000))
    secret: Mapped[str] = mapped_column(String(400))
    """Encrypted; it signs what is sent."""
    events: Mapped[list[str]]
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    """After too many failures in a row, or by hand."""
    failures: Mapped[int] = mapped_column(default=0)
    """In a row, at most one in a minute: a burst that meets a short outage is one failure."""
    failed_at: Mapped[datetime | None]
    """When the last of them was counted."""
    failing_since: Mapped[datetime | None]
    """When the first of them was; None after a success."""


class WebhookDelivery(Table):
    __tablename__ = "webhook_deliveries"

    id: Mapped[str] = _id()
    webhook_id: Mapped[str] = _of("webhooks.id")
    event: Mapped[str] = mapped_column(String(48))
    payload: Mapped[dict[str, Any]]
    status: Mapped[int | None]
    """HTTP status of the last try."""
    error: Mapped[str | None] = mapped_column(String(24))
    """Why the last try brought no status: a word."""
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]
    """When it is tried next; None for delivered or given up."""
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "webhook_id", "created_at", "id"),)


class SiteValue(Table):
    """What an admin has switched for the whole server."""

    __tablename__ = "site"

    key: Mapped[str] = mapped_column(String(48), primary_key=True)
    value: Mapped[dict[str, Any]]
