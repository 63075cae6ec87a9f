"""When people meet: series over summer time, hours that are left out or come twice, and clocks that are wrong."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.meetings.errors import ScheduleInvalid
from dragoman.meetings.schedule import MeetingTime, read_meeting_time

BERLIN = "Europe/Berlin"
ZONES = (BERLIN, "America/New_York", "Asia/Ho_Chi_Minh", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia")


def weekly(starts_local: str, until: str | None, *, zone: str = BERLIN, minutes: int = 45) -> MeetingTime:
    return read_meeting_time(starts_local=starts_local, time_zone=zone, minutes=minutes, weekly_until=until)


def moments(time: MeetingTime) -> list[str]:
    return [f"{it.starts_at:%m-%dT%H:%M}" for it in time.occurrences()]


def test_a_weekly_meeting_keeps_its_hour_and_its_moment_moves_with_summer_time() -> None:
    assert moments(weekly("2027-03-22T09:30", "2027-04-05")) == ["03-22T08:30", "03-29T07:30", "04-05T07:30"]


def test_a_meeting_without_an_end_is_held_once() -> None:
    assert moments(weekly("2026-11-23T09:30", None)) == ["11-23T08:30"]


def test_an_hour_that_the_clocks_leave_out_is_read_by_the_offset_before() -> None:
    gap = next(weekly("2027-03-28T02:30", None).occurrences())

    assert gap.starts_at == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert gap.starts_at.astimezone(ZoneInfo(BERLIN)).hour == 3


def test_an_hour_that_comes_twice_is_the_first() -> None:
    overlap = next(weekly("2026-10-25T02:30", None).occurrences())

    assert overlap.starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_meeting_that_goes_on_is_the_next() -> None:
    time = weekly("2026-11-23T09:30", "2026-11-30")
    first, second = time.occurrences()

    assert time.next_after(first.starts_at - timedelta(days=9)) == first
    assert time.next_after(first.ends_at - timedelta(seconds=1)) == first
    assert time.next_after(first.ends_at) == second
    assert time.next_after(second.ends_at) is None


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_clock_two_hours_off_neither_doubles_a_meeting_nor_loses_one(hours: int) -> None:
    time = weekly("2026-11-23T09:30", "2026-12-21")
    start = datetime(2026, 11, 20, tzinfo=UTC)
    seen: list[date] = []

    for step in range(40 * 24):
        wrong = timedelta(hours=hours if 100 < step < 600 else 0)
        coming = time.next_after(start + timedelta(hours=step) + wrong)
        if coming is not None and coming.day not in seen:
            seen.append(coming.day)

    assert seen == [it.day for it in time.occurrences()]


@given(
    zone=st.sampled_from(ZONES),
    start=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001  # on somebody's clock
    weeks=st.integers(0, 104),
    minutes=st.integers(5, 1440),
)
@settings(max_examples=60, deadline=None)
def test_every_week_has_one_meeting_at_the_hour_that_was_said(
    zone: str, start: datetime, weeks: int, minutes: int
) -> None:
    start = start.replace(second=0, microsecond=0)
    until = (start.date() + timedelta(weeks=weeks)).isoformat()
    found = list(weekly(start.strftime("%Y-%m-%dT%H:%M"), until, zone=zone, minutes=minutes).occurrences())

    assert [it.day for it in found] == [start.date() + timedelta(weeks=week) for week in range(weeks + 1)]
    for it in found:
        assert it.ends_at - it.starts_at == timedelta(minutes=minutes)
        local = it.starts_at.astimezone(ZoneInfo(zone))
        said = datetime.combine(it.day, start.time())
        moved = abs(local.replace(tzinfo=None) - said)
        assert moved <= timedelta(hours=1)
    assert all(later.starts_at > before.starts_at for before, later in pairwise(found))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"starts_local": "2026-11-23"}, "starts_local"),
        ({"starts_local": "2026-13-23T09:30"}, "starts_local"),
        ({"starts_local": "2026-11-23T09:30+01:00"}, "starts_local"),
        ({"starts_local": "1999-11-23T09:30"}, "2000"),
        ({"time_zone": "Berlin"}, "IANA"),
        ({"time_zone": "../../etc/passwd"}, "IANA"),
        ({"minutes": 4}, "minutes"),
        ({"minutes": 1441}, "minutes"),
        ({"weekly_until": "2026-11-22"}, "weekly_until"),
        ({"weekly_until": "2029-01-01"}, "two years"),
        ({"weekly_until": "soon"}, "weekly_until"),
    ],
)
def test_a_time_that_cannot_be_says_what_would_work(change: dict[str, str | int], word: str) -> None:
    good: dict[str, str | int | None] = {
        "starts_local": "2026-11-23T09:30",
        "time_zone": BERLIN,
        "minutes": 45,
        "weekly_until": None,
    }

    with pytest.raises(ScheduleInvalid, match=word):
        read_meeting_time(**{**good, **change})  # type: ignore[arg-type]
