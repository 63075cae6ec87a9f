"""What is stored of rooms and calls. To data_map.py."""

from typing import Final

from sqlalchemy import ColumnElement, select

from dragoman.accounts.stored import CREATED, THEIRS, Erased, StoredTable
from dragoman.store import tables


def _own_rooms(user_id: str) -> ColumnElement[bool]:
    return tables.Schedule.room_id.in_(select(tables.LastingRoom.id).where(tables.LastingRoom.owner_id == user_id))


ROOMS: Final = (
    StoredTable(
        table=tables.LastingRoom,
        what="A room whose link stays good. What is said in it is not stored.",
        why="To meet in it again.",
        whose=THEIRS,
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
            "created_at": CREATED,
            "used_at": "When a call was last held in it.",
        },
    ),
    StoredTable(
        table=tables.RoomHost,
        what="A co-host of a room.",
        why="To let them run calls in it.",
        whose=THEIRS,
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
            "created_at": CREATED,
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
)
