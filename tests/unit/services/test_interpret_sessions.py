"""A session that broke off is taken up under whatever code its client has heard of, and once."""

import asyncio

from dragoman.meetings.finals import FinalsMemory
from dragoman.services.api.interpret_sessions import MOST_RESUMABLE, Kept, Sessions


async def leave(sessions: Sessions, code: str) -> FinalsMemory:
    """Begin and end a session; give what it left."""
    finals = FinalsMemory()
    sessions.keep(sessions.begin(code), finals, 1)
    return finals


async def take_up_running(sessions: Sessions, code: str, finals: FinalsMemory) -> Kept | None:
    """Take up a session that runs, which ends when it is told that it is replaced."""
    running = sessions._running[code]
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        taking = tasks.create_task(sessions.take_up(code))
        await running.replaced.wait()
        sessions.keep(running, finals, 2)
    return taking.result()


async def test_a_session_that_was_taken_up_is_taken_up_again_by_the_code_of_before_while_it_runs() -> None:
    sessions = Sessions()
    finals = await leave(sessions, "one")
    assert await sessions.take_up("one") is not None
    sessions.begin("two", known_as="one")  # and the line breaks before its client hears of "two"

    again = await take_up_running(sessions, "one", finals)

    assert again is not None and again.finals is finals
    assert await sessions.take_up("two") is None


async def test_a_session_that_was_taken_up_and_broke_off_is_kept_under_both_codes_and_given_once() -> None:
    for code, other in (("one", "two"), ("two", "one")):
        sessions = Sessions()
        finals = await leave(sessions, "one")
        await sessions.take_up("one")
        sessions.keep(sessions.begin("two", known_as="one"), finals, 2)

        again = await sessions.take_up(code)

        assert again is not None and (again.finals, again.epoch) == (finals, 2)
        assert await sessions.take_up(other) is None


async def test_of_two_connections_that_take_up_a_session_at_once_the_later_one_has_it() -> None:
    sessions = Sessions()
    first, finals = sessions.begin("one"), FinalsMemory()

    async def resume(code: str) -> Kept | None:
        kept = await sessions.take_up("one")
        if kept is not None:
            running = sessions.begin(code, known_as="one")
            if code == "two":
                await running.replaced.wait()
                sessions.keep(running, kept.finals, 2)
        return kept

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        earlier = tasks.create_task(resume("two"))
        later = tasks.create_task(resume("three"))
        await first.replaced.wait()
        sessions.keep(first, finals, 1)

    kept = earlier.result(), later.result()
    assert [it and it.finals for it in kept] == [finals, finals]
    assert set(sessions._running) == {"one", "three"}


async def test_no_more_than_so_many_sessions_are_kept_and_the_oldest_goes_first() -> None:
    sessions = Sessions()
    for number in range(MOST_RESUMABLE + 1):
        await leave(sessions, f"{number}")

    assert await sessions.take_up("0") is None
    assert await sessions.take_up("1") is not None
