"""When a lease is over; by one clock that only grows."""

from hypothesis import given
from hypothesis import strategies as st

from dragoman.ground.leases import MAX_WATCHED, LeaseWatch

LEASE_S = 30.0


def test_a_beat_seen_for_the_first_time_is_alive() -> None:
    assert not LeaseWatch(lease_s=LEASE_S).is_over("job", ("an", 1, 7), at_s=1e6)


def test_a_beat_that_stood_still_for_a_whole_lease_is_dead() -> None:
    watch = LeaseWatch(lease_s=LEASE_S)

    seen = [watch.is_over("job", ("an", 1, 7), at_s=at_s) for at_s in (100.0, 129.9, 130.0)]

    assert seen == [False, False, True]


@given(st.lists(st.tuples(st.floats(0.0, LEASE_S * 0.99), st.booleans()), max_size=60))
def test_a_lease_is_over_only_when_nothing_was_said_for_all_of_it(looks: list[tuple[float, bool]]) -> None:
    watch, at_s, beat, silent_since_s = LeaseWatch(lease_s=LEASE_S), 0.0, 0, 0.0
    watch.is_over("job", ("an", 1, beat), at_s=at_s)
    for pause_s, spoke in looks:
        at_s += pause_s
        if spoke:
            beat += 1
            silent_since_s = at_s
        assert watch.is_over("job", ("an", 1, beat), at_s=at_s) == (at_s - silent_since_s >= LEASE_S)


def test_it_remembers_only_so_many() -> None:
    watch = LeaseWatch(lease_s=LEASE_S)
    watch.is_over("first", ("an", 1, 0), at_s=0.0)
    for number in range(MAX_WATCHED):
        watch.is_over(f"job {number}", ("an", 1, 0), at_s=0.0)

    assert not watch.is_over("first", ("an", 1, 0), at_s=LEASE_S)
