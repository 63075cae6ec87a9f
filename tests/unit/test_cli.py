"""What the commands read and write themselves; tests/hostile runs them whole."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dragoman.cli import app
from dragoman.ground.errors import SettingsInvalid, UnknownLanguage

NO_MODEL = ["models", "add", "folder"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("languages", "error", "says"),
    [
        ([], SettingsInvalid, "--languages vi for a recogniser or a voice, en:vi for a translator"),
        (["--languages", "en:"], UnknownLanguage, "no language ''"),
        (["--languages", "vi:VI"], SettingsInvalid, "names one language twice"),
    ],
)
def test_languages_of_a_model_are_read_strictly(
    home: Path, languages: list[str], error: type[Exception], says: str
) -> None:
    ended = CliRunner().invoke(app, [*NO_MODEL, *languages])

    assert isinstance(ended.exception, error)
    assert says in str(ended.exception)


def test_many_languages_are_counted(home: Path) -> None:
    ended = CliRunner().invoke(app, ["models", "list"])

    assert ended.exit_code == 0
    assert "en, vi, zh +20" in ended.output
    assert "en:vi" in ended.output
