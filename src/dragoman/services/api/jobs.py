"""``/jobs/{id}``: how far the work is that somebody ordered. From the queue; to its owner and to admins."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel

from dragoman.accounts.errors import Forbidden, JobNotFound, JobNotParked
from dragoman.accounts.parked_jobs import release_parked
from dragoman.ground.jobs import Job
from dragoman.services.api.account_answers import Time
from dragoman.services.api.callers import accounts_of, admin_of, caller_of
from dragoman.services.api.openapi import SIGNED_IN, problems

router = APIRouter(prefix="/jobs", tags=["jobs"], dependencies=[SIGNED_IN])

JobId = Annotated[str, Path(max_length=64)]


class JobAnswer(BaseModel):
    """Work that takes a while."""

    id: str
    kind: str
    """Such as ``export``."""
    state: Literal["queued", "running", "done", "failed", "parked"]
    """``parked``: given up after three attempts."""
    progress: float
    """From 0 to 1."""
    result: dict[str, object] | None
    error: str | None
    """Why the last attempt did not work."""
    created_at: Time
    finished_at: Time | None


@router.get("/{job}", responses=problems(JobNotFound))
async def see_job(job: JobId, request: Request) -> JobAnswer:
    """Say how far a job is. To whoever ordered it and admins of the server."""
    caller = await caller_of(request)
    found = await accounts_of(request).jobs.queue.job(job)
    if found is None or (found.owner_id != caller.user_id and not caller.is_admin):
        raise JobNotFound("there is no such job of yours; what ended more than a week ago is forgotten")
    return write_job(found)


@router.post("/{job}/release", responses=problems(Forbidden, JobNotFound, JobNotParked))
async def release_job(job: JobId, request: Request) -> JobAnswer:
    """Begin a job again that was given up: it has its three attempts once more. To admins of the server."""
    caller, accounts = await admin_of(request), accounts_of(request)
    found = await release_parked(accounts.database, accounts.jobs.queue, job, at=accounts.clock(), actor=caller.actor)
    return write_job(found)


def write_job(job: Job) -> JobAnswer:
    return JobAnswer(
        id=job.id,
        kind=job.kind,
        state=job.state.value,
        progress=job.progress,
        result=None if job.result is None else dict(job.result),
        error=job.error,
        created_at=job.created_at,
        finished_at=job.finished_at,
    )
