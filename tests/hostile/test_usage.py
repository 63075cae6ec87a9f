"""Help, version and exit statuses: what a person meets first."""

import pytest
from tests.hostile.command import CommandLine

COMMANDS = ["", "interpret", "doctor", "models", "models list", "models pull", "models add"]


@pytest.mark.parametrize("arguments", COMMANDS)
def test_help_fits_into_80_columns_and_a_narrow_window_breaks_nothing(command: CommandLine, arguments: str) -> None:
    ended = command.run(*arguments.split(), "--help")
    narrow = command.run(*arguments.split(), "--help", env={"COLUMNS": "7"})

    assert (ended.status, ended.stderr, narrow.status) == (0, "", 0)
    assert f"Usage: {' '.join(['dragoman', *arguments.split()])} " in ended.stdout
    assert max(map(len, ended.stdout.splitlines())) <= 80


def test_the_version_is_one_line_and_no_command_at_all_gives_help(command: CommandLine) -> None:
    version = command.run("--version")
    nothing = command.run()

    assert (version.status, version.stdout.split()[0]) == (0, "dragoman")
    assert nothing.status == 2
    assert "interpret" in nothing.stdout + nothing.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["interpret", "--from", "en", "--to", "es", "--out", "x"], "Missing argument 'FILE"),
        (["interpret", "a.wav", "--from", "en", "--to", "es"], "Missing option '--out'"),
        (["interpret", "a.wav", "--from", "en", "--to", "es", "--out", "x", "--start", "soon"], "'--start'"),
        (["interpet"], "No such command"),
        (["doctor", "--fix"], "No such option"),
        (["models", "pull"], "Missing argument 'ID"),
    ],
)
def test_a_command_line_that_cannot_be_read_has_status_2(command: CommandLine, arguments: list[str], says: str) -> None:
    ended = command.run(*arguments)

    assert ended.status == 2
    assert says in ended.stderr
    assert "--help" in ended.stderr
