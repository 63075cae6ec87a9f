"""Work that is done once, whatever happens to whoever does it: the job, and the queue that holds the truth about it.

From ``store/jobs.py`` (the database) and ``testing/jobs.py``; to ``jobs/runner.py``. Whoever works holds a lease, which
``leases.py`` explains.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from dragoman.ground.errors import DragomanError

MAX_ATTEMPTS: Final = 3
"""Then a job is parked: what killed three runners would kill the fourth."""
LEASE_S: Final = 30.0
"""Without a heartbeat for so long a job is anybody's."""
MAX_DELAY_S: Final = 600.0
"""No job waits longer for its turn, so one that seems to was queued before a clock was put back: it is due."""
MAX_ERROR_CHARS: Final = 300

JobData = Mapping[str, object]
"""What a job is given and what comes of it; JSON."""


class JobLost(DragomanError):
    """The lease went to somebody else: whatever came of the work is dropped."""

    code = "job_lost"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """For a reason that another try would not change."""
    PARKED = "parked"
    """After ``MAX_ATTEMPTS``; somebody may release it."""

    @property
    def is_over(self) -> bool:
        return self in {JobState.DONE, JobState.FAILED, JobState.PARKED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One piece of work as the queue knows it. ``runner`` and ``attempts`` together are the right to write about it."""

    id: str
    kind: str
    owner_id: str | None
    """Whose it is; None for the server's own."""
    payload: JobData
    state: JobState
    attempts: int
    """Begun, the one under way included."""
    runner: str | None
    """Who works at it, or did last."""
    progress: float
    """From 0 to 1."""
    result: JobData | None
    error: str | None
    created_at: datetime
    finished_at: datetime | None


class JobQueue(Protocol):
    """Holds jobs. Every method raises ``StoreUnavailable`` where the database is away.

    Methods that take a ``claimed`` job raise ``JobLost`` unless its runner still holds it in the same attempt.
    """

    @property
    def lease_s(self) -> float:
        """How long a job without a heartbeat stays its runner's; the same for all who share the queue."""
        ...

    async def enqueue(
        self,
        kind: str,
        payload: JobData,
        *,
        key: str | None = None,
        owner_id: str | None = None,
        priority: int = 0,
        delay_s: float = 0.0,
    ) -> Job:
        """Queue a job, or give the one that ``key`` made before. ``delay_s`` is at most ``MAX_DELAY_S``."""
        ...

    async def claim(self, runner: str, *, kinds: Sequence[str]) -> Job | None:
        """Take the next due job of these kinds; None if there is none.

        The kind that waits longest goes first, and within it the largest ``priority``. A job whose runner is dead is
        taken over; it is parked instead if it has had its attempts.
        """
        ...

    async def heartbeat(self, claimed: Job, *, progress: float | None = None) -> None:
        """Keep the lease."""
        ...

    async def finish(self, claimed: Job, result: JobData) -> None:
        """Done."""
        ...

    async def fail(self, claimed: Job, error: str, *, again: bool) -> JobState:
        """Say that it did not work: queued after ``retry_after_s``, parked after the last attempt, or failed.

        ``again``: another try may work.
        """
        ...

    async def give_back(self, claimed: Job) -> None:
        """Queue it again as if it had not been begun: its runner ends."""
        ...

    async def release(self, job_id: str) -> bool:
        """Give a parked job its attempts again; False if it is not parked."""
        ...

    async def job(self, job_id: str) -> Job | None:
        """Look one up."""
        ...

    def listen(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` whenever something was queued by this process."""
        ...


def retry_after_s(attempts: int) -> float:
    """Say how long to wait after so many attempts: 10 s, 40 s, and so on up to ``MAX_DELAY_S``."""
    return min(MAX_DELAY_S, 10.0 * 4.0 ** max(0, attempts - 1))


def shorten(error: str) -> str:
    """Cut a message to what the queue keeps."""
    return error if len(error) <= MAX_ERROR_CHARS else error[: MAX_ERROR_CHARS - 1] + "…"
