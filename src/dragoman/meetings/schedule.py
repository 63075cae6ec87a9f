"""When people meet: once, or every week, on the clocks of one place. Plain; to calendar.py, reservation.py and the API.

A meeting keeps its hour over summer time, so its moments in UTC move. An hour that the clocks leave out is read by the
offset before them (02:30 becomes 03:30), one that comes twice is the first. Source: RFC 5545, 3.3.5.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from dragoman.ground.facts import Facts, Reason
from dragoman.meetings.errors import ScheduleInvalid

WEEK = timedelta(weeks=1)
LONGEST_SERIES = timedelta(days=2 * 366)
FEWEST_MINUTES, MOST_MINUTES = 5, 24 * 60
_FIRST_YEAR, _LAST_YEAR = 2000, 2200
LOCAL_FORMAT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One meeting of a series. Its day names it, whatever any clock says."""

    day: date
    """On the clocks of the place."""
    starts_at: datetime
    """UTC, as ``ends_at``."""
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingTime:
    """``read_meeting_time`` makes it of what people write."""

    starts_local: datetime
    """Of the first, without a zone, to the minute."""
    time_zone: str
    """Of the IANA table."""
    minutes: int
    weekly_until: date | None = None
    """The last day on which a meeting may be; None for one meeting alone."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def occurrences(self) -> Iterator[Occurrence]:
        """Give all of them, in order; at least one."""
        local = self.starts_local
        while True:
            yield self._at(local)
            local += WEEK
            if self.weekly_until is None or local.date() > self.weekly_until:
                return

    def between(self, start: datetime, end: datetime) -> list[Occurrence]:
        """Give those that are held at any moment from ``start`` to before ``end``."""
        return [it for it in self.occurrences() if it.starts_at < end and it.ends_at > start]

    def next_after(self, now: datetime) -> Occurrence | None:
        """Give the one that goes on or comes next; None once all are over."""
        return next((it for it in self.occurrences() if it.ends_at > now), None)

    @property
    def last(self) -> Occurrence:
        return list(self.occurrences())[-1]

    def _at(self, local: datetime) -> Occurrence:
        starts_at = local.replace(tzinfo=self.zone, fold=0).astimezone(UTC)
        ends_at = starts_at + timedelta(minutes=self.minutes)
        return Occurrence(day=local.date(), starts_at=starts_at, ends_at=ends_at)


def read_meeting_time(*, starts_local: str, time_zone: str, minutes: int, weekly_until: str | None) -> MeetingTime:
    """Read ``2026-11-23T09:30``, ``Europe/Berlin``, 45 and ``2027-03-31``. Raises ``ScheduleInvalid``."""
    try:
        start = datetime.strptime(starts_local, LOCAL_FORMAT)  # noqa: DTZ007  # the zone is apart
    except ValueError as error:
        raise ScheduleInvalid(
            "starts_local is a day and an hour without a zone, such as 2026-11-23T09:30",
            facts=Facts(reason=Reason.NOT_A_TIME, field="starts_local"),
        ) from error
    if not _FIRST_YEAR <= start.year <= _LAST_YEAR:
        raise ScheduleInvalid(
            f"starts_local is in a year from {_FIRST_YEAR} to {_LAST_YEAR}",
            facts=Facts(reason=Reason.YEAR_OUT_OF_RANGE, field="starts_local", least=_FIRST_YEAR, allowed=_LAST_YEAR),
        )
    if time_zone not in _zones():
        raise ScheduleInvalid(
            "time_zone is a name of the IANA table, such as Europe/Berlin or Asia/Ho_Chi_Minh",
            facts=Facts(reason=Reason.TIME_ZONE_UNKNOWN, field="time_zone"),
        )
    if not FEWEST_MINUTES <= minutes <= MOST_MINUTES:
        raise ScheduleInvalid(
            f"minutes is a whole number from {FEWEST_MINUTES} to {MOST_MINUTES}",
            facts=Facts(
                reason=Reason.MINUTES_OUT_OF_RANGE, field="minutes", least=FEWEST_MINUTES, allowed=MOST_MINUTES
            ),
        )
    until = None if weekly_until is None else _read_day(weekly_until, start)
    return MeetingTime(starts_local=start, time_zone=time_zone, minutes=minutes, weekly_until=until)


def _read_day(text: str, start: datetime) -> date:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  # a day has no zone
    except ValueError as error:
        raise ScheduleInvalid(
            "weekly_until is a day, such as 2027-03-31", facts=Facts(reason=Reason.NOT_A_DAY, field="weekly_until")
        ) from error
    if not start.date() <= day <= start.date() + LONGEST_SERIES:
        raise ScheduleInvalid(
            "weekly_until is on or after the day of the first meeting, and at most two years later",
            facts=Facts(reason=Reason.SERIES_OUT_OF_RANGE, field="weekly_until"),
        )
    return day


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
