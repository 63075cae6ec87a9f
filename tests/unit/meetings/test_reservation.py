"""Which speakers are kept for planned meetings, and what is left for whoever comes without a plan."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dragoman.meetings.errors import SlotsTaken
from dragoman.meetings.reservation import EARLY, Reservation, Reservations

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)


def reserved(room: str, slots: int, *, start: int = 0, minutes: int = 60) -> Reservation:
    begins = NINE + timedelta(minutes=start)
    return Reservation(room_id=room, slots=slots, starts_at=begins, ends_at=begins + timedelta(minutes=minutes))


def test_no_more_is_reserved_than_the_machine_carries() -> None:
    taken = Reservations([reserved("a", 2), reserved("b", 1)], capacity=4)

    taken.check([reserved("c", 1)])
    with pytest.raises(SlotsTaken, match="take 1 slots"):
        taken.check([reserved("c", 2)])


def test_meetings_that_follow_each_other_share_nothing_but_their_first_minutes() -> None:
    taken = Reservations([reserved("a", 4)], capacity=4)

    taken.check([reserved("b", 4, start=60 + int(EARLY.total_seconds() / 60))])
    with pytest.raises(SlotsTaken):
        taken.check([reserved("b", 4, start=60)])


def test_a_meeting_without_slots_is_never_refused() -> None:
    Reservations([reserved("a", 4)], capacity=4).check([reserved("b", 0)])


def test_a_room_that_moves_its_own_meeting_is_not_in_its_own_way() -> None:
    Reservations([reserved("a", 4)], capacity=4).check([reserved("a", 4, start=30)])


def test_a_series_is_refused_for_the_one_week_that_is_full() -> None:
    week = 7 * 24 * 60
    taken = Reservations([reserved("a", 3, start=2 * week)], capacity=4)

    with pytest.raises(SlotsTaken, match="2026-12-07"):
        taken.check([reserved("b", 2, start=number * week) for number in range(4)])


def test_what_nobody_has_reserved_is_for_who_comes_without_a_plan() -> None:
    taken = Reservations([reserved("a", 3)], capacity=4)

    assert taken.left_for("instant", at=NINE - EARLY - timedelta(seconds=1)) is None
    assert taken.left_for("instant", at=NINE - EARLY) == 1
    assert taken.left_for("a", at=NINE) == 4
    assert taken.left_for("instant", at=NINE + timedelta(hours=1)) is None


def test_who_comes_without_a_plan_shares_what_is_left_with_the_others_who_do() -> None:
    taken = Reservations([reserved("a", 3)], capacity=6)

    assert taken.left_for("instant", at=NINE, speaking={"a": 1, "other": 2, "instant": 1}) == 1
    assert taken.left_for("instant", at=NINE, speaking={"a": 5}) == 1
    assert taken.left_for("a", at=NINE, speaking={"other": 2}) == 4
    assert taken.left_for("a", at=NINE, speaking={"other": 6}) == 3, "what was reserved is kept"


def test_who_speaks_alone_in_a_room_is_always_heard() -> None:
    assert Reservations([reserved("a", 4)], capacity=4).left_for("instant", at=NINE) == 1


@given(
    wishes=st.lists(
        st.tuples(st.sampled_from("abcdef"), st.integers(0, 5), st.integers(0, 300), st.integers(5, 120)), max_size=12
    ),
    capacity=st.integers(1, 5),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_taken_one_after_the_other_never_adds_up_to_more(
    wishes: list[tuple[str, int, int, int]], capacity: int
) -> None:
    taken: list[Reservation] = []
    for room, slots, start, minutes in wishes:
        wanted = reserved(room, slots, start=start, minutes=minutes)
        try:
            Reservations(taken, capacity=capacity).check([wanted])
        except SlotsTaken:
            continue
        taken.append(wanted)

    for minute in range(-10, 430):
        at = NINE + timedelta(minutes=minute)
        by_room = {
            room: max((it.slots for it in taken if it.room_id == room and it.holds(at)), default=0) for room in "abcdef"
        }
        assert sum(by_room.values()) <= capacity
