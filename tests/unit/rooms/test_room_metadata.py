"""What a call may know of itself: only a host's word switches interpretation off, whatever else stands there."""

from datetime import UTC, datetime

import pytest

from dragoman.rooms.room_metadata import Decided, is_interpreted, read_metadata, write_metadata

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_interpretation_is_off_where_a_host_said_so() -> None:
    assert is_interpreted(write_metadata(interpretation=True, ends_at=NOON))
    assert not is_interpreted(write_metadata(interpretation=False, ends_at=NOON))


@pytest.mark.parametrize("metadata", ["", "{", "[]", "null", '{"interpretation": "false"}', '{"interpretation": 0}'])
def test_whatever_is_no_word_of_a_host_changes_nothing(metadata: str) -> None:
    assert is_interpreted(metadata)


def test_nesting_that_no_reader_follows_changes_nothing() -> None:
    assert is_interpreted("[" * 100_000)


def test_the_end_is_said_in_utc() -> None:
    assert write_metadata(interpretation=True, ends_at=NOON) == (
        '{"interpretation": true, "ends_at": "2026-11-22T12:00:00Z"}'
    )


def test_a_lock_and_who_was_put_out_come_back_as_they_were_written() -> None:
    marks = ("0123456789abcdef", "fedcba9876543210")

    read = read_metadata(write_metadata(interpretation=True, locked=True, removed=marks))

    assert read == Decided(interpretation=True, locked=True, removed=marks)


@pytest.mark.parametrize(
    "metadata", ['{"locked": "true"}', '{"locked": 1}', '{"removed": "0123456789abcdef"}', '{"removed": [1, "x", {}]}']
)
def test_whatever_is_no_word_of_a_host_locks_and_removes_nobody(metadata: str) -> None:
    assert read_metadata(metadata) == Decided()
