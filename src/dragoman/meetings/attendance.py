"""Gives up what was reserved for a meeting in which nobody is. A plain class; from reservation.py.

To ``services/api/live_rooms.py``, which knows who is there.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from dragoman.meetings.reservation import Reservation, Reservations

LATE = timedelta(minutes=15)
"""A meeting in which nobody has been for so long, from its start on, keeps no speakers; a break is shorter."""


class Attendance:
    """Remembers which reservations have been given up: who comes late has what is free, and takes it from nobody."""

    def __init__(self) -> None:
        self._given_up: frozenset[Reservation] = frozenset()
        self._seen: dict[Reservation, datetime] = {}
        """When somebody was last there, or the start: of what holds now."""

    def kept(
        self, reservations: Reservations, *, at: datetime, present: Collection[str], speaking: Mapping[str, int]
    ) -> Reservations:
        """Give what still counts. ``present`` are the rooms in which somebody is, ``speaking`` as for ``left_for``."""
        self._seen = {
            it: max(at, it.starts_at) if it.room_id in present else self._seen.get(it, it.starts_at)
            for it in reservations.holding(at)
        }
        given_up = {it for it, seen_at in self._seen.items() if at - seen_at >= LATE or it in self._given_up}
        came_back = [it for it in given_up if it.room_id in present]
        for it in sorted(came_back, key=lambda it: (it.starts_at, it.room_id)):
            free = reservations.without(given_up).free_for(it.room_id, at=at, speaking=speaking)
            if it.slots <= free:
                given_up.remove(it)
        self._given_up = frozenset(given_up)
        return reservations.without(self._given_up)
