"""Decides when a room gets an interpreter, and which rooms may not be. Its shell is ``services/api/watch.py``.

Every interpreter renews a lease on its room once a second. A lease that runs out, the supervisor's word that the
process died, or the interpreter's own that it failed, means a new interpreter at once; only from the second failure on
the warden waits longer each time. LiveKit itself never replaces a dead interpreter, and shows it as present for 21 s.
"""

from dataclasses import dataclass

from dragoman.meetings.ladder_view import FULLY, Served

LEASE_S = 3.0
"""A lease that was not renewed for this long is over: two renewals may get lost."""
PATIENCE_S = 2.0
"""From a dispatch to the first renewal: it takes 0.3 s when a worker is free, and is lost when none is."""
BACK_OFF_S = (0.0, 0.0, 1.0, 2.0, 4.0, 8.0)
"""Wait before dispatching, by the number of failures in a row; then always the last."""
NOBODY_HERE = Served(level=5, reason="no_interpreter")
"""How a room is served that waits for an interpreter: everybody hears the original."""
STABLE_S = 20.0
"""An interpreter that lived this long has put the failures before it right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """What an interpreter says with every renewal."""

    room: str
    epoch: int
    """Which replacement it is; the one dispatched last counts."""
    worker: str
    """The process it is in."""
    load: float = 0.0
    """0 to 1."""
    last_seq: int = 0
    """Of the last final it numbered."""
    served: Served = FULLY
    """How well."""
    microphones: int = 0
    """That are open and interpreted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """An order to send an interpreter into a room."""

    room: str
    epoch: int
    last_seq: int
    """Where its numbering goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Below:
    """A room that is served with less than everything."""

    room: str
    served: Served
    since_s: float


@dataclass(slots=True, kw_only=True)
class _Ward:
    """One room."""

    epoch: int
    last_seq: int = 0
    wanted: bool = False
    worker: str = ""
    renewed_at_s: float | None = None
    """None while no interpreter holds the room."""
    held_since_s: float = 0.0
    asked_at_s: float | None = None
    """When an interpreter was dispatched that has not come yet."""
    failures: int = 0
    next_try_s: float = 0.0
    served: Served = FULLY
    served_since_s: float = 0.0
    microphones: int = 0


class Warden:
    """Plain: times come from outside, seconds of a clock that only grows."""

    def __init__(self, *, first_epoch: int) -> None:
        """``first_epoch`` is higher than any that an earlier API gave out: milliseconds since 1970 are.

        Where they are not, as after a clock was set back, the epochs that are ``seen`` count.
        """
        self._epoch = first_epoch
        self._wards: dict[str, _Ward] = {}

    def want(self, room: str, *, wanted: bool, at_s: float, last_seq: int = 0, may_be_held: bool = False) -> None:
        """Say whether there is anybody to interpret for in ``room``.

        ``may_be_held`` is for a room that was open before this warden: its interpreter gets one lease's time to renew.
        """
        ward = self._wards.get(room)
        if ward is None:
            ward = self._wards[room] = _Ward(epoch=0, renewed_at_s=at_s if may_be_held else None, held_since_s=at_s)
        ward.wanted = wanted
        ward.last_seq = max(ward.last_seq, last_seq)

    def forget(self, room: str) -> None:
        """The room is over."""
        self._wards.pop(room, None)

    def renew(self, lease: Lease, *, at_s: float) -> bool:
        """Take a renewal; False tells the interpreter to leave: the room is over, or a newer one was sent."""
        ward = self._wards.get(lease.room)
        if ward is None or lease.epoch < ward.epoch:
            return False
        if ward.renewed_at_s is None or lease.epoch > ward.epoch:
            ward.held_since_s = at_s
        ward.epoch = lease.epoch
        self.seen(lease.epoch)
        ward.last_seq = max(ward.last_seq, lease.last_seq)
        ward.worker, ward.microphones = lease.worker, lease.microphones
        ward.renewed_at_s, ward.asked_at_s = at_s, None
        if lease.served != ward.served:
            ward.served, ward.served_since_s = lease.served, at_s
        if at_s - ward.held_since_s >= STABLE_S:
            ward.failures = 0
        return True

    def seen(self, epoch: int) -> None:
        """There is an interpreter of this epoch: whoever is sent from now on has a higher one.

        Pages show nothing of an interpreter whose epoch is lower than one that they know.
        """
        self._epoch = max(self._epoch, epoch)

    def release(self, lease: Lease, *, at_s: float, failed: bool = False) -> None:
        """The interpreter left in good order, as it does when the room empties or the media server ends.

        One that ``failed`` says so: its failure counts, as if its process had died.
        """
        ward = self._wards.get(lease.room)
        if ward is None or ward.epoch != lease.epoch:
            return
        ward.last_seq = max(ward.last_seq, lease.last_seq)
        if not failed:
            ward.renewed_at_s, ward.next_try_s = None, at_s
        elif ward.renewed_at_s is not None or ward.asked_at_s is not None:  # else it was counted before
            self._failed(ward, at_s=at_s)

    def worker_died(self, worker: str, *, at_s: float) -> None:
        """The supervisor says that a process ended: its rooms need no lease to run out."""
        for ward in self._wards.values():
            if ward.worker == worker and ward.renewed_at_s is not None:
                self._failed(ward, at_s=at_s)

    def worker_ready(self, *, at_s: float, for_s: float = 0.0) -> None:
        """A process can take rooms since ``for_s`` seconds: what was dispatched before that waits no longer."""
        for ward in self._wards.values():
            came_too_early = ward.asked_at_s is None or ward.asked_at_s < at_s - for_s
            if ward.renewed_at_s is None and came_too_early:
                ward.asked_at_s, ward.next_try_s = None, at_s

    def due(self, *, at_s: float) -> list[Dispatch]:
        """Give the dispatches to be made now; each counts as made."""
        orders = []
        for room, ward in self._wards.items():
            ran_out = ward.renewed_at_s is not None and at_s - ward.renewed_at_s > LEASE_S
            never_came = ward.asked_at_s is not None and at_s - ward.asked_at_s > PATIENCE_S
            if ran_out or never_came:
                self._failed(ward, at_s=at_s)
            waits = ward.renewed_at_s is None and ward.asked_at_s is None
            if ward.wanted and waits and at_s >= ward.next_try_s:
                self._epoch += 1
                ward.epoch, ward.asked_at_s = self._epoch, at_s
                orders.append(Dispatch(room=room, epoch=ward.epoch, last_seq=ward.last_seq))
        return orders

    def is_held(self, room: str) -> bool:
        """Say whether an interpreter holds the room."""
        ward = self._wards.get(room)
        return ward is not None and ward.renewed_at_s is not None

    @property
    def microphones(self) -> int:
        """Count those that are open and interpreted, over all rooms."""
        return sum(ward.microphones for ward in self._wards.values() if ward.renewed_at_s is not None)

    def speaking(self) -> dict[str, int]:
        """Count them by room."""
        return {room: ward.microphones for room, ward in self._wards.items() if ward.renewed_at_s is not None}

    def below(self) -> list[Below]:
        """List the rooms that are served with less than everything; one without interpreter is at the lowest level."""
        found = []
        for room, ward in self._wards.items():
            if ward.renewed_at_s is not None and ward.served.level > 0:
                found.append(Below(room=room, served=ward.served, since_s=ward.served_since_s))
            elif ward.renewed_at_s is None and ward.wanted:
                found.append(Below(room=room, served=NOBODY_HERE, since_s=ward.held_since_s))
        return found

    def epoch(self, room: str) -> int:
        """Give the epoch of the interpreter that counts, 0 before the first."""
        ward = self._wards.get(room)
        return 0 if ward is None else ward.epoch

    def _failed(self, ward: _Ward, *, at_s: float) -> None:
        ward.renewed_at_s = ward.asked_at_s = None
        ward.failures += 1
        ward.next_try_s = at_s + BACK_OFF_S[min(ward.failures, len(BACK_OFF_S) - 1)]
