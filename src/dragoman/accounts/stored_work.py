"""What is stored of what was done and is to be done: audit log, jobs, answers, webhooks, the site. To data_map.py."""

from typing import Final

from sqlalchemy import ColumnElement, and_, or_

from dragoman.accounts.stored import CREATED, SERVERS, TEAMS, THEIRS, Erased, StoredTable
from dragoman.store import tables


def _done_by_or_tried(user_id: str) -> ColumnElement[bool]:
    """Say which entries are about a person: what they did, and what somebody whom nobody knows did to their account.

    Who is refused at signing in is nobody yet; the entry has the address that it came from, which is mostly theirs.
    """
    entry = tables.AuditEntry
    return or_(entry.actor_id == user_id, and_(entry.actor_id.is_(None), entry.target_id == user_id))


WORK: Final = (
    StoredTable(
        table=tables.AuditEntry,
        what="Who did what to what: ids and words, nothing that anybody wrote or said.",
        why="So that a team and an admin can see who changed something.",
        whose=THEIRS,
        how_long="its address for a week; the entry for a year",
        erased=Erased.NAMELESS,
        of_person=_done_by_or_tried,
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
        whose=THEIRS,
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
        whose=TEAMS,
        how_long="until an admin of the team deletes it",
        erased=Erased.STAYS,
        columns={
            "id": "Random id.",
            "team_id": "The team.",
            "url": "Where to.",
            "secret": "What it is signed with, encrypted.",
            "events": "What it is told of.",
            "created_at": CREATED,
            "disabled_at": "When it was switched off.",
            "failures": "Failures in a row.",
            "failed_at": "When the last one was.",
            "failing_since": "When the first one was.",
        },
        secrets=frozenset({"secret"}),
    ),
    StoredTable(
        table=tables.WebhookDelivery,
        what="What a webhook was told: ids and times.",
        why="To try again, and to show what came of it.",
        whose=TEAMS,
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
        whose=SERVERS,
        how_long="for good",
        erased=Erased.STAYS,
        columns={"key": "What it is.", "value": "How it stands."},
    ),
)
