"""Erase a person: their rows, their files, and they in every copy of the database that lies here. A job.

From erased_rows.py and saved_copies.py; to the API and ``dragoman erase``. From the moment it is asked for, nothing
that they hold lets them in. The result is the certificate: what was removed, in numbers.
"""

import asyncio
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from dragoman.accounts.erased_rows import counts_of_before, erase_rows
from dragoman.accounts.errors import AccountNotFound, LastAdmin
from dragoman.accounts.export import EXPORT, Exports
from dragoman.accounts.saved_copies import erase_from_copy, remove_strays, saved_copies
from dragoman.accounts.sessions import Sessions
from dragoman.ground.accounts import SYSTEM, Actor
from dragoman.ground.errors import OutputNotWritable, StoreError
from dragoman.ground.jobs import Job, JobData
from dragoman.jobs.work import Work
from dragoman.store import audit, users
from dragoman.store.admins import lock_admins
from dragoman.store.database import Database, utc_now
from dragoman.store.jobs import StoredJobs, add_job
from dragoman.store.leftovers import cut_log
from dragoman.store.tables import Invitation

ERASE = "erase"
"""The kind of job."""
DEADLINE_S = 3600.0


class Erasure:
    """Takes people out of this server."""

    def __init__(
        self,
        database: Database,
        jobs: StoredJobs,
        sessions: Sessions,
        exports: Exports,
        *,
        data_dir: Path,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._sessions = sessions
        self._exports = exports
        self._data_dir = data_dir
        self._clock = clock

    async def request(self, user_id: str, *, actor: Actor) -> Job:
        """Close the account for good and order its erasure, once. Raises ``AccountNotFound``, ``LastAdmin``."""
        async with self._database.writing() as session:
            admins = await lock_admins(session)
            user = await users.lock(session, user_id)
            if user is None:
                raise AccountNotFound("there is no such account")
            if admins == {user_id}:
                raise LastAdmin("this is the last admin of the server; make another one first: dragoman user add-admin")
            now = self._clock()
            job = await add_job(session, ERASE, {"user_id": user_id}, at=now, key=f"{ERASE}:{user_id}")
            if user.disabled_at is None:
                audit.record(session, at=now, actor=actor, action="erasure.requested", target=("user", user_id))
                await self._sessions.end_within(session, user_id, besides=None, actor=actor)
            user.disabled_at = user.disabled_at or now
            user.epoch += 1
        self._sessions.changed(user_id)
        if not await self._jobs.release(job.id):  # what was given up is tried again
            self._jobs.wake()
        return job

    async def erase(self, work: Work) -> JobData:
        """Do a job of the kind ``ERASE``: ``Handler``. A second attempt goes on where the first one was."""
        user_id = str(work.job.payload["user_id"])
        exports = await self._jobs.of_owner(user_id, kind=EXPORT)
        async with self._database.writing() as session:
            erased = await erase_rows(session, user_id, actor=SYSTEM, at=self._clock())
            rows = await counts_of_before(session, user_id) if erased is None else erased
        self._sessions.changed(user_id)
        files = [self._exports.file_of(job.id) for job in exports]
        removed = sum([await asyncio.to_thread(_remove, file) for file in files])
        await cut_log(self._database)
        work.report(0.2)
        await asyncio.to_thread(remove_strays, self._data_dir, self._database.file)
        copies = await asyncio.to_thread(saved_copies, self._data_dir, self._database.file)
        async with self._database.reading() as session:
            invitations = set(await session.scalars(select(Invitation.id)))
        rewritten = 0
        for number, copy in enumerate(copies, start=1):
            rewritten += await self._erase_from(copy, user_id, invitations)
            work.report(0.2 + 0.8 * number / len(copies))
        return {
            "user_id": user_id,
            "rows": rows,
            "exports": removed,
            "copies_rewritten": rewritten,
            "copies_removed": len(copies) - rewritten,
            "kept": "entries of the audit log, with ids alone",
        }

    async def _erase_from(self, copy: Path, user_id: str, invitations: Collection[str]) -> bool:
        try:
            return await erase_from_copy(copy, user_id, invitations=invitations, actor=SYSTEM, at=self._clock())
        except OutputNotWritable as error:  # nobody's wrong input: it is tried again
            raise StoreError(str(error)) from error


def _remove(file: Path) -> bool:
    was_there = file.exists()
    file.unlink(missing_ok=True)
    return was_there
