"""Meetings as a calendar file that other programs read. Plain; from ``services/api/calendar.py``. Source: RFC 5545.

Times stand on the clocks of their place, with that place's changes of the clock written out (VTIMEZONE): in UTC a
weekly meeting would move by an hour twice a year. Titles are people's: they are escaped, and lines are folded.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dragoman import __version__
from dragoman.meetings.schedule import MeetingTime

MAX_LINE_BYTES = 75
"""Without its end; what is longer goes on in a line that begins with a space."""
_ENDS = "\u2028\u2029"
_MARGIN = timedelta(days=2)
_LOCAL, _UTC = "%Y%m%dT%H%M%S", "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """One meeting, or one weekly series."""

    id: str
    title: str
    link: str
    time: MeetingTime
    sequence: int
    """Grows with every change."""


def write_calendar(entries: Sequence[CalendarEntry], *, now: datetime) -> str:
    """Write a file of type ``text/calendar``, its lines ended by CRLF. ``now``: UTC."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//Dragoman//Dragoman {__version__}//EN", "CALSCALE:GREGORIAN"]
    for zone in sorted({entry.time.time_zone for entry in entries}):
        lines += _time_zone(zone, [entry.time for entry in entries if entry.time.time_zone == zone])
    for entry in entries:
        lines += _event(entry, now=now)
    lines.append("END:VCALENDAR")
    return "".join(f"{fold(line)}\r\n" for line in lines)


def escape(text: str) -> str:
    """Write text as a value of type TEXT; what no file may have, or some reader takes for the end of a line, is not."""
    kept = "".join(
        it for it in text if it == "\n" or (it not in _ENDS and unicodedata.category(it) not in ("Cc", "Cs"))
    )
    return kept.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def fold(line: str) -> str:
    """Break a line into pieces of at most 75 bytes, never within a character."""
    pieces, piece, size = [], "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > MAX_LINE_BYTES:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + letter, size + width
    return "\r\n".join([*pieces, piece])


def _event(entry: CalendarEntry, *, now: datetime) -> Iterator[str]:
    time = entry.time
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.id}@dragoman"
    yield f"DTSTAMP:{now.astimezone(UTC):{_UTC}}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"DTSTART;TZID={time.time_zone}:{time.starts_local:{_LOCAL}}"
    yield f"DURATION:PT{time.minutes}M"
    if time.weekly_until is not None:
        yield f"RRULE:FREQ=WEEKLY;UNTIL={time.last.starts_at:{_UTC}}"
    yield f"SUMMARY:{escape(entry.title)}"
    yield f"LOCATION:{escape(entry.link)}"
    yield f"URL:{entry.link}"
    yield "END:VEVENT"


def _time_zone(name: str, times: Sequence[MeetingTime]) -> Iterator[str]:
    """Write the offsets of a zone, each with its beginning, for as long as the meetings last."""
    yield "BEGIN:VTIMEZONE"
    yield f"TZID:{name}"
    for change in _changes(times):
        kind = "DAYLIGHT" if change.is_summer else "STANDARD"
        yield f"BEGIN:{kind}"
        yield f"DTSTART:{change.local:{_LOCAL}}"
        yield f"TZOFFSETFROM:{_offset(change.before)}"
        yield f"TZOFFSETTO:{_offset(change.after)}"
        yield f"TZNAME:{escape(change.name)}"
        yield f"END:{kind}"
    yield "END:VTIMEZONE"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    local: datetime
    """By the offset before it."""
    before: timedelta
    after: timedelta
    is_summer: bool
    name: str


def _changes(times: Sequence[MeetingTime]) -> Iterator[_Change]:
    """Give the offset at the beginning, then every change of it; found by looking every day and halving."""
    zone = times[0].zone
    moment = min(time.starts_local.replace(tzinfo=zone).astimezone(UTC) for time in times) - _MARGIN
    end = max(time.last.ends_at for time in times) + _MARGIN

    def offset(at: datetime) -> timedelta:
        return at.astimezone(zone).utcoffset() or timedelta()

    def change(at: datetime, before: timedelta) -> _Change:
        local = at.astimezone(zone)
        return _Change(
            local=(at + before).replace(tzinfo=None),
            before=before,
            after=offset(at),
            is_summer=bool(local.dst()),
            name=local.tzname() or "",
        )

    yield change(moment, offset(moment))
    while moment < end:
        later = moment + timedelta(days=1)
        if offset(later) != offset(moment):
            first, last = moment, later
            while last - first > timedelta(seconds=1):
                middle = (first + (last - first) / 2).replace(microsecond=0)
                first, last = (middle, last) if offset(middle) == offset(moment) else (first, middle)
            yield change(last, offset(moment))
        moment = later


def _offset(offset: timedelta) -> str:
    seconds = round(offset.total_seconds())
    sign, seconds = ("-" if seconds < 0 else "+"), abs(seconds)
    rest = f"{seconds % 60:02d}" if seconds % 60 else ""
    return f"{sign}{seconds // 3600:02d}{seconds // 60 % 60:02d}{rest}"
