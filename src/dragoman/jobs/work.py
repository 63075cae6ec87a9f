"""What a kind of job does, and what it does it with. From ``services/job_kinds.py``; to ``runner.py``."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dragoman.ground.jobs import Job, JobData


class Work:
    """One attempt at a job, as its handler sees it."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.progress = job.progress

    def report(self, progress: float) -> None:
        """Say how far it is, from 0 to 1; the next heartbeat tells it on."""
        self.progress = progress


Handler = Callable[[Work], Awaitable[JobData]]
"""Does a job and gives its result; JSON, and nothing that anybody said or wrote.

It may be called again for the same job, after an attempt that got to any point: what is done already it finds done.
Raise an ``InputError`` for what another try would not change.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """How jobs of one kind are done."""

    run: Handler
    deadline_s: float
    """For one attempt."""
