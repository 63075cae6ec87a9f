"""SQLite's connection for short transactions: a statement is one trip to its thread and back. From opening.py.

aiosqlite makes four of each: the cursor, the statement, its rows, the end of the cursor. Every trip wakes a thread and
then the loop, and both want the same lock of the interpreter: where many ask at once, trips are most of what they wait
for. Rows are kept whole, so what is too long for that is read by a connection of aiosqlite's own.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any, Self

import aiosqlite

Row = tuple[Any, ...]


class OneTripCursor:
    """What SQLAlchemy asks of a cursor. All rows are there once a statement has been executed."""

    def __init__(self, connection: "OneTripConnection") -> None:
        self._connection = connection
        self._rows: list[Row] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> Self:
        await self._connection._execute(self._run, sqlite3.Cursor.execute, sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> Self:
        await self._connection._execute(self._run, sqlite3.Cursor.executemany, sql, parameters)
        return self

    async def fetchall(self) -> list[Row]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        self._rows = []

    def _run(self, execute: Callable[..., object], sql: str, parameters: Iterable[Any]) -> None:
        """In the connection's thread."""
        cursor = self._connection._conn.cursor()
        try:
            execute(cursor, sql, parameters)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else []
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()


class OneTripConnection(aiosqlite.Connection):
    """Nothing is rolled back where no transaction is open: SQLAlchemy asks for that twice each time."""

    _answered = True
    """What was asked last is done. A statement that nobody waited for may yet begin a transaction."""

    def cursor(self) -> OneTripCursor:  # type: ignore[override]
        return OneTripCursor(self)

    async def rollback(self) -> None:
        if not self._answered or self.in_transaction:
            await super().rollback()

    async def _execute(self, fn: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        self._answered = False
        try:
            result = await super()._execute(fn, *arguments, **named)  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            raise
        except BaseException:
            self._answered = True
            raise
        self._answered = True
        return result
