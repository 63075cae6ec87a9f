"""What whoever runs a server does at its machine: commands, and the first account. For tests with real processes."""

import subprocess
import sys
from pathlib import Path

from tests.acceptance.commands import Home

EMAIL, PASSWORD = "an@example.org", "a long enough phrase 7"
"""Of the admin."""


def dragoman(home: Home, *words: str, says: str = "", **settings: str) -> str:
    """Run a command as whoever runs the server does; gives what it printed. It must succeed."""
    ended = subprocess.run(
        [sys.executable, "-m", "dragoman", *words],
        input=says,
        capture_output=True,
        text=True,
        env={**home.environment(), **settings},
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0, f"{words}: {ended.stdout}\n{ended.stderr}"
    return ended.stdout


def add_admin(folder: Path, **settings: str) -> None:
    dragoman(
        Home(folder=folder), "user", "add-admin", EMAIL, "--name", "An", "--password-stdin", says=PASSWORD, **settings
    )
