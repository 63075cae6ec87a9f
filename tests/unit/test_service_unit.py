"""The systemd unit and the page that says how to install it. Nothing is started."""

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dragoman.cli import app

REPOSITORY = Path(__file__).resolve().parents[2]
UNIT = REPOSITORY / "deploy" / "dragoman.service"
PAGE = REPOSITORY / "docs" / "howto" / "run-as-a-service.md"
INSTALLED = "/opt/dragoman"
"""Where the unit expects the code."""


def unit() -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # its own way to keep capitals
    parser.read_string(UNIT.read_text())
    return parser


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_systemd_reads_every_line_of_the_unit(tmp_path: Path) -> None:
    here = tmp_path / UNIT.name
    program = Path(sys.executable).with_name("dragoman")
    text = UNIT.read_text().replace(f"{INSTALLED}/.venv/bin/dragoman", str(program))
    here.write_text(text.replace(INSTALLED, str(REPOSITORY)))

    done = subprocess.run(["systemd-analyze", "verify", here], capture_output=True, text=True, timeout=60, check=False)

    # What it says of other units is not ours.
    said = [line for line in (done.stdout + done.stderr).splitlines() if UNIT.name in line]
    assert (done.returncode, said) == (0, [])


def test_the_unit_starts_a_command_that_exists() -> None:
    program, *arguments = unit()["Service"]["ExecStart"].split()

    helped = CliRunner().invoke(app, [*arguments, "--help"])

    assert program == f"{INSTALLED}/.venv/bin/dragoman"
    assert arguments == ["up", "--lan"]
    assert helped.exit_code == 0


def test_the_unit_may_write_where_dragoman_keeps_what_it_keeps_and_nowhere_else() -> None:
    service = unit()["Service"]
    text = UNIT.read_text()

    assert service["ProtectSystem"] == "strict"
    for home, folder in (("DATA", "State"), ("CACHE", "Cache")):
        assert service[f"{folder}Directory"] == "dragoman"
        assert f"Environment=XDG_{home}_HOME={'/var/lib' if home == 'DATA' else '/var/cache'}\n" in text


def test_the_page_names_files_and_folders_that_there_are() -> None:
    text = PAGE.read_text()
    named = set(re.findall(r"(?<![\w/])((?:scripts|deploy|requirements)/[\w./-]+)", text))

    assert {"deploy/dragoman.service", "requirements/debian.txt", "scripts/set_up.sh"} <= named
    assert [name for name in named if not (REPOSITORY / name).is_file()] == []
    for folder in (INSTALLED, "/etc/dragoman", "/var/lib/dragoman", "/var/cache/dragoman"):
        assert f"| `{folder}` |" in text
        assert folder in UNIT.read_text()


def test_every_command_of_dragoman_on_the_page_exists() -> None:
    commands = re.findall(r"bin/dragoman ((?:db|models|user) [a-z-]+)", PAGE.read_text())

    assert {"db backup", "models list"} <= set(commands)
    for command in commands:
        assert CliRunner().invoke(app, [*command.split(), "--help"]).exit_code == 0
