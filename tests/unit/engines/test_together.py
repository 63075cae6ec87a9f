"""Several callers, one call: each has its own answer or failure, as soon as it is there."""

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError

import pytest

from dragoman.engines.together import Caller, answer_all
from dragoman.ground.errors import EngineCrashed, EngineTimeout

Tell = Callable[[int, str], None]


def callers(*requests: str) -> list[Caller[str, str]]:
    return [Caller(request=request) for request in requests]


def test_everybody_gets_the_answer_to_their_own_request() -> None:
    asked: list[list[str]] = []

    def ask(requests: Sequence[str], tell: Tell) -> None:
        asked.append(list(requests))
        for place in reversed(range(len(requests))):
            tell(place, requests[place].upper())

    waiting = callers("an", "binh", "chi")
    answer_all(waiting, ask)

    assert [caller.answer.result(0) for caller in waiting] == ["AN", "BINH", "CHI"]
    assert asked == [["an", "binh", "chi"]]


def test_an_answer_is_there_before_the_others_are() -> None:
    waiting = callers("quick", "slow")
    early: list[str] = []

    def ask(requests: Sequence[str], tell: Tell) -> None:
        tell(0, requests[0])
        early.append(waiting[0].answer.result(0))
        assert not waiting[1].answer.done()
        tell(1, requests[1])

    answer_all(waiting, ask)

    assert early == ["quick"]


def test_one_bad_request_fails_for_its_caller_alone() -> None:
    asked: list[list[str]] = []

    def ask(requests: Sequence[str], tell: Tell) -> None:
        asked.append(list(requests))
        if "bad" in requests:
            raise EngineTimeout("too hard")
        for place, request in enumerate(requests):
            tell(place, request)

    waiting = callers("an", "bad", "chi")
    answer_all(waiting, ask)

    assert (waiting[0].answer.result(0), waiting[2].answer.result(0)) == ("an", "chi")
    with pytest.raises(EngineTimeout, match="too hard"):
        waiting[1].answer.result(0)
    assert asked == [["an", "bad", "chi"], ["an"], ["bad"], ["chi"]]


def test_who_has_an_answer_already_is_not_asked_for_again() -> None:
    asked: list[list[str]] = []

    def ask(requests: Sequence[str], tell: Tell) -> None:
        asked.append(list(requests))
        tell(0, requests[0])
        if len(requests) > 1:
            raise EngineCrashed("in the middle")

    waiting = callers("an", "binh")
    answer_all(waiting, ask)

    assert [caller.answer.result(0) for caller in waiting] == ["an", "binh"]
    assert asked == [["an", "binh"], ["binh"]]


def test_who_has_left_is_left_out() -> None:
    asked: list[list[str]] = []

    def ask(requests: Sequence[str], tell: Tell) -> None:
        asked.append(list(requests))
        for place, request in enumerate(requests):
            tell(place, request)

    waiting = callers("an", "gone")
    waiting[1].answer.cancel()
    answer_all(waiting, ask)

    assert asked == [["an"]]
    with pytest.raises(CancelledError):
        waiting[1].answer.result(0)


def test_an_engine_that_forgets_a_request_has_crashed_for_it() -> None:
    waiting = callers("an")

    answer_all(waiting, lambda requests, tell: None)

    with pytest.raises(EngineCrashed, match="not this request"):
        waiting[0].answer.result(0)
