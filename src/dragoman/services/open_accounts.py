"""Open the accounts of this server, if it has any: database, key, and one object for each subject. To serve_api.py."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from dragoman.accounts.access_tokens import AccessTokens
from dragoman.accounts.account_key import derive_key, read_or_make_key
from dragoman.accounts.administration import Administration
from dragoman.accounts.api_keys import ApiKeys
from dragoman.accounts.audit_log import AuditLog
from dragoman.accounts.enforcement import Enforcement
from dragoman.accounts.invitations import Invitations
from dragoman.accounts.passwords import Passwords
from dragoman.accounts.people import People
from dragoman.accounts.sessions import Sessions
from dragoman.accounts.sign_in import SignIn
from dragoman.accounts.sign_up import SignUp
from dragoman.accounts.standing import Standing
from dragoman.accounts.teams import Teams
from dragoman.accounts.webhook_signing import SecretBox
from dragoman.accounts.webhooks import Webhooks
from dragoman.ground.errors import StoreFull, StoreUnavailable
from dragoman.meetings.lasting_rooms import LastingRooms
from dragoman.meetings.planned_meetings import PlannedMeetings
from dragoman.services.api.accounts_parts import AccountsParts
from dragoman.services.job_kinds import make_jobs
from dragoman.services.open_oidc import open_oidc
from dragoman.settings import DATABASE_FILE, Settings
from dragoman.store import users
from dragoman.store.database import Database, sqlite_url, utc_now
from dragoman.store.upgrade import check_schema, schema_of


@asynccontextmanager
async def open_accounts(settings: Settings) -> AsyncIterator[AccountsParts | None]:
    """Open the accounts; None on a server that has none, and no file is made there.

    A database that is away has accounts: they refuse everything until it is back, and then work by themselves. So does
    one whose disk is full. Raises ``StoreOutdated`` for the tables of another release, ``SettingsInvalid`` for a key
    that cannot be read.
    """
    url = database_url(settings)
    if url is None:
        yield None
        return
    database = Database(url, makes_file=False)
    passwords = Passwords()
    try:
        on = await _has_people(database)
        yield make_accounts(database, settings=settings, key=account_key(settings), passwords=passwords) if on else None
    finally:
        passwords.close()
        await database.close()


async def has_accounts(settings: Settings) -> bool:
    """Say whether people sign in on this server. Raises ``StoreOutdated``."""
    try:
        return await is_anybody(settings)
    except (StoreUnavailable, StoreFull):
        return True


async def is_anybody(settings: Settings) -> bool:
    """Say whether somebody has an account, for certain. Raises ``StoreError``."""
    url = database_url(settings)
    if url is None:
        return False
    database = Database(url, makes_file=False)
    try:
        return await _is_anybody(database)
    finally:
        await database.close()


def make_accounts(
    database: Database,
    *,
    settings: Settings,
    key: bytes,
    passwords: Passwords,
    clock: Callable[[], datetime] = utc_now,
) -> AccountsParts:
    """Make every object that the resources need. The caller keeps ownership of ``database`` and ``passwords``."""
    tokens = AccessTokens(derive_key(key, "access tokens"))
    standing = Standing(database, tokens, clock=clock)
    sessions = Sessions(database, tokens, key=derive_key(key, "refresh tokens"), clock=clock, on_ended=standing.forget)
    enforcement = Enforcement(database, clock=clock)
    box = SecretBox(key)
    inside = settings.webhook_origins
    jobs = make_jobs(
        database,
        data_dir=settings.data_dir,
        sessions=sessions,
        enforcement=enforcement,
        box=box,
        webhook_origins=inside,
        clock=clock,
    )
    return AccountsParts(
        database=database,
        clock=clock,
        room_links=derive_key(key, "room links"),
        standing=standing,
        sessions=sessions,
        sign_in=SignIn(database, sessions, passwords, clock=clock),
        sign_up=SignUp(database, sessions, passwords, who=settings.sign_up, clock=clock),
        api_keys=ApiKeys(database, clock=clock, on_ended=standing.forget),
        people=People(database, sessions, clock=clock),
        invitations=Invitations(database, clock=clock),
        limits=enforcement,
        teams=Teams(database, enforcement=enforcement, clock=clock),
        audit=AuditLog(database),
        administration=Administration(database, sessions, enforcement=enforcement, clock=clock),
        webhooks=Webhooks(database, box, enforcement, wake=jobs.queue.wake, allowed_origins=inside, clock=clock),
        rooms=LastingRooms(database, clock=clock),
        planned=PlannedMeetings(database, clock=clock),
        jobs=jobs,
        oidc=open_oidc(settings, database, sessions, key=derive_key(key, "openid connect"), clock=clock),
        oidc_name=oidc_name(settings),
        background=jobs.background(),
    )


def database_url(settings: Settings) -> str | None:
    """Say where the database is, or was before its file went away; None where there never was one."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return sqlite_url(database_file(settings)) if settings.has_database else None


def database_file(settings: Settings) -> Path:
    """Say where SQLite keeps the accounts, if it does."""
    return settings.data_dir / DATABASE_FILE


def account_key(settings: Settings) -> bytes:
    """Give the key that is set, or the one in the data folder. Raises ``SettingsInvalid``."""
    if settings.account_key is not None:
        return settings.account_key.get_secret_value().encode()
    return read_or_make_key(settings.data_dir)


def oidc_name(settings: Settings) -> str | None:
    """Say what the button of the provider reads; None without a provider."""
    if not settings.oidc_issuer:
        return None
    return settings.oidc_name or urlsplit(settings.oidc_issuer).hostname


async def _has_people(database: Database) -> bool:
    """Say whether accounts are on. A database that is away or full has some: nobody gets in past it."""
    try:
        return await _is_anybody(database)
    except (StoreUnavailable, StoreFull):
        return True


async def _is_anybody(database: Database) -> bool:
    if await schema_of(database) is None:
        return False
    await check_schema(database)
    async with database.reading() as session:
        return await users.is_any(session)
