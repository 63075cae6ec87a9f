"""Breaker: what fails again and again is left alone, and asked now and then."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman.engines.breaker import FAILURES_TO_OPEN, FIRST_PROBE_S, SLOWEST_PROBE_S, Breaker


def _opened(at_s: float = 0.0) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES_TO_OPEN):
        breaker.failed(at_s=at_s)
    return breaker


def test_few_failures_change_nothing_and_a_success_forgets_them() -> None:
    breaker = Breaker()

    for _ in range(10):
        breaker.failed(at_s=0.0)
        breaker.worked()

    assert breaker.may_try(at_s=0.0)


def test_an_open_breaker_lets_one_probe_through_at_a_time() -> None:
    breaker = _opened()

    assert not breaker.may_try(at_s=FIRST_PROBE_S - 0.1)
    assert breaker.may_try(at_s=FIRST_PROBE_S)
    assert not breaker.may_try(at_s=FIRST_PROBE_S)


def test_a_probe_that_works_closes_it() -> None:
    breaker = _opened()

    breaker.may_try(at_s=FIRST_PROBE_S)
    breaker.worked()

    assert breaker.may_try(at_s=FIRST_PROBE_S)


@given(st.integers(min_value=0, max_value=20))
def test_probes_that_fail_come_ever_more_seldom_but_come(failures: int) -> None:
    breaker, at_s = _opened(), 0.0

    for _ in range(failures):
        at_s += SLOWEST_PROBE_S
        assert breaker.may_try(at_s=at_s)
        breaker.failed(at_s=at_s)

    assert breaker.may_try(at_s=at_s + SLOWEST_PROBE_S)
