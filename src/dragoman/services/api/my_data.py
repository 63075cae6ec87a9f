"""``/me/export`` and the end of ``/me``: everything of mine, for me; and nothing of mine here any more."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import FileResponse
from starlette.responses import Response

from dragoman.accounts.errors import ExportNotFound, Forbidden, LastAdmin, WrongCredentials
from dragoman.services.api.account_answers import Password
from dragoman.services.api.answers import Body
from dragoman.services.api.callers import Caller, accounts_of, person_of
from dragoman.services.api.jobs import JobAnswer, write_job
from dragoman.services.api.openapi import SIGNED_IN, Schema, problems
from dragoman.store.tables import SignedIn

router = APIRouter(prefix="/me", tags=["me"], dependencies=[SIGNED_IN], responses=problems(Forbidden))

FRESH = timedelta(minutes=10)
"""How long ago somebody without a password has signed in at most, to be believed that it is them."""
ExportId = Annotated[str, Path(max_length=64)]


class FarewellBody(Body):
    password: Password = ""
    """Left out only by who has none."""


@router.post("/export", status_code=202)
async def export_me(request: Request) -> JobAnswer:
    """Order everything that is stored of the caller; the result is at ``/me/exports/{job}``, for a week."""
    caller = await person_of(request)
    return write_job(await accounts_of(request).jobs.exports.request(caller.user_id, actor=caller.actor))


_ZIP: Schema = {"description": "The zip.", "content": {"application/zip": {"schema": {"type": "string"}}}}


@router.get("/exports/{job}", response_class=FileResponse, responses={200: _ZIP, **problems(ExportNotFound)})
async def fetch_export(job: ExportId, request: Request) -> Response:
    """Fetch an export: a zip of JSON and a page to read."""
    caller = await person_of(request)
    file = await accounts_of(request).jobs.exports.find(caller.user_id, job)
    headers = {"Cache-Control": "private, no-store"}
    return FileResponse(file, media_type="application/zip", filename="dragoman-export.zip", headers=headers)


@router.delete("", status_code=202, responses=problems(WrongCredentials, LastAdmin))
async def delete_me(body: FarewellBody, request: Request) -> JobAnswer:
    """Delete the account with everything that is the caller's. They are signed out everywhere at once.

    Whoever has no password must have signed in within the last ten minutes.
    """
    caller = await person_of(request)
    await _make_sure(caller, body.password, request)
    return write_job(await accounts_of(request).jobs.erasure.request(caller.user_id, actor=caller.actor))


async def _make_sure(caller: Caller, password: str, request: Request) -> None:
    """Raise ``WrongCredentials`` unless it is them."""
    accounts = accounts_of(request)
    if (await accounts.people.get(caller.user_id)).password_hash is not None:
        await accounts.sign_in.check_password(caller.user_id, password, address=caller.address)
        return
    async with accounts.database.reading() as session:
        row = await session.get(SignedIn, caller.session_id)
    if row is None or abs(accounts.clock() - row.created_at) > FRESH:
        raise WrongCredentials("sign in again with your provider, and delete the account within ten minutes")
