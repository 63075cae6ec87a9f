"""Settings that cannot be used: all faults are told at once, with what would work."""

from pathlib import Path

import pytest
from tests.hostile.command import CommandLine


def settings_file(command: CommandLine) -> Path:
    file = Path(command.environment()["XDG_CONFIG_HOME"]) / "dragoman" / "dragoman.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


@pytest.mark.parametrize("content", [b"this is = = not", b"\xff\xfe", b"\0", b"cores = ", b"[" * 100_000])
def test_a_file_that_is_no_toml_is_named(command: CommandLine, content: bytes) -> None:
    settings_file(command).write_bytes(content)

    ended = command.run("doctor")

    command.expect_refused(ended, f"{settings_file(command)} is no TOML file: ")


def test_every_fault_of_file_and_environment_is_told_at_once(command: CommandLine) -> None:
    settings_file(command).write_text('colour = "red"\nspeakers_at_once = 0\n')
    environment = {
        "DRAGOMAN_LOG_LEVEL": "loud",
        "DRAGOMAN_CORES": "many",
        "DRAGOMAN_MAX_RECORDING_HOURS": "nan",
    }

    ended = command.run("doctor", env=environment)

    command.expect_refused(
        ended,
        "the settings cannot be used:",
        "colour: no such setting; there are: models_dir, data_dir, cache_dir",
        "speakers_at_once (DRAGOMAN_SPEAKERS_AT_ONCE): Input should be greater than or equal to 1, not 0",
        "log_level (DRAGOMAN_LOG_LEVEL): Input should be 'DEBUG', 'INFO', 'WARNING' or 'ERROR', not 'loud'",
        "cores (DRAGOMAN_CORES): ",
        "max_recording_hours (DRAGOMAN_MAX_RECORDING_HOURS): ",
    )


def test_a_variable_that_names_no_file_is_refused(command: CommandLine) -> None:
    ended = command.run("doctor", env={"DRAGOMAN_CONFIG": "/nowhere/dragoman.toml"})

    command.expect_refused(ended, "DRAGOMAN_CONFIG names /nowhere/dragoman.toml, and there is no such file")


def test_a_folder_in_the_place_of_the_file_is_refused(command: CommandLine) -> None:
    settings_file(command).mkdir()

    ended = command.run("doctor")

    command.expect_refused(ended, "dragoman.toml is a folder, and the settings are read from a file of that name")


def test_a_variable_wins_over_the_file_and_the_file_over_the_default(command: CommandLine) -> None:
    settings_file(command).write_text('models_dir = "/proc/from-the-file"\nmodel_hub = "ftp://from-the-file"\n')

    file = command.run("models", "pull", "whisper-tiny", env={"DRAGOMAN_MODELS_DIR": str(command.folder / "models")})
    variable = command.run("models", "pull", "whisper-tiny", env={"DRAGOMAN_MODEL_HUB": "ftp://from-the-variable"})

    command.expect_refused(file, "ftp://from-the-file")
    command.expect_refused(variable, "ftp://from-the-variable")
