"""Ask an engine for several callers in one call, and give each its answer as soon as it is there. From pool.py.

Whoever has left before the call begins is left out of it. One bad request spoils the call for all, so those who have no
answer yet are then asked for again, one by one.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from dragoman.ground.errors import EngineCrashed, EngineError

R = TypeVar("R")
T = TypeVar("T")

Tell = Callable[[int, T], None]
"""Takes the answer to the request at a place."""
Ask = Callable[[Sequence[R], Tell[T]], None]
"""Asks for several, and tells each answer once, in any order. Raises an ``EngineError`` if one fails."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Caller(Generic[R, T]):
    """Somebody who waits for the answer to a request."""

    request: R
    answer: Future[T] = field(default_factory=Future)


def answer_all(callers: Sequence[Caller[R, T]], ask: Ask[R, T]) -> None:
    """Answer every caller, with an ``EngineError`` at worst."""
    there = [caller for caller in callers if caller.answer.set_running_or_notify_cancel()]
    if there:
        _answer(there, ask)


def _answer(callers: Sequence[Caller[R, T]], ask: Ask[R, T]) -> None:
    failure: EngineError = EngineCrashed("the engine answered others, but not this request; try again")
    try:
        ask([caller.request for caller in callers], lambda place, answer: callers[place].answer.set_result(answer))
    except EngineError as error:
        failure = error
    for caller in callers:
        if caller.answer.done():
            continue
        if len(callers) > 1:
            _answer([caller], ask)
        else:
            caller.answer.set_exception(failure)
