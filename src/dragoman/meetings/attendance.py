"""Gives up what was reserved for a meeting to which nobody comes. A plain class; from reservation.py.

To ``services/api/live_rooms.py``, which knows who is there.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from dragoman.meetings.reservation import Reservation, Reservations

LATE = timedelta(minutes=15)
"""So long after its start a meeting with nobody in it keeps no speakers."""


class Attendance:
    """Remembers which reservations have been given up: who comes late has what is free, and takes it from nobody."""

    def __init__(self) -> None:
        self._given_up: frozenset[Reservation] = frozenset()

    def kept(
        self, reservations: Reservations, *, at: datetime, present: Collection[str], speaking: Mapping[str, int]
    ) -> Reservations:
        """Give what still counts. ``present`` are the rooms in which somebody is, ``speaking`` as for ``left_for``."""
        late = {it for it in reservations.holding(at) if at - it.starts_at >= LATE}
        empty = {it for it in late if it.room_id not in present}
        given_up = empty | (late & self._given_up)
        for it in sorted(given_up - empty, key=lambda it: (it.starts_at, it.room_id)):
            free = reservations.without(given_up).free_for(it.room_id, at=at, speaking=speaking)
            if it.slots <= free:
                given_up.remove(it)
        self._given_up = frozenset(given_up)
        return reservations.without(self._given_up)
