"""An API with accounts, over a real database and fakes for everything else; for the tests of its resources."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI
from tests.api_house import HOME, FakeCalls, make_parts
from tests.databases import PATIENT_S, Kind, url_with_tables

from dragoman.accounts.passwords import Passwords
from dragoman.accounts.sessions import Opened, Visitor
from dragoman.services.api.accounts_parts import AccountsParts
from dragoman.services.api.app import make_app
from dragoman.services.api.parts import ApiParts
from dragoman.services.open_accounts import make_accounts
from dragoman.settings import Settings
from dragoman.store.database import Database, sqlite_url
from dragoman.store.upgrade import upgrade

KEY = bytes(range(32, 64))
PASSWORD = " ".join(["a", "few", "words", "in", "a", "row"])
KIND: Kind = "sqlite"
"""Where a site keeps what it stores. The fixture ``each_database`` changes it for one test."""
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass(slots=True)
class WallClock:
    """Wound by hand, UTC."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def wind(self, **by: float) -> None:
        """Go on: ``wind(minutes=10)``."""
        self.now += timedelta(**by)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who is signed in."""

    user_id: str
    email: str
    client: httpx2.AsyncClient
    """Sends their access token."""
    session_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsSite:
    """The app and what is behind it."""

    app: FastAPI
    parts: ApiParts
    accounts: AccountsParts
    calls: FakeCalls
    database: Database
    clock: WallClock
    anonymous: httpx2.AsyncClient
    clients: list[httpx2.AsyncClient] = field(default_factory=list)

    async def sign_up(self, email: str, *, admin: bool = False, name: str = "") -> Person:
        """Make an account by hand, whoever may sign up, and sign in to it."""
        name = name or email.partition("@")[0].title()
        user = await self.accounts.sign_up.add_by_hand(email=email, name=name, password=PASSWORD, is_admin=admin)
        async with self.database.writing() as session:
            opened = await self.accounts.sessions.open(session, user, Visitor(address="127.0.0.1"))
        client = self.client(opened.access_token)
        return Person(user_id=user.id, email=user.email, client=client, session_id=opened.session_id)

    async def sign_in(self, email: str, *, password: str = PASSWORD) -> Opened:
        return await self.accounts.sign_in.sign_in(email, password, Visitor(address="127.0.0.1"))

    def client(self, token: str = "", **headers: str) -> httpx2.AsyncClient:
        """Make a browser of its own, with a token of its own; closed with the site."""
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.app, raise_app_exceptions=False),
            base_url=HOME,
            headers={**sent, **headers},
        )
        self.clients.append(client)
        return client


@asynccontextmanager
async def accounts_site(
    folder: Path, *, settings: Settings | None = None, url: str = "", **changes: Any
) -> AsyncIterator[AccountsSite]:
    """Give an API with accounts and nobody in it yet.

    ``url``: another database than SQLite in ``folder``, or than what the fixture ``each_database`` says; ``changes``:
    of ``ApiParts``. What runs in the background does not: tests call it themselves.
    """
    clock = WallClock()
    if not url and KIND != "sqlite":
        url = await url_with_tables(KIND, folder)
    database = await _open(url, folder / "dragoman.db")
    passwords = Passwords(memory_kib=8, rounds=1, lanes=1)
    settings = settings or Settings(data_dir=folder, sign_up="open")
    accounts = make_accounts(database, settings=settings, key=KEY, passwords=passwords, clock=clock)
    calls = FakeCalls()
    parts = replace(make_parts(calls), accounts=accounts, **changes)
    app = make_app(parts)
    site = AccountsSite(
        app=app,
        parts=parts,
        accounts=accounts,
        calls=calls,
        database=database,
        clock=clock,
        anonymous=httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False), base_url=HOME
        ),
    )
    try:
        yield site
    finally:
        for client in (site.anonymous, *site.clients):
            await client.aclose()
        passwords.close()
        await database.close()


_EMPTY: list[bytes] = []
"""A SQLite database with its tables and nothing in them, once it was made."""


async def _open(url: str, file: Path) -> Database:
    """Open a database with its tables; making them takes a while, so that the second one is a copy of the first."""
    if not url and _EMPTY:
        file.write_bytes(_EMPTY[0])
    database = Database(url or sqlite_url(file), within_s=PATIENT_S)
    if url or not _EMPTY:
        await upgrade(database)
    if not url and not _EMPTY:
        await database.close()  # what stands in the log beside it gets into the file
        _EMPTY.append(file.read_bytes())
    return database
