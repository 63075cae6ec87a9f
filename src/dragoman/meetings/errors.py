"""What can go wrong with rooms. A branch of the tree in ``ground/errors.py``.

InputError
└── MeetingError
    ├── RoomNotFound            no such room, or its call is over
    ├── RoomFull
    ├── RoomLocked              the host lets nobody in any more
    ├── NotAllowed              no secret, a wrong one, or somebody else's
    ├── ParticipantNotFound
    ├── ChoiceNotPossible       a language that does not work in this room
    ├── GlossaryChanged         somebody else was quicker
    ├── TooManyRequests
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


class RoomLocked(MeetingError):
    """The host has closed the door."""

    code = "room_locked"


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


class TooManyRequests(MeetingError):
    """This address asks too often."""

    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RequestInvalid(MeetingError):
    """The request is not what this resource takes."""

    code = "request_invalid"
