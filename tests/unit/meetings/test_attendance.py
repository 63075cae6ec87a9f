"""What becomes of speakers that are kept for a meeting to which nobody comes."""

from datetime import UTC, datetime, timedelta

from dragoman.meetings.attendance import LATE, Attendance
from dragoman.meetings.reservation import Reservation, Reservations

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
SOON = NINE + LATE - timedelta(seconds=1)
TOO_LATE = NINE + LATE


def planned(**slots: int) -> Reservations:
    """Plan an hour from nine on in each of these rooms, on a machine that carries four speakers."""
    ends_at = NINE + timedelta(hours=1)
    taken = [Reservation(room_id=room, slots=it, starts_at=NINE, ends_at=ends_at) for room, it in slots.items()]
    return Reservations(taken, capacity=4)


def test_a_meeting_to_which_nobody_comes_leaves_the_whole_machine_after_a_quarter_of_an_hour() -> None:
    attendance = Attendance()

    soon = attendance.kept(planned(a=4), at=SOON, present=(), speaking={})
    late = attendance.kept(planned(a=4), at=TOO_LATE, present=(), speaking={})

    assert soon.left_for("other", at=SOON) == 1
    assert late.left_for("other", at=TOO_LATE) is None


def test_a_meeting_with_somebody_in_it_keeps_its_speakers() -> None:
    kept = Attendance().kept(planned(a=3, b=1), at=TOO_LATE, present={"a"}, speaking={"b": 0})

    assert kept.left_for("other", at=TOO_LATE) == 1
    assert kept.left_for("b", at=TOO_LATE) == 1
    assert kept.left_for("a", at=TOO_LATE) == 4


def test_a_break_in_a_long_meeting_takes_speakers_away_only_after_a_quarter_of_an_hour() -> None:
    attendance, minute = Attendance(), timedelta(minutes=1)
    left_at = NINE + 40 * minute
    attendance.kept(planned(a=3), at=left_at, present={"a"}, speaking={})

    on_a_break = attendance.kept(planned(a=3), at=left_at + minute, present=(), speaking={})
    over = attendance.kept(planned(a=3), at=left_at + LATE + minute, present=(), speaking={})

    assert on_a_break.left_for("other", at=left_at + minute) == 1
    assert over.left_for("other", at=left_at + LATE + minute) is None


def test_who_looked_in_before_the_start_is_waited_for_as_long_as_anybody() -> None:
    attendance = Attendance()
    attendance.kept(planned(a=3), at=NINE - timedelta(minutes=4), present={"a"}, speaking={})

    soon = attendance.kept(planned(a=3), at=SOON, present=(), speaking={})
    late = attendance.kept(planned(a=3), at=TOO_LATE, present=(), speaking={})

    assert (soon.left_for("other", at=SOON), late.left_for("other", at=TOO_LATE)) == (1, None)


def test_who_comes_late_has_the_speakers_again_if_they_are_free() -> None:
    attendance = Attendance()
    attendance.kept(planned(a=3), at=TOO_LATE, present={"other"}, speaking={"other": 1})

    kept = attendance.kept(planned(a=3), at=TOO_LATE, present={"a", "other"}, speaking={"other": 1})

    assert kept.left_for("other", at=TOO_LATE, speaking={"other": 1}) == 1
    assert kept.left_for("a", at=TOO_LATE, speaking={"other": 1}) == 3


def test_who_comes_late_takes_speakers_from_nobody_and_has_them_when_they_are_free() -> None:
    attendance, here = Attendance(), {"a", "other"}
    attendance.kept(planned(a=3), at=TOO_LATE, present={"other"}, speaking={"other": 4})

    taken = attendance.kept(planned(a=3), at=TOO_LATE, present=here, speaking={"other": 4})
    free = attendance.kept(planned(a=3), at=TOO_LATE, present=here, speaking={"other": 1, "a": 1})

    assert taken.left_for("other", at=TOO_LATE) is None
    assert free.left_for("other", at=TOO_LATE, speaking={"other": 1, "a": 1}) == 1


def test_of_two_that_come_late_no_more_is_kept_than_the_machine_carries() -> None:
    attendance = Attendance()
    attendance.kept(planned(a=2, b=2), at=TOO_LATE, present=(), speaking={})

    kept = attendance.kept(planned(a=2, b=2), at=TOO_LATE, present={"a", "b"}, speaking={"other": 2})

    assert len(kept.holding(TOO_LATE)) == 1


def test_the_next_week_is_kept_though_nobody_came_this_week() -> None:
    attendance, week = Attendance(), timedelta(weeks=1)
    attendance.kept(planned(a=3), at=TOO_LATE, present=(), speaking={})
    again = Reservation(room_id="a", slots=3, starts_at=NINE + week, ends_at=NINE + week + timedelta(hours=1))

    kept = attendance.kept(Reservations([again], capacity=4), at=NINE + week, present=(), speaking={})

    assert kept.left_for("other", at=NINE + week) == 1
