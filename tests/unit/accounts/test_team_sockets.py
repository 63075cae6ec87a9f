"""What the WebSockets of a team may send together, and whose is closed when it is too much."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.accounts import team_sockets
from dragoman.accounts.rate_limits import SOCKET_RATE, Rate, SocketMessages
from dragoman.accounts.team_sockets import NO_TEAMS, TEAM_SHARE, TeamSockets

ALONE, SHARE, WITHIN_S = 30, 20, 10
LIVE = 5
"""What somebody sends who just talks: sound in pieces of 20 ms is a sixth of what a socket may."""


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team_sockets, "SOCKET_RATE", Rate(ALONE, WITHIN_S))
    monkeypatch.setattr(team_sockets, "TEAM_SHARE", Rate(SHARE, WITHIN_S))


class Crowd:
    """Sockets, and what has become of them."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.teams = TeamSockets()

    def open(self, *team_ids: str) -> SocketMessages:
        socket = SocketMessages(lambda: self.now_s, Rate(ALONE, WITHIN_S))
        self.teams.place(socket, set(team_ids))
        return socket

    def send(self, socket: SocketMessages, messages: int) -> bool:
        """Say whether the socket is still open after them."""
        return all(socket.take() and self.teams.takes_message(socket) for _ in range(messages))


@pytest.fixture
def crowd() -> Crowd:
    return Crowd()


def test_one_socket_alone_may_send_what_any_socket_may(crowd: Crowd) -> None:
    assert crowd.send(crowd.open("team"), ALONE)


def test_a_fair_share_is_what_sound_sends_after_half_a_minute_without_a_connection() -> None:
    pieces_in_a_second = 50

    assert TEAM_SHARE.most == (30 + TEAM_SHARE.within_s) * pieces_in_a_second
    assert TEAM_SHARE.within_s == SOCKET_RATE.within_s


def test_a_team_whose_sockets_all_come_back_at_once_loses_none(crowd: Crowd) -> None:
    sockets = [crowd.open("team") for _ in range(600)]  # twenty people in each of thirty rooms

    assert all(crowd.send(it, SHARE) for it in sockets)


def test_where_all_together_send_too_much_the_loudest_goes_and_the_others_stay(crowd: Crowd) -> None:
    loud, louder, quiet = crowd.open("team"), crowd.open("team"), crowd.open("team")
    crowd.send(loud, 25)
    crowd.send(louder, 30)

    stayed = crowd.send(quiet, 10)

    assert stayed
    assert not crowd.teams.takes_message(louder)
    assert crowd.send(loud, 5) and crowd.send(quiet, 10)


def test_where_all_send_a_little_too_much_one_that_goes_is_enough(crowd: Crowd) -> None:
    loud = [crowd.open("team") for _ in range(10)]
    for it in loud:
        crowd.send(it, 21)

    still_open = [it for it in loud if crowd.teams.takes_message(it)]
    crowd.now_s += WITHIN_S
    for it in still_open:
        crowd.send(it, 21)

    assert len(still_open) == 9
    assert sum(crowd.teams.takes_message(it) for it in still_open) == 8


def test_what_a_socket_sent_that_was_closed_for_another_limit_closes_nobody_else(crowd: Crowd) -> None:
    overrun, *others = [crowd.open("team") for _ in range(5)]
    crowd.send(overrun, ALONE)
    for it in others[1:]:
        crowd.send(it, SHARE - 5)

    crowd.teams.leaves(overrun)
    crowd.teams.place(overrun, NO_TEAMS)

    assert crowd.send(others[0], SHARE + 5)
    assert all(crowd.teams.takes_message(it) for it in others[1:])


def test_who_has_the_link_closes_nobody_else_however_many_sockets_they_open(crowd: Crowd) -> None:
    talking = [crowd.open("team") for _ in range(10)]
    for it in talking:
        crowd.send(it, LIVE)

    for _ in range(200):
        crowd.send(crowd.open("team"), ALONE)

    assert all(crowd.send(it, LIVE) for it in talking)


def most_in_a_window(times_s: list[float]) -> int:
    return max((sum(began_s <= it < began_s + WITHIN_S for it in times_s) for began_s in times_s), default=0)


@given(sent=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=400))
def test_whoever_keeps_to_the_share_is_never_closed_and_a_team_never_sends_more_than_it_may(
    sent: list[tuple[int, int]],
) -> None:
    crowd = Crowd()
    sockets = [crowd.open("team") for _ in range(10)]
    closed: set[int] = set()
    taken: list[list[float]] = [[] for _ in sockets]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(team_sockets, "SOCKET_RATE", Rate(1, WITHIN_S))
        patch.setattr(team_sockets, "TEAM_SHARE", Rate(4, WITHIN_S))
        for number, pause_s in sent:
            crowd.now_s += pause_s / 10
            if number in closed or not sockets[number].take():
                continue
            taken[number].append(crowd.now_s)
            if not crowd.teams.takes_message(sockets[number]):
                closed.add(number)

    for number in closed:
        assert most_in_a_window(taken[number]) > 4
    assert most_in_a_window([at_s for number in {*range(10)} - closed for at_s in taken[number]]) <= 4 * 10


def test_messages_count_no_longer_when_their_window_is_over(crowd: Crowd) -> None:
    loud, other = crowd.open("team"), crowd.open("team")
    crowd.send(loud, ALONE)
    crowd.now_s += WITHIN_S

    assert crowd.send(other, ALONE)
    assert crowd.teams.takes_message(loud)


def test_who_has_gone_leaves_neither_messages_nor_a_share(crowd: Crowd) -> None:
    first, second, third = crowd.open("team"), crowd.open("team"), crowd.open("team")
    crowd.send(first, 25)
    crowd.send(second, 25)
    crowd.teams.place(third, NO_TEAMS)
    crowd.teams.place(first, NO_TEAMS)

    assert crowd.send(second, 5)


def test_teams_do_not_pay_for_each_other(crowd: Crowd) -> None:
    loud = [crowd.open("loud") for _ in range(2)]
    other = crowd.open("other")

    for it in loud:
        crowd.send(it, ALONE)

    assert not all(crowd.teams.takes_message(it) for it in loud)
    assert crowd.send(other, ALONE)


def test_a_socket_of_several_teams_counts_in_each_and_is_closed_in_all(crowd: Crowd) -> None:
    both, one, two = crowd.open("one", "two"), crowd.open("one"), crowd.open("two")
    crowd.send(both, 28)

    assert crowd.send(one, 20)
    assert not crowd.send(both, 1)
    assert crowd.send(two, ALONE)


def test_a_room_that_changes_its_team_takes_its_sockets_along(crowd: Crowd) -> None:
    moving, staying, there = crowd.open("one"), crowd.open("one"), crowd.open("two")
    crowd.send(moving, 29)
    crowd.teams.place(moving, {"two"})

    assert crowd.send(staying, ALONE)
    assert crowd.send(there, 11)
    assert crowd.send(there, 8)
    assert not crowd.teams.takes_message(moving)


def test_a_socket_that_is_to_be_closed_does_not_come_back_into_its_team(crowd: Crowd) -> None:
    loud, quiet = crowd.open("team"), crowd.open("team")
    crowd.send(loud, ALONE)
    crowd.send(quiet, 11)

    crowd.teams.place(loud, {"team"})

    assert not crowd.teams.takes_message(loud)
    assert crowd.send(quiet, 9)


def test_nothing_is_remembered_of_sockets_that_have_closed(crowd: Crowd) -> None:
    sockets = [crowd.open("team", "other") for _ in range(3)]
    for it in sockets:
        crowd.send(it, ALONE)
    for it in sockets:
        crowd.teams.place(it, NO_TEAMS)

    assert not any(vars(crowd.teams).values())
