"""What the resources of accounts work with, as plain objects. From open_accounts.py; to callers.py and them all."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dragoman.accounts.administration import Administration
from dragoman.accounts.api_keys import ApiKeys
from dragoman.accounts.audit_log import AuditLog
from dragoman.accounts.enforcement import Enforcement
from dragoman.accounts.invitations import Invitations
from dragoman.accounts.oidc import OidcSignIn
from dragoman.accounts.people import People
from dragoman.accounts.sessions import Sessions
from dragoman.accounts.sign_in import SignIn
from dragoman.accounts.sign_up import SignUp
from dragoman.accounts.standing import Standing
from dragoman.accounts.teams import Teams
from dragoman.accounts.webhooks import Webhooks
from dragoman.meetings.lasting_rooms import LastingRooms
from dragoman.meetings.planned_meetings import PlannedMeetings
from dragoman.services.job_kinds import Jobs
from dragoman.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsParts:
    """One object for each subject; they share the database and the clock."""

    database: Database
    clock: Callable[[], datetime]
    """UTC."""
    room_links: bytes = field(repr=False)
    """Key of the ids and secrets of rooms: like the rooms, it outlives every start."""
    standing: Standing
    sign_in: SignIn
    sign_up: SignUp
    sessions: Sessions
    api_keys: ApiKeys
    people: People
    invitations: Invitations
    limits: Enforcement
    """What plans allow."""
    teams: Teams
    audit: AuditLog
    administration: Administration
    webhooks: Webhooks
    rooms: LastingRooms
    planned: PlannedMeetings
    jobs: Jobs
    oidc: OidcSignIn | None = None
    oidc_name: str | None = None
    """What the button of the provider says; None without one."""
    background: Mapping[str, Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=dict)
    """What runs as long as the app does, by name of its task."""
