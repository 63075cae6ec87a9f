"""When a process that ended is started again, and when a silent one hangs."""

from dragoman.services.restarts import Pulse, Restarts, RestartTuning, StartAgain

TUNING = RestartTuning(
    first_delay_s=0.2, longest_delay_s=1.0, steady_after_s=30.0, max_crashes=5, window_s=60.0, parked_s=60.0
)


def test_each_crash_in_a_row_waits_twice_as_long_up_to_a_limit() -> None:
    restarts = Restarts(RestartTuning(first_delay_s=0.2, longest_delay_s=1.0, max_crashes=100))

    delays = [restarts.ended(float(at_s)).after_s for at_s in range(5)]

    assert delays == [0.2, 0.4, 0.8, 1.0, 1.0]


def test_the_fifth_crash_within_a_minute_parks_it() -> None:
    restarts = Restarts(TUNING)

    answers = [restarts.ended(at_s) for at_s in (0.0, 10.0, 20.0, 30.0, 59.0)]

    assert [answer.parked for answer in answers] == [False, False, False, False, True]
    assert answers[-1] == StartAgain(after_s=60.0, parked=True)


def test_crashes_that_are_far_apart_never_park_it() -> None:
    restarts = Restarts(TUNING)

    assert not any(restarts.ended(at_s).parked for at_s in range(0, 600, 16))


def test_after_parking_it_has_all_its_chances_again() -> None:
    restarts = Restarts(TUNING)
    for at_s in range(5):
        restarts.ended(float(at_s))

    assert restarts.ended(65.0) == StartAgain(after_s=0.2)


def test_a_process_that_was_well_for_long_is_started_at_once_when_it_crashes() -> None:
    restarts = Restarts(TUNING)
    restarts.ended(0.0)
    restarts.ended(1.0)
    restarts.became_ready(2.0)

    assert restarts.ended(40.0).after_s == 0.2


def test_a_process_that_was_ready_only_for_a_moment_still_waits_longer() -> None:
    restarts = Restarts(TUNING)
    restarts.ended(0.0)
    restarts.became_ready(2.0)

    assert restarts.ended(3.0).after_s == 0.4


def test_three_missed_heartbeats_in_a_row_mean_that_it_hangs() -> None:
    pulse = Pulse(RestartTuning(missed_beats=3))

    assert [pulse.miss(), pulse.miss(), pulse.miss()] == [False, False, True]


def test_a_heartbeat_between_makes_up_for_missed_ones() -> None:
    pulse = Pulse(RestartTuning(missed_beats=3))
    pulse.miss()
    pulse.miss()

    pulse.beat()

    assert [pulse.miss(), pulse.miss()] == [False, False]
