"""Who waits in front of a room: tickets, their order, their end, and how many there may be."""

import pytest

from dragoman.ground.languages import Language
from dragoman.meetings.choices import Choices
from dragoman.meetings.errors import LobbyFull, TicketNotFound
from dragoman.meetings.lobby import ASKED_WITHIN_S, HURRIED_S, MOST_WAITING, Lobby, Waiting, WaitState

CHOICES = Choices(speaks=Language("vi"), reads=None, listens=None, consents=True)


def enter(lobby: Lobby, name: str = "An", *, at_s: float = 0.0) -> Waiting:
    return lobby.enter(identity=f"p-{name}", name=name, choices=CHOICES, at_s=at_s)


def test_people_wait_in_the_order_in_which_they_came() -> None:
    lobby = Lobby()
    first, second = enter(lobby, "An"), enter(lobby, "Eva", at_s=1)

    assert [it.name for it in lobby.waiting(at_s=2)] == ["An", "Eva"]
    assert (lobby.position(first.ticket, at_s=2), lobby.position(second.ticket, at_s=2)) == (1, 2)


def test_what_a_host_sees_lets_nobody_in() -> None:
    lobby = Lobby()
    waiting = enter(lobby)

    assert waiting.handle not in waiting.ticket
    with pytest.raises(TicketNotFound):
        lobby.ask(waiting.handle, at_s=1)
    with pytest.raises(TicketNotFound):
        lobby.find(waiting.ticket, at_s=1)


def test_a_host_decides_and_may_think_again() -> None:
    lobby = Lobby()
    waiting = enter(lobby)

    lobby.decide(lobby.find(waiting.handle, at_s=1), WaitState.REFUSED)
    refused = lobby.ask(waiting.ticket, at_s=1).state
    lobby.decide(lobby.find(waiting.handle, at_s=2), WaitState.ADMITTED)

    assert (refused, lobby.ask(waiting.ticket, at_s=2).state) == (WaitState.REFUSED, WaitState.ADMITTED)
    assert lobby.waiting(at_s=2) == [] and lobby.position(waiting.ticket, at_s=2) == 0


def test_who_left_can_be_let_in_no_more() -> None:
    lobby = Lobby()
    waiting = enter(lobby)

    lobby.leave(waiting.ticket, at_s=1)

    assert lobby.ask(waiting.ticket, at_s=1).state is WaitState.LEFT
    with pytest.raises(TicketNotFound):
        lobby.find(waiting.handle, at_s=1)


def test_a_ticket_is_kept_by_asking_after_it() -> None:
    lobby = Lobby()
    asked, silent = enter(lobby, "An"), enter(lobby, "Eva")

    lobby.ask(asked.ticket, at_s=ASKED_WITHIN_S - 1)

    assert [it.name for it in lobby.waiting(at_s=ASKED_WITHIN_S + 1)] == ["An"]
    with pytest.raises(TicketNotFound):
        lobby.ask(silent.ticket, at_s=ASKED_WITHIN_S + 1)


def test_a_full_lobby_says_so_and_forgets_first_who_does_not_ask() -> None:
    lobby = Lobby()
    people = [enter(lobby, f"P{number}") for number in range(MOST_WAITING)]

    with pytest.raises(LobbyFull, match="100"):
        enter(lobby, "Late", at_s=HURRIED_S - 1)
    lobby.ask(people[0].ticket, at_s=HURRIED_S - 1)
    enter(lobby, "Later", at_s=HURRIED_S)

    assert [it.name for it in lobby.waiting(at_s=HURRIED_S)] == ["P0", "Later"]


def test_no_two_tickets_are_alike_and_none_can_be_guessed() -> None:
    lobby = Lobby()
    tickets = {enter(lobby, f"P{number}").ticket for number in range(MOST_WAITING)}

    assert len(tickets) == MOST_WAITING and min(len(it) for it in tickets) >= 32
