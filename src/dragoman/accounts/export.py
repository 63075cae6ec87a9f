"""Everything of a person's in one zip: JSON for programs, a page to read. From data_map.py, which says what is theirs.

To the API by way of a job, and to ``dragoman export``. What proves who somebody is (hashes) is left out.
"""

import asyncio
import html
import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from dragoman.accounts.data_map import TABLES, StoredTable
from dragoman.accounts.enforcement import job_priority
from dragoman.accounts.errors import AccountNotFound, ExportNotFound
from dragoman.ground.accounts import Actor
from dragoman.ground.errors import OutputNotWritable, StoreFull
from dragoman.ground.jobs import Job, JobData, JobState
from dragoman.jobs.work import Work
from dragoman.store import audit, users
from dragoman.store.database import Database, utc_now
from dragoman.store.durable import sync_file, sync_folder, workplace
from dragoman.store.jobs import StoredJobs, active_job, add_job

log = structlog.get_logger()

EXPORT = "export"
"""The kind of job."""
FOLDER = "exports"
"""Below the data folder."""
DEADLINE_S = 600.0

Row = Mapping[str, object]
Tables = dict[str, list[Row]]
"""Rows by the name of their table; JSON."""


class Exports:
    """Makes exports, and gives them to their owners."""

    def __init__(
        self, database: Database, jobs: StoredJobs, *, data_dir: Path, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._folder = data_dir / FOLDER
        self._clock = clock

    async def request(self, user_id: str, *, actor: Actor) -> Job:
        """Order an export; the one that is under way, if there is one. Raises ``AccountNotFound``."""
        async with self._database.writing() as session:
            owner = await users.lock(session, user_id)
            if owner is None:
                raise AccountNotFound("there is no such account")
            job = await active_job(session, EXPORT, owner_id=user_id)
            if job is None:
                now = self._clock()
                priority = await job_priority(session, owner)
                payload: JobData = {"user_id": user_id}
                job = await add_job(session, EXPORT, payload, at=now, owner_id=user_id, priority=priority)
                audit.record(session, at=now, actor=actor, action="export.requested", target=("user", user_id))
        self._jobs.wake()
        return job

    async def make(self, work: Work) -> JobData:
        """Do a job of the kind ``EXPORT``: ``Handler``."""
        user_id, file = str(work.job.payload["user_id"]), self.file_of(work.job.id)
        try:
            await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
            rows = await self.write(user_id, file)
        except (OutputNotWritable, StoreFull, OSError) as error:
            log.warning("export_not_written", folder=str(self._folder), detail=str(error))
            raise StoreFull("the server cannot write the export just now; ask its admin, or try again later") from error
        work.report(0.9)
        for job in await self._jobs.of_owner(user_id, kind=EXPORT):
            if job.id != work.job.id:
                await asyncio.to_thread(self.file_of(job.id).unlink, missing_ok=True)
        if not await self._exists(user_id):  # erased while we wrote
            await asyncio.to_thread(file.unlink, missing_ok=True)
            raise AccountNotFound("the account was deleted meanwhile")
        return {"bytes": file.stat().st_size, "rows": rows}

    async def write(self, user_id: str, file: Path) -> int:
        """Write everything of a person's to the zip ``file``, for its owner's eyes alone; give how many rows it is.

        Raises ``AccountNotFound``, ``OutputNotWritable``, ``StoreFull``.
        """
        found = await self.read(user_id)
        with workplace(file) as folder:
            await asyncio.to_thread(_pack, found, folder / "export.zip", self._clock())
            await asyncio.to_thread((folder / "export.zip").replace, file)
            sync_folder(file.parent)
        return sum(map(len, found.values()))

    async def read(self, user_id: str) -> Tables:
        """Read everything of a person's. Raises ``AccountNotFound``."""
        async with self._database.reading() as session:
            if await users.get(session, user_id) is None:
                raise AccountNotFound("there is no such account")
            return {it.name: await _rows_of(session, it, user_id) for it in TABLES if it.of_person is not None}

    async def find(self, user_id: str, job_id: str) -> Path:
        """Give the file of an export to its owner. Raises ``ExportNotFound``, also for that of somebody else."""
        job = await self._jobs.job(job_id)
        mine = job is not None and job.kind == EXPORT and job.owner_id == user_id and job.state is JobState.DONE
        file = self.file_of(job_id)
        if not mine or not await asyncio.to_thread(file.is_file):
            raise ExportNotFound("there is no such export; it may be older than a week, so ask for a new one")
        return file

    def file_of(self, job_id: str) -> Path:
        return self._folder / f"{job_id}.zip"

    async def _exists(self, user_id: str) -> bool:
        async with self._database.reading() as session:
            return await users.get(session, user_id) is not None


async def _rows_of(session: AsyncSession, stored: StoredTable, user_id: str) -> list[Row]:
    if stored.of_person is None:
        return []
    columns = [getattr(stored.table, name) for name in stored.exported]
    found = await session.execute(select(*columns).where(stored.of_person(user_id)))
    return [{name: _plain(value) for name, value in zip(stored.exported, row, strict=True)} for row in found]


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return value


def _pack(found: Tables, file: Path, at: datetime) -> None:
    file.touch(mode=0o600)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in found.items():
            archive.writestr(f"data/{name}.json", json.dumps(rows, ensure_ascii=False, indent=1))
        archive.writestr("index.html", _page(found, at))
    sync_file(file)


def _page(found: Tables, at: datetime) -> str:
    """Write the page to read: what there is, what it is for, and every value. Nothing in it is fetched or runs."""
    parts = [_table(stored, found[stored.name]) for stored in TABLES if found.get(stored.name)]
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        "<title>What this server has of you</title>\n"
        "<style>body{font:16px sans-serif;max-width:70em;margin:2em auto;padding:0 1em}"
        "table{border-collapse:collapse;margin:1em 0}td,th{border:1px solid;padding:.3em;text-align:left;"
        "vertical-align:top}</style>\n"
        f"<h1>What this server has of you</h1>\n<p>As it was at {_plain(at)}. The folder data has the same for "
        "programs. What was said in calls is not stored.</p>\n" + "".join(parts) + "</html>\n"
    )


def _table(stored: StoredTable, rows: list[Row]) -> str:
    head = "".join(f"<th>{_text(name)}</th>" for name in stored.exported)
    body = "".join(
        "<tr>" + "".join(f"<td><bdi>{_text(it)}</bdi></td>" for it in row.values()) + "</tr>\n" for row in rows
    )
    about = f"{stored.what} {stored.why} Kept {stored.how_long}."
    return f"<h2>{_text(stored.name)}</h2>\n<p>{_text(about)}</p>\n<table><tr>{head}</tr>\n{body}</table>\n"


def _text(value: object) -> str:
    return html.escape("" if value is None else str(value))
