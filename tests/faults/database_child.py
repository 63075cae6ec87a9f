"""A process that works on a database, for tests that end it in the middle or take something away from it."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

_WITHIN_S = 120.0


class Child:
    """A process of its own. It tells where it is; it goes on, or is killed there."""

    def __init__(self, work: Callable[["Telling"], None]) -> None:
        here, there = multiprocessing.Pipe()
        self._pipe = here
        self._process = multiprocessing.get_context("fork").Process(target=_run, args=(work, there), daemon=True)
        self._process.start()
        there.close()

    def expect(self, message: str) -> None:
        """Wait until the child says ``message``."""
        assert self._pipe.poll(_WITHIN_S), f"the child never said {message!r}"
        assert self._pipe.recv() == message

    def go_on(self) -> None:
        self._pipe.send("on")

    def kill(self) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.join(_WITHIN_S)
        assert self._process.exitcode == -signal.SIGKILL

    def end(self) -> None:
        """Wait until the child ends by itself; what went wrong there fails here."""
        self._process.join(_WITHIN_S)
        assert self._process.exitcode == 0

    def remove(self) -> None:
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_WITHIN_S)
        self._pipe.close()


class Telling:
    """The child's end."""

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe

    def tell(self, message: str) -> None:
        """Say where the work is, and wait to be told to go on."""
        self._pipe.send(message)
        assert self._pipe.recv() == "on"


@contextmanager
def child(work: Callable[[Telling], None]) -> Iterator[Child]:
    """Run ``work`` in a process of its own. Nothing of an event loop may run here when it begins."""
    process = Child(work)
    try:
        yield process
    finally:
        process.remove()


def stop_in(telling: Telling, owner: object, name: str, *, before: bool = True) -> None:
    """Let the child tell ``name`` and wait when it comes to that function of a module, or class, or right after."""
    whole = getattr(owner, name)

    def stopped(*arguments: Any, **named: Any) -> Any:
        if before:
            telling.tell(name)
            return whole(*arguments, **named)
        result = whole(*arguments, **named)
        if isinstance(result, Coroutine):

            async def then() -> Any:
                value = await result
                telling.tell(name)
                return value

            return then()
        telling.tell(name)
        return result

    setattr(owner, name, stopped)


def _run(work: Callable[[Telling], None], pipe: Any) -> None:
    sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115
    work(Telling(pipe))
