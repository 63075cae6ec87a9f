"""A release after this one, for tests of what happens between releases."""

from collections.abc import Callable

import pytest
from tests.next_release import become_next_release

NextRelease = Callable[..., None]


@pytest.fixture
def next_release(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> NextRelease:
    """Give ``become_next_release``, which needs only to be told what is special."""

    def install(*, then: str = "pass", alters: bool = True) -> None:
        become_next_release(monkeypatch, tmp_path_factory.mktemp("versions"), then=then, alters=alters)

    return install
