"""What can go wrong with rooms. A branch of the tree in ``ground/errors.py``.

InputError
└── MeetingError
    ├── RoomNotFound            no such room, or its call is over
    ├── RoomFull
    │   └── RoomFullByPlan      the machine would hold more; the message says what would help
    ├── RoomLocked              the host lets nobody in any more
    ├── RoomNotOpen             a lasting room that waits for a host
    ├── LobbyFull
    ├── TicketNotFound          of a lobby
    ├── TeamUnknown             the team is none of the caller's
    ├── PersonUnknown           in no team with the owner of the room
    ├── TooManyRooms            one person's lasting ones
    ├── TooManyHosts            co-hosts of one room
    ├── ScheduleNotFound
    ├── ScheduleInvalid         no such time zone, day or hour
    ├── TooManyMeetings         in one room's calendar
    ├── SlotsTaken              other meetings have reserved the machine
    ├── NotAllowed              no secret, a wrong one, or somebody else's
    ├── ParticipantNotFound
    ├── ChoiceNotPossible       a language that does not work in this room
    ├── GlossaryChanged         somebody else was quicker
    └── RequestInvalid          a body that is not what the resource takes
"""

from dragoman.ground.errors import InputError


class MeetingError(InputError):
    """A request about a room cannot be granted."""

    code = "meeting_error"


class RoomNotFound(MeetingError):
    """There is no such room (any more)."""

    code = "room_not_found"


class RoomFull(MeetingError):
    """As many people are in the room as it holds."""

    code = "room_full"


class RoomFullByPlan(RoomFull):
    """As many people are in the room as the plan of its owner allows; the room and the machine would hold more."""

    code = "room_full_by_plan"


class RoomLocked(MeetingError):
    """The host has closed the door."""

    code = "room_locked"


class RoomNotOpen(MeetingError):
    """The room is there, and its call has not begun: a host opens it."""

    code = "room_not_open"


class LobbyFull(MeetingError):
    """As many people wait to be let in as may wait."""

    code = "lobby_full"


class TicketNotFound(MeetingError):
    """Nobody waits with this ticket (any more)."""

    code = "ticket_not_found"


class TeamUnknown(MeetingError):
    """There is no such team, or it is none of theirs."""

    code = "team_not_found"


class PersonUnknown(MeetingError):
    """There is no such person, or they share no team with the owner of the room."""

    code = "person_not_found"


class TooManyRooms(MeetingError):
    """This person keeps as many rooms as anybody may."""

    code = "too_many_rooms"


class TooManyHosts(MeetingError):
    """The room has as many co-hosts as it may."""

    code = "too_many_hosts"


class ScheduleNotFound(MeetingError):
    """The room has no such meeting in its calendar."""

    code = "schedule_not_found"


class ScheduleInvalid(MeetingError):
    """A meeting cannot be at this time."""

    code = "schedule_invalid"


class TooManyMeetings(MeetingError):
    """The calendar of the room is full."""

    code = "too_many_meetings"


class SlotsTaken(MeetingError):
    """Other meetings have reserved as many speakers as the machine carries."""

    code = "slots_taken"


class NotAllowed(MeetingError):
    """The secret is missing, wrong, or somebody else's."""

    code = "not_allowed"


class ParticipantNotFound(MeetingError):
    """Nobody of this identity is in the room."""

    code = "participant_not_found"


class ChoiceNotPossible(MeetingError):
    """The language is known, and does not work in this room."""

    code = "choice_not_possible"


class GlossaryChanged(MeetingError):
    """The glossary is not the one that was changed any more."""

    code = "glossary_changed"


class RequestInvalid(MeetingError):
    """The request is not what this resource takes."""

    code = "request_invalid"
