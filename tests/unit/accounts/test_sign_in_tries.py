"""How often somebody may try to sign in, by a clock that is passed in."""

from datetime import UTC, datetime, timedelta

import pytest

from dragoman.accounts.sign_in_tries import TRIES_OF_ACCOUNT, TRIES_OF_NETWORK, WINDOW, MovingWindow, SignInTries
from dragoman.ground.errors import TooManyRequests

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
AN = "an@example.org"
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.1"


def granted(tries: SignInTries, times: int, *, email: str = AN, address: str = ELSEWHERE, at: datetime = NOON) -> int:
    """Try so often; gives how often it was let through."""
    through = 0
    for _ in range(times):
        try:
            tries.count(email, address, at=at)
            through += 1
        except TooManyRequests:
            pass
    return through


def test_ten_passwords_of_an_account_are_tried_in_a_quarter_of_an_hour() -> None:
    tries = SignInTries()

    assert granted(tries, 1000) == TRIES_OF_ACCOUNT
    assert granted(tries, 1000, at=NOON + WINDOW - timedelta(seconds=1)) == 0
    assert granted(tries, 1000, at=NOON + WINDOW) == TRIES_OF_ACCOUNT


def test_an_owner_signs_in_from_home_while_somebody_guesses_elsewhere() -> None:
    tries = SignInTries()
    granted(tries, 1000)

    assert granted(tries, 1, address=HOME) == 1


def test_neighbours_in_one_network_are_one() -> None:
    tries = SignInTries()

    through = sum(granted(tries, 1, address=f"2001:db8::{number:x}") for number in range(1, 200))

    assert through == TRIES_OF_ACCOUNT


def test_many_accounts_are_not_tried_from_one_network() -> None:
    tries = SignInTries()

    through = sum(granted(tries, 5, email=f"{number}@example.org") for number in range(100))

    assert through == TRIES_OF_NETWORK


def test_who_comes_in_begins_anew_for_that_account_alone() -> None:
    tries = SignInTries()
    granted(tries, 9)
    granted(tries, 10, email="bo@example.org")

    tries.succeeded(AN, ELSEWHERE)

    assert granted(tries, 100) == TRIES_OF_ACCOUNT
    assert granted(tries, 100, email="bo@example.org") == 0


def test_who_is_held_up_is_told_for_how_long() -> None:
    tries = SignInTries()
    granted(tries, 10)

    with pytest.raises(TooManyRequests, match="5 min") as held:
        tries.count(AN, ELSEWHERE, at=NOON + timedelta(minutes=10))

    assert held.value.retry_after_s in (300, 301)
    assert AN not in str(held.value)


def test_a_clock_that_is_put_back_holds_nobody_up_for_hours() -> None:
    tries = SignInTries()
    granted(tries, 10)

    assert granted(tries, 1, at=NOON - timedelta(hours=2)) == 1


def test_a_bounded_number_of_keys_is_remembered() -> None:
    window = MovingWindow(1, most_keys=3)

    for key in "abcde":
        window.count(key, at=NOON)

    assert [key for key in "abcde" if window.wait(key, at=NOON)] == ["c", "d", "e"]
