"""Queues what is to be done once a day. From ``services/job_kinds.py``; the key of a job is its day.

However many processes queue it, and however often a clock passes midnight, there is one job of a kind for one day.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from dragoman.ground.errors import StoreError
from dragoman.ground.jobs import JobQueue

log = structlog.get_logger()

LOOK_EVERY_S = 300.0


class DailyJobs:
    """Queues jobs of ``kinds``, when it starts and whenever a new day (UTC) has begun."""

    def __init__(self, queue: JobQueue, kinds: Sequence[str], *, clock: Callable[[], datetime]) -> None:
        self._queue = queue
        self._kinds = tuple(kinds)
        self._clock = clock
        self._queued_for = ""

    async def run(self) -> None:
        """Queue them until cancelled; a database that is away is asked again."""
        while True:
            try:
                await self.look()
            except StoreError as error:
                log.warning("daily_jobs_not_queued", code=error.code)
            except Exception:  # the top of a task: the server goes on without its daily jobs
                log.exception("daily_jobs_failed")
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Queue those of today, unless that was done. Raises ``StoreError``."""
        today = f"{self._clock():%Y-%m-%d}"
        if today == self._queued_for:
            return
        for kind in self._kinds:
            await self._queue.enqueue(kind, {"day": today}, key=f"{kind}:{today}")
        self._queued_for = today
