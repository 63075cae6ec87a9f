"""``dragoman user``: accounts by hand, and what an API that starts then makes of them."""

import asyncio
from pathlib import Path

import pytest
from pydantic import SecretStr
from tests.accounts_site import PASSWORD
from typer.testing import CliRunner, Result

from dragoman.accounts.errors import AccountNotFound, EmailInvalid, LastAdmin, PasswordRefused, WrongCredentials
from dragoman.accounts.sessions import Opened, Visitor
from dragoman.cli import app
from dragoman.ground.errors import SettingsInvalid, StoreError, StoreFull, StoreUnavailable
from dragoman.services.first_account import first_account
from dragoman.services.open_accounts import has_accounts, open_accounts
from dragoman.settings import Settings
from dragoman.store.database import Database, sqlite_url
from dragoman.store.upgrade import upgrade

AN = "an@example.org"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the data folder of a machine on which nothing was ever run."""
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    monkeypatch.setenv("DRAGOMAN_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def user(*arguments: str, password: str | None = None) -> Result:
    typed = ["--password-stdin"] if password is not None else []
    return CliRunner().invoke(app, ["user", *arguments, *typed], input=f"{password or ''}\n")


def sign_in(data: Path, password: str = PASSWORD) -> Opened:
    """Sign in as an API does that starts now."""

    async def run() -> Opened:
        async with open_accounts(Settings(data_dir=data)) as accounts:
            assert accounts is not None
            return await accounts.sign_in.sign_in(AN, password, Visitor(address="127.0.0.1"))

    return asyncio.run(run())


async def accounts_are_on(settings: Settings) -> bool:
    async with open_accounts(settings) as accounts:
        return accounts is not None


def test_the_first_admin_turns_accounts_on(data: Path) -> None:
    assert asyncio.run(accounts_are_on(Settings(data_dir=data))) is False
    assert not data.exists()

    made = user("add-admin", "An@Example.org", "--name", "An Nguyễn", password=PASSWORD)
    opened = sign_in(data)

    assert made.exit_code == 0 and "accounts are on" in made.output and "calls go on" in made.output
    assert PASSWORD not in made.output
    assert (opened.user.email, opened.user.name, opened.user.is_admin) == (AN, "An Nguyễn", True)
    assert {it.name: it.stat().st_mode & 0o077 for it in data.iterdir()} == dict.fromkeys(
        ["account.key", "dragoman.db"], 0
    )


def test_a_second_admin_and_one_who_has_an_account(data: Path) -> None:
    user("add-admin", AN, password=PASSWORD)

    second = user("add-admin", "bo@example.org", password=PASSWORD)
    again = user("add-admin", AN)  # asks for no password

    assert second.exit_code == 0 and "accounts are on" not in second.output
    assert again.exit_code == 0 and "the password is what it was" in again.output
    assert sign_in(data).user.name == "an"


def test_a_new_password_is_set_and_the_old_one_is_over(data: Path) -> None:
    user("add-admin", AN, password=PASSWORD)

    reset = user("reset-password", AN, password=PASSWORD[::-1])

    assert reset.exit_code == 0 and PASSWORD[::-1] not in reset.output
    assert sign_in(data, PASSWORD[::-1]).user.email == AN
    with pytest.raises(WrongCredentials):
        sign_in(data)


def test_accounts_are_listed_closed_and_opened_again(data: Path) -> None:
    user("add-admin", AN, password=PASSWORD)
    user("add-admin", "bo@example.org", password=PASSWORD)

    assert user("disable", "bo@example.org").exit_code == 0
    closed = user("list").output
    assert user("enable", "bo@example.org").exit_code == 0

    assert [line.split()[0] for line in closed.splitlines()[1:] if line] == ["bo@example.org", AN]
    assert "closed" in closed and "closed" not in user("list").output
    assert "argon2" not in closed


@pytest.mark.parametrize(
    ("arguments", "password", "error", "says"),
    [
        (["list"], None, SettingsInvalid, "dragoman user add-admin"),
        (["disable", AN], None, SettingsInvalid, "dragoman user add-admin"),
        (["add-admin", "an"], PASSWORD, EmailInvalid, "an@example.org"),
        (["add-admin", AN], "short", PasswordRefused, "10 to 200"),
        (["add-admin", AN], "", PasswordRefused, "10 to 200"),
        (["add-admin", AN], None, SettingsInvalid, "--password-stdin"),
        (["add-admin", AN, "--name", "\u200b"], PASSWORD, SettingsInvalid, "visible"),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing_behind(
    data: Path, arguments: list[str], password: str | None, error: type[Exception], says: str
) -> None:
    ended = user(*arguments, password=password)

    assert isinstance(ended.exception, error) and says in str(ended.exception)
    assert not data.exists()


def test_the_last_admin_stays_and_a_stranger_is_not_found() -> None:
    user("add-admin", AN, password=PASSWORD)

    assert isinstance(user("disable", AN).exception, LastAdmin)
    assert isinstance(user("enable", "nobody@example.org").exception, AccountNotFound)


async def test_a_server_that_runs_notices_its_first_account(data: Path) -> None:
    settings = Settings(data_dir=data)
    noticed = asyncio.create_task(first_account(settings, look_every_s=0.01))
    await asyncio.sleep(0.05)
    assert not noticed.done()
    data.mkdir()
    empty = Database(sqlite_url(data / "dragoman.db"))
    await upgrade(empty)
    await empty.close()
    await asyncio.sleep(0.05)
    assert not noticed.done(), "a database without people is no reason to start again"

    await asyncio.to_thread(user, "add-admin", AN, password=PASSWORD)

    await asyncio.wait_for(noticed, 30)


async def test_a_database_that_is_away_is_no_first_account(tmp_path: Path) -> None:
    away = SecretStr("postgresql://dragoman@127.0.0.1:1/dragoman")
    noticed = asyncio.create_task(first_account(Settings(data_dir=tmp_path, database_url=away), look_every_s=0.01))

    finished, _ = await asyncio.wait([noticed], timeout=0.3)

    assert not finished, "nobody is known to have come"
    noticed.cancel()
    await asyncio.wait([noticed])


async def test_a_database_without_people_leaves_the_machine_private(data: Path) -> None:
    database = Database(sqlite_url(data / "dragoman.db"))
    await upgrade(database)
    await database.close()

    assert await accounts_are_on(Settings(data_dir=data)) is False


async def test_a_database_that_is_away_does_not_open_the_door(tmp_path: Path) -> None:
    nowhere = SecretStr(f"postgresql://nobody@/nothing?host={tmp_path}")
    settings = Settings(data_dir=tmp_path / "data", database_url=nowhere)

    async with open_accounts(settings) as accounts:
        assert accounts is not None
        with pytest.raises(StoreUnavailable):
            await accounts.people.get("anybody")


@pytest.mark.parametrize("error", [StoreUnavailable, StoreFull])
async def test_a_database_that_is_away_or_full_keeps_a_server_from_starting_as_a_private_one(
    data: Path, monkeypatch: pytest.MonkeyPatch, error: type[StoreError]
) -> None:
    await asyncio.to_thread(user, "add-admin", AN, password=PASSWORD)

    async def refuse(database: Database) -> str | None:
        raise error("not now")

    monkeypatch.setattr("dragoman.services.open_accounts.schema_of", refuse)

    assert await accounts_are_on(Settings(data_dir=data))
    assert await has_accounts(Settings(data_dir=data))


def test_a_database_file_that_is_away_leaves_accounts_on_and_none_is_made_in_its_place(data: Path) -> None:
    user("add-admin", AN, password=PASSWORD)
    file, elsewhere = data / "dragoman.db", data / "elsewhere"
    file.rename(elsewhere)

    on = asyncio.run(accounts_are_on(Settings(data_dir=data)))
    with pytest.raises(StoreUnavailable, match="put its file back, or a backup: dragoman db restore FILE"):
        sign_in(data)
    refused = [
        user("list"),
        user("add-admin", "bo@example.org", password=PASSWORD),
        *(
            CliRunner().invoke(app, ["db", *arguments])
            for arguments in (["verify"], ["upgrade"], ["backup", str(data / "saved.backup")])
        ),
    ]

    assert on
    assert [type(it.exception) for it in refused] == [StoreUnavailable] * len(refused)
    assert sorted(it.name for it in data.iterdir()) == ["account.key", "elsewhere"]
    elsewhere.rename(file)
    assert sign_in(data).user.email == AN


def test_a_backup_takes_the_place_of_a_database_file_that_is_lost(data: Path) -> None:
    user("add-admin", AN, password=PASSWORD)
    saved = data / "saved.backup"
    CliRunner().invoke(app, ["db", "backup", str(saved)])
    (data / "dragoman.db").unlink()

    restored = CliRunner().invoke(app, ["db", "restore", str(saved)])

    assert restored.exit_code == 0, restored.output
    assert sign_in(data).user.email == AN


@pytest.mark.parametrize("killed_at", ["upgrade_safely", "account_key"])
def test_an_admin_who_is_half_made_leaves_the_machine_private(
    data: Path, monkeypatch: pytest.MonkeyPatch, killed_at: str
) -> None:
    def be_killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killing:
        killing.setattr(f"dragoman.services.user_commands.{killed_at}", be_killed)
        user("add-admin", AN, password=PASSWORD)
    on = asyncio.run(accounts_are_on(Settings(data_dir=data)))

    assert not on and not (data / "account.key").exists()
    assert user("add-admin", AN, password=PASSWORD).exit_code == 0
    assert sign_in(data).user.email == AN
