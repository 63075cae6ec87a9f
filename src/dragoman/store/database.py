"""The database as everybody reaches it: short transactions, each with a deadline, and our own errors.

SQLite has one writer: who writes waits for the lock here, where waiting is fair and ends, and not in the file.
To opening.py, which opens the connections, and to failures.py, which names what went wrong.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker

from dragoman.store.failures import deadline, translated
from dragoman.store.opening import close_engine, open_engine, reads, unhurried, writes

WITHIN_S = 2.0
"""For the database to answer, waiting for its lock included; a whole transaction may take twice as long."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def sqlite_url(file: Path) -> str:
    return URL.create("sqlite", database=str(file)).render_as_string()


class Database:
    """One database. Make it where its loop runs, and close it.

    What a session read may be used after it: rows are plain objects then.
    """

    def __init__(self, url: str, *, within_s: float = WITHIN_S, makes_file: bool = True) -> None:
        """``url``: ``sqlite:///file`` or ``postgresql://...``.

        A file and its folder are made when first reached; without ``makes_file`` one that is away makes it unavailable.
        """
        self.url = url
        self._within_s = within_s
        self._makes_file = makes_file
        self._engine = open_engine(url, within_s=within_s, makes_file=makes_file)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self._writer = asyncio.Lock() if self.is_sqlite else None

    def __repr__(self) -> str:
        return f"Database({self.name!r})"

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @property
    def file(self) -> Path | None:
        """Where it is; None for PostgreSQL."""
        return Path(make_url(self.url).database or "") if self.is_sqlite else None

    @property
    def name(self) -> str:
        """What people know it by: the file, or the address without its password."""
        return str(self.file or make_url(self.url).render_as_string(hide_password=True))

    @property
    def engine(self) -> AsyncEngine:
        return self._engine

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Read one state of the database, whoever writes meanwhile. Raises ``StoreUnavailable``.

        Nothing can be written here: the database refuses it.
        """
        async with translated(), deadline(self._within_s * 2), AsyncExitStack() as stack:
            async with deadline(self._within_s):
                session = await stack.enter_async_context(self._sessions())
                await session.connection(execution_options=reads(sqlite=self.is_sqlite))
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Read and write in one transaction, kept if the block ends well. Raises ``StoreUnavailable``, ``StoreFull``.

        What is checked before it is written stays true on SQLite, where nobody else writes in between; on PostgreSQL
        lock the row that decides (``with_for_update``).
        """
        async with translated(), deadline(self._within_s * 2), AsyncExitStack() as stack:
            async with deadline(self._within_s) as reached_until:
                if self._writer is not None:
                    await stack.enter_async_context(self._writer)
                session = await stack.enter_async_context(self._sessions())
                await stack.enter_async_context(session.begin())
                left_s = reached_until - asyncio.get_running_loop().time()
                await session.connection(execution_options=writes(waits_s=left_s * 0.9))  # SQLite gives up first
            yield session

    @asynccontextmanager
    async def whole(self, *, changes: bool) -> AsyncIterator[AsyncConnection]:
        """Work on everything at once, for as long as it takes: upgrade, backup, restore. Raises as ``writing`` does.

        One transaction on a connection of its own, kept if the block ends well. With ``changes`` nobody else writes in
        SQLite meanwhile, and references are not followed there: check them before the end.
        """
        engine = open_engine(
            self.url,
            within_s=self._within_s,
            follows_references=not changes,
            pooled=False,
            makes_file=changes and self._makes_file,
        )
        try:
            async with translated(), engine.connect() as connection:
                options = writes(waits_s=self._within_s) if changes else reads(sqlite=self.is_sqlite)
                await connection.execution_options(**options)
                async with connection.begin():
                    await unhurried(connection)
                    yield connection
        finally:
            await close_engine(engine)

    async def close(self) -> None:
        await close_engine(self._engine)
