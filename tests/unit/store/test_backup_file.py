"""A backup that was changed anywhere is refused, or holds what was saved."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dragoman.ground.errors import DragomanError, StoreDamaged
from dragoman.store.backup_file import Contents, pack, unpack

CONTENTS = Contents(
    schema_id="0001",
    made_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    made_by="dragoman 0.1.0",
    source="sqlite",
    rows={"users": 3},
)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """Give what was saved, and the file it was saved in."""
    folder = tmp_path_factory.mktemp("saved")
    (folder / "database").write_bytes(b"not all zeros" * 40 + os.urandom(300))
    pack(folder / "database", CONTENTS, folder / "backup")
    return (folder / "database").read_bytes(), (folder / "backup").read_bytes()


def test_what_was_packed_is_unpacked(saved: tuple[bytes, bytes], tmp_path: Path) -> None:
    database, backup = saved
    (tmp_path / "backup").write_bytes(backup)

    contents = unpack(tmp_path / "backup", tmp_path / "database")

    assert contents == CONTENTS
    assert (tmp_path / "database").read_bytes() == database


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_byte_is_noticed_or_does_no_harm(
    saved: tuple[bytes, bytes], data: st.DataObject, tmp_path: Path
) -> None:
    database, backup = saved
    at = data.draw(st.integers(0, len(backup) - 1))
    changed = bytearray(backup)
    changed[at] ^= data.draw(st.integers(1, 255))
    (tmp_path / "backup").write_bytes(changed)

    try:
        unpack(tmp_path / "backup", tmp_path / "database")
    except DragomanError:
        return

    assert (tmp_path / "database").read_bytes() == database


@given(data=st.data())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_backup_cut_anywhere_is_refused(saved: tuple[bytes, bytes], data: st.DataObject, tmp_path: Path) -> None:
    _, backup = saved
    (tmp_path / "backup").write_bytes(backup[: data.draw(st.integers(0, len(backup) - 1))])

    with pytest.raises(StoreDamaged):
        unpack(tmp_path / "backup", tmp_path / "database")
