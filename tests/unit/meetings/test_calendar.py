"""Calendar files, read by somebody else's parser: times over summer time, hostile titles, lines and their lengths."""

from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.meetings.calendar import MAX_LINE_BYTES, CalendarEntry, write_calendar
from dragoman.meetings.schedule import read_meeting_time

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LINK = "https://calls.example.org/r/AAAAAAAAAAAAAAAAAAAAAAAA"


def entry(
    title: str = "Standup",
    *,
    starts_local: str = "2026-11-23T09:30",
    zone: str = "Europe/Berlin",
    until: str | None = None,
    name: str = "one",
) -> CalendarEntry:
    time = read_meeting_time(starts_local=starts_local, time_zone=zone, minutes=45, weekly_until=until)
    return CalendarEntry(id=name, title=title, link=LINK, time=time, sequence=3)


def parse(text: str) -> Any:
    return icalendar.Calendar.from_ical(text)


def test_a_file_says_what_a_calendar_needs() -> None:
    (event,) = parse(write_calendar([entry()], now=NOW)).walk("VEVENT")

    assert (event["UID"], event["SEQUENCE"], event["SUMMARY"], event["URL"]) == ("one@dragoman", 3, "Standup", LINK)
    assert event.decoded("DTSTAMP") == NOW
    assert event.decoded("DTSTART").astimezone(UTC) == datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
    assert event.decoded("DURATION") == timedelta(minutes=45)


@pytest.mark.parametrize(
    ("starts_local", "zone", "until"),
    [
        ("2026-10-05T09:30", "Europe/Berlin", "2027-04-30"),
        ("2026-10-05T09:30", "America/New_York", "2027-04-30"),
        ("2026-03-30T23:45", "Australia/Lord_Howe", "2027-05-30"),
        ("2026-10-05T09:30", "Asia/Ho_Chi_Minh", "2027-04-30"),
        ("2026-10-05T09:30", "Africa/Casablanca", "2027-09-30"),
        ("2026-10-05T09:30", "Asia/Kathmandu", "2026-10-19"),
    ],
)
def test_a_reader_that_knows_no_zones_finds_every_meeting_at_our_moment(
    starts_local: str, zone: str, until: str
) -> None:
    ours = entry(starts_local=starts_local, zone=zone, until=until)
    calendar = parse(write_calendar([ours], now=NOW))
    (event,), (their_zone,) = calendar.walk("VEVENT"), calendar.walk("VTIMEZONE")
    # By what the file itself says of the zone, not by what this machine knows of it.
    as_written = their_zone.to_tz(lookup_tzid=False)
    local = ours.time.starts_local

    rule = event["RRULE"].to_ical().decode()
    last = event["RRULE"]["UNTIL"][0].astimezone(as_written).replace(tzinfo=None)
    days = rrulestr(rule.partition("UNTIL=")[0] + f"UNTIL={last:%Y%m%dT%H%M%S}", dtstart=local)

    theirs = [it.replace(tzinfo=as_written).astimezone(UTC) for it in days]
    assert theirs == [it.starts_at for it in ours.time.occurrences()]


@pytest.mark.parametrize(
    "title",
    [
        "Plan; budget, \\ and more",
        "Line\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:forged",
        "Bell\x07 NEL\x85 separator\u2028END:VCALENDAR",
        "Họp hằng tuần — 每周会议 👩‍👩‍👧 " * 6,
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "\u202eevil",
    ],
)
def test_a_hostile_title_stays_a_title(title: str) -> None:
    text = write_calendar([entry(title)], now=NOW)
    (event,) = parse(text).walk("VEVENT")

    assert str(event["SUMMARY"]) == title.replace("\x07", "").replace("\x85", "").replace("\u2028", "")
    assert text.count("BEGIN:VEVENT") == 1 + title.count("BEGIN:VEVENT")
    assert len([line for line in text.splitlines() if line == "BEGIN:VEVENT"]) == 1


@given(title=st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_whatever_a_title_is_lines_are_short_and_end_as_they_must(title: str) -> None:
    data = write_calendar([entry(title)], now=NOW).encode()

    assert data.endswith(b"\r\n") and data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    for line in data.split(b"\r\n"):
        assert len(line) <= MAX_LINE_BYTES
        line.decode()  # no character is cut in two
    assert len(parse(data.decode()).walk("VEVENT")) == 1


def test_several_meetings_share_the_zones_of_one_file() -> None:
    calendar = parse(
        write_calendar(
            [
                entry(name="one"),
                entry(name="two", until="2027-01-04"),
                entry(name="three", zone="America/New_York"),
            ],
            now=NOW,
        )
    )

    assert [it["UID"] for it in calendar.walk("VEVENT")] == [f"{it}@dragoman" for it in ("one", "two", "three")]
    assert [it["TZID"] for it in calendar.walk("VTIMEZONE")] == ["America/New_York", "Europe/Berlin"]
