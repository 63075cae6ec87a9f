"""How often somebody may ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.accounts import rate_limits
from dragoman.accounts.moving_windows import MovingWindows
from dragoman.accounts.rate_limits import Asking, Rate, RateLimits, RouteClass, SocketMessages

READ, WRITE, SIGN_IN = RouteClass.READ, RouteClass.WRITE, RouteClass.SIGN_IN
HERE, THERE = "192.0.2.1", "192.0.2.2"


class Clock:
    """Wound by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def make_limits(clock: Clock, *, address: int = 100, user: int = 100, team: int = 100) -> RateLimits:
    def rates(most: int) -> dict[RouteClass, Rate]:
        return dict.fromkeys(RouteClass, Rate(most, 60))

    return RateLimits(clock, addresses=rates(address), users=rates(user), teams=rates(team))


def count(limits: RateLimits, asking: Asking, *, tries: int = 50) -> int:
    return sum(limits.take(asking).granted for _ in range(tries))


@given(
    pauses_s=st.lists(st.floats(0, 30), min_size=1, max_size=120),
    most=st.integers(1, 20),
    within_s=st.integers(1, 60),
)
def test_no_stretch_of_a_windows_length_has_more_than_its_limit(
    pauses_s: list[float], most: int, within_s: int
) -> None:
    clock = Clock()
    windows = MovingWindows(clock)
    granted: list[float] = []

    for pause_s in pauses_s:
        clock.now_s += pause_s
        if windows.acquire_entry("a", most, within_s):
            granted.append(clock.now_s)

    for began_s in granted:
        assert sum(began_s <= it < began_s + within_s for it in granted) <= most


def test_a_burst_gets_the_limit_and_not_one_more() -> None:
    clock = Clock()
    limits = make_limits(clock, address=20)

    first = count(limits, Asking(route=READ, address=HERE))
    clock.now_s += 59.9
    early = count(limits, Asking(route=READ, address=HERE))
    clock.now_s += 0.2
    later = count(limits, Asking(route=READ, address=HERE))

    assert (first, early, later) == (20, 0, 20)


def test_bursts_around_the_turn_of_a_minute_do_not_double_the_limit() -> None:
    clock = Clock()
    limits = make_limits(clock, address=20)
    clock.now_s = 1020.0 - 0.1

    before = count(limits, Asking(route=READ, address=HERE))
    clock.now_s = 1020.0 + 0.1
    after = count(limits, Asking(route=READ, address=HERE))

    assert before + after == 20


def test_who_keeps_knocking_still_gets_what_is_allowed() -> None:
    clock = Clock()
    limits = make_limits(clock, address=60)

    granted = 0
    for _ in range(6000):
        granted += limits.take(Asking(route=READ, address=HERE)).granted
        clock.now_s += 0.1  # ten a second for ten minutes, where one a second is allowed

    assert 570 <= granted <= 630


def test_a_household_of_ipv6_is_one_address() -> None:
    limits = make_limits(Clock(), address=20)

    rotated = sum(
        limits.take(Asking(route=READ, address=f"2001:db8:1:2:{host:x}::{host:x}")).granted for host in range(500)
    )
    neighbour = limits.take(Asking(route=READ, address="2001:db8:1:3::1"))

    assert rotated == 20
    assert neighbour.granted


def test_an_address_is_the_same_however_it_is_written() -> None:
    limits = make_limits(Clock(), address=20)
    ways = ("192.0.2.1", "::ffff:192.0.2.1", "::FFFF:c000:201")

    assert sum(count(limits, Asking(route=READ, address=way)) for way in ways) == 20


def test_neighbours_of_ipv4_do_not_pay_for_each_other() -> None:
    limits = make_limits(Clock(), address=20)

    assert count(limits, Asking(route=READ, address=HERE)) == 20
    assert count(limits, Asking(route=READ, address=THERE)) == 20


def test_a_user_is_counted_from_every_address_together() -> None:
    limits = make_limits(Clock(), user=20)

    addresses = (f"198.51.100.{host}" for host in range(200))
    granted = sum(limits.take(Asking(route=READ, address=it, user_id="an")).granted for it in addresses)

    assert granted == 20


def test_a_team_is_counted_over_all_its_people() -> None:
    limits = make_limits(Clock(), user=15, team=20)

    an = count(limits, Asking(route=WRITE, address=HERE, user_id="an", team_id="t"))
    binh = count(limits, Asking(route=WRITE, address=THERE, user_id="binh", team_id="t"))

    assert (an, binh) == (15, 5)


def test_nobody_uses_up_the_share_of_a_team_from_outside() -> None:
    limits = make_limits(Clock(), team=20)
    count(limits, Asking(route=READ, address=THERE, team_id="t"))

    assert count(limits, Asking(route=READ, address=HERE, user_id="an", team_id="t")) == 20


def test_kinds_of_requests_are_counted_apart() -> None:
    limits = make_limits(Clock(), address=20)
    count(limits, Asking(route=READ, address=HERE))

    assert count(limits, Asking(route=SIGN_IN, address=HERE)) == 20


def test_a_plan_counts_requests_of_every_kind_in_an_hour() -> None:
    clock = Clock()
    limits = make_limits(clock)

    reads = count(limits, Asking(route=READ, address=HERE, user_id="an", most_per_hour=30), tries=20)
    writes = count(limits, Asking(route=WRITE, address=HERE, user_id="an", most_per_hour=30))
    clock.now_s += 3601
    next_hour = count(limits, Asking(route=WRITE, address=HERE, user_id="an", most_per_hour=30))

    assert (reads, writes, next_hour) == (20, 10, 30)


def test_a_plan_of_no_requests_at_all_grants_none() -> None:
    limits = make_limits(Clock())

    assert not limits.take(Asking(route=READ, address=HERE, user_id="an", most_per_hour=0)).granted


def test_a_refused_request_counts_nowhere() -> None:
    limits = make_limits(Clock(), address=20, user=5)
    count(limits, Asking(route=READ, address=HERE, user_id="an"))

    assert count(limits, Asking(route=READ, address=HERE)) == 15


def test_a_verdict_says_which_window_is_nearest_to_its_end_and_when_there_is_room_again() -> None:
    clock = Clock()
    limits = make_limits(clock, address=100, user=2)
    first = limits.take(Asking(route=READ, address=HERE, user_id="an"))
    clock.now_s += 20
    limits.take(Asking(route=READ, address=HERE, user_id="an"))

    refused = limits.take(Asking(route=READ, address=HERE, user_id="an"))

    assert (first.policy, first.rate, first.left) == ("read-user", Rate(2, 60), 1)
    assert (refused.granted, refused.policy, refused.left, refused.resets_in_s) == (False, "read-user", 0, 40.0)


def test_a_crowd_of_addresses_is_remembered_within_bounds_and_forgets_the_oldest() -> None:
    windows = MovingWindows(Clock(), most_keys=100, most_events=150)

    for host in range(1000):
        windows.acquire_entry(f"host-{host}", 5, 60)

    assert [windows.get(f"host-{it}") for it in (0, 899, 900, 999)] == [0, 0, 1, 1]


def test_the_events_of_all_keys_together_are_bounded_and_the_busy_one_stays_limited() -> None:
    windows = MovingWindows(Clock(), most_keys=100, most_events=50)
    for host in range(10):
        windows.acquire_entry(f"host-{host}", 5, 60, amount=4)

    granted = sum(windows.acquire_entry("busy", 60, 60) for _ in range(100))

    assert granted == 60
    assert windows.get("host-9") == 0


def test_sockets_of_one_address_or_one_user_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "ADDRESS_SOCKETS_RATE", Rate(30, 10))
    monkeypatch.setattr(rate_limits, "USER_SOCKETS_RATE", Rate(20, 10))
    clock = Clock()
    limits = make_limits(clock)

    of_address = sum(limits.takes_message_of_address(f"2001:db8::{it:x}") for it in range(50))
    of_user = sum(limits.takes_message_of_user("an") for _ in range(50))
    clock.now_s += 10

    assert (of_address, of_user) == (30, 20)
    assert limits.takes_message_of_address("2001:db8::1") and limits.takes_message_of_user("an")


def test_a_socket_may_send_at_its_rate_and_no_faster() -> None:
    clock = Clock()
    messages = SocketMessages(clock, Rate(10, 10))

    burst = sum(messages.take() for _ in range(100))
    clock.now_s += 10.1

    assert burst == 10
    assert messages.take()
