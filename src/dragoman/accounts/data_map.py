"""What is stored, of whom, why, for how long: every table, column, file and folder. From here to ``docs/reference``.

The export of a person (export.py), their erasure (erasure.py) and the test that fails for anything that is not listed
here all read this. The words are for people who ask what is kept of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, or_, select

from dragoman.store import tables

OfPerson = Callable[[str], ColumnElement[bool]]
"""Which rows go into a person's export, by the id of their account."""


class Erased(StrEnum):
    """What becomes of a person's rows when they are erased."""

    GONE = "removed"
    NAMELESS = "kept without address: ids of things that are gone"
    STAYS = "stays, it is not theirs"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTable:
    """One table."""

    table: type[tables.Table]
    what: str
    why: str
    whose: str
    how_long: str
    erased: Erased
    columns: Mapping[str, str]
    """What each column holds."""
    secrets: frozenset[str] = frozenset()
    """Columns that are proofs or the server's own: no export has them."""
    of_person: OfPerson | None = None
    """None where no row is about one person."""

    @property
    def name(self) -> str:
        return str(self.table.__tablename__)

    @property
    def exported(self) -> tuple[str, ...]:
        """Columns that an export has."""
        return tuple(column for column in self.columns if column not in self.secrets)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file, or a folder with all that is in it, below ``data_dir``; ``*`` stands for any letters."""

    path: str
    what: str
    why: str
    whose: str
    how_long: str
    erased: str


_THEIRS = "the person's"
_TEAMS = "the team's"
_SERVERS = "the server's"
_CREATED = "When it was made."


def _own_rooms(user_id: str) -> ColumnElement[bool]:
    return tables.Schedule.room_id.in_(select(tables.LastingRoom.id).where(tables.LastingRoom.owner_id == user_id))


def _own_address(user_id: str) -> ColumnElement[bool]:
    address = select(tables.User.email).where(tables.User.id == user_id).scalar_subquery()
    invitation = tables.Invitation
    return or_(invitation.email == address, invitation.used_by == user_id, invitation.created_by == user_id)


def _own_teams(user_id: str) -> ColumnElement[bool]:
    return tables.Team.id.in_(select(tables.Membership.team_id).where(tables.Membership.user_id == user_id))


TABLES: Final = (
    StoredTable(
        table=tables.User,
        what="An account.",
        why="To know who signs in, and to name people to each other.",
        whose=_THEIRS,
        how_long="until the person or an admin deletes it",
        erased=Erased.GONE,
        of_person=lambda user_id: tables.User.id == user_id,
        columns={
            "id": "Random id.",
            "email": "The address they sign in with, in lower case.",
            "name": "What others see.",
            "password_hash": "Argon2id of the password; the password itself is nowhere.",
            "oidc_issuer": "The provider they sign in with, if any.",
            "oidc_subject": "What that provider calls them.",
            "is_admin": "Whether they run the server.",
            "plan": "What the admin assigned.",
            "plan_limits": "Limits of their own, set by the admin.",
            "epoch": "Number that makes old access tokens worthless.",
            "disabled_at": "When an admin closed the account, or its owner had it deleted.",
            "created_at": _CREATED,
            "last_sign_in_at": "When they last signed in.",
        },
        secrets=frozenset({"password_hash", "epoch"}),
    ),
    StoredTable(
        table=tables.SignedIn,
        what="A browser that is signed in.",
        why="To keep people signed in, and to let them end what is not theirs.",
        whose=_THEIRS,
        how_long="until a week after it ended; its address for a week after it was used",
        erased=Erased.GONE,
        of_person=lambda user_id: tables.SignedIn.user_id == user_id,
        columns={
            "id": "Random id.",
            "user_id": "Whose it is.",
            "refresh_hash": "SHA-256 of the token that is good now.",
            "spent_hash": "SHA-256 of the one before.",
            "rotated_at": "When the token was replaced.",
            "created_at": "When they signed in.",
            "used_at": "When it was last used.",
            "expires_at": "When it ends by itself.",
            "revoked_at": "When it was ended.",
            "device": "Browser and system, in words.",
            "address": "The network it was last used from, never the whole address.",
        },
        secrets=frozenset({"refresh_hash", "spent_hash"}),
    ),
    StoredTable(
        table=tables.ApiKey,
        what="A key that lets a program do what its owner may.",
        why="To let programs in without a password.",
        whose=_THEIRS,
        how_long="until its owner deletes it",
        erased=Erased.GONE,
        of_person=lambda user_id: tables.ApiKey.user_id == user_id,
        columns={
            "id": "Random id.",
            "user_id": "Whose it is.",
            "name": "What its owner calls it.",
            "key_hash": "SHA-256 of the key; the key itself was shown once.",
            "hint": "Its first letters.",
            "created_at": _CREATED,
            "used_at": "When it was last used.",
            "expires_at": "When it ends by itself.",
        },
        secrets=frozenset({"key_hash"}),
    ),
    StoredTable(
        table=tables.Team,
        what="A team.",
        why="To show rooms to its people.",
        whose=_TEAMS,
        how_long="until an owner deletes it, or its last member is erased",
        erased=Erased.STAYS,
        of_person=_own_teams,
        columns={"id": "Random id.", "name": "What its people call it.", "created_at": _CREATED},
    ),
    StoredTable(
        table=tables.Membership,
        what="Who is in a team.",
        why="To know what somebody may do in it.",
        whose=_THEIRS,
        how_long="until they leave",
        erased=Erased.GONE,
        of_person=lambda user_id: tables.Membership.user_id == user_id,
        columns={
            "team_id": "The team.",
            "user_id": "The person.",
            "role": "Owner, admin or member.",
            "joined_at": "When they came.",
        },
    ),
    StoredTable(
        table=tables.Invitation,
        what="A link that lets one person sign up, or into a team.",
        why="To let in who was invited and nobody else.",
        whose="the person's whose address it names; else the team's",
        how_long="until a week after it was used or ended",
        erased=Erased.GONE,
        of_person=_own_address,
        columns={
            "id": "Random id.",
            "token_hash": "SHA-256 of what the link carries.",
            "team_id": "The team, if it is to one.",
            "role": "What they will be in it.",
            "email": "The only address it is good for, if that was said.",
            "created_by": "Who invited.",
            "created_at": _CREATED,
            "expires_at": "When it ends by itself.",
            "used_at": "When it was taken.",
            "used_by": "By whom.",
        },
        secrets=frozenset({"token_hash"}),
    ),
    StoredTable(
        table=tables.LastingRoom,
        what="A room whose link stays good. What is said in it is not stored.",
        why="To meet in it again.",
        whose=_THEIRS,
        how_long="until its owner deletes it",
        erased=Erased.GONE,
        of_person=lambda user_id: tables.LastingRoom.owner_id == user_id,
        columns={
            "id": "The one in its link.",
            "owner_id": "Whose it is.",
            "team_id": "Whose people see it.",
            "title": "What its owner calls it.",
            "lobby": "Whether a host lets people in.",
            "interpretation": "Whether it is interpreted.",
            "most_people": "How many it holds.",
            "created_at": _CREATED,
            "used_at": "When a call was last held in it.",
        },
    ),
    StoredTable(
        table=tables.RoomHost,
        what="A co-host of a room.",
        why="To let them run calls in it.",
        whose=_THEIRS,
        how_long="as long as the room, or until its owner takes it back",
        erased=Erased.GONE,
        of_person=lambda user_id: tables.RoomHost.user_id == user_id,
        columns={"room_id": "The room.", "user_id": "The co-host."},
    ),
    StoredTable(
        table=tables.Schedule,
        what="When people meet in a room.",
        why="For calendars, and to keep the machine free for it.",
        whose="of the room's owner",
        how_long="as long as the room, or until it is taken out",
        erased=Erased.GONE,
        of_person=_own_rooms,
        columns={
            "id": "Random id.",
            "room_id": "The room.",
            "starts_local": "Date and hour.",
            "time_zone": "On the clocks of where.",
            "minutes": "How long it is planned.",
            "weekly_until": "Last day, if it is every week.",
            "slots": "Speakers that the machine keeps free.",
            "sequence": "How often it was changed.",
            "created_at": _CREATED,
        },
    ),
    StoredTable(
        table=tables.CallRun,
        what="That a call was held: when, and how many were in it; never who, never what was said.",
        why="For the limits of the plan and the owner's figures.",
        whose="of the room's owner",
        how_long="as many days as the owner's plan has history; without a limit as long as the account",
        erased=Erased.GONE,
        of_person=lambda user_id: tables.CallRun.owner_id == user_id,
        columns={
            "id": "Random id.",
            "room_id": "The room.",
            "owner_id": "Whose room it was.",
            "team_id": "The team of the room.",
            "started_at": "When it began.",
            "ended_at": "When it was over.",
            "most_people": "The most people at once.",
        },
    ),
    StoredTable(
        table=tables.AuditEntry,
        what="Who did what to what: ids and words, nothing that anybody wrote or said.",
        why="So that a team and an admin can see who changed something.",
        whose=_THEIRS,
        how_long="its address for a week; the entry for a year",
        erased=Erased.NAMELESS,
        of_person=lambda user_id: tables.AuditEntry.actor_id == user_id,
        columns={
            "id": "Random id.",
            "at": "When.",
            "actor_id": "Id of whoever did it.",
            "actor_kind": "A user, an API key, a command or the server.",
            "action": "Such as `room.deleted`.",
            "target_kind": "What kind of thing it was done to.",
            "target_id": "Its id.",
            "team_id": "In which team.",
            "address": "Network address it came from.",
            "facts": "Words, numbers and ids, such as a role.",
        },
    ),
    StoredTable(
        table=tables.Job,
        what="Work that the server does: an export, an erasure, a backup.",
        why="So that it is done once, and its owner sees how far it is.",
        whose="of whoever ordered it; else the server's",
        how_long="until a week after it ended; for three months if it was given up",
        erased=Erased.GONE,
        of_person=lambda user_id: tables.Job.owner_id == user_id,
        columns={
            "id": "Random id.",
            "kind": "What is done.",
            "key": "What makes it one job.",
            "owner_id": "Who ordered it.",
            "payload": "Ids of what it is about.",
            "state": "Queued, running, done, failed or parked.",
            "priority": "Of the owner's plan.",
            "attempts": "How often it was begun.",
            "run_at": "When it is due.",
            "runner": "The process that does it.",
            "beat": "Number by which that process is known to live.",
            "progress": "From 0 to 1.",
            "result": "Counts; nothing of any content.",
            "error": "Why it did not work.",
            "created_at": "When it was ordered.",
            "finished_at": "When it ended.",
        },
        secrets=frozenset({"key", "runner", "beat"}),
    ),
    StoredTable(
        table=tables.AnsweredRequest,
        what="The answer to a request that a program may send twice.",
        why="So that sending it again does nothing twice.",
        whose=_THEIRS,
        how_long="for a day",
        erased=Erased.GONE,
        of_person=lambda user_id: tables.AnsweredRequest.user_id == user_id,
        columns={
            "user_id": "Who sent it.",
            "key": "The name that the program gave it.",
            "request_hash": "SHA-256 of what was asked.",
            "status": "HTTP status of the answer.",
            "body": "The answer, which repeats what other tables hold.",
            "created_at": "When it was sent.",
        },
        secrets=frozenset({"request_hash", "body"}),
    ),
    StoredTable(
        table=tables.Webhook,
        what="An address of a team's that is told what happens.",
        why="To tell other programs.",
        whose=_TEAMS,
        how_long="until an admin of the team deletes it",
        erased=Erased.STAYS,
        columns={
            "id": "Random id.",
            "team_id": "The team.",
            "url": "Where to.",
            "secret": "What it is signed with, encrypted.",
            "events": "What it is told of.",
            "created_at": _CREATED,
            "disabled_at": "When it was switched off.",
            "failures": "Failures in a row.",
            "failed_at": "When the last one was.",
        },
        secrets=frozenset({"secret"}),
    ),
    StoredTable(
        table=tables.WebhookDelivery,
        what="What a webhook was told: ids and times.",
        why="To try again, and to show what came of it.",
        whose=_TEAMS,
        how_long="for a week",
        erased=Erased.STAYS,
        columns={
            "id": "Random id.",
            "webhook_id": "The webhook.",
            "event": "What happened.",
            "payload": "Ids of the things that it happened to, and when.",
            "status": "HTTP status of the last try.",
            "error": "Why there was none, in a word.",
            "attempts": "How often it was tried.",
            "next_at": "When the next try is.",
            "created_at": "When it happened.",
            "delivered_at": "When it was taken.",
        },
    ),
    StoredTable(
        table=tables.SiteValue,
        what="What an admin has switched for the whole server.",
        why="To remember it.",
        whose=_SERVERS,
        how_long="for good",
        erased=Erased.STAYS,
        columns={"key": "What it is.", "value": "How it stands."},
    ),
)
"""Every table there is."""

FILES: Final = (
    StoredFile(
        path="dragoman.db*",
        what="The tables above, where the database is SQLite, with its log; and what an upgrade or a restore replaced.",
        why="It is the database.",
        whose="as the tables say",
        how_long="for good; copies of before an upgrade or a restore until somebody removes them",
        erased="row by row; what is erased is overwritten with zeros, the log is cut, backups beside it are rewritten",
    ),
    StoredFile(
        path="*.backup",
        what="What was in PostgreSQL before a restore.",
        why="To go back to it.",
        whose="as the tables say",
        how_long="until somebody removes it",
        erased="rewritten without the person",
    ),
    StoredFile(
        path="backups",
        what="One backup of every table for each day.",
        why="To lose no more than a day.",
        whose="as the tables say",
        how_long="the newest 14",
        erased="every backup is rewritten without the person; one that cannot be read is removed",
    ),
    StoredFile(
        path="exports",
        what="Exports that people asked for.",
        why="For them to download.",
        whose=_THEIRS,
        how_long="for a week, or until the next one",
        erased="removed",
    ),
    StoredFile(
        path="account.key",
        what="The key of the accounts: it signs access tokens and encrypts the webhooks' secrets.",
        why="So that nobody else can.",
        whose=_SERVERS,
        how_long="for good",
        erased=Erased.STAYS,
    ),
    StoredFile(
        path="certificate",
        what="The certificate of `dragoman up --lan` and its key.",
        why="For https within the house.",
        whose=_SERVERS,
        how_long="until it expires",
        erased=Erased.STAYS,
    ),
    StoredFile(
        path="models",
        what="Models that were pulled or added; `models_dir` may put them elsewhere.",
        why="To work with.",
        whose=_SERVERS,
        how_long="until somebody removes them",
        erased=Erased.STAYS,
    ),
)
"""Everything that is written below ``data_dir``."""
