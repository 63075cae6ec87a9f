"""The recovery times of the killed processes, as a table at the end."""

import pytest

RECOVERIES = pytest.StashKey[list[str]]()


@pytest.fixture
def recoveries(request: pytest.FixtureRequest) -> list[str]:
    """Take rows of the table."""
    return request.config.stash.setdefault(RECOVERIES, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash.get(RECOVERIES, [])
    if rows:
        terminalreporter.section(
            "recovery of a call: process, signal, ready, new interpreter seen, next words read, gaps,"
            " interpreters replaced, others' CPU"
        )
        for row in rows:
            terminalreporter.write_line(row)
