"""``dragoman export`` and ``dragoman erase``, as somebody types them."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dragoman.cli import app
from dragoman.services.user_commands import add_admin
from dragoman.settings import Settings

PASSWORD = " ".join(["a", "few", "words", "in", "a", "row"])
AN, ROOT = "an@example.org", "root@example.org"
Run = Callable[..., Result]


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRAGOMAN_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path / "data"


@pytest.fixture
def run(data_dir: Path) -> Run:
    return lambda *arguments: CliRunner().invoke(app, arguments)


@pytest.fixture
def people(data_dir: Path) -> None:
    for email in (ROOT, AN):
        add_admin(Settings(data_dir=data_dir), email=email, name=email.partition("@")[0], password=PASSWORD)


@pytest.mark.usefixtures("people")
def test_an_export_is_written_once_and_for_its_owners_eyes(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "an.zip"

    first, again = run("export", AN, "--out", str(file)), run("export", AN, "--out", str(file))

    assert (first.exit_code, again.exit_code) == (0, 1)
    assert "is there already" in str(again.exception)
    assert file.stat().st_mode & 0o777 == 0o600
    users = json.loads(zipfile.ZipFile(file).read("data/users.json"))
    assert [user["email"] for user in users] == [AN]


@pytest.mark.usefixtures("people")
def test_an_erasure_asks_first_and_prints_its_certificate(run: Run, data_dir: Path) -> None:
    unasked = run("erase", AN)
    erased = run("erase", AN, "--yes")
    again = run("erase", AN, "--yes")

    assert "--yes" in str(unasked.exception)
    assert erased.exit_code == 0
    assert "users: 1" in erased.stdout
    assert "no account" in str(again.exception)
    assert AN.encode() not in (data_dir / "dragoman.db").read_bytes()


@pytest.mark.usefixtures("people")
def test_the_last_admin_is_not_erased(run: Run) -> None:
    run("erase", AN, "--yes")

    refused = run("erase", ROOT, "--yes")

    assert "last admin" in str(refused.exception)


@pytest.mark.usefixtures("people")
def test_an_erasure_that_failed_is_gone_on_with_by_the_same_command(
    run: Run, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data_dir / "backups").mkdir()
    newer = data_dir / "backups" / "dragoman-2026-11-01.backup"
    run("db", "backup", str(newer))
    with monkeypatch.context() as broken:
        broken.setattr("dragoman.accounts.erasure.saved_copies", _fail)
        broken.setattr("dragoman.store.jobs.retry_after_s", lambda attempts: 0.0)
        failed = run("erase", AN, "--yes")
    finished = run("erase", AN)

    assert "not erased everywhere" in str(failed.exception)
    assert finished.exit_code == 0
    assert "left unfinished" in finished.stdout
    assert "users: 1" in finished.stdout
    assert "rewritten: 1" in finished.stdout


def _fail(_: Path) -> list[Path]:
    raise PermissionError("not yours")


@pytest.mark.parametrize("command", [("erase", AN, "--yes"), ("export", AN, "--out", "x.zip")])
def test_without_accounts_it_says_so_and_makes_none(run: Run, data_dir: Path, command: tuple[str, ...]) -> None:
    refused = run(*command)

    assert "no accounts" in str(refused.exception)
    assert not data_dir.exists()
