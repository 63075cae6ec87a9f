"""Ladder: entered after two failures, left after thirty healthy seconds."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dragoman.interpreting.ladder import Ladder, Level, Part


def test_one_failure_is_bad_luck_and_two_are_a_state() -> None:
    ladder = Ladder()

    ladder.failed(Part.TRANSLATION, at_s=0)
    after_one = ladder.state.level
    ladder.failed(Part.TRANSLATION, at_s=1)

    assert (after_one, ladder.state.level, ladder.state.reason) == (Level.FULL, Level.UNTRANSLATED, "translation_gone")


def test_a_success_between_two_failures_starts_the_count_anew() -> None:
    ladder = Ladder()

    ladder.failed(Part.VOICE, at_s=0)
    ladder.worked(Part.VOICE, at_s=1)
    ladder.failed(Part.VOICE, at_s=2)

    assert ladder.state.level == Level.FULL


def test_what_is_gone_is_tried_again_every_five_seconds() -> None:
    ladder = Ladder()
    ladder.failed(Part.VOICE, at_s=0)
    ladder.failed(Part.VOICE, at_s=1)

    tries = [ladder.may_try(Part.VOICE, at_s=at_s) for at_s in (2, 5, 6.5, 7, 12)]

    assert tries == [False, False, True, False, True]


def test_a_level_is_left_only_after_thirty_healthy_seconds() -> None:
    ladder = Ladder()
    ladder.failed(Part.VOICE, at_s=0)
    ladder.failed(Part.VOICE, at_s=1)

    levels = []
    for at_s in (10, 20, 39, 41):
        ladder.worked(Part.VOICE, at_s=at_s)
        levels.append(ladder.state.level)

    assert levels == [Level.CAPTIONS_ONLY, Level.CAPTIONS_ONLY, Level.CAPTIONS_ONLY, Level.FULL]


def test_the_worst_of_what_is_gone_counts() -> None:
    ladder = Ladder()
    for part in (Part.VOICE, Part.TRANSLATION, Part.RECOGNITION):
        ladder.failed(part, at_s=0)
        ladder.failed(part, at_s=1)

    assert ladder.state.level == Level.ORIGINAL_ONLY


def test_admission_sets_a_floor_and_what_lies_below_it_is_not_tried() -> None:
    ladder = Ladder(floor=Level.CAPTIONS_ONLY, floor_reason="capacity")

    assert (ladder.state.level, ladder.state.reason) == (Level.CAPTIONS_ONLY, "capacity")
    assert not ladder.may_try(Part.VOICE, at_s=0)
    assert ladder.may_try(Part.TRANSLATION, at_s=0)


@given(st.lists(st.booleans(), min_size=1, max_size=400))
def test_it_never_flaps_more_than_once_in_thirty_seconds(outcomes: list[bool]) -> None:
    ladder = Ladder()
    falls = []
    level = Level.FULL
    for at_s, worked in enumerate(outcomes):
        (ladder.worked if worked else ladder.failed)(Part.TRANSLATION, at_s=float(at_s))
        if ladder.state.level > level:
            falls.append(at_s)
        level = ladder.state.level

    assert all(later - earlier >= 30 for earlier, later in pairwise(falls))
