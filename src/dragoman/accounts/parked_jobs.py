"""Jobs that were given up after three attempts: an admin begins them again. To store/jobs.py."""

from datetime import datetime

from dragoman.accounts.errors import JobNotFound, JobNotParked
from dragoman.ground.accounts import Actor
from dragoman.ground.jobs import Job
from dragoman.store import audit
from dragoman.store.database import Database
from dragoman.store.jobs import StoredJobs, find_job, release_job


async def release_parked(database: Database, queue: StoredJobs, job_id: str, *, at: datetime, actor: Actor) -> Job:
    """Give a parked job its three attempts again, at once. The caller has made sure that ``actor`` is an admin.

    Raises ``JobNotFound``, and ``JobNotParked`` for one that waits, runs or is over otherwise.
    """
    async with database.writing() as session:
        released = await release_job(session, job_id, at=at)
        job = await find_job(session, job_id)
        if job is None:
            raise JobNotFound("there is no such job; what ended more than a week ago is forgotten")
        if not released:
            raise JobNotParked(f"the job is {job.state.value}; only one that was given up is begun again")
        facts: dict[str, audit.Fact] = {"kind": job.kind}
        audit.record(session, at=at, actor=actor, action="job.released", target=("job", job_id), facts=facts)
    queue.wake()
    return job
