"""When a room gets an interpreter, by a clock that is wound by hand."""

from itertools import pairwise

from dragoman.meetings.warden import LEASE_S, PATIENCE_S, STABLE_S, Dispatch, Lease, Warden


def lease(epoch: int, *, room: str = "room", last_seq: int = 0) -> Lease:
    return Lease(room=room, epoch=epoch, worker="worker", last_seq=last_seq)


def held(at_s: float = 0.0) -> Warden:
    """A warden whose room is interpreted."""
    warden = Warden(first_epoch=100)
    warden.want("room", wanted=True, at_s=at_s)
    (order,) = warden.due(at_s=at_s)
    assert warden.renew(lease(order.epoch), at_s=at_s)
    return warden


def dispatch_times(warden: Warden, *, until_s: float, from_s: float = 0.0) -> list[float]:
    """Wind the clock by tenths of a second."""
    times = [from_s + tenth / 10 for tenth in range(round((until_s - from_s) * 10) + 1)]
    return [at_s for at_s in times if warden.due(at_s=at_s)]


def test_a_room_with_somebody_in_it_gets_one_interpreter() -> None:
    warden = Warden(first_epoch=100)
    warden.want("room", wanted=True, at_s=0.0, last_seq=7)

    first, again = warden.due(at_s=0.0), warden.due(at_s=0.5)

    assert first == [Dispatch(room="room", epoch=101, last_seq=7)]
    assert again == []


def test_an_empty_room_gets_none() -> None:
    warden = Warden(first_epoch=100)
    warden.want("room", wanted=False, at_s=0.0)

    assert warden.due(at_s=0.0) == []


def test_while_the_lease_is_renewed_nothing_happens() -> None:
    warden = held()

    for second in range(1, 60):
        assert warden.renew(lease(101), at_s=float(second))
        assert warden.due(at_s=float(second)) == []


def test_a_lease_that_runs_out_means_a_new_interpreter_at_once_and_the_numbers_go_on() -> None:
    warden = held()
    warden.renew(lease(101, last_seq=12), at_s=1.0)

    before, after = warden.due(at_s=1.0 + LEASE_S), warden.due(at_s=1.1 + LEASE_S)

    assert before == []
    assert after == [Dispatch(room="room", epoch=102, last_seq=12)]


def test_the_supervisors_word_needs_no_lease_to_run_out() -> None:
    warden = held()

    warden.worker_died("another", at_s=1.0)
    unmoved = warden.due(at_s=1.0)
    warden.worker_died("worker", at_s=1.0)

    assert unmoved == []
    assert [order.epoch for order in warden.due(at_s=1.0)] == [102]


def test_the_warden_waits_longer_from_the_second_failure_on() -> None:
    warden = Warden(first_epoch=100)
    warden.want("room", wanted=True, at_s=0.0)

    times = dispatch_times(warden, until_s=40.0)

    gaps = [round(later - earlier - PATIENCE_S, 1) for earlier, later in pairwise(times)]
    assert gaps[0] <= 0.2
    assert [round(gap) for gap in gaps[1:5]] == [1, 2, 4, 8]


def test_a_worker_that_is_ready_ends_the_waiting() -> None:
    warden = Warden(first_epoch=100)
    warden.want("room", wanted=True, at_s=0.0)
    dispatch_times(warden, until_s=12.0)

    warden.worker_ready(at_s=12.1)

    assert warden.due(at_s=12.1)


def test_a_room_that_was_dispatched_to_a_ready_worker_is_not_dispatched_again() -> None:
    warden = Warden(first_epoch=100)
    warden.want("room", wanted=True, at_s=10.0)
    dispatched = warden.due(at_s=10.0)

    warden.worker_ready(at_s=10.1, for_s=0.3)
    again = warden.due(at_s=10.1)
    warden.worker_ready(at_s=10.2, for_s=0.1)

    assert len(dispatched) == 1
    assert again == []
    assert warden.due(at_s=10.2)


def test_an_interpreter_that_lived_long_makes_the_failures_forgotten() -> None:
    warden = Warden(first_epoch=100)
    warden.want("room", wanted=True, at_s=0.0)
    times = dispatch_times(warden, until_s=20.0)
    for second in range(20, 20 + round(STABLE_S) + 2):
        warden.renew(lease(100 + len(times)), at_s=float(second))

    warden.worker_died("worker", at_s=50.0)

    assert warden.due(at_s=50.0)


def test_a_ghost_that_wakes_up_is_told_to_leave() -> None:
    warden = held()
    (order,) = warden.due(at_s=10.0)
    assert warden.renew(lease(order.epoch), at_s=10.5)

    assert not warden.renew(lease(101), at_s=11.0)
    assert warden.epoch("room") == order.epoch


def test_an_interpreter_of_a_room_that_is_over_is_told_to_leave() -> None:
    warden = held()

    warden.forget("room")

    assert not warden.renew(lease(101), at_s=1.0)


def test_a_room_that_empties_lets_its_interpreter_go_without_a_failure() -> None:
    warden = held()
    warden.want("room", wanted=False, at_s=1.0)
    warden.release(lease(101, last_seq=3), at_s=1.0)
    while_empty = warden.due(at_s=5.0)

    warden.want("room", wanted=True, at_s=6.0)

    assert while_empty == []
    assert warden.due(at_s=6.0) == [Dispatch(room="room", epoch=102, last_seq=3)]


def test_an_interpreter_that_says_it_failed_is_replaced_at_once_and_every_next_one_later() -> None:
    warden = held()

    times = [0.0]
    for epoch in (101, 102, 103):
        warden.release(lease(epoch), at_s=times[-1], failed=True)
        (next_s,) = dispatch_times(warden, from_s=times[-1], until_s=times[-1] + 2.0)[:1]
        times.append(next_s)
        warden.renew(lease(epoch + 1), at_s=next_s)

    assert times == [0.0, 0.0, 1.0, 3.0]


def test_an_interpreter_that_says_it_failed_when_that_is_known_is_counted_once() -> None:
    warden = held()
    warden.worker_died("worker", at_s=1.0)

    warden.release(lease(101), at_s=1.0, failed=True)

    assert dispatch_times(warden, from_s=1.0, until_s=1.5) == [1.0]


def test_after_a_restart_of_the_api_a_living_interpreter_is_left_in_peace() -> None:
    warden = Warden(first_epoch=500)
    warden.want("room", wanted=True, at_s=0.0, may_be_held=True)
    at_once = warden.due(at_s=0.5)

    assert at_once == []
    assert warden.renew(lease(101, last_seq=9), at_s=1.0)
    assert warden.due(at_s=2.0) == []


def test_after_a_restart_of_the_api_a_dead_interpreter_is_replaced_under_a_higher_epoch() -> None:
    warden = Warden(first_epoch=500)
    warden.want("room", wanted=True, at_s=0.0, may_be_held=True)

    (order,) = warden.due(at_s=LEASE_S + 0.1)

    assert order.epoch == 501


def test_whoever_follows_an_interpreter_of_a_later_clock_has_a_higher_epoch() -> None:
    warden = Warden(first_epoch=50)
    warden.want("room", wanted=True, at_s=0.0, may_be_held=True)
    assert warden.renew(lease(100), at_s=1.0)

    (order,) = warden.due(at_s=1.1 + LEASE_S)

    assert order.epoch == 101


def test_whoever_follows_an_interpreter_that_was_only_seen_has_a_higher_epoch() -> None:
    warden = Warden(first_epoch=50)
    warden.want("room", wanted=True, at_s=0.0, may_be_held=True)

    warden.seen(100)
    warden.seen(70)

    assert [order.epoch for order in warden.due(at_s=0.1 + LEASE_S)] == [101]
