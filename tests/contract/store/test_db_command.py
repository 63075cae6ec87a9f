"""``dragoman db`` as people type it."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import make_url
from tests.databases import Kind, open_database
from tests.hostile.command import CommandLine

from dragoman.store.database import utc_now
from dragoman.store.tables import User

WORD = "hunter2hunter2"


@pytest.fixture
def command(tmp_path: Path) -> CommandLine:
    return CommandLine(folder=tmp_path, cache=tmp_path / "cache")


async def a_database(kind: Kind, folder: Path) -> str:
    """Make a database with one user; give its address."""
    async with open_database(kind, folder) as database:
        async with database.writing() as session:
            session.add(User(email="an@example.org", name="An", created_at=utc_now()))
        return database.url


def test_a_database_is_verified_saved_and_put_back(command: CommandLine, tmp_path: Path) -> None:
    asyncio.run(a_database("sqlite", command.models.parent))
    file = tmp_path / "saved.backup"

    verified = command.run("db", "verify")
    saved = command.run("db", "backup", file)
    restored = command.run("db", "restore", file)

    assert [ended.status for ended in (verified, saved, restored)] == [0, 0, 0]
    assert "all is well" in verified.stdout
    assert "1 accounts" in saved.stdout
    assert "kept in" in restored.stdout


def test_the_database_of_the_settings_is_meant(command: CommandLine) -> None:
    url = asyncio.run(a_database("postgresql", command.folder))

    upgraded = command.run("db", "upgrade", env={"DRAGOMAN_DATABASE_URL": url})

    assert upgraded.status == 0
    assert "already" in upgraded.stdout
    assert str(make_url(url).database) in upgraded.stdout


def test_a_server_without_accounts_has_nothing_to_save_and_no_database_is_made(
    command: CommandLine, tmp_path: Path
) -> None:
    saved = command.run("db", "backup", tmp_path / "saved.backup")

    assert saved.status == 1
    assert "dragoman user add-admin" in saved.stderr
    assert not (command.models.parent / "dragoman.db").exists()


def test_a_password_in_the_address_is_never_repeated(command: CommandLine, tmp_path: Path) -> None:
    url = make_url("postgresql://dragoman@/dragoman").set(password=WORD, query={"host": str(tmp_path)})

    ended = command.run("db", "verify", env={"DRAGOMAN_DATABASE_URL": url.render_as_string(hide_password=False)})

    assert ended.status == 1
    assert "does not answer" in ended.stderr
    assert WORD not in ended.stdout + ended.stderr
