"""What can go wrong between us and LiveKit. A branch of the tree in ``ground/errors.py``.

DragomanError
├── InputError
│   └── ParticipantInvalid      an identity, name, room or attribute that cannot be used
└── RoomError
    ├── LiveKitMissing          no livekit-server here, or one of another version
    └── RoomUnavailable         the server does not answer, or the room cannot be joined
"""

from dragoman.ground.errors import InputError, RoomError


class ParticipantInvalid(InputError):
    """An identity, a name, a room or an attribute cannot be used."""

    code = "participant_invalid"


class LiveKitMissing(RoomError):
    """There is no livekit-server on this machine, or one of another version."""

    code = "livekit_missing"


class RoomUnavailable(RoomError):
    """The server does not answer, or the room cannot be joined."""

    code = "room_unavailable"
