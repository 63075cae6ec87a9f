"""When a session that could not be opened is tried again."""

import pytest

from dragoman.ground.errors import CapacityExhausted, EngineUnavailable
from dragoman.interpreting.retries import BACK_OFF_S, LONGEST_WAIT_S, REFUSED_BACK_OFF_S, OpeningTries

GONE, FULL = EngineUnavailable("gone"), CapacityExhausted("full")


def test_what_is_gone_is_tried_soon_and_then_once_a_second() -> None:
    tries = OpeningTries()

    waits_s = [tries.wait_s(GONE) for _ in range(6)]

    assert waits_s == [*BACK_OFF_S, 1.0, 1.0]
    assert not tries.refused


def test_what_is_full_is_asked_less_and_less_but_never_given_up() -> None:
    tries = OpeningTries()

    waits_s = [tries.wait_s(FULL) for _ in range(6)]

    assert waits_s == [*REFUSED_BACK_OFF_S, REFUSED_BACK_OFF_S[-1], REFUSED_BACK_OFF_S[-1]]
    assert tries.refused


@pytest.mark.parametrize(("asked_s", "waited_s"), [(0.0, 1.0), (6.0, 6.0), (3600.0, LONGEST_WAIT_S)])
def test_a_refusal_that_says_when_is_believed_within_limits(asked_s: float, waited_s: float) -> None:
    assert OpeningTries().wait_s(CapacityExhausted("full", retry_after_s=asked_s)) == waited_s
