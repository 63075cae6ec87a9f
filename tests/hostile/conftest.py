"""The real command in a home of its own, for the tests beside this file."""

from pathlib import Path

import pytest
from tests.hostile.command import CommandLine


@pytest.fixture(scope="session")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a cache folder that all runs share: this machine is measured once for each set of engines."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def command(tmp_path: Path, measured: Path) -> CommandLine:
    return CommandLine(folder=tmp_path, cache=measured)
