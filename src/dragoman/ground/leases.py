"""Decide whether a lease is over without believing any clock of the day. Plain; for the queues of ``jobs.py``.

A moment written by one machine and compared by another ends a lease early wherever a clock jumps. So a holder writes a
number that grows instead, and whoever would take over watches it on its own clock that only grows: a beat that stood
still for a whole lease is dead. The holder counts from before it wrote, and so gives up first. A watcher that has just
started watches for a whole lease too. Source: the observed renewals of Kubernetes' leader election.
"""

from collections import OrderedDict
from typing import Final

MAX_WATCHED: Final = 1_000
"""At once; the one not looked at for longest is forgotten, and would be watched anew."""

Beat = tuple[str | None, int, int]
"""Who holds it, in which attempt, and a number that no holder ever writes twice."""


class LeaseWatch:
    """What one process has seen of other people's leases. Times are seconds of one clock that only grows."""

    def __init__(self, *, lease_s: float) -> None:
        self._lease_s = lease_s
        self._seen: OrderedDict[str, tuple[Beat, float]] = OrderedDict()

    def is_over(self, job_id: str, beat: Beat, *, at_s: float) -> bool:
        """Take note of a beat, and say whether it has stood still for a whole lease."""
        before = self._seen.pop(job_id, None)
        since_s = before[1] if before is not None and before[0] == beat else at_s
        self._seen[job_id] = (beat, since_s)
        if len(self._seen) > MAX_WATCHED:
            self._seen.popitem(last=False)
        return at_s - since_s >= self._lease_s
