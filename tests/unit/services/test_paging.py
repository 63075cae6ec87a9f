"""Pages of lists: cursors and what follows."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.meetings.errors import RequestInvalid
from dragoman.services.api.paging import PageWish, page_of, read_cursor, write_cursor

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    created_at: datetime
    id: str


def rows(count: int) -> list[Row]:
    return [Row(created_at=NOON, id=f"row-{number}") for number in range(count)]


def test_a_page_names_the_last_row_where_more_follows_and_nothing_at_the_end() -> None:
    wish = PageWish(limit=3)

    first, last = page_of(rows(4), wish, lambda it: it.id), page_of(rows(3), wish, lambda it: it.id)

    assert first.items == last.items == ["row-0", "row-1", "row-2"]
    assert first.next is not None
    assert read_cursor(first.next) == (NOON, "row-2")
    assert last.next is None
    assert page_of([], wish, lambda it: it).next is None


@given(st.datetimes(timezones=st.just(UTC)), st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True))
def test_a_cursor_reads_as_it_was_written(moment: datetime, row_id: str) -> None:
    assert read_cursor(write_cursor((moment, row_id))) == (moment, row_id)


def test_a_cursor_means_a_moment_and_no_place() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=7)))

    assert write_cursor((there, "a")) == write_cursor((NOON, "a"))


@given(st.text(max_size=60))
def test_what_is_no_cursor_is_refused_with_what_would_work(text: str) -> None:
    with pytest.raises(RequestInvalid, match="leave it out"):
        read_cursor(text)


@pytest.mark.parametrize(
    "content",
    [
        None, 1, [], [1], ["2026-11-22T12:00:00Z"], ["2026-11-22T12:00:00Z", 1], ["x", "id"], [1, "id"],
        {"a": "b", "c": "d"},
        ["2026-11-22T12:00:00Z", ""], ["2026-11-22T12:00:00Z", "\0"], ["2026-11-22T12:00:00Z", "\ud800"],
        ["0001-01-01T00:00:00+14:00", "id"], ["2026-11-22T12:00:00Z", "a" * 65],
    ],
)  # fmt: skip
def test_a_cursor_that_somebody_made_up_is_refused(content: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()

    with pytest.raises(RequestInvalid):
        read_cursor(cursor)
