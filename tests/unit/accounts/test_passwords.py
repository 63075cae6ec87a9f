"""Passwords: which are taken, what their hashes cost, and what is done when too many are to be checked."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dragoman.accounts.errors import PasswordRefused
from dragoman.accounts.passwords import AT_ONCE, MOST_WAITING, Passwords, check_new_password
from dragoman.ground.errors import TooManyRequests

GOOD = " ".join(["four", "words", "of", "mine"])


def cheap() -> Passwords:
    return Passwords(memory_kib=8, rounds=1, lanes=1)


@pytest.mark.parametrize("password", [GOOD, "Đêm qua mưa rơi", "🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵", "x" * 99 + "yz", "kJ8$-vQ2!r"])
def test_passwords_of_any_script_are_taken(password: str) -> None:
    check_new_password(password, email="an@example.org", name="An Nguyen")


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short",
        "ninechars",
        "x" * 201,
        "an.nguyen@example.org",
        "AN.NGUYEN@example.org ",
        "password123",
        "Password2026!",
        "qwertyuiop",
        "1234567890",
        "0987654321",
        "iloveyou1234",
        "aaaaaaaaaaaa",
        "abababababab",
        "dragoman2026",
        "          ",
    ],
)
def test_passwords_that_are_guessed_first_are_refused(password: str) -> None:
    with pytest.raises(PasswordRefused) as refused:
        check_new_password(password, email="an.nguyen@example.org", name="An Nguyen")

    assert not password.strip() or password.strip() not in str(refused.value)


def test_the_name_in_the_address_is_no_password() -> None:
    with pytest.raises(PasswordRefused):
        check_new_password("an.nguyen.the.third", email="an.nguyen.the.third@example.org", name="An Nguyen")


@pytest.mark.parametrize("password", ["Nguyễn Thị Ánh", " nguyễn thị ánh"])
def test_the_name_that_others_see_is_no_password(password: str) -> None:
    with pytest.raises(PasswordRefused, match="the name"):
        check_new_password(password, email="an@example.org", name="Nguyễn Thị Ánh")


@given(st.text(max_size=300))
def test_any_text_is_taken_or_refused_with_our_own_error(password: str) -> None:
    try:
        check_new_password(password, email="an@example.org", name="An Nguyen")
    except PasswordRefused as error:
        assert len(str(error)) < 200


async def test_a_hash_matches_its_password_alone_and_is_never_the_same_twice() -> None:
    passwords = cheap()

    one, other = await passwords.hash(GOOD), await passwords.hash(GOOD)

    assert one != other and GOOD not in one
    assert await passwords.check(GOOD, one) == (True, None)
    assert await passwords.check(GOOD.upper(), one) == (False, None)


async def test_nobody_has_a_password() -> None:
    passwords = cheap()

    assert (await passwords.check(GOOD, None))[0] is False
    assert passwords._nobodys.startswith((await passwords.hash(GOOD)).rpartition("$")[0].rpartition("$")[0])


async def test_hashes_weaker_than_those_of_today_are_replaced() -> None:
    old = await cheap().hash(GOOD)

    matches, better = await Passwords(memory_kib=16, rounds=2, lanes=1).check(GOOD, old)

    assert matches and better is not None and "m=16,t=2,p=1" in better


async def test_by_default_a_hash_costs_what_the_rules_say() -> None:
    hashed = await Passwords().hash(GOOD)

    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


async def test_who_comes_when_two_work_and_a_few_wait_is_told_to_come_back() -> None:
    passwords, go_on = cheap(), threading.Event()
    for _ in range(AT_ONCE):
        passwords._threads.submit(go_on.wait)  # the threads are busy with something else

    waiting = [asyncio.ensure_future(passwords.hash(GOOD)) for _ in range(AT_ONCE + MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(TooManyRequests) as refused:
        await passwords.hash(GOOD)
    go_on.set()
    hashes = await asyncio.gather(*waiting)

    assert len(set(hashes)) == len(waiting)
    assert refused.value.retry_after_s > 0
    assert await passwords.check(GOOD, hashes[0]) == (True, None)


async def test_a_request_that_is_given_up_in_line_gives_its_place_back() -> None:
    passwords, go_on = cheap(), threading.Event()
    for _ in range(AT_ONCE):
        passwords._threads.submit(go_on.wait)
    for _ in range(3):
        waiting = [asyncio.ensure_future(passwords.hash(GOOD)) for _ in range(AT_ONCE + MOST_WAITING)]
        await asyncio.sleep(0)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    go_on.set()

    assert (await passwords.hash(GOOD)).startswith("$argon2id$")
