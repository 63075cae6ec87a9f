"""Which speakers the machine keeps free for planned meetings. Plain; from planned_meetings.py, to attendance.py.

A machine carries so many speakers at once (``interpreting/admission.py``). Meetings that are planned with slots share
them out beforehand; what nobody has reserved at a moment is for whoever meets without a plan.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dragoman.ground.facts import Bound, Facts, Help
from dragoman.meetings.errors import SlotsTaken

EARLY = timedelta(minutes=5)
"""People come so long before a meeting begins; its slots are kept for them from then on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """Of one occurrence of a meeting."""

    room_id: str
    slots: int
    """Speakers at once."""
    starts_at: datetime
    ends_at: datetime

    def holds(self, at: datetime) -> bool:
        return self.starts_at - EARLY <= at < self.ends_at


class Reservations:
    """Shares ``capacity`` speakers among ``taken``."""

    def __init__(self, taken: Iterable[Reservation], *, capacity: int) -> None:
        self._taken = tuple(it for it in taken if it.slots > 0)
        self._capacity = capacity

    def holding(self, at: datetime) -> list[Reservation]:
        """List what is kept at a moment."""
        return [it for it in self._taken if it.holds(at)]

    def without(self, given_up: Collection[Reservation]) -> "Reservations":
        return Reservations((it for it in self._taken if it not in given_up), capacity=self._capacity)

    def check(self, wanted: Sequence[Reservation]) -> None:
        """Raise ``SlotsTaken`` if any of these, together with what is taken, is more than the machine carries."""
        for it in wanted:
            if it.slots == 0:
                continue
            left = self._capacity - self.most_taken(it.starts_at - EARLY, it.ends_at, besides=it.room_id)
            if it.slots > left:
                day = it.starts_at.date().isoformat()
                raise SlotsTaken(
                    f"on {day} {max(0, left)} of the machine's {self._capacity} speakers are free at that time: "
                    f"take {max(0, left)} slots, another time, or none and come first",
                    facts=Facts(
                        limit=Bound.SPEAKERS,
                        allowed=self._capacity,
                        free=max(0, left),
                        starts_at=it.starts_at,
                        helps=(Help.ANOTHER_TIME, Help.FEWER_SPEAKERS),
                    ),
                )

    def most_taken(self, start: datetime, end: datetime, *, besides: str = "") -> int:
        """Say how many speakers are reserved at once at the fullest moment from ``start`` to before ``end``.

        A room holds one call: of its own meetings that overlap the largest counts. ``besides`` leaves one room out.
        """
        others = [
            it for it in self._taken if it.room_id != besides and it.starts_at - EARLY < end and it.ends_at > start
        ]
        # Reservations begin at moments: between two of them nothing is added.
        moments = {start} | {it.starts_at - EARLY for it in others if it.starts_at - EARLY > start}
        return max(self._taken_at(others, moment) for moment in moments)

    def left_for(self, room_id: str, *, at: datetime, speaking: Mapping[str, int] | None = None) -> int | None:
        """Say how many speakers a room may have at a moment; None while nobody has reserved any.

        ``speaking`` are those of every room now. Others have what they reserved, or more while they use more; what is
        left is anybody's. At least one speaker is heard in every room, and as many as it reserved.
        """
        by_room = self._by_room(self.holding(at))
        if not by_room:
            return None
        return max(1, by_room.get(room_id, 0), self.free_for(room_id, at=at, speaking=speaking))

    def free_for(self, room_id: str, *, at: datetime, speaking: Mapping[str, int] | None = None) -> int:
        """Say how many speakers all other rooms leave to this one, by what they reserved and what they use."""
        by_room, use = self._by_room(self.holding(at)), dict(speaking or {})
        others = (by_room.keys() | use.keys()) - {room_id}
        return self._capacity - sum(max(by_room.get(room, 0), use.get(room, 0)) for room in others)

    def _taken_at(self, reservations: Iterable[Reservation], at: datetime) -> int:
        return sum(self._by_room(it for it in reservations if it.holds(at)).values())

    @staticmethod
    def _by_room(reservations: Iterable[Reservation]) -> dict[str, int]:
        by_room: dict[str, int] = {}
        for it in reservations:
            by_room[it.room_id] = max(it.slots, by_room.get(it.room_id, 0))
        return by_room
