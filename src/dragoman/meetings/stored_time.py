"""Reads when a planned meeting is from its row. From cancelled.py and planned_meetings.py; to schedule.py."""

from dragoman.meetings.schedule import MeetingTime, read_meeting_time
from dragoman.store.tables import Schedule


def time_of(row: Schedule) -> MeetingTime:
    return read_meeting_time(
        starts_local=row.starts_local, time_zone=row.time_zone, minutes=row.minutes, weekly_until=row.weekly_until
    )
