"""The key of the accounts: made once, kept for its owner alone, and never half written."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dragoman.accounts.account_key import KEY_FILE, derive_key, read_or_make_key
from dragoman.ground.errors import SettingsInvalid


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"

    first, second = read_or_make_key(folder), read_or_make_key(folder)

    assert first == second and len(first) == 32
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert [it.name for it in folder.iterdir()] == [KEY_FILE]


def test_processes_that_start_together_have_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: read_or_make_key(tmp_path), range(32)))

    assert len(keys) == 1


@pytest.mark.parametrize("damaged", ["", "abc", "00" * 31, "no key at all", "é" * 64])
def test_a_damaged_key_is_refused_and_left_as_it_is(tmp_path: Path, damaged: str) -> None:
    file = tmp_path / KEY_FILE
    file.write_text(damaged, encoding="utf-8")

    with pytest.raises(SettingsInvalid, match="signs everybody out"):
        read_or_make_key(tmp_path)

    assert file.read_text(encoding="utf-8") == damaged


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(SettingsInvalid, match="file"):
        read_or_make_key(tmp_path / "file")


def test_each_purpose_has_a_key_of_its_own() -> None:
    key = bytes(32)

    assert derive_key(key, "access tokens") == derive_key(key, "access tokens")
    assert len({key, derive_key(key, "access tokens"), derive_key(key, "refresh tokens")}) == 3
