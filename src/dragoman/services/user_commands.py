"""``dragoman user``: accounts by hand, at the machine. From cli/user.py; to accounts/."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from dragoman.accounts.administration import AccountChange
from dragoman.accounts.emails import normal_email
from dragoman.accounts.errors import AccountNotFound
from dragoman.accounts.passwords import Passwords, check_new_password
from dragoman.ground.accounts import COMMAND
from dragoman.ground.errors import SettingsInvalid
from dragoman.services.api.accounts_parts import AccountsParts
from dragoman.services.open_accounts import account_key, database_file, database_url, make_accounts
from dragoman.settings import Settings
from dragoman.store.backup import upgrade_safely
from dragoman.store.database import Database, sqlite_url, utc_now
from dragoman.store.tables import User
from dragoman.store.upgrade import check_schema

MOST_LISTED = 10_000

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Admin:
    """What ``add_admin`` has done."""

    user: User
    new: bool
    """False for somebody who had an account and keeps its password."""
    first: bool
    """Nobody had an account before: they are on from now on."""
    database: str


def find_user(settings: Settings, email: str) -> User | None:
    """Give the account of an address; None while there is none. Raises ``EmailInvalid``, ``StoreError``."""
    normal_email(email)
    if database_url(settings) is None:
        return None

    async def work(accounts: AccountsParts) -> User | None:
        await upgrade_safely(accounts.database, at=utc_now())
        try:
            return await accounts.people.by_email(email)
        except AccountNotFound:
            return None

    return with_accounts(settings, work)


def check_password(email: str, password: str, *, name: str = "") -> None:
    """Raise ``PasswordRefused`` for one that is easy to guess."""
    check_new_password(password, email=normal_email(email), name=name)


def add_admin(settings: Settings, *, email: str, name: str, password: str) -> Admin:
    """Make an admin, and the database if there is none. Raises ``AccountError``, ``StoreError``.

    Who has an account already is made admin, and ``name`` and ``password`` are not used.
    """
    address = normal_email(email)

    async def work(accounts: AccountsParts) -> Admin:
        first = not await accounts.administration.search("", before=None, limit=1)
        try:
            known = await accounts.people.by_email(address)
            change = AccountChange(is_admin=True, disabled=False)
            user = await accounts.administration.change(known.id, change, actor=COMMAND)
            new = False
        except AccountNotFound:
            user = await accounts.sign_up.add_by_hand(email=address, name=name, password=password, is_admin=True)
            new = True
        return Admin(user=user, new=new, first=first, database=accounts.database.name)

    return with_accounts(settings, work, make=True)


def list_users(settings: Settings) -> list[User]:
    """Give the accounts, newest first. Raises ``SettingsInvalid`` without accounts, ``StoreError``."""

    async def work(accounts: AccountsParts) -> list[User]:
        await check_schema(accounts.database)
        return list(await accounts.administration.search("", before=None, limit=MOST_LISTED))

    return with_accounts(settings, work)


def reset_password(settings: Settings, *, email: str, password: str) -> User:
    """Give somebody a new password and sign them out everywhere.

    Raises ``AccountNotFound``, ``PasswordRefused``, ``SettingsInvalid`` without accounts, ``StoreError``.
    """

    async def work(accounts: AccountsParts) -> User:
        await check_schema(accounts.database)
        user = await accounts.people.by_email(email)
        await accounts.sign_in.set_password(user, password, besides=None, actor=COMMAND)
        return user

    return with_accounts(settings, work)


def set_disabled(settings: Settings, *, email: str, disabled: bool) -> User:
    """Close an account, which signs it out everywhere, or open it again.

    Raises ``AccountNotFound``, ``LastAdmin``, ``SettingsInvalid`` without accounts, ``StoreError``.
    """

    async def work(accounts: AccountsParts) -> User:
        await check_schema(accounts.database)
        user = await accounts.people.by_email(email)
        return await accounts.administration.change(user.id, AccountChange(disabled=disabled), actor=COMMAND)

    return with_accounts(settings, work)


def with_accounts(
    settings: Settings, work: Callable[[AccountsParts], Awaitable[Result]], *, make: bool = False
) -> Result:
    """Do ``work`` on the accounts of this server; ``make`` them if it has none, with the tables of this release.

    Raises ``SettingsInvalid`` if it has none and is to make none, ``StoreError``.
    """
    url = database_url(settings)
    if url is None and not make:
        raise SettingsInvalid(
            "this server has no accounts yet; the first one is made by: dragoman user add-admin EMAIL"
        )

    async def run() -> Result:
        database = Database(url or sqlite_url(database_file(settings)), makes_file=url is None)
        passwords = Passwords()
        try:
            if make:
                # Before the key: with a key and no database this machine would wait for one that never was.
                await upgrade_safely(database, at=utc_now())
            accounts = make_accounts(database, settings=settings, key=account_key(settings), passwords=passwords)
            return await work(accounts)
        finally:
            passwords.close()
            await database.close()

    return asyncio.run(run())
