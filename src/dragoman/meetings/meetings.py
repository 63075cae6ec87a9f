"""All rooms of this API, in memory. From the API; to meeting.py and invitations.py.

A room ends when its host says so or when nobody has been in it for long. One whose id is ours is known again after the
API was replaced, as soon as the media server or an interpreter speaks of it. Of a lasting room this is one call, and
another may follow (``services/api/live_rooms.py``).
"""

from collections import OrderedDict

from dragoman.ground.errors import CapacityExhausted
from dragoman.ground.facts import Bound, Facts, Help
from dragoman.meetings.errors import NotAllowed, RoomNotFound
from dragoman.meetings.invitations import Invitations
from dragoman.meetings.meeting import Meeting, Member
from dragoman.meetings.room_card import RoomCard

MAX_ROOMS = 1_000
MAX_ENDED = 10_000
"""Rooms remembered as over, so that nothing revives them."""
NO_ROOM = "there is no such room, or its call is over; ask for a new link"
UNUSED_S = 12 * 3600.0
"""A room lives this long after the last person left it: the link of the morning serves in the evening."""


class Meetings:
    """Plain: times come from outside."""

    def __init__(self, invitations: Invitations, *, most_members: int, most_rooms: int = MAX_ROOMS) -> None:
        self.invitations = invitations
        self._most_members = most_members
        self._most_rooms = most_rooms
        self._rooms: dict[str, Meeting] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()

    def open(self, *, at_s: float) -> Meeting:
        """Make a room. Raises ``CapacityExhausted``."""
        return self._put(self.invitations.new_room_id(), at_s=at_s)

    def open_as(self, card: RoomCard, *, at_s: float) -> Meeting:
        """Begin a call in a lasting room, or give the one that goes on. Raises ``CapacityExhausted``."""
        if card.id in self._rooms:
            return self._rooms[card.id]
        meeting = self._put(card.id, at_s=at_s, card=card)
        self._ended.pop(card.id, None)
        return meeting

    def unopened(self, card: RoomCard, *, at_s: float) -> Meeting:
        """Give a lasting room as it would open, to be looked at; it is not opened."""
        return Meeting(card.id, most_members=self._most_members, opened_at_s=at_s, card=card)

    def find(self, room_id: str) -> Meeting | None:
        return self._rooms.get(room_id)

    def get(self, room_id: str) -> Meeting:
        """Raises ``RoomNotFound``, the same for a room that is over and one that never was."""
        if room_id not in self._rooms:
            raise RoomNotFound(NO_ROOM)
        return self._rooms[room_id]

    def goes_on(self, meeting: Meeting) -> bool:
        """Say whether this very call has not ended; another may be held in its room by now."""
        return self._rooms.get(meeting.id) is meeting

    def check_goes_on(self, meeting: Meeting) -> None:
        """Raise ``RoomNotFound`` for a call that ended while somebody waited to come into it."""
        if not self.goes_on(meeting):
            raise RoomNotFound(NO_ROOM)

    def is_over(self, room_id: str) -> bool:
        """Say whether a call was held here and has ended, and no other has begun."""
        return room_id in self._ended

    def known_again(self, room_id: str, *, at_s: float) -> Meeting | None:
        """Give the room, made anew if it is ours and this process has forgotten it; None for any other."""
        if room_id in self._rooms:
            return self._rooms[room_id]
        if room_id in self._ended or not self.invitations.is_ours(room_id):
            return None
        try:
            return self._put(room_id, at_s=at_s, recalled=True)
        except CapacityExhausted:
            return None

    def end(self, room_id: str) -> None:
        """Raises ``RoomNotFound``."""
        self.get(room_id)
        del self._rooms[room_id]
        self._ended[room_id] = None
        if len(self._ended) > MAX_ENDED:
            self._ended.popitem(last=False)

    def all(self) -> list[Meeting]:
        return list(self._rooms.values())

    def end_unused(self, *, at_s: float) -> list[str]:
        """End the rooms that nobody has been in for long, and name them."""
        ended = [room.id for room in self.all() if at_s - room.used_at_s > UNUSED_S and not room.is_wanted(at_s=at_s)]
        for room_id in ended:
            self.end(room_id)
        return ended

    def check_host(self, room_id: str, secret: str) -> Meeting:
        """Raises ``RoomNotFound``, or ``NotAllowed`` for anybody but the hosts."""
        room = self.get(room_id)
        if not self.is_host(room_id, secret):
            raise NotAllowed("only the host may do this; the host secret came with the room")
        return room

    def is_host(self, room_id: str, secret: str) -> bool:
        """Say whether a secret is the host's of a room that is open, or that of somebody promoted in the call."""
        return self.proves_host(self.get(room_id), secret) or self._is_cohost(room_id, secret)

    def proves_host(self, room: Meeting, secret: str) -> bool:
        """Say whether this is the host secret of a room, or that of the owner or a co-host of a lasting one."""
        if room.card is None:
            return self.invitations.is_host(room.id, secret)
        return self.invitations.identify_host(room.id, secret) in room.card.hosts.values()

    def check_participant(self, room_id: str, secret: str) -> Member:
        """Give whose secret it is. Raises ``RoomNotFound``, ``NotAllowed``, or ``ParticipantNotFound`` once removed."""
        room = self.get(room_id)
        identity = self.invitations.identify(room_id, secret)
        if identity is None:
            raise NotAllowed("this takes the participant's own secret, which came with joining")
        return room.member(identity)

    def _is_cohost(self, room_id: str, secret: str) -> bool:
        identity = self.invitations.identify(room_id, secret)
        return identity is not None and self.get(room_id).is_cohost(identity)

    def _put(self, room_id: str, *, at_s: float, card: RoomCard | None = None, recalled: bool = False) -> Meeting:
        if len(self._rooms) >= self._most_rooms:
            raise CapacityExhausted(
                f"{self._most_rooms} rooms are open; try again when one has ended",
                facts=Facts(limit=Bound.CALLS, allowed=self._most_rooms, helps=(Help.WAIT,)),
            )
        room = self._rooms[room_id] = Meeting(
            room_id, most_members=self._most_members, opened_at_s=at_s, card=card, recalled=recalled
        )
        return room
